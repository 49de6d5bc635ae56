//! What the leaves of a mail are: texts, messages in other containers, documents.
//! A leaf's bytes decide, not its label: a PDF called `text/plain` is a PDF.

use std::borrow::Cow;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::head;
use super::headers::Headers;
use super::walk::{At, Body, Walk, join};
use crate::container::{format, mbox, report};
use crate::document::{self, Document, drawn, password};
use crate::observable::scan;
use crate::{Attachment, DefectKind, Format};

impl Walk<'_, '_> {
    /// Walks the whole report, whatever it is.
    pub(super) fn report(&mut self, bytes: &[u8]) {
        if bytes.trim_ascii().is_empty() {
            self.begin(&Headers::default(), "", None);
            return self.findings.defect(DefectKind::NotAMessage, "", "it is empty");
        }
        let format = match format::sniff(bytes) {
            Format::Text if is_xarf(bytes) => Format::Xarf,
            format => format,
        };
        match format {
            Format::Mbox => {
                let mailbox = mbox::split(bytes);
                if mailbox.messages.len() < 2 {
                    return self.nested(head::without_envelope(bytes), "", None, 0);
                }
                self.mailbox(&mailbox, "", None, 0);
            }
            Format::Message | Format::Text | Format::Unknown | Format::Program => {
                self.nested(head::without_envelope(bytes), "", None, 0);
            }
            // A file that was handed in as it is: the report has no header fields.
            _ => {
                let headers = Headers::default();
                let message = match format {
                    Format::Outlook | Format::Tnef => 0,
                    _ => self.begin(&headers, "", None),
                };
                // Messages number their own parts; any other file is the only one.
                let own = matches!(format, Format::Outlook | Format::Tnef);
                let path = if own { "" } else { "1" };
                let at = At { path, message, depth: 0, digest: false };
                if is_only_listed(format) {
                    self.note_attachment(&headers, bytes, at, format);
                }
                self.content(&headers, Cow::Borrowed(bytes), at, format);
            }
        }
    }

    /// Reads a part that has no parts in MIME.
    pub(super) fn leaf(&mut self, headers: &Headers, bytes: Cow<'_, [u8]>, at: At<'_>) {
        let format = format_of(headers, &bytes);
        self.note_attachment(headers, &bytes, at, format);
        let label = headers.content_type.as_deref().unwrap_or_default();
        if format == Format::Text && (label.starts_with("image/") || label == "application/pdf") {
            let detail = format!("it says that it is {label}, and is text; it is read as that");
            self.findings.defect(DefectKind::Structure, at.path, detail);
        }
        self.content(headers, bytes, at, format);
    }

    fn content(&mut self, headers: &Headers, bytes: Cow<'_, [u8]>, at: At<'_>, format: Format) {
        match format {
            Format::Text => self.text(headers, &bytes, at, false),
            Format::Html => self.text(headers, &bytes, at, true),
            Format::Message | Format::Mbox | Format::Outlook => {
                self.container(headers, &bytes, at, format);
            }
            Format::Calendar => self.calendar(headers, &bytes, at),
            Format::Xarf => self.abuse_report(headers, &bytes, at),
            Format::Rtf => self.rich_text(&bytes, at),
            Format::Tnef => self.winmail(headers, &bytes, at),
            Format::Office => self.office(headers, &bytes, at),
            Format::Zip => self.zip(headers, &bytes, at),
            Format::Pdf | Format::Png | Format::Jpeg | Format::Gif | Format::Bmp | Format::Webp => {
                self.documents.push(Document {
                    format,
                    bytes: bytes.into_owned(),
                    part: at.path.to_owned(),
                    within: self.findings.within.clone(),
                    name: headers.file_name.clone(),
                    message: at.message,
                });
            }
            Format::Compound | Format::Archive | Format::Program | Format::Unknown => {
                self.unread(headers, &bytes, at, format);
            }
        }
    }

    /// Messages in something that is no MIME part of its own.
    fn container(&mut self, headers: &Headers, bytes: &[u8], at: At<'_>, format: Format) {
        let depth = at.depth + 1;
        if depth > self.findings.limits.depth_max {
            let detail = format!(
                "messages nest deeper than {}; this one is not read",
                self.findings.limits.depth_max
            );
            return self.findings.defect(DefectKind::LimitReached, at.path, detail);
        }
        let parent = (!self.messages.is_empty()).then_some(at.message);
        match format {
            Format::Outlook => self.outlook(bytes, headers.file_name.as_deref(), at, parent),
            Format::Mbox => self.mailbox(&mbox::split(bytes), at.path, parent, depth),
            _ => self.nested(head::without_envelope(bytes), at.path, parent, depth),
        }
    }

    fn mailbox(
        &mut self,
        mailbox: &mbox::Mailbox<'_>,
        path: &str,
        parent: Option<usize>,
        depth: usize,
    ) {
        for (index, message) in mailbox.messages.iter().enumerate() {
            let path = join(path, index + 1);
            if self.another_part(&path) {
                self.nested(message, &path, parent, depth);
            }
        }
        if mailbox.more {
            let detail = "the mailbox holds more messages than are read";
            self.findings.defect(DefectKind::LimitReached, path, detail);
        }
    }

