//! The published warnings as Atom (RFC 4287) and JSON Feed 1.1, one of each a language.
//! Plain text only: no reader is given anything to run or to follow but our own address.

use askama::Template;
use belfry_casebook::warning::{Warning, WarningTexts};
use belfry_journal::UnixMillis;
use belfry_web::rfc3339;
use serde_json::{Value, json};

use crate::language::Language;
use crate::state::Site;
use crate::texts::{Moment, Warnings};

/// A published warning in one language, as feeds and pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) id: u64,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) withdrawn: bool,
    pub(crate) published: UnixMillis,
    pub(crate) updated: UnixMillis,
}

impl Item {
    /// What the public reads of a warning; what is withdrawn keeps its title only.
    pub(crate) fn new(warning: &Warning, texts: &WarningTexts, language: Language) -> Self {
        let w = Warnings::of(language);
        let text = &texts[place(language)];
        let updated = warning.published_at.unwrap_or(warning.created_at);
        let published = warning.first_published_at.unwrap_or(updated);
        let (title, body, updated) = match &warning.withdrawn {
            None => (text.title.clone(), text.body.clone(), updated),
            Some((at, ..)) => {
                let title = format!("{}: {}", w.withdrawn, text.title);
                (title, w.withdrawn_means.to_owned(), *at)
            }
        };
        let withdrawn = warning.withdrawn.is_some();
        Self { id: warning.id, title, body, withdrawn, published, updated }
    }

    fn published_text(&self) -> String {
        rfc3339(self.published)
    }

    fn updated_text(&self) -> String {
        rfc3339(self.updated)
    }

    pub(crate) fn moment(&self, language: Language) -> Moment {
        Moment::of(self.updated, language)
    }
}

/// Where the texts of `language` stand among a warning's.
pub(crate) fn place(language: Language) -> usize {
    Language::ALL.iter().position(|one| *one == language).unwrap_or(0)
}

/// A feed's ground.
pub(crate) struct Feed<'a> {
    pub(crate) site: &'a Site,
    pub(crate) language: Language,
    pub(crate) items: Vec<Item>,
    pub(crate) now: UnixMillis,
}

#[derive(Template)]
#[template(path = "warnings.xml")]
struct Atom<'a> {
    feed: &'a Feed<'a>,
    title: &'static str,
    author: &'a str,
    updated: String,
}

impl Feed<'_> {
    fn author(&self) -> &str {
        if self.site.authority.is_empty() { "Belfry" } else { &self.site.authority }
    }

    fn origin(&self) -> &str {
        &self.site.party.origin
    }

    fn tag(&self) -> &'static str {
        self.language.tag()
    }

    /// As Atom.
    pub(crate) fn atom(&self) -> Result<String, askama::Error> {
        let updated = self.items.iter().map(|item| item.updated).max().unwrap_or(self.now);
        let title = Warnings::of(self.language).warnings;
        Atom { feed: self, title, author: self.author(), updated: rfc3339(updated) }.render()
    }

    /// As JSON Feed.
    pub(crate) fn json(&self) -> Value {
        let (origin, tag) = (self.origin(), self.tag());
        let item = |item: &Item| {
            json!({
                "id": format!("{origin}/warnings/{}", item.id),
                "url": format!("{origin}/warnings/{}?lang={tag}", item.id),
                "title": item.title,
                "content_text": item.body,
                "date_published": rfc3339(item.published),
                "date_modified": rfc3339(item.updated),
                "language": tag,
                "tags": if item.withdrawn { vec!["withdrawn"] } else { Vec::new() },
            })
        };
        json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": Warnings::of(self.language).warnings,
            "home_page_url": format!("{origin}/warnings?lang={tag}"),
            "feed_url": format!("{origin}/warnings/feeds/{tag}.json"),
            "language": tag,
            "authors": [{ "name": self.author() }],
            "items": self.items.iter().map(item).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use belfry_casebook::warning::WarningText;

    use super::*;

    fn warning() -> (Warning, WarningTexts) {
        let at = UnixMillis(1_793_523_900_000);
        let warning = Warning {
            id: 7,
            campaign: None,
            brand: None,
            version: 2,
            published_version: Some(2),
            created_at: at,
            changed_at: at,
            first_published_at: Some(at),
            published_at: Some(UnixMillis(at.0 + 60_000)),
            withdrawn: None,
        };
        let text = |tag: &str| WarningText {
            title: format!("{tag} <b> & \"c\""),
            body: "hxxps://evil[.]example\n\n<script>alert(1)</script> ]]>".into(),
        };
        (warning, ["nl", "fr", "de", "en"].map(text))
    }

    fn feed(site: &Site, withdrawn: bool) -> Feed<'_> {
        let (mut warning, texts) = warning();
        if withdrawn {
            let at = UnixMillis(warning.changed_at.0 + 120_000);
            warning.withdrawn = Some((at, "person:ann".into(), "our mistake".into()));
        }
        let items = vec![Item::new(&warning, &texts, Language::En)];
        Feed { site, language: Language::En, items, now: UnixMillis(0) }
    }

    #[test]
    fn atom_holds_text_only_and_says_when() {
        let site = Site::new("https://r.example").unwrap().by("CSIRT", "", "");
        let atom = feed(&site, false).atom().unwrap();
        for part in [
            "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">",
            "<id>https://r.example/warnings/7</id>",
            "<updated>2026-11-01T09:06:00.000Z</updated>",
            "<published>2026-11-01T09:05:00.000Z</published>",
            "<name>CSIRT</name>",
            "href=\"https://r.example/warnings/feeds/en.atom\"",
        ] {
            assert!(atom.contains(part), "{part}: {atom}");
        }
        assert!(!atom.contains("<script>") && !atom.contains("<b>") && !atom.contains("]]>"));
    }

    #[test]
    fn json_feed_has_what_its_readers_need() {
        let site = Site::new("https://r.example").unwrap();
        let json = feed(&site, false).json();
        assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
        assert_eq!(json["items"][0]["url"], "https://r.example/warnings/7?lang=en");
        assert_eq!(json["items"][0]["title"], "en <b> & \"c\"");
        assert_eq!(json["authors"][0]["name"], "Belfry");
    }

    #[test]
    fn what_is_withdrawn_says_only_that() {
        let site = Site::new("https://r.example").unwrap();
        let json = feed(&site, true).json();
        let item = &json["items"][0];
        assert_eq!(item["content_text"], "This warning no longer holds.");
        assert_eq!(
            (&item["tags"][0], &item["date_modified"]),
            (&json!("withdrawn"), &json!("2026-11-01T09:07:00.000Z"))
        );
        let all = json.to_string();
        assert!(
            !all.contains("our mistake") && !all.contains("person:ann") && !all.contains("evil")
        );
    }
}
