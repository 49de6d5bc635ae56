//! `belfry follower`: how far followers are, over the API.

use std::fmt::Write;

use axum::http::Method;
use serde_json::Value;

use crate::cli::{FollowerArgs, FollowerVerb};
use crate::client::Client;
use crate::commands::{Failure, print};
use crate::config::load;

/// Lists followers or forgets one.
pub(crate) async fn follower(args: FollowerArgs) -> Result<(), Failure> {
    let client = Client::connect(&load(&args.data, &[])?.config).await?;
    match &args.verb {
        FollowerVerb::List => {
            let answer: Value = client.get("/api/v1/followers").await?;
            print(if args.json { format!("{answer}\n") } else { list_text(&answer) })
        }
        FollowerVerb::Forget { name } => {
            let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
            client.call(Method::DELETE, &format!("/api/v1/followers/{name}"), None).await?;
            Ok(())
        }
    }
}

fn list_text(answer: &Value) -> String {
    let mut text =
        format!("head {}\n{:<28} {:>10}  {:<26}\n", answer["head"], "NAME", "SERIAL", "SEEN");
    for follower in answer["items"].as_array().into_iter().flatten() {
        let field = |key: &str| follower[key].as_str().unwrap_or_default();
        let alarm = if follower["ahead"] == true { "  AHEAD OF THE JOURNAL" } else { "" };
        let (name, seen) = (field("name"), field("seen_at"));
        let _ = writeln!(text, "{name:<28} {:>10}  {seen:<26}{alarm}", follower["serial"]);
    }
    text
}
