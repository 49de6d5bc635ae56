//! The published warnings: a page, one page each with its history, the feeds, and a list that
//! others may embed. Nothing in a warning's text is a link.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};
use belfry_casebook::{Casebook, StoreError};
use belfry_web::{Clock, Problem};

use crate::language::{Language, Reader};
use crate::pages::frame::{Frame, Refusal, show};
use crate::state::Site;
use crate::texts::{Moment, Warnings};
use crate::warnings::feeds::{Feed, Item, place};

/// Warnings on the page and in feeds.
const SHOWN: u32 = 50;
/// In the list to embed.
const EMBEDDED: usize = 5;
/// Who wants it may frame it; it has no form, no script and no session.
const EMBED_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; \
                            form-action 'none'; frame-ancestors *";
const KEPT: &str = "public, max-age=60";

/// A warning in a list.
struct View {
    item: Item,
    at: Moment,
    lead: String,
}

impl View {
    fn new(item: Item, language: Language) -> Self {
        let lead = item.body.split("\n\n").next().unwrap_or_default().to_owned();
        Self { at: item.moment(language), lead, item }
    }
}

/// The latest that the public may read, in its language.
pub(super) async fn latest(
    casebook: &Casebook,
    language: Language,
    most: u32,
) -> Result<Vec<Item>, StoreError> {
    let found = casebook.public_warnings(most).await?;
    Ok(found.iter().map(|(warning, texts)| Item::new(warning, texts, language)).collect())
}

#[derive(Template)]
#[template(path = "public_warnings.html")]
struct WarningsPage {
    f: Frame,
    w: &'static Warnings,
    warnings: Vec<View>,
}

pub(super) async fn page(
    reader: Reader,
    State(site): State<Site>,
    State(casebook): State<Casebook>,
) -> Result<Response, Refusal> {
    let language = reader.language;
    let items = latest(&casebook, language, SHOWN).await?;
    let warnings = items.into_iter().map(|item| View::new(item, language)).collect();
    show(&WarningsPage { f: Frame::new(language, &site), w: Warnings::of(language), warnings })
}

/// A part of a warning's text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Block {
    Paragraph(String),
    List(Vec<String>),
}

/// Paragraphs, and lists where lines begin with `- `.
pub(crate) fn blocks(body: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for part in body.split("\n\n").map(str::trim).filter(|part| !part.is_empty()) {
        let (mut lines, mut items) = (Vec::new(), Vec::new());
        for line in part.lines() {
            match line.strip_prefix("- ") {
                Some(item) => items.push(item.to_owned()),
                None => lines.push(line),
            }
        }
        if !lines.is_empty() {
            blocks.push(Block::Paragraph(lines.join("\n")));
        }
        if !items.is_empty() {
            blocks.push(Block::List(items));
        }
    }
    blocks
}

#[derive(Template)]
#[template(path = "public_warning.html")]
struct WarningPage {
    f: Frame,
    w: &'static Warnings,
    title: String,
    withdrawn: bool,
    blocks: Vec<Block>,
    history: Vec<(&'static str, Moment)>,
}

pub(super) async fn one(
    reader: Reader,
    State(site): State<Site>,
    State(casebook): State<Casebook>,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    let (language, w) = (reader.language, Warnings::of(reader.language));
    let missing = || StoreError::Missing { what: "warning", id: id.to_string() };
    let file = casebook.warning(id).await?.ok_or_else(missing)?;
    let published = file.published().ok_or_else(missing)?;
    let history = file.told.iter().map(|told| {
        let act = match told.act.name() {
            "published" => w.published,
            "updated" => w.updated,
            _ => w.withdrawn,
        };
        (act, Moment::of(told.at, language))
    });
    let withdrawn = file.warning.withdrawn.is_some();
    let text = &published.texts[place(language)];
    show(&WarningPage {
        f: Frame::new(language, &site),
        w,
        title: text.title.clone(),
        withdrawn,
        blocks: if withdrawn { Vec::new() } else { blocks(&text.body) },
        history: history.collect(),
    })
}

#[derive(Template)]
#[template(path = "embedded_warnings.html")]
struct EmbeddedPage {
    f: Frame,
    w: &'static Warnings,
    origin: String,
    warnings: Vec<View>,
}

/// `nl.atom`, `fr.json`, `de.html` and the like.
pub(super) async fn feed(
    State(site): State<Site>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let missing = || Problem::new(StatusCode::NOT_FOUND, "unknown", "there is no such feed");
    let (tag, kind) = name.split_once('.').ok_or_else(missing)?;
    let language = Language::ALL.into_iter().find(|one| one.tag() == tag).ok_or_else(missing)?;
    let items = latest(&casebook, language, SHOWN).await?;
    let feed = Feed { site: &site, language, items, now: clock.now() };
    let typed = |kind: &'static str, text: String| {
        ([(CONTENT_TYPE, kind), (CACHE_CONTROL, KEPT)], text).into_response()
    };
    match kind {
        "atom" => {
            let atom = feed.atom().map_err(|error| Problem::internal(&error))?;
            Ok(typed("application/atom+xml; charset=utf-8", atom))
        }
        "json" => Ok(typed("application/feed+json; charset=utf-8", feed.json().to_string())),
        "html" => embedded(feed, &site),
        _ => Err(missing().into()),
    }
}

fn embedded(feed: Feed<'_>, site: &Site) -> Result<Response, Refusal> {
    let language = feed.language;
    let standing = feed.items.into_iter().filter(|item| !item.withdrawn).take(EMBEDDED);
    let page = EmbeddedPage {
        f: Frame::new(language, site),
        w: Warnings::of(language),
        origin: site.party.origin.clone(),
        warnings: standing.map(|item| View::new(item, language)).collect(),
    };
    let html = page.render().map_err(|error| Problem::internal(&error))?;
    let headers = [(CONTENT_SECURITY_POLICY, EMBED_POLICY), (CACHE_CONTROL, KEPT)];
    Ok((headers, Html(html)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_paragraphs_and_lists() {
        let body = "One\nline.\n\nNames:\n- a\n- b\n\n\n\n- c\n\n-d";
        let list = |items: &[&str]| Block::List(items.iter().map(|item| (*item).into()).collect());
        let paragraph = |text: &str| Block::Paragraph(text.into());
        let expect = [
            paragraph("One\nline."),
            paragraph("Names:"),
            list(&["a", "b"]),
            list(&["c"]),
            paragraph("-d"),
        ];
        assert_eq!(blocks(body), expect);
        assert_eq!(blocks(" \n\n "), []);
    }
}
