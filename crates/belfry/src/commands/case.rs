//! `belfry case`: the analyst's verbs, over the API.

use std::fmt::Write;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use axum::http::Method;
use serde_json::{Value, json};

use crate::cli::{CaseArgs, CaseVerb};
use crate::client::Client;
use crate::commands::{Failure, inspect, life, print};
use crate::config::load;

/// Lists, shows or decides.
pub(crate) async fn case(args: CaseArgs) -> Result<(), Failure> {
    let client = Client::connect(&load(&args.data, &[])?.config).await?;
    let (answer, text): (Value, fn(&Value) -> String) = match args.verb {
        CaseVerb::Export { case, reason, xarf, bundle } => {
            return export(&client, case, &reason, xarf, bundle).await;
        }
        CaseVerb::Inspect(ask) => inspect::at_case(&client, &ask).await?,
        CaseVerb::Life(verb) => life::change(&client, verb).await?,
        CaseVerb::List { sort, status, name, limit, cursor } => {
            let path = list_path(&sort, status, name, limit, cursor);
            (client.get(&path).await?, list_text)
        }
        CaseVerb::Show { case } => {
            let mut file: Value = client.get(&format!("/api/v1/cases/{case}")).await?;
            let pages: Value = client.get(&format!("/api/v1/cases/{case}/inspections")).await?;
            file["inspections"] = pages["items"].clone();
            (file, case_text)
        }
        CaseVerb::Confirm { case, reason, verdict, whole_domain, compromised, days, version } => {
            let body = json!({
                "verdict": verdict,
                "reason": reason,
                "level": if whole_domain { "domain" } else { "host" },
                "compromised": compromised,
                "block_days": days,
                "version": version,
            });
            (client.post(&format!("/api/v1/cases/{case}/verdict"), &body).await?, decision_text)
        }
        CaseVerb::Benign { case, reason, version } => {
            let body = json!({ "verdict": "benign", "reason": reason, "version": version });
            (client.post(&format!("/api/v1/cases/{case}/verdict"), &body).await?, decision_text)
        }
        CaseVerb::Release { case, reason, mistake, version } => {
            let body = json!({ "reason": reason, "mistake": mistake, "version": version });
            let path = format!("/api/v1/cases/{case}/release");
            let bytes = client.call(Method::POST, &path, Some(&body)).await?;
            (serde_json::from_slice(&bytes)?, decision_text)
        }
    };
    print(if args.json { format!("{answer}\n") } else { text(&answer) })
}

/// Writes a case's evidence into a file that only its owner reads.
async fn export(
    client: &Client,
    case: u64,
    reason: &str,
    xarf: Option<PathBuf>,
    bundle: Option<PathBuf>,
) -> Result<(), Failure> {
    for (form, file) in [("xarf", xarf), ("bundle", bundle)] {
        let Some(file) = file else { continue };
        let path = format!("/api/v1/cases/{case}/{form}");
        let bytes = client.call(Method::POST, &path, Some(&json!({ "reason": reason }))).await?;
        let mut options = std::fs::OpenOptions::new();
        let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", file.display()));
        let mut written =
            options.write(true).create_new(true).mode(0o600).open(&file).map_err(failed)?;
        written.write_all(&bytes).map_err(failed)?;
        print(format!("case {case} is in {}\n", file.display()))?;
    }
    Ok(())
}

/// Only what a status or a name can hold goes into the path as it is.
fn list_path(
    sort: &str,
    status: Option<String>,
    name: Option<String>,
    limit: u32,
    cursor: Option<u64>,
) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &limit.to_string()).append_pair("sort", sort);
    let optional = [("status", status), ("name", name), ("cursor", cursor.map(|c| c.to_string()))];
    for (key, value) in optional {
        if let Some(value) = value {
            query.append_pair(key, &value);
        }
    }
    format!("/api/v1/cases?{}", query.finish())
}

/// Cases as a table.
pub(crate) fn list_text(page: &Value) -> String {
    let mut text =
        format!("{:>7}  {:<16} {:>7} {:>6}  {}\n", "CASE", "STATUS", "REPORTS", "SCORE", "TARGET");
    for case in page["items"].as_array().into_iter().flatten() {
        let _ = writeln!(
            text,
            "{:>7}  {:<16} {:>7} {:>6}  {}",
            case["id"],
            words(&case["status"]),
            case["reports"],
            case["score"].as_f64().map_or("-".to_owned(), |score| format!("{score:.2}")),
            defanged(case)
        );
    }
    if !page["next"].is_null() {
        let _ = writeln!(text, "more: --cursor {}", page["next"]);
    }
    text
}

