//! Defects: what could not be read, counted and shown to an analyst.

use serde::{Deserialize, Serialize};

/// One thing that could not be read as meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defect {
    /// What kind.
    pub kind: DefectKind,
    /// Where, as a path of part numbers: `1.2` (empty: the whole report).
    pub place: String,
    /// In words.
    pub detail: String,
}

/// Kinds of defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DefectKind {
    /// Not a message at all.
    NotAMessage,
    /// A bound of `Limits` was reached.
    LimitReached,
    /// A transfer encoding is broken.
    Encoding,
    /// A charset is unknown or the bytes are not in it.
    Charset,
    /// MIME structure is broken.
    Structure,
    /// A header is missing or malformed.
    Header,
    /// A link that is not a usable URL.
    Link,
    /// An attachment of a type that is not read yet.
    Unread,
    /// A picture whose text, if any, a person must read.
    Picture,
    /// The reader's child process died or ran out of time on it.
    ReaderDied,
}

impl DefectKind {
    /// The stable name, as JSON and metrics write it: `limit-reached`.
    pub fn name(self) -> &'static str {
        match self {
            DefectKind::NotAMessage => "not-a-message",
            DefectKind::LimitReached => "limit-reached",
            DefectKind::Encoding => "encoding",
            DefectKind::Charset => "charset",
            DefectKind::Structure => "structure",
            DefectKind::Header => "header",
            DefectKind::Link => "link",
            DefectKind::Unread => "unread",
            DefectKind::Picture => "picture",
            DefectKind::ReaderDied => "reader-died",
        }
    }
}
