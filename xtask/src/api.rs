//! `cargo xtask api`: schemathesis against our OpenAPI document, on a hub of its own with a
//! few cases in it. No answer may be a 500, or one that the document does not know.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use belfry_testbed::client::Api;
use belfry_testbed::{Hub, peer, skip, wait_until};
use clap::Args;
use serde_json::json;

use crate::command::{self, Result, cargo, target};
use crate::hub::configuration;

const VERSION: &str = "schemathesis==4.32.5";
const PATIENCE: Duration = Duration::from_secs(60);
/// What an answer is held to.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance";
/// What would end the test itself: the stream never ends, a backup fills the disk, and a
/// token that is revoked can be its own.
const LEFT_OUT: &str = "stream|backup|/tokens/";

/// Options of `cargo xtask api`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Requests made up for each operation
    #[arg(long, default_value_t = 10)]
    requests: u32,
    /// A binary to ask instead of a debug build
    #[arg(long)]
    binary: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { requests: 10, binary: None }
    }
}

pub(crate) fn run(options: &Options) -> Result {
    let Some(program) = schemathesis() else { return Ok(()) };
    let binary = match &options.binary {
        Some(given) => given.clone(),
        None => build()?,
    };
    let folder = tempfile::tempdir()?;
    let hub = Hub::start(&binary, &folder.path().join("data"), &unlimited())?;
    let token = hub.token("admin", "schemathesis")?;
    let api = Api::new(hub.address("http"), &token);
    let receipt = seed(&api)?;
    fs::write(folder.path().join("schemathesis.toml"), parameters(&receipt))?;
    let document = format!("http://{}/api/v1/openapi.json", hub.address("http"));
    let mut ask = Command::new(program);
    ask.current_dir(folder.path())
        .args(["run", &document, "--header", &format!("Authorization: Bearer {token}")])
        .args(["--phases", "examples,coverage,fuzzing", "--checks", CHECKS])
        .args(["--max-examples", &options.requests.to_string()])
        .args(["--exclude-path-regex", LEFT_OUT, "--no-color", "--suppress-health-check", "all"])
        .args(["--warnings", "off", "--generation-database", "none"]);
    command::run(&mut ask)?;
    // What was sent may not have hurt it.
    api.get_json("/api/v1/statistics").map(|_| ()).map_err(Into::into)
}

fn build() -> Result<PathBuf> {
    command::run(cargo().args(["build", "--package", "belfry", "--quiet"]))?;
    Ok(target().join("debug").join("belfry"))
}

/// The program, in an environment of its own; `None`, with the skip recorded, where it can't be had.
fn schemathesis() -> Option<PathBuf> {
    let python = peer("python3")?;
    let folder = target().join("schemathesis");
    let program = folder.join("bin/schemathesis");
    if !program.is_file() && install(&python, &folder).is_err() {
        skip("schemathesis", "pip could not fetch it (no network, or no python3-venv?)");
        return None;
    }
    Some(program)
}

fn install(python: &Path, folder: &Path) -> Result {
    command::run(Command::new(python).args(["-m", "venv"]).arg(folder))?;
    let pip = folder.join("bin/pip");
    command::run(Command::new(pip).args(["install", "--quiet", VERSION]))
}

/// A made-up request is refused as often as it likes.
fn unlimited() -> String {
    let mut text = configuration() + "[http]\n";
    for who in ["client", "token", "failures"] {
        text += &format!("{who}_burst = 1000000\n{who}_per_minute = 1000000\n");
    }
    text
}

/// Three cases, one of them blocked, and the receipt of a report that has been read.
fn seed(api: &Api) -> Result<String> {
    let mut receipt = String::new();
    for name in ["one", "two", "three"] {
        let body = json!({ "url": format!("https://{name}.shop-login.example/verify") });
        let sent = api.post_json("/api/v1/reports", &body)?.json()?;
        receipt = sent["receipt"].as_str().unwrap_or_default().to_owned();
        let path = format!("/api/v1/reports/{receipt}");
        let read = || api.get_json(&path).is_ok_and(|one| one["cases"][0].is_u64());
        if !wait_until(read, PATIENCE) {
            return Err(format!("{name} was not read").into());
        }
    }
    let found = json!({ "verdict": "phishing", "reason": "seen" });
    api.post_json("/api/v1/cases/3/verdict", &found)?.json()?;
    Ok(receipt)
}

/// What is really there, for parameters that would never be guessed.
fn parameters(receipt: &str) -> String {
    format!(
        "[parameters]\n\"path.id\" = 1\n\"path.a\" = 1\n\"path.b\" = 2\n\"path.receipt\" = \"{receipt}\"\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_asked_for_what_is_there() {
        let text = parameters("7K3QF-00000-00000-00000");
        let table: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(table["parameters"]["path.receipt"].as_str(), Some("7K3QF-00000-00000-00000"));
        assert_eq!(table["parameters"]["path.id"].as_integer(), Some(1));
    }

    #[test]
    fn nobody_is_limited() {
        let table: toml::Table = toml::from_str(&unlimited()).unwrap();
        assert_eq!(table["http"]["failures_burst"].as_integer(), Some(1_000_000));
        assert!(table.contains_key("gate"));
    }
}
