//! `belfry case park`, `merge`, `split`, `renew`, `import` and the like: what happens to
//! cases beside their verdicts, over the API.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::cli::{ChangeArgs, LifeVerb};
use crate::client::Client;
use crate::commands::Failure;
use crate::commands::rule::read;

/// What a command answers, and how it is said.
type Said = (Value, fn(&Value) -> String);

/// Does one of them.
pub(crate) async fn change(client: &Client, verb: LifeVerb) -> Result<Said, Failure> {
    let post = async |change: &ChangeArgs, what: &str, more: Value| {
        let mut body = json!({ "reason": change.reason, "version": change.version });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        client.post::<Value>(&format!("/api/v1/cases/{}/{what}", change.case), &body).await
    };
    Ok(match verb {
        LifeVerb::Park { change, until } => {
            let until = if until.contains('T') { until } else { format!("{until}T00:00:00Z") };
            (post(&change, "park", json!({ "until": until })).await?, case_text)
        }
        LifeVerb::TakeUp(change) => (post(&change, "take-up", json!({})).await?, case_text),
        LifeVerb::Merge { change, into } => {
            (post(&change, "merge", json!({ "into": into })).await?, case_text)
        }
        LifeVerb::Unmerge(change) => (post(&change, "unmerge", json!({})).await?, case_text),
        LifeVerb::Split { change, target, receipts } => {
            let more = json!({ "target": target, "receipts": receipts });
            (post(&change, "split", more).await?, case_text)
        }
        LifeVerb::Renew { change, days } => {
            (post(&change, "renew", json!({ "block_days": days })).await?, renewed_text)
        }
        LifeVerb::Recheck => (client.get("/api/v1/recheck").await?, recheck_text),
        LifeVerb::Import { file, verdict, reason, days } => {
            let body = json!({
                "text": read(&file)?,
                "verdict": verdict,
                "reason": reason,
                "block_days": days,
            });
            (client.post("/api/v1/imports", &body).await?, import_text)
        }
    })
}

fn case_text(case: &Value) -> String {
    let (target, status) = (defanged(case), words(case, "status"));
    format!("case {} (version {}), {target}: {status}\n", case["id"], case["version"])
}

fn renewed_text(answer: &Value) -> String {
    format!("case {} is renewed by order {}\n", answer["case"]["id"], answer["serial"])
}

fn recheck_text(answer: &Value) -> String {
    let mut text = format!("{:>7}  {:<7} {:<26} {}\n", "CASE", "WHY", "BLOCKED UNTIL", "TARGET");
    for case in items(answer) {
        let (why, until) = (words(case, "why"), words(case, "valid_until"));
        let _ = writeln!(
            text,
            "{:>7}  {why:<7} {until:<26} {}",
            case["id"].to_string(),
            defanged(case)
        );
    }
    text
}

fn import_text(answer: &Value) -> String {
    let mut text = String::new();
    for item in items(answer) {
        let (outcome, target) = (words(item, "outcome"), defanged(item));
        let why = words(item, "why");
        let why = if why.is_empty() { why } else { format!(" ({why})") };
        let case = item["case"].as_u64().map_or("-".to_owned(), |case| case.to_string());
        let _ = writeln!(
            text,
            "{:>6}  case {case:<8} {outcome}{why}  {target}",
            item["line"].to_string()
        );
    }
    text
}

fn items(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["items"].as_array().into_iter().flatten()
}

fn defanged(value: &Value) -> String {
    words(value, "target").replacen("http", "hxxp", 1).replace('.', "[.]")
}

/// A text for a terminal: what could steer it is left out.
fn words(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_an_import_is_told_and_no_target_can_be_clicked() {
        let blocked = json!({"line": 1, "target": "http://a.example/x", "case": 7,
                             "outcome": "blocked", "why": null});
        let refused = json!({"line": 2, "target": "b.example", "case": null,
                             "outcome": "refused", "why": "never-block"});
        let text = import_text(&json!({"items": [blocked, refused]}));
        let expected = "     1  case 7        blocked  hxxp://a[.]example/x\n     \
                        2  case -        refused (never-block)  b[.]example\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_to_be_looked_at_says_why() {
        let case = json!({"id": 3, "why": "rule", "valid_until": "2026-11-24T15:00:00.000Z",
                          "target": "evil.example"});
        let text = recheck_text(&json!({"items": [case]}));
        assert!(
            text.ends_with("      3  rule    2026-11-24T15:00:00.000Z   evil[.]example\n"),
            "{text}"
        );
    }
}
