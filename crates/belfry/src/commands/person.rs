//! `belfry person`: invite, list, remove, over the API.

use std::fmt::Write;

use axum::http::Method;
use serde_json::{Value, json};

use crate::cli::{PersonArgs, PersonVerb};
use crate::client::Client;
use crate::commands::{Failure, print};
use crate::config::load;

/// Invites, lists or removes.
pub(crate) async fn person(args: PersonArgs) -> Result<(), Failure> {
    let client = Client::connect(&load(&args.data, &[])?.config).await?;
    match &args.verb {
        PersonVerb::Invite { name, role } => {
            let body = json!({ "name": name, "role": role });
            let answer: Value = client.post("/api/v1/people", &body).await?;
            let link = answer["link"].as_str().unwrap_or_default();
            print(if args.json { format!("{answer}\n") } else { format!("{link}\n") })
        }
        PersonVerb::List => {
            let answer: Value = client.get("/api/v1/people").await?;
            print(if args.json { format!("{answer}\n") } else { list_text(&answer) })
        }
        PersonVerb::Remove { name } => {
            let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
            client.call(Method::DELETE, &format!("/api/v1/people/{name}"), None).await?;
            Ok(())
        }
    }
}

fn list_text(answer: &Value) -> String {
    let mut text = format!(
        "{:<24} {:<10} {:>8} {:>8} {:<8} {}\n",
        "NAME", "ROLE", "PASSKEYS", "SESSIONS", "INVITED", "LAST SIGNED IN"
    );
    for person in answer["items"].as_array().into_iter().flatten() {
        let invited = if person["invited"] == true { "yes" } else { "no" };
        let _ = writeln!(
            text,
            "{:<24} {:<10} {:>8} {:>8} {:<8} {}",
            person["name"].as_str().unwrap_or_default(),
            person["role"].as_str().unwrap_or_default(),
            person["passkeys"],
            person["sessions"],
            invited,
            person["last_used_at"].as_str().unwrap_or("never")
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_listed_a_line_each() {
        let people = json!({ "items": [{ "name": "ann", "role": "admin", "passkeys": 2,
            "sessions": 1, "invited": true, "last_used_at": null }] });
        let text = list_text(&people);
        let fields: Vec<&str> = text.lines().nth(1).unwrap().split_whitespace().collect();
        assert_eq!(fields, ["ann", "admin", "2", "1", "yes", "never"]);
    }
}
