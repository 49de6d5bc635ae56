//! Attachments: what was attached to a report, as its own bytes tell it and not
//! only as its name does.

use serde::{Deserialize, Serialize};

/// A part that is more than the text of its message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The part, as in [`Place`](crate::Place).
    pub part: String,
    /// The containers around it that are no MIME part, outermost first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// The name that it gives itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The type that it says it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<String>,
    /// What its bytes are.
    pub format: Format,
    /// Its length in octets.
    pub bytes: usize,
    /// SHA-256 of them, in hex.
    pub sha256: String,
    /// What an archive holds; none of it is opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
}

/// What bytes are, by their own marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// An RFC 5322 message.
    Message,
    /// A mailbox of several messages.
    Mbox,
    /// An Outlook message.
    Outlook,
    /// Another OLE compound file: old Office documents, installers.
    Compound,
    /// HTML.
    Html,
    /// A calendar.
    Calendar,
    /// Rich text.
    Rtf,
    /// PDF.
    Pdf,
    /// What Outlook wraps a mail into for others of its kind: `winmail.dat`.
    Tnef,
    /// A document of Word, Excel, PowerPoint or OpenDocument that is built as a ZIP archive.
    Office,
    /// A ZIP archive, or what else is built as one (jar).
    Zip,
    /// Another archive: RAR, 7z, gzip, ISO, CAB.
    Archive,
    /// A program for Windows, Linux or macOS.
    Program,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// BMP.
    Bmp,
    /// WebP.
    Webp,
    /// An abuse report (XARF).
    Xarf,
    /// Plain text.
    Text,
    /// None of these.
    #[default]
    Unknown,
}

impl Format {
    /// The name for a person: `PDF`.
    pub fn name(self) -> &'static str {
        match self {
            Format::Message => "message",
            Format::Mbox => "mailbox",
            Format::Outlook => "Outlook message",
            Format::Compound => "OLE compound file",
            Format::Html => "HTML",
            Format::Calendar => "calendar",
            Format::Rtf => "RTF",
            Format::Pdf => "PDF",
            Format::Tnef => "winmail.dat",
            Format::Office => "Office document",
            Format::Zip => "ZIP",
            Format::Archive => "archive",
            Format::Program => "program",
            Format::Png => "PNG",
            Format::Jpeg => "JPEG",
            Format::Gif => "GIF",
            Format::Bmp => "BMP",
            Format::Webp => "WebP",
            Format::Xarf => "abuse report",
            Format::Text => "text",
            Format::Unknown => "unknown format",
        }
    }

    /// Whether it is a picture.
    pub(crate) fn is_picture(self) -> bool {
        matches!(self, Format::Png | Format::Jpeg | Format::Gif | Format::Bmp | Format::Webp)
    }
}

/// One file that an archive names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name, at most 255 characters.
    pub name: String,
    /// The length that the archive claims for it.
    pub bytes: u64,
    /// A password is needed.
    pub encrypted: bool,
}
