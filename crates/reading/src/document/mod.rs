//! Documents: PDF and pictures, whose readers are others' and large. They come
//! last, with what is left of the budget, and a panic in one is a defect of its
//! own part. A reader that dies all the same takes a child process with it, and
//! the report is read again without this module.

pub(crate) mod drawn;
pub(crate) mod password;
mod pdf;
mod picture;
mod qr;
mod screenshot;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use self::screenshot::{GreyPicture, PictureText};
use crate::document::picture::Grey;
use crate::findings::Findings;
use crate::{DefectKind, Format};

/// A document that waits to be read.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) format: Format,
    pub(crate) bytes: Vec<u8>,
    pub(crate) part: String,
    pub(crate) within: Vec<String>,
    pub(crate) name: Option<String>,
    pub(crate) message: usize,
}

/// Reads a document; links go to `findings`, its text is returned.
pub(crate) fn read(findings: &mut Findings<'_>, document: &Document) -> String {
    if !findings.limits.documents {
        let detail = format!("{}: left out, since a reader died on this report", document.label());
        findings.defect(DefectKind::Unread, &document.part, detail);
        return String::new();
    }
    let outer = std::mem::replace(&mut findings.within, document.within.clone());
    let text = guarded(findings, document, |findings| {
        if document.format.is_picture() {
            picture::read(findings, document)
        } else {
            pdf::read(findings, document)
        }
    });
    findings.within = outer;
    text.unwrap_or_default()
}

/// Decodes `data` as a scanned page of a PDF, in fax coding and in JBIG2: how many pixels
/// came out, for a fuzzer, which gets to neither through a PDF.
#[cfg(any(test, fuzzing))]
pub(crate) fn scanned_pixels(findings: &mut Findings<'_>, data: &[u8]) -> [usize; 2] {
    pdf::scanned_pixels(findings, data)
}

/// Runs a reader that may panic.
fn guarded<T>(
    findings: &mut Findings<'_>,
    document: &Document,
    reader: impl FnOnce(&mut Findings<'_>) -> T,
) -> Option<T> {
    // What was found before the panic is whole: links are added by our own code.
    let done = catch_unwind(AssertUnwindSafe(|| reader(findings)));
    if done.is_err() {
        let detail = format!("{}: its reader panicked", document.label());
        findings.defect(DefectKind::ReaderDied, &document.part, detail);
    }
    done.ok()
}

impl Document {
    /// `PDF "invoice.pdf"`.
    fn label(&self) -> String {
        match &self.name {
            Some(name) => format!("{} {name:?}", self.format.name()),
            None => self.format.name().to_owned(),
        }
    }
}

impl Grey {
    /// As it is lent to who recognises its text.
    fn lent(&self) -> GreyPicture<'_> {
        GreyPicture { width: self.width, height: self.height, pixels: &self.pixels }
    }
}

/// `640 × 480 pixels`.
fn size_words(grey: &Grey) -> String {
    format!("{} × {} pixels", grey.width, grey.height)
}
