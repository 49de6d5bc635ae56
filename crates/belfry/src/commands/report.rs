//! `belfry report`: a report by its receipt, over the API: looked at, erased, held.

use axum::http::Method;
use serde_json::{Value, json};

use crate::cli::{ReportArgs, ReportVerb};
use crate::client::Client;
use crate::commands::{Failure, print, print_bytes};
use crate::config::load;

/// Shows where a report is, what was read in it, or its bytes.
pub(crate) async fn report(args: ReportArgs) -> Result<(), Failure> {
    let client = Client::connect(&load(&args.data, &[])?.config).await?;
    match &args.verb {
        ReportVerb::Show { receipt } => {
            let report: Value = client.get(&path(receipt, "")).await?;
            if args.json {
                return print(format!("{report}\n"));
            }
            let text = |key: &str| report[key].as_str().unwrap_or("not yet").to_owned();
            print(format!(
                "receipt   {}\nstatus    {}\nreceived  {}\nstored    {}\nread      {}\ncases     {}\n",
                text("receipt"),
                text("status"),
                text("received_at"),
                text("stored_at"),
                text("read_at"),
                report["cases"]
            ))
        }
        ReportVerb::Reading { receipt } => {
            let bytes = client.call(Method::GET, &path(receipt, "/reading"), None).await?;
            if args.json {
                return print_bytes(&bytes);
            }
            let reading: belfry_reading::Reading = serde_json::from_slice(&bytes)?;
            print(belfry_reading::render_text(&reading))
        }
        ReportVerb::Erase { receipt } => {
            let erased: Value = client.post(&path(receipt, "/erase"), &json!({})).await?;
            let cases = &erased["cases"];
            let text = if erased["objections"] == 1 {
                "erased: the objection, and what was answered\n".to_owned()
            } else {
                format!("erased, with {cases} cases that only it raised\n")
            };
            print(if args.json { format!("{erased}\n") } else { text })
        }
        ReportVerb::Hold { receipt, reason } => {
            let body = json!({ "reason": reason });
            client.call(Method::POST, &path(receipt, "/hold"), Some(&body)).await.map(drop)?;
            Ok(())
        }
        ReportVerb::Unhold { receipt } => {
            client.call(Method::DELETE, &path(receipt, "/hold"), None).await.map(drop)?;
            Ok(())
        }
        ReportVerb::Original { receipt } => {
            print_bytes(&client.call(Method::GET, &path(receipt, "/original"), None).await?)
        }
    }
}

fn path(receipt: &str, rest: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(receipt.as_bytes()).collect();
    format!("/api/v1/reports/{encoded}{rest}")
}
