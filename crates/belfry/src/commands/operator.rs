//! `belfry operator`: who loads zones, over the API.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use axum::http::Method;
use serde_json::{Value, json};

use crate::cli::{OperatorArgs, OperatorSettingsArgs, OperatorVerb};
use crate::client::Client;
use crate::commands::{Failure, print};
use crate::config::load;

const ROUTE: &str = "/api/v1/operators";

/// Adds, sets, configures, lists, rotates, suspends or resumes.
pub(crate) async fn operator(args: OperatorArgs) -> Result<(), Failure> {
    let client = Client::connect(&load(&args.data, &[])?.config).await?;
    let answer: Value = match &args.verb {
        OperatorVerb::Add { name, settings } => {
            let mut body = body_of(settings);
            body["name"] = json!(name);
            client.post(ROUTE, &body).await?
        }
        OperatorVerb::Set { name, settings } => {
            let (route, body) = (route(name, ""), body_of(settings));
            serde_json::from_slice(&client.call(Method::PUT, &route, Some(&body)).await?)?
        }
        OperatorVerb::Config { name, .. } => return config(&client, name, &args).await,
        OperatorVerb::List | OperatorVerb::Status { name: None } => client.get(ROUTE).await?,
        OperatorVerb::Status { name: Some(name) } => client.get(&route(name, "")).await?,
        OperatorVerb::Rotate { name, old_hours } => {
            client.post(&route(name, "/rotate"), &json!({ "old_hours": old_hours })).await?
        }
        OperatorVerb::Suspend { name } => client.post(&route(name, "/suspend"), &json!({})).await?,
        OperatorVerb::Resume { name } => client.post(&route(name, "/resume"), &json!({})).await?,
    };
    if args.json {
        return print(format!("{answer}\n"));
    }
    print(match args.verb {
        OperatorVerb::List => list_text(&answer),
        OperatorVerb::Status { name: None } => status_text(&answer),
        OperatorVerb::Status { .. } => operator_text(&answer),
        _ => {
            let name = answer["name"].as_str().unwrap_or_default();
            let state = if answer["suspended_at"].is_null() { "active" } else { "suspended" };
            format!("{name} {state}\n")
        }
    })
}

fn body_of(settings: &OperatorSettingsArgs) -> Value {
    let categories = (!settings.categories.is_empty()).then_some(&settings.categories);
    json!({
        "addresses": settings.addresses,
        "notify": settings.notify,
        "probes": settings.probes,
        "categories": categories,
    })
}

fn route(name: &str, more: &str) -> String {
    format!("{ROUTE}/{}{more}", encoded(name))
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Prints the main file; with a folder, writes all of them there too.
async fn config(client: &Client, name: &str, args: &OperatorArgs) -> Result<(), Failure> {
    let OperatorVerb::Config { software, listen, dir, upstream, .. } = &args.verb else {
        return Ok(());
    };
    let mut route = route(name, &format!("/config?for={}", encoded(software)));
    let dir_text = dir.as_ref().map(|dir| dir.display().to_string());
    for (key, value) in [("listen", listen), ("dir", &dir_text), ("upstream", upstream)] {
        if let Some(value) = value {
            let _ = write!(route, "&{key}={}", encoded(value));
        }
    }
    let answer: Value = client.get(&route).await?;
    if args.json {
        return print(format!("{answer}\n"));
    }
    let files = answer["files"].as_array().cloned().unwrap_or_default();
    if let Some(dir) = dir {
        files.iter().try_for_each(|file| write_file(dir, file))?;
    }
    let text = |file: &Value| file["text"].as_str().unwrap_or_default().to_owned();
    let shown = match (dir, files.split_first()) {
        (_, None) => String::new(),
        (Some(_), Some((main, _))) => text(main),
        (None, Some((main, more))) => {
            let more = more.iter().map(|file| {
                let name = file["name"].as_str().unwrap_or_default();
                let lines = text(file);
                let commented = lines.lines().map(|line| format!("# {line}\n"));
                format!("\n# --- another file, {name}:\n{}", commented.collect::<String>())
            });
            text(main) + &more.collect::<String>()
        }
    };
    print(shown)
}

/// One file of a configuration; with a secret, for its owner only.
fn write_file(dir: &Path, file: &Value) -> Result<(), Failure> {
    let (Some(name), Some(text)) = (file["name"].as_str(), file["text"].as_str()) else {
        return Err(Failure::new("the hub's answer holds no files"));
    };
    std::fs::create_dir_all(dir)?;
    let mode = if file["secret"] == json!(true) { 0o600 } else { 0o644 };
    let path = dir.join(name);
    let new = dir.join(format!("{name}.new"));
    let mut out = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&new)?;
    out.write_all(text.as_bytes())?;
    std::fs::rename(new, path)?;
    Ok(())
}

