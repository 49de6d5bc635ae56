//! Whether a name is blocked, why and since when: for anyone, about any name.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use belfry_casebook::Casebook;
use belfry_indicator::Domain;
use belfry_journal::Category;
use serde::Deserialize;

use crate::language::Reader;
use crate::pages::frame::{Frame, Refusal, show};
use crate::shown;
use crate::state::Site;
use crate::texts::{Citizen, Moment};

/// Characters of what is looked up: a URL pasted whole.
const ASKED_MAX: usize = 4_096;

#[derive(Debug, Deserialize)]
pub(super) struct LookupQuery {
    name: Option<String>,
}

#[derive(Template)]
#[template(path = "lookup.html")]
struct LookupPage {
    f: Frame,
    asked: String,
    unreadable: bool,
    name: Option<String>,
    plain: String,
    block: Option<Block>,
}

struct Block {
    target: String,
    why: &'static str,
    since: Moment,
    until: Moment,
    serial: u64,
}

pub(super) async fn page(
    reader: Reader,
    State(site): State<Site>,
    State(casebook): State<Casebook>,
    Query(query): Query<LookupQuery>,
) -> Result<Response, Refusal> {
    let f = Frame::new(reader.language, &site);
    let asked = query.name.unwrap_or_default();
    let name = name_of(&asked);
    let found = match &name {
        Some(name) => casebook.block_of(name).await?,
        None => None,
    };
    let block = found.map(|order| Block {
        target: order.target.name().defanged(),
        why: category(order.category, f.t),
        since: Moment::of(order.issued_at, f.language),
        until: Moment::of(order.valid_until, f.language),
        serial: order.serial.0,
    });
    show(&LookupPage {
        unreadable: name.is_none() && !asked.trim().is_empty(),
        asked: shown::line(&asked),
        plain: name.as_ref().map(ToString::to_string).unwrap_or_default(),
        name: name.map(|name| name.defanged()),
        block,
        f,
    })
}

/// The host of what a person pasted: a name, a URL, either of them defanged.
pub(super) fn name_of(asked: &str) -> Option<Domain> {
    let asked = asked.trim();
    if asked.is_empty() || asked.len() > ASKED_MAX {
        return None;
    }
    let plain = asked.replace("[.]", ".").replace("hxxp", "http");
    let rest = plain.split_once("://").map_or(plain.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    Domain::parse(host.split(':').next().unwrap_or_default()).ok()
}

/// Why, in plain words.
pub(super) fn category(category: Category, t: &'static Citizen) -> &'static str {
    match category {
        Category::Phishing => t.why_phishing,
        Category::Malware => t.why_malware,
        Category::FakeShop => t.why_fake_shop,
        Category::OtherFraud => t.why_other_fraud,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_people_paste_them() {
        let read = |text| name_of(text).map(|name| name.to_string());
        for text in [
            "evil.example",
            " https://evil.example/x?y#z ",
            "hxxps://evil[.]example:8443/",
            "http://user@evil.example",
            "EVIL.example",
        ] {
            assert_eq!(read(text).as_deref(), Some("evil.example"), "{text}");
        }
        for text in ["", "   ", "two words", "https://", &"a".repeat(5_000)] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
