//! `belfry rule` and `belfry brake`: rules that persons set, and the way to stop them.

use std::fmt::Write;
use std::io::Read;
use std::path::Path;

use axum::http::Method;
use serde_json::{Value, json};

use crate::cli::{BrakeArgs, BrakeVerb, RuleArgs, RuleVerb};
use crate::client::Client;
use crate::commands::{Failure, print};
use crate::config::load;

/// Lists, sets or reports.
pub(crate) async fn rule(args: RuleArgs) -> Result<(), Failure> {
    let client = Client::connect(&load(&args.data, &[])?.config).await?;
    let mode = async |name: &str, mode: &str| {
        client.post::<Value>(&format!("/api/v1/rules/{name}/mode"), &json!({ "mode": mode })).await
    };
    let (answer, text): (Value, fn(&Value) -> String) = match args.verb {
        RuleVerb::List => (client.get("/api/v1/rules").await?, list_text),
        RuleVerb::Add { name, file } => {
            let body = json!({ "text": read(&file)? });
            let path = format!("/api/v1/rules/{name}");
            let bytes = client.call(Method::PUT, &path, Some(&body)).await?;
            (serde_json::from_slice(&bytes)?, rule_text)
        }
        RuleVerb::Shadow { name } => (mode(&name, "shadow").await?, rule_text),
        RuleVerb::Live { name } => (mode(&name, "live").await?, rule_text),
        RuleVerb::Off { name } => (mode(&name, "off").await?, rule_text),
        RuleVerb::Report { name, days } => {
            let path = format!("/api/v1/rules/{name}/report?days={days}");
            (client.get(&path).await?, report_text)
        }
    };
    print(if args.json { format!("{answer}\n") } else { text(&answer) })
}

/// Pulls the brake, lets it go, or shows it.
pub(crate) async fn brake(args: BrakeArgs) -> Result<(), Failure> {
    let client = Client::connect(&load(&args.data, &[])?.config).await?;
    let (answer, text): (Value, fn(&Value) -> String) = match args.verb {
        BrakeVerb::Show => (client.get("/api/v1/brake").await?, brake_text),
        BrakeVerb::Pull { minutes, reason } => {
            let body = json!({ "minutes": minutes, "reason": reason });
            (client.post("/api/v1/brake", &body).await?, braked_text)
        }
        BrakeVerb::Release { reason } => {
            let body = json!({ "reason": reason });
            (client.post("/api/v1/brake/release", &body).await?, brake_text)
        }
    };
    print(if args.json { format!("{answer}\n") } else { text(&answer) })
}

/// A file, or standard input for `-`.
pub(crate) fn read(file: &Path) -> Result<String, Failure> {
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}

fn list_text(answer: &Value) -> String {
    let mut text = format!("{:<24} {:>7}  {:<7} {}\n", "RULE", "VERSION", "MODE", "AUTHOR");
    for rule in answer["items"].as_array().into_iter().flatten() {
        let (name, mode, author) =
            (words(rule, "name"), words(rule, "mode"), words(rule, "author"));
        let _ = writeln!(text, "{name:<24} {:>7}  {mode:<7} {author}", rule["version"]);
    }
    text
}

fn rule_text(rule: &Value) -> String {
    let (name, mode) = (words(rule, "name"), words(rule, "mode"));
    format!("{name}, version {}, is {mode}\n", rule["version"])
}

fn report_text(report: &Value) -> String {
    let mut text = rule_text(&report["rule"]);
    let mut line = |name: &str, value: &Value| {
        let _ = writeln!(text, "{name:<34} {value:>8}");
    };
    line(&format!("cases of the last {} days", report["days"]), &report["cases"]);
    line("it would have met", &report["matched"]);
    for (why, count) in report["left"].as_object().into_iter().flatten() {
        line(&format!("  left to people: {why}"), count);
    }
    line("  a person found the same", &report["agreed"]);
    line("  a person found otherwise", &report["disagreed"]);
    line("  nobody has found anything", &report["undecided"]);
    for act in report["acts"].as_array().into_iter().flatten() {
        line(&format!("{}: {}", words(act, "mode"), words(act, "outcome")), &act["cases"]);
    }
    if report["disagreed_cases"].as_array().is_some_and(|cases| !cases.is_empty()) {
        let _ = writeln!(text, "look at: {}", report["disagreed_cases"]);
    }
    text
}

fn brake_text(brake: &Value) -> String {
    if brake["pulled"] != Value::Bool(true) {
        return "the brake is not pulled\n".to_owned();
    }
    let (by, at, reason) = (words(brake, "by"), words(brake, "at"), words(brake, "reason"));
    format!("the brake is pulled by {by} since {at}: {reason}\n")
}

fn braked_text(braked: &Value) -> String {
    let count = |key: &str| braked[key].as_array().map_or(0, Vec::len);
    let mut text = format!("no rule acts; {} blocks were taken back\n", count("released"));
    if count("failed") > 0 {
        let _ = writeln!(text, "look at these cases yourself: {}", braked["failed"]);
    }
    text
}

/// A text for a terminal: what could steer it is left out.
fn words(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_persons_found() {
        let rule = json!({"name": "sure", "version": 2, "mode": "shadow"});
        let act = json!({"mode": "shadow", "outcome": "would confirm", "cases": 4});
        let report = json!({
            "rule": rule, "days": 14, "cases": 90, "matched": 12, "left": {"the guard": 1},
            "agreed": 9, "disagreed": 1, "undecided": 1, "disagreed_cases": [7], "acts": [act],
        });
        let text = report_text(&report);
        assert!(text.starts_with("sure, version 2, is shadow\n"), "{text}");
        for line in ["left to people: the guard", "shadow: would confirm", "look at: [7]"] {
            assert!(text.contains(line), "{line}: {text}");
        }
    }

    #[test]
    fn what_the_brake_did_is_said() {
        let text = braked_text(&json!({"released": [1, 2], "failed": [3]}));
        assert_eq!(
            text,
            "no rule acts; 2 blocks were taken back\nlook at these cases yourself: [3]\n"
        );
        assert_eq!(brake_text(&json!({"pulled": false})), "the brake is not pulled\n");
    }
}
