//! `belfry train`: a model of URLs trained further on this organisation's decided cases, and
//! written only if it does better on the latest of them.

use std::path::Path;

use belfry_indicator::{EmbeddedSuffixes, Url};
use belfry_judge::Decided;
use serde_json::Value;

use crate::cli::TrainArgs;
use crate::client::Client;
use crate::commands::{Failure, print};
use crate::config::{judge, load};

/// Cases that are learnt from: the latest of more.
const CASES_MAX: usize = 200_000;

/// Trains and writes.
pub(crate) async fn train(args: TrainArgs) -> Result<(), Failure> {
    let config = load(&args.data, &[])?.config;
    let judge = judge(&config)?;
    let client = Client::connect(&config).await?;
    let mut decided: Vec<(String, Decided)> = Vec::new();
    let mut path = "/api/v1/training".to_owned();
    loop {
        let page: Value = client.get(&path).await?;
        decided.extend(page["items"].as_array().into_iter().flatten().flat_map(cases_of));
        let Some(next) = page["next"].as_u64() else { break };
        path = format!("/api/v1/training?cursor={next}");
    }
    decided.sort_by(|a, b| a.0.cmp(&b.0));
    let from = decided.len().saturating_sub(CASES_MAX);
    let decided: Vec<Decided> = decided.drain(from..).map(|(_, case)| case).collect();
    let adapted = judge.adapt(&decided, &EmbeddedSuffixes)?;
    write(&args.out, &adapted.model.to_bytes())?;
    print(format!(
        "{}: learnt from {} URLs; on {} later ones log loss {:.4}, before {:.4}\n\
         to judge by it: set judge.model and start the hub again\n",
        args.out.display(),
        adapted.learnt,
        adapted.held,
        adapted.after,
        adapted.before
    ))
}

/// The URLs of one decided case, with its time.
fn cases_of(item: &Value) -> Vec<(String, Decided)> {
    let (at, fraud) = (item["at"].as_str().unwrap_or_default(), item["fraud"] == true);
    let urls = item["urls"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let parsed = urls.filter_map(|url| Url::parse(url).ok());
    parsed.map(|url| (at.to_owned(), Decided { url, fraud })).collect()
}

/// Beside, then in its place: a model that is cut short is never used.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    let beside = path.with_extension("new");
    std::fs::write(&beside, bytes).map_err(failed)?;
    std::fs::rename(&beside, path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_hub_answers_becomes_cases_and_what_is_no_url_is_passed_over() {
        let item = json!({ "case": 1, "at": "2026-11-24T09:00:00.000Z", "fraud": true,
                           "urls": ["https://evil.example/x", "no url"] });
        let found = cases_of(&item);
        assert_eq!(found.len(), 1);
        assert!(found[0].1.fraud && found[0].0.starts_with("2026"));
        assert!(cases_of(&json!({})).is_empty());
    }

    #[test]
    fn a_model_is_written_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.bin");
        write(&path, b"model").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"model");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write(&folder.path().join("no/own.bin"), b"").is_err());
    }
}
