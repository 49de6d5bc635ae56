//! `belfry campaign`: sets of cases by the same hand, over the API.

use std::fmt::Write;

use axum::http::Method;
use serde_json::{Value, json};

use crate::cli::{CampaignArgs, CampaignVerb};
use crate::client::Client;
use crate::commands::case::{list_text, words};
use crate::commands::{Failure, print};
use crate::config::load;

/// Lists, shows, explains or counts.
pub(crate) async fn campaign(args: CampaignArgs) -> Result<(), Failure> {
    let client = Client::connect(&load(&args.data, &[])?.config).await?;
    let (path, text): (String, fn(&Value) -> String) = match args.verb {
        CampaignVerb::List { limit, cursor } => {
            let cursor = cursor.map_or(String::new(), |cursor| format!("&cursor={cursor}"));
            (format!("/api/v1/campaigns?limit={limit}{cursor}"), campaigns_text)
        }
        CampaignVerb::Show { campaign } => (format!("/api/v1/campaigns/{campaign}"), campaign_text),
        CampaignVerb::Why { one, other } => {
            (format!("/api/v1/cases/{one}/similar/{other}"), why_text)
        }
        CampaignVerb::Stand { campaign, verdict, hours, reason } => {
            let body = json!({ "verdict": verdict, "hours": hours, "reason": reason });
            let path = format!("/api/v1/campaigns/{campaign}/standing");
            let answer: Value = client.post(&path, &body).await?;
            return print(if args.json { format!("{answer}\n") } else { standing_text(&answer) });
        }
        CampaignVerb::EndStanding { campaign } => {
            let path = format!("/api/v1/campaigns/{campaign}/standing");
            client.call(Method::DELETE, &path, None).await?;
            return print(format!("nothing stands for campaign {campaign} any more\n"));
        }
        CampaignVerb::Register => ("/api/v1/campaigns/register".to_owned(), register_text),
    };
    let answer = client.get(&path).await?;
    print(if args.json { format!("{answer}\n") } else { text(&answer) })
}

fn standing_text(standing: &Value) -> String {
    format!(
        "cases of campaign {} get {} until {}, by {}: {}\n",
        standing["campaign"],
        words(&standing["verdict"]),
        words(&standing["until"]),
        words(&standing["by"]),
        words(&standing["reason"])
    )
}

fn campaigns_text(page: &Value) -> String {
    let mut text = format!("{:>8} {:>7}  {:<24}  {}\n", "CAMPAIGN", "CASES", "LAST CASE", "BRAND");
    for one in page["items"].as_array().into_iter().flatten() {
        let (at, brand) = (words(&one["changed_at"]), words(&one["brand"]));
        let _ = writeln!(text, "{:>8} {:>7}  {at:<24}  {brand}", one["id"], one["cases"]);
    }
    if !page["next"].is_null() {
        let _ = writeln!(text, "more: --cursor {}", page["next"]);
    }
    text
}

fn campaign_text(file: &Value) -> String {
    let mut text = format!(
        "campaign {}: {} cases since {}, the last {}\n",
        file["id"],
        file["cases"],
        words(&file["opened_at"]),
        words(&file["changed_at"])
    );
    if let Some(into) = file["merged_into"].as_u64() {
        let _ = writeln!(text, "it turned out to be campaign {into}");
    }
    if file["brand"].is_string() {
        let _ = writeln!(text, "abuses {}", words(&file["brand"]));
    }
    text.push_str(&list_text(&serde_json::json!({ "items": file["members"], "next": null })));
    text
}

fn why_text(similar: &Value) -> String {
    let weight = similar["weight"].as_f64().unwrap_or_default();
    let verdict = if similar["together"] == true {
        "enough for one campaign"
    } else {
        "not enough for one campaign"
    };
    let mut text = format!("together {weight:.2}: {verdict}\n");
    for tie in similar["why"].as_array().into_iter().flatten() {
        let weight = tie["weight"].as_f64().unwrap_or_default();
        let _ = writeln!(text, "{weight:+.2}  {:<10} {}", words(&tie["kind"]), words(&tie["why"]));
    }
    text
}

fn register_text(register: &Value) -> String {
    let mut text = format!(
        "{:<8} {:<20} {:<8} {:>7} {:>9}\n",
        "MONTH", "BRAND", "CHANNEL", "CASES", "CAMPAIGNS"
    );
    for row in register["items"].as_array().into_iter().flatten() {
        let [month, brand, channel] = ["month", "brand", "channel"].map(|key| words(&row[key]));
        let (cases, begun) = (&row["cases"], &row["campaigns"]);
        let _ = writeln!(text, "{month:<8} {brand:<20} {channel:<8} {cases:>7} {begun:>9}");
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn why_two_cases_are_alike_is_told_in_words() {
        let ties = json!([{"kind": "text", "why": "their texts share “uw pakket”", "weight": 1.0}]);
        let text = why_text(&json!({"weight": 1.0, "together": true, "why": ties}));
        assert_eq!(
            text,
            "together 1.00: enough for one campaign\n+1.00  text       their texts share “uw pakket”\n"
        );
        let none = why_text(&json!({"weight": 0.0, "together": false, "why": []}));
        assert_eq!(none, "together 0.00: not enough for one campaign\n");
    }

    #[test]
    fn campaigns_and_the_register_are_tables_that_steer_no_terminal() {
        let item = json!({"id": 3, "cases": 7, "brand": "bp\u{1b}ost", "changed_at": "2026-11"});
        let text = campaigns_text(&json!({"items": [item], "next": 3}));
        assert!(text.contains("bp\\u{1b}ost\nmore: --cursor 3"), "{text}");
        let row =
            json!({"month": "2026-11", "brand": "-", "channel": "sms", "cases": 4, "campaigns": 1});
        let text = register_text(&json!({"items": [row]}));
        assert!(text.lines().nth(1).is_some_and(|line| line.starts_with("2026-11  -")), "{text}");
        let file = json!({"id": 2, "cases": 0, "merged_into": 1, "members": []});
        assert!(campaign_text(&file).contains("it turned out to be campaign 1"));
    }
}
