//! `belfry audit`: the audit log, read and checked.

use std::fmt::Write;

use serde_json::Value;

use crate::cli::{AuditArgs, AuditVerb};
use crate::client::Client;
use crate::commands::{Failure, print};
use crate::config::load;

/// Lists lines or verifies the chain.
pub(crate) async fn audit(args: AuditArgs) -> Result<(), Failure> {
    let client = Client::connect(&load(&args.data, &[])?.config).await?;
    match &args.verb {
        AuditVerb::List { limit, cursor } => {
            let cursor = cursor.map(|line| format!("&cursor={line}")).unwrap_or_default();
            let answer: Value = client.get(&format!("/api/v1/audit?limit={limit}{cursor}")).await?;
            print(if args.json { format!("{answer}\n") } else { list_text(&answer) })
        }
        AuditVerb::Verify => {
            let answer: Value = client.get("/api/v1/audit/verify").await?;
            if args.json {
                return print(format!("{answer}\n"));
            }
            print(format!(
                "lines   {}, each as it was written\nerased  {} details\njournal agrees at {} lines\nhash    {}\n",
                answer["lines"],
                answer["erased"],
                answer["anchors"],
                answer["hash"].as_str().unwrap_or_default()
            ))
        }
    }
}

fn list_text(answer: &Value) -> String {
    let mut text = String::new();
    for line in answer["items"].as_array().into_iter().flatten() {
        let field = |key: &str| line[key].as_str().unwrap_or_default();
        let _ = writeln!(
            text,
            "{:>6}  {}  {}  {} {}  {}",
            line["line"],
            field("at"),
            field("who"),
            field("action"),
            field("object"),
            field("detail")
        );
    }
    if let Some(next) = answer["next"].as_u64() {
        let _ = writeln!(text, "more: --cursor {next}");
    }
    text
}