fn list_text(answer: &Value) -> String {
    let mut text = format!("{:<32} {:<10} ZONES\n", "NAME", "STATE");
    for operator in answer["items"].as_array().into_iter().flatten() {
        let state = if operator["suspended_at"].is_null() { "active" } else { "suspended" };
        let zones = operator["zones"].as_array().map_or(0, Vec::len);
        let name = operator["name"].as_str().unwrap_or_default();
        let _ = writeln!(text, "{name:<32} {state:<10} {zones}");
    }
    text
}

fn status_text(answer: &Value) -> String {
    let mut text = format!("{:<44} {:>10} {:>10} {:>8}\n", "ZONE", "SERIAL", "NAMES", "DEFECTS");
    for zone in answer["zones"].as_array().into_iter().flatten() {
        let name = zone["zone"].as_str().unwrap_or_default();
        let (serial, names, defects) = (&zone["serial"], &zone["names"], &zone["defects"]);
        let _ = writeln!(text, "{name:<44} {serial:>10} {names:>10} {defects:>8}");
    }
    for operator in answer["items"].as_array().into_iter().flatten() {
        text.push('\n');
        text.push_str(&operator_text(operator));
    }
    text
}

fn operator_text(operator: &Value) -> String {
    let name = operator["name"].as_str().unwrap_or_default();
    let suspended = if operator["suspended_at"].is_null() { "" } else { " (suspended)" };
    let mut text = format!("{name}{suspended}\n");
    let number = |value: &Value| value.as_u64().map_or("-".to_owned(), |n| n.to_string());
    for one in operator["standings"].as_array().into_iter().flatten() {
        let word = |key: &str| one[key].as_str().unwrap_or("-");
        let _ = writeln!(
            text,
            "  {:<24} {:<40} {:<8} transferred {} acknowledged {} notified {}",
            word("address"),
            word("zone"),
            word("state"),
            number(&one["transferred"]),
            number(&one["acknowledged"]),
            number(&one["notified"]),
        );
    }
    for probe in operator["probed"].as_array().into_iter().flatten() {
        let (resolver, state) = (&probe["resolver"], &probe["state"]);
        let latency = &probe["latency"];
        let speed = match latency["median_ms"].as_u64() {
            Some(median) => format!("median {median} ms, longest {} ms", latency["longest_ms"]),
            None => "no change timed yet".to_owned(),
        };
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let _ = writeln!(text, "  probe {:<24} {:<14} {speed}", word(resolver), word(state));
        for finding in probe["findings"].as_array().into_iter().flatten() {
            let _ =
                writeln!(text, "    since {}: {}", word(&finding["since"]), word(&finding["text"]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_a_secret_is_its_owners_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("new");
        for (name, secret, mode) in [("a.conf", true, 0o600), ("b.conf", false, 0o644)] {
            write_file(&dir, &json!({ "name": name, "text": "x", "secret": secret })).unwrap();
            let found = std::fs::metadata(dir.join(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!(found & !0o022, mode & !0o022, "{name}");
        }
        assert!(write_file(&dir, &json!({ "name": "c" })).is_err());
    }

    #[test]
    fn the_status_of_an_operator_is_a_line_a_zone() {
        let text = operator_text(&json!({
            "name": "isp",
            "suspended_at": null,
            "standings": [{
                "address": "192.0.2.1", "zone": "phishing.rpz.test", "state": "behind",
                "transferred": 4, "acknowledged": null, "notified": 5,
            }],
        }));
        assert!(text.starts_with("isp\n"), "{text}");
        assert!(text.contains("behind   transferred 4 acknowledged - notified 5"), "{text}");
    }

    #[test]
    fn what_a_probe_found_stands_below_it() {
        let text = operator_text(&json!({
            "name": "isp",
            "probed": [{
                "resolver": "192.0.2.53:53", "state": "silent",
                "latency": { "changes": 3, "median_ms": 900, "longest_ms": 1200 },
                "findings": [{ "text": "it does not answer", "since": "2026-11-24T09:00:00.000Z" }],
            }],
        }));
        assert!(text.contains("silent         median 900 ms, longest 1200 ms"), "{text}");
        assert!(text.contains("since 2026-11-24T09:00:00.000Z: it does not answer"), "{text}");
    }
}
