//! `belfry token`: create, list, revoke, over the API.

use std::fmt::Write;

use axum::http::Method;
use serde_json::{Value, json};

use crate::cli::{TokenArgs, TokenVerb};
use crate::client::Client;
use crate::commands::{Failure, print};
use crate::config::load;

/// Creates, lists or revokes.
pub(crate) async fn token(args: TokenArgs) -> Result<(), Failure> {
    let client = Client::connect(&load(&args.data, &[])?.config).await?;
    match &args.verb {
        TokenVerb::Create { role, name, days, expires } => {
            let expires = expires.as_deref().map(first_moment);
            let body = json!({ "role": role, "name": name, "days": days, "expires_at": expires });
            let answer: Value = client.post("/api/v1/tokens", &body).await?;
            let secret = answer["token"].as_str().unwrap_or_default();
            print(if args.json { format!("{answer}\n") } else { format!("{secret}\n") })
        }
        TokenVerb::List => {
            let answer: Value = client.get("/api/v1/tokens").await?;
            print(if args.json { format!("{answer}\n") } else { list_text(&answer) })
        }
        TokenVerb::Revoke { name } => {
            let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
            client.call(Method::DELETE, &format!("/api/v1/tokens/{name}"), None).await?;
            Ok(())
        }
    }
}

/// A day's first moment, in UTC; any other text is the hub's to judge.
pub(crate) fn first_moment(text: &str) -> String {
    let is_day = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_day { format!("{text}T00:00:00Z") } else { text.to_owned() }
}

fn list_text(answer: &Value) -> String {
    let mut text = format!(
        "{:<24} {:<10} {:<26} {:<26} {}\n",
        "NAME", "ROLE", "CREATED", "EXPIRES", "LAST USED"
    );
    for token in answer["items"].as_array().into_iter().flatten() {
        let field = |key: &str| token[key].as_str().unwrap_or("never").to_owned();
        let _ = writeln!(
            text,
            "{:<24} {:<10} {:<26} {:<26} {}",
            field("name"),
            field("role"),
            field("created_at"),
            field("expires_at"),
            field("last_used_at")
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight() {
        assert_eq!(first_moment("2027-01-31"), "2027-01-31T00:00:00Z");
        assert_eq!(first_moment("2027-01-31T12:00:00+01:00"), "2027-01-31T12:00:00+01:00");
        assert_eq!(first_moment("next week!"), "next week!");
    }
}
