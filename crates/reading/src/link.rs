//! Links: where each was found, what it showed, and whether it matters.

use serde::{Deserialize, Serialize};

/// A link found in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The canonical URL.
    pub url: String,
    /// As it stood in the source, where that differs.
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
    /// Whether it matters.
    pub role: Role,
    /// Why it has that role, in words.
    pub why: String,
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
    /// `<form action>` or `formaction`.
    Form,
    /// `<img src>` and other embedded resources.
    Image,
    /// `<link href>`, styles, scripts, fonts.
    Resource,
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

/// Whether a link matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// What the reader is meant to click: raises the case.
    CallToAction,
    /// Loaded, not clicked: images, styles, fonts, tracking pixels.
    Asset,
    /// Unsubscribe and preference links.
    Unsubscribe,
    /// Legal footers, standards (w3.org), social media icons, the mail client's own.
    Boilerplate,
    /// Clickable, but not the one that matters.
    Other,
}
