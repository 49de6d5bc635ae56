//! The page from facts and words. Everything that a stranger chose (the host)
//! or an operator set is escaped; only our own style sheet goes in as it is.

use std::sync::LazyLock;

use askama::Template;
use belfry_indicator::Domain;
use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use crate::warning::WarningFacts;
use crate::warning::language::Language;
use crate::warning::request::Asked;
use crate::warning::settings::WarningSettings;
use crate::warning::texts::{Texts, timestamp};

const STYLE: &str = include_str!("../../templates/warning.css");

/// Allows nothing but our own style, known by its hash.
pub(super) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = BASE64.encode(&Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
});

#[derive(Template)]
#[template(path = "warning.html")]
struct Page<'a> {
    t: &'static Texts,
    language: Language,
    style: &'static str,
    settings: &'a WarningSettings,
    host: String,
    blocked: Option<Block>,
    sent: bool,
    authority: &'a str,
    dialled: String,
    report_url: Option<&'a str>,
    objection_url: Option<&'a str>,
}

/// A block's facts in words.
struct Block {
    serial: String,
    category: &'static str,
    reason: &'static str,
    since: String,
    since_machine: String,
    until: String,
    until_machine: String,
}

impl Block {
    fn new(facts: &WarningFacts, t: &Texts) -> Self {
        Self {
            serial: facts.serial.to_string(),
            category: t.category(facts.category),
            reason: t.reason(facts.reason),
            since: t.date(facts.issued_at),
            since_machine: format!("{:.0}", timestamp(facts.issued_at)),
            until: t.date(facts.valid_until),
            until_machine: format!("{:.0}", timestamp(facts.valid_until)),
        }
    }
}

/// The whole HTML.
pub(super) fn html(
    asked: &Asked,
    facts: Option<&WarningFacts>,
    settings: &WarningSettings,
) -> Result<String, askama::Error> {
    let t = Texts::of(asked.language);
    let authority = settings.authority.trim();
    Page {
        t,
        language: asked.language,
        style: STYLE,
        settings,
        host: asked.host.as_ref().map(Domain::defanged).unwrap_or_default(),
        blocked: facts.map(|facts| Block::new(facts, t)),
        sent: asked.sends,
        authority: if authority.is_empty() { t.by_unnamed } else { authority },
        dialled: settings
            .helpline_phone
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '+')
            .collect(),
        report_url: web_address(settings.report_url.as_deref()),
        objection_url: web_address(settings.objection_url.as_deref()),
    }
    .render()
}

/// Only what a click may open.
fn web_address(url: Option<&str>) -> Option<&str> {
    url.filter(|url| url.starts_with("https://") || url.starts_with("http://"))
}

/// One line for what no person will look at.
pub(super) fn plain(language: Language, blocked: bool) -> String {
    let t = Texts::of(language);
    format!("{}\n", if blocked { t.plain_blocked } else { t.plain_free })
}
