//! The public record as a page: orders and releases, the last first, each with a link to its
//! proof. What may be read of each, `belfry_casebook::record` decides.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use belfry_casebook::Casebook;
use belfry_casebook::record::{RecordEntry, Withheld};
use belfry_journal::{Action, Body, Serial};
use serde::Deserialize;

use super::lookup::category;
use crate::language::Reader;
use crate::pages::frame::{Frame, Refusal, show};
use crate::state::Site;
use crate::texts::Moment;

/// Lines on a page.
const LINES: u32 = 50;

#[derive(Debug, Deserialize)]
pub(super) struct RecordQuery {
    before: Option<u64>,
}

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    f: Frame,
    lines: Vec<Line>,
    older: Option<u64>,
}

struct Line {
    serial: u64,
    at: Option<Moment>,
    act: &'static str,
    target: String,
    why: &'static str,
}

pub(super) async fn page(
    reader: Reader,
    State(site): State<Site>,
    State(casebook): State<Casebook>,
    Query(query): Query<RecordQuery>,
) -> Result<Response, Refusal> {
    let f = Frame::new(reader.language, &site);
    let before = Serial(query.before.unwrap_or(u64::MAX));
    let entries = casebook.record_orders(before, LINES).await?;
    let full = entries.len() == usize::try_from(LINES).unwrap_or(usize::MAX);
    let older = entries.last().filter(|_| full).map(|last| last.entry.serial.0);
    let lines = entries.iter().map(|entry| line(entry, &f)).collect();
    show(&RecordPage { f, lines, older })
}

fn line(record: &RecordEntry, f: &Frame) -> Line {
    let serial = record.entry.serial.0;
    let order = match &record.said {
        Ok(Body::Order(order)) => order,
        said => {
            let mistake = matches!(said, Err(Withheld::Mistake));
            let act = if mistake { f.t.record_mistake } else { f.t.record_withheld };
            return Line { serial, at: None, act, target: String::new(), why: "" };
        }
    };
    let act = match order.action {
        Action::Block => f.t.record_block,
        Action::Allow => f.t.record_allow,
        Action::Release { .. } => f.t.record_release,
    };
    Line {
        serial,
        at: Some(Moment::of(order.issued_at, f.language)),
        act,
        target: order.target.name().defanged(),
        why: category(order.category, f.t),
    }
}
