//! The guard's lists: which there are, how large, and what the guard says of any name.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use belfry_casebook::access::Reader;
use belfry_desk::Desk;
use belfry_guard::{Kind, Opinion};
use belfry_indicator::{Domain, EmbeddedSuffixes, Suffixes, Target};
use serde::Deserialize;

use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::person::Person;
use crate::shown;
use crate::texts::{Duty, grouped};

#[derive(Debug, Deserialize)]
pub(super) struct ListsQuery {
    name: Option<String>,
}

#[derive(Template)]
#[template(path = "lists.html")]
struct ListsPage {
    f: Frame,
    d: &'static Duty,
    lists: Vec<View>,
    asked: String,
    answer: Option<Vec<Said>>,
}

/// A list.
struct View {
    name: String,
    kind: &'static str,
    names: String,
    version: String,
}

/// What the guard says of a block at one level.
struct Said {
    name: String,
    level: &'static str,
    class: &'static str,
    outcome: &'static str,
    why: Vec<String>,
}

pub(super) async fn page(
    person: Person,
    State(desk): State<Desk>,
    Query(query): Query<ListsQuery>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let f = person.frame;
    let d = Duty::of(f.language);
    let asked = query.name.unwrap_or_default().trim().to_owned();
    let lists = desk.lists();
    let views = lists.each().map(|(list, names)| View {
        name: shown::line(&list.name),
        kind: kind_text(list.kind, d),
        names: grouped(names as u64),
        version: list.version.chars().take(12).collect(),
    });
    show(&ListsPage {
        lists: views.collect(),
        answer: (!asked.is_empty()).then(|| said(&desk, &asked, &f)),
        asked: shown::line(&asked),
        d,
        f,
    })
}

fn kind_text(kind: Kind, d: &'static Duty) -> &'static str {
    match kind {
        Kind::Own => d.kind_own,
        Kind::NeverBlock => d.kind_never,
        Kind::TwoPeople => d.kind_two,
        Kind::Popular => d.kind_popular,
        Kind::Old => d.kind_old,
        Kind::Shared => d.kind_shared,
    }
}

/// At both levels; nothing for what is no name.
fn said(desk: &Desk, asked: &str, f: &Frame) -> Vec<Said> {
    let Ok(name) = Domain::parse(&asked.replace("[.]", ".")) else { return Vec::new() };
    let mut targets = vec![(Target::Host(name.clone()), f.w.level_host)];
    if let Some(wide) = EmbeddedSuffixes.registrable(&name) {
        targets.push((Target::Domain(wide), f.w.level_domain));
    }
    let lists = desk.lists();
    let said = |(target, level): (Target, &'static str)| {
        let (class, outcome, findings) = match lists.opinion(&target, &EmbeddedSuffixes) {
            Opinion::Free => ("good", f.w.guard_free, Vec::new()),
            Opinion::TwoPeople(findings) => ("help", f.w.guard_two, findings),
            Opinion::Refused(findings) => ("bad", f.w.guard_refused, findings),
        };
        let why = findings.iter().map(|finding| shown::line(&finding.explanation)).collect();
        Said { name: target.name().defanged(), level, class, outcome, why }
    };
    targets.into_iter().map(said).collect()
}