    /// Reads what was put aside. It comes last: a reader that dies on a document
    /// then costs nothing else.
    pub(super) fn read_documents(&mut self) {
        let texts = self.bodies.iter().map(|body| body.text.as_str());
        self.findings.passwords = password::named(texts);
        let mut drawings = std::mem::take(&mut self.findings.drawings);
        drawings.iter_mut().for_each(|drawing| drawing.message = self.came_with(drawing.message));
        for (message, text) in drawn::read_all(self.findings, drawings) {
            self.bodies.push(Body { message, host: message, html: false, text });
        }
        self.documents.append(&mut self.findings.pictures);
        for mut document in std::mem::take(&mut self.documents) {
            let host = document.message;
            document.message = self.came_with(host);
            let message = document.message;
            let text = document::read(self.findings, &document);
            if !text.is_empty() {
                self.bodies.push(Body { message, host, html: false, text });
            }
        }
    }

    /// The message with which something came that hangs on `host`: of a mail that quotes
    /// another, the quoted one.
    fn came_with(&self, host: usize) -> usize {
        let forward = self.messages.get(host).and_then(|met| met.forward.as_ref());
        forward.and_then(|(_, levels)| levels.last().copied()).unwrap_or(host)
    }

    fn unread(&mut self, headers: &Headers, bytes: &[u8], at: At<'_>, format: Format) {
        let detail = format!("{}: not read", named(headers, format.name(), bytes));
        self.findings.defect(DefectKind::Unread, at.path, detail);
    }

    pub(super) fn push_body(&mut self, at: At<'_>, text: String) {
        scan(self.findings, &text, at.path, 0);
        self.bodies.push(Body { message: at.message, host: at.message, html: false, text });
    }

    /// Texts and messages without a name of their own are the mail itself.
    fn note_attachment(&mut self, headers: &Headers, bytes: &[u8], at: At<'_>, format: Format) {
        let own = matches!(format, Format::Text | Format::Html | Format::Message);
        if own && headers.file_name.is_none() {
            return;
        }
        let attachment = Attachment {
            part: at.path.to_owned(),
            within: self.findings.within(),
            name: headers.file_name.clone(),
            declared: headers.content_type.clone(),
            format,
            bytes: bytes.len(),
            sha256: HEXLOWER.encode(&Sha256::digest(bytes)),
            members: Vec::new(),
        };
        self.findings.attachments.push(attachment);
    }
}

/// Whether nothing of such a file is read.
fn is_only_listed(format: Format) -> bool {
    matches!(format, Format::Zip | Format::Compound | Format::Archive | Format::Program)
}

/// What a leaf is: its bytes, and for texts, which tell little, its label.
fn format_of(headers: &Headers, bytes: &[u8]) -> Format {
    let label = headers.content_type.as_deref().unwrap_or("text/plain");
    let ending = headers.file_name.as_deref().and_then(|name| name.rsplit_once('.'));
    let ending = ending.map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let found = format::sniff(bytes);
    if label == "message/feedback-report" {
        return Format::Xarf;
    }
    // What a mail program shows by its label, unless it is known to be another thing.
    let html = matches!(label, "text/html" | "text/x-amp-html" | "application/xhtml+xml")
        || (matches!(ending.as_str(), "html" | "htm" | "xhtml" | "shtml") && !bytes.contains(&0));
    let text = label.starts_with("text/")
        || label.starts_with("multipart/")
        || matches!(label, "message/delivery-status" | "message/disposition-notification");
    match found {
        Format::Text | Format::Unknown | Format::Message | Format::Mbox | Format::Html if html => {
            Format::Html
        }
        Format::Message | Format::Mbox if text && !matches!(ending.as_str(), "eml" | "mbox") => {
            Format::Text
        }
        Format::Unknown | Format::Archive | Format::Program | Format::Bmp
            if text && ending.is_empty() =>
        {
            Format::Text
        }
        Format::Text if is_xarf(bytes) => Format::Xarf,
        found => found,
    }
}

fn is_xarf(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(2_048)];
    let start = head.iter().find(|b| !b.is_ascii_whitespace());
    // Most texts are told apart here, without another look.
    (start == Some(&b'{') || head.windows(14).any(|w| w.eq_ignore_ascii_case(b"reported-from:")))
        && report::is_xarf(&String::from_utf8_lossy(head))
}

/// `PDF "invoice.pdf", 1234 octets`.
pub(super) fn named(headers: &Headers, format: &str, bytes: &[u8]) -> String {
    let file = headers.file_name.as_deref().map(|file| format!(" {file:?}")).unwrap_or_default();
    let label = headers.content_type.as_deref().map(|label| format!(" ({label})"));
    format!("{format}{file}{}, {} octets", label.unwrap_or_default(), bytes.len())
}

#[cfg(test)]
pub(super) mod tests;