fn case_text(case: &Value) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "{name:<12} {value}");
        }
    };
    line("case", format!("{} (version {})", case["id"], case["version"]));
    line("target", defanged(case));
    line("domain", words(&case["registrable"]).replace('.', "[.]"));
    line("note", words(&case["why_not_blockable"]));
    line("status", words(&case["status"]));
    line("rule", words(&case["rule"]));
    line("campaign", case["campaign"].as_u64().map_or(String::new(), |id| id.to_string()));
    line("reports", format!("{} by {} reporters", case["reports"], case["reporters"]));
    line("opened", words(&case["opened_at"]));
    let assessment = &case["assessment"];
    if let Some(score) = assessment["score"].as_f64() {
        line("score", format!("{score:.3}: {}", words(&assessment["verdict"])));
    }
    for reason in assessment["reasons"].as_array().into_iter().flatten() {
        line("because", reason_text(reason));
    }
    for page in case["inspections"].as_array().into_iter().flatten() {
        line("page", inspect::line_of(page));
    }
    for report in case["latest_reports"].as_array().into_iter().flatten() {
        let read = words(&report["read_at"]);
        let (receipt, at) = (words(&report["receipt"]), words(&report["received_at"]));
        line("report", format!("{receipt}  received {at}, read {read}"));
    }
    for verdict in case["verdicts"].as_array().into_iter().flatten() {
        let (what, by, at) =
            (words(&verdict["verdict"]), words(&verdict["by"]), words(&verdict["at"]));
        line("verdict", format!("{what} by {by} at {at}: {}", words(&verdict["reason"])));
    }
    for order in case["orders"].as_array().into_iter().flatten() {
        line("order", order_text(order));
    }
    text
}

/// What a reason adds, then its words.
fn reason_text(reason: &Value) -> String {
    let weight = reason["weight"].as_f64().unwrap_or_default();
    format!("{weight:+.2}  {}", words(&reason["why"]))
}

fn order_text(order: &Value) -> String {
    let state = match order["released_by"].as_u64() {
        Some(serial) => format!("released by order {serial}"),
        None => format!("until {}", words(&order["valid_until"])),
    };
    let mut text = format!(
        "{} {} ({}), issued {}, {state}",
        order["serial"],
        words(&order["category"]),
        words(&order["level"]),
        words(&order["issued_at"])
    );
    for (key, name) in [("applied_at", "held since"), ("first_blocked_at", "first blocked")] {
        if let Some(at) = order[key].as_str() {
            let _ = write!(text, ", {name} {at}");
        }
    }
    let (answers, views) = (&order["blocked_answers"], &order["warning_views"]);
    let prevented = &order["prevented_visits"];
    let _ = write!(
        text,
        "; {answers} blocked answers, {prevented} prevented visits, {views} warnings seen"
    );
    text
}

fn decision_text(decision: &Value) -> String {
    let case = &decision["case"];
    let mut text = format!("case {} is {}", case["id"], words(&case["status"]));
    if let Some(serial) = decision["serial"].as_u64() {
        let _ = write!(text, ", order {serial}");
    }
    if let Some(explanation) = decision["explanation"].as_str() {
        let _ = write!(text, ": {explanation}");
    }
    text.push('\n');
    text
}

/// A target that no terminal makes clickable.
fn defanged(case: &Value) -> String {
    let target = words(&case["target"]);
    if case["kind"] == "message" {
        target
    } else {
        target.replacen("http", "hxxp", 1).replace('.', "[.]")
    }
}

/// A text for a terminal: what could steer it is shown, not sent.
pub(crate) fn words(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    text.chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_defanged_and_terminals_are_safe() {
        let case = json!({"id": 1, "kind": "host", "target": "evil.example", "status": "open",
                          "reports": 2});
        assert!(list_text(&json!({"items": [case], "next": null})).contains("evil[.]example"));
        let case = json!({"kind": "message", "target": "a\u{1b}[2Jb"});
        assert_eq!(defanged(&case), "a\\u{1b}[2Jb");
    }

    #[test]
    fn a_case_is_shown_with_its_score_and_why() {
        let reasons = json!([{"name": "brand", "why": "bank: a slip\u{7}", "weight": 1.25}]);
        let assessment = json!({"score": 0.9312, "verdict": "undecidable", "reasons": reasons});
        let text = case_text(&json!({"id": 1, "assessment": assessment}));
        assert!(text.contains("score        0.931: undecidable\n"), "{text}");
        assert!(text.contains("because      +1.25  bank: a slip\\u{7}\n"), "{text}");
    }

    #[test]
    fn a_query_is_encoded() {
        let path = list_path("urgency", Some("a&b".into()), None, 5, Some(9));
        assert_eq!(path, "/api/v1/cases?limit=5&sort=urgency&status=a%26b&cursor=9");
    }
}
