//! Links: where each was found, what it showed, and whether it matters.

use belfry_indicator::RedactedUrl;
use serde::{Deserialize, Serialize};

use crate::Disguise;

/// A link found in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The canonical URL, without the people it was sent to.
    pub url: RedactedUrl,
    /// As it stood in the source, where that differs and gives nobody away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// The host as text: a canonical name or an address.
    pub host: String,
    /// What DNS can block of it: the exact host, or absent with `why_not_blockable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The registrable domain, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registrable: Option<String>,
    /// "not blockable by DNS, because …".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not_blockable: Option<String>,
    /// Where.
    pub place: Place,
    /// In what.
    pub kind: LinkKind,
    /// The text that a reader sees for it, at most 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The visible text names another host than the link goes to.
    pub text_disagrees: bool,
    /// The links around it that were seen through, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<Through>,
    /// What made it hard to see through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disguises: Vec<Disguise>,
    /// Whether it matters.
    pub role: Role,
    /// Why it has that role, in words.
    pub why: String,
}

/// A link around another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Through {
    /// The link as it stood around.
    pub url: RedactedUrl,
    /// The link protector or redirect whose it is; absent where any site carries a URL,
    /// which then is a link of its own too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// Where in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The part, as a path of numbers from 1 through nested messages: `1.2`.
    pub part: String,
    /// Octet offset in the decoded part, or in the text taken from a document.
    pub offset: usize,
    /// The containers around it that are no MIME part, outermost first, for a person:
    /// `offer.msg > invoice.pdf > page 2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
}

/// What a link stood in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// `<a href>` or `<area href>`.
    Anchor,
    /// An `<a href>` that is drawn as a button.
    Button,
    /// `<form action>` or `formaction`.
    Form,
    /// `<img src>` and other embedded resources.
    Image,
    /// `<link rel=stylesheet>`, `@import`.
    Stylesheet,
    /// `<link href>`, fonts.
    Resource,
    /// `<script src>`, or an address within a script.
    Script,
    /// `<base href>`: where links without a host lead.
    Base,
    /// Plain text.
    Text,
    /// `<meta http-equiv=refresh>`.
    Refresh,
    /// A header such as List-Unsubscribe.
    Header,
    /// A QR code, in a picture, a page or drawn with characters.
    Qr,
    /// The clickable area of a PDF page.
    PdfAnnotation,
    /// A calendar entry's URL, description or place.
    Ics,
    /// Text that was recognised in a picture.
    ImageText,
    /// Named as the culprit by an abuse report (ARF, XARF).
    Report,
}

impl LinkKind {
    /// What it is, for a person.
    pub fn name(self) -> &'static str {
        match self {
            LinkKind::Anchor => "link",
            LinkKind::Button => "button",
            LinkKind::Form => "form",
            LinkKind::Image => "picture",
            LinkKind::Stylesheet => "style",
            LinkKind::Resource => "resource",
            LinkKind::Script => "script",
            LinkKind::Base => "base address",
            LinkKind::Text => "text",
            LinkKind::Refresh => "refresh",
            LinkKind::Header => "header",
            LinkKind::Qr => "QR code",
            LinkKind::PdfAnnotation => "PDF link",
            LinkKind::Ics => "calendar entry",
            LinkKind::ImageText => "text in a picture",
            LinkKind::Report => "abuse report",
        }
    }

    /// Whether it is fetched when the message is shown, and not clicked.
    pub fn is_loaded(self) -> bool {
        matches!(
            self,
            LinkKind::Image | LinkKind::Stylesheet | LinkKind::Resource | LinkKind::Script
        )
    }
}

/// Whether a link matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// What the reader is meant to click: raises the case.
    CallToAction,
    /// Loaded, not clicked: images, styles, fonts.
    Asset,
    /// Loaded to tell the sender that the message was opened.
    Tracking,
    /// Unsubscribe and preference links.
    Unsubscribe,
    /// Legal footers, standards (w3.org), social media icons, the mail client's own.
    Boilerplate,
    /// A page of the sender that the mail claims, beside the one that matters.
    Brand,
    /// A name in running text that may be no link at all: `Node.js`, `end.Next`.
    Mention,
    /// Clickable, but not the one that matters.
    Other,
}

impl Role {
    /// What it is, for a person.
    pub fn name(self) -> &'static str {
        match self {
            Role::CallToAction => "call to action",
            Role::Asset => "asset",
            Role::Tracking => "tracking",
            Role::Unsubscribe => "unsubscribe",
            Role::Boilerplate => "boilerplate",
            Role::Brand => "sender's own",
            Role::Mention => "mention",
            Role::Other => "other",
        }
    }
}
