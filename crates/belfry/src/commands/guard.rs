//! `belfry guard`: what the guard would say of a name, and which lists are in force; and
//! `belfry alarms`: what someone must look at.

use std::fmt::Write;

use serde_json::Value;

use crate::cli::{AlarmsArgs, GuardArgs, GuardVerb};
use crate::client::Client;
use crate::commands::{Failure, print};
use crate::config::load;

/// Asks the guard.
pub(crate) async fn guard(args: GuardArgs) -> Result<(), Failure> {
    let client = Client::connect(&load(&args.data, &[])?.config).await?;
    let (answer, text): (Value, fn(&Value) -> String) = match args.verb {
        GuardVerb::Check { name, whole_domain } => {
            let level = if whole_domain { "domain" } else { "host" };
            let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
            (client.get(&format!("/api/v1/guard/{name}?level={level}")).await?, check_text)
        }
        GuardVerb::Lists => (client.get("/api/v1/guard").await?, lists_text),
    };
    print(if args.json { format!("{answer}\n") } else { text(&answer) })
}

/// Lists the alarms that stand.
pub(crate) async fn alarms(args: AlarmsArgs) -> Result<(), Failure> {
    let client = Client::connect(&load(&args.data, &[])?.config).await?;
    let answer: Value = client.get("/api/v1/alarms").await?;
    print(if args.json { format!("{answer}\n") } else { alarms_text(&answer) })
}

fn check_text(answer: &Value) -> String {
    let word = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
    let outcome = match answer["outcome"].as_str() {
        Some("free") => "one person may block it",
        Some("two-people") => "only two signed-in people may block it",
        _ => "nobody may block it",
    };
    let name = word("name").replace('.', "[.]");
    let mut text = format!("{name} ({}): {outcome}\n", word("level"));
    for finding in items(answer, "findings") {
        let _ = write!(text, "{:<14} {}", words(finding, "rule"), words(finding, "explanation"));
        if let Some(list) = finding.get("list") {
            let (name, version) = (words(list, "name"), words(list, "version"));
            let _ = write!(text, " List {name} ({}), version {version}.", words(list, "kind"));
        }
        text.push('\n');
    }
    text
}

fn lists_text(answer: &Value) -> String {
    let mut text = format!("{:>9}  {:<12} {:<24} {}\n", "NAMES", "KIND", "LIST", "VERSION");
    for list in items(answer, "items") {
        let (kind, name) = (words(list, "kind"), words(list, "name"));
        let version = words(list, "version");
        let _ = writeln!(text, "{:>9}  {kind:<12} {name:<24} {version}", list["names"]);
    }
    text
}

fn alarms_text(answer: &Value) -> String {
    let mut text = String::new();
    for alarm in items(answer, "items") {
        let (kind, about) = (words(alarm, "kind"), words(alarm, "about"));
        let (since, told) = (words(alarm, "since"), words(alarm, "text"));
        let _ = writeln!(text, "{since}  {kind:<12} {about}: {told}");
    }
    if text.is_empty() { "no alarm stands\n".to_owned() } else { text }
}

fn items<'a>(answer: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    answer[key].as_array().into_iter().flatten()
}

/// A text for a terminal: what could steer it is left out.
fn words(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_names_rule_list_and_version() {
        let list = json!({"name": "built-in", "kind": "never-block", "version": "0123"});
        let finding = json!({"rule": "never-block", "explanation": "It is.", "list": list});
        let answer = json!({"name": "a.example", "level": "host", "outcome": "refused",
                            "findings": [finding]});
        let expected = "a[.]example (host): nobody may block it\n\
                        never-block    It is. List built-in (never-block), version 0123.\n";
        assert_eq!(check_text(&answer), expected);
        let free = json!({"name": "a.example", "level": "host", "outcome": "free", "findings": []});
        assert_eq!(check_text(&free), "a[.]example (host): one person may block it\n");
    }

    #[test]
    fn a_terminal_is_safe_and_no_alarm_says_so() {
        assert_eq!(words(&json!({"x": "a\u{1b}[2Jb"}), "x"), "a[2Jb");
        assert_eq!(alarms_text(&json!({"items": []})), "no alarm stands\n");
    }
}
