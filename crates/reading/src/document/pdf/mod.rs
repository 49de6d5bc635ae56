//! PDF: what can be clicked, what is written and what is drawn on its pages. No
//! script is run, no form filled, no file in it opened. Whatever is unpacked is
//! charged to the budget, and a stream that would exceed it is left out.

mod actions;
mod content;
mod fonts;
mod images;
mod raster;
mod resources;
mod scans;

use std::collections::HashMap;

use lopdf::{Document as Pdf, LoadOptions, ObjectId};

use self::content::Page;
use super::picture::codes;
use super::{Document, picture, screenshot};
use crate::findings::Findings;
use crate::text::find_links_of;
use crate::{DefectKind, LinkKind};

/// Octets of a document that is read.
const BYTES_MAX: usize = 32 << 20;
/// Objects of a document that is read.
const OBJECTS_MAX: usize = 300_000;
/// Pages that are read.
const PAGES_MAX: usize = 200;
/// Octets that one stream may become.
const STREAM_BYTES_MAX: usize = 16 << 20;
/// Octets that one page's content may become.
const PAGE_BYTES_MAX: usize = 8 << 20;

/// Reads a PDF; its text is returned.
pub(super) fn read(findings: &mut Findings<'_>, document: &Document) -> String {
    match load(findings, document) {
        Ok(pdf) => Reader { findings, document, pdf: &pdf, images: HashMap::new() }.read(),
        Err((kind, why)) => {
            let detail = format!("{}: {why}", document.label());
            findings.defect(kind, &document.part, detail);
            String::new()
        }
    }
}

fn load(findings: &mut Findings<'_>, document: &Document) -> Result<Pdf, (DefectKind, String)> {
    let bytes = &document.bytes;
    if bytes.len() > BYTES_MAX {
        return Err((
            DefectKind::LimitReached,
            format!("{} octets are too many to read", bytes.len()),
        ));
    }
    // Streams of objects are unpacked while loading, so all together share what is left.
    let streams = bytes.windows(7).filter(|seven| *seven == b"/ObjStm").count() + 1;
    let most = (findings.budget.inflatable() / streams).min(STREAM_BYTES_MAX);
    let open = |password: Option<String>| {
        let options = LoadOptions::with_max_decompressed_size(most);
        Pdf::load_mem_with_options(bytes, LoadOptions { password, ..options })
            .map_err(|error| (DefectKind::Unread, format!("it can't be read: {error}")))
    };
    let mut pdf = open(None)?;
    if pdf.is_encrypted() {
        let words = &findings.passwords;
        let word = words.iter().find(|word| pdf.authenticate_password(word).is_ok()).cloned();
        if let Some(word) = word {
            findings.budget.inflated(bytes.len().min(most));
            pdf = open(Some(word))?;
        }
    }
    if pdf.is_encrypted() {
        return Err((DefectKind::Unread, "it needs a password".to_owned()));
    }
    if pdf.objects.len() > OBJECTS_MAX {
        let why = format!("{} objects are too many to read", pdf.objects.len());
        return Err((DefectKind::LimitReached, why));
    }
    findings.budget.inflated(bytes.len().min(most));
    Ok(pdf)
}

#[cfg(any(test, fuzzing))]
pub(super) fn scanned_pixels(findings: &mut Findings<'_>, data: &[u8]) -> [usize; 2] {
    let (setting, content) = data.split_first().unwrap_or((&0, &[]));
    let mut stream = lopdf::Stream::new(lopdf::Dictionary::new(), Vec::new());
    let mut parameters = lopdf::Dictionary::new();
    parameters.set("K", i64::from(setting % 3) - 1);
    parameters.set("Columns", 1 + i64::from(setting / 2));
    parameters.set("EndOfLine", setting & 1 == 1);
    parameters.set("EncodedByteAlign", setting & 2 == 2);
    stream.dict.set("DecodeParms", parameters);
    let fax = scans::fax(findings, &Pdf::new(), &stream, content, 100);
    let jbig2 = scans::jbig2(findings, content);
    [fax, jbig2].map(|image| image.map_or(0, |image| image.pixels.len()))
}

/// The state of reading one document.
struct Reader<'r, 'l> {
    findings: &'r mut Findings<'l>,
    document: &'r Document,
    pdf: &'r Pdf,
    /// Images by the first page that uses them.
    images: HashMap<ObjectId, usize>,
}

impl Reader<'_, '_> {
    fn read(mut self) -> String {
        let name = self.document.name.clone().unwrap_or_else(|| "a PDF".to_owned());
        self.findings.within.push(name);
        let mut texts = Vec::new();
        let pages: Vec<_> = self.pdf.page_iter().take(PAGES_MAX + 1).collect();
        for (index, page) in pages.iter().take(PAGES_MAX).enumerate() {
            self.findings.within.push(format!("page {}", index + 1));
            texts.push(self.page(*page, index));
            self.findings.within.pop();
        }
        if pages.len() > PAGES_MAX {
            let detail = format!("more than {PAGES_MAX} pages; the rest is not read");
            self.defect(DefectKind::LimitReached, &detail);
        }
        // What no page leads to may still be opened: by the outline, a script, a later page.
        let found: Vec<_> = self.pdf.objects.values().flat_map(actions::of).collect();
        for action in found {
            self.act(&action);
        }
        texts.extend(self.all_images());
        self.findings.within.pop();
        texts.retain(|text| !text.is_empty());
        texts.join("\n")
    }

    fn page(&mut self, page: ObjectId, index: usize) -> String {
        for annotation in self.pdf.get_page_annotations(page).unwrap_or_default() {
            for action in actions::of_dictionary(annotation) {
                self.act(&action);
            }
            let action = annotation.get(b"A").ok().and_then(|a| self.pdf.dereference(a).ok());
            for action in action.map(|(_, object)| actions::of(object)).unwrap_or_default() {
                self.act(&action);
            }
        }
        let Some(content) = self.page_content(page) else {
            return String::new();
        };
        let resources = resources::of_page(self.pdf, page);
        let mut state = Page::new(self.pdf, self.findings.budget.inflatable());
        state.run(&content, &resources, 0);
        for id in &state.images {
            self.images.entry(*id).or_insert(index);
        }
        self.findings.budget.inflated(state.inflated);
        let mut texts = vec![self.text(&state.text())];
        for image in &state.inline_images {
            texts.push(self.image(image));
        }
        if let Some(drawn) = state.raster.draw() {
            let (width, height) = (size(drawn.width), size(drawn.height));
            if picture::charge(self.findings, width, height).is_ok() {
                texts.push(codes(self.findings, &drawn, self.document));
            }
        }
        texts.retain(|text| !text.is_empty());
        texts.join("\n")
    }

    fn page_content(&mut self, page: ObjectId) -> Option<Vec<u8>> {
        let most = self.findings.budget.inflatable().min(PAGE_BYTES_MAX);
        match self.pdf.get_page_content_with_limit(page, most) {
            Ok(content) => {
                self.findings.budget.inflated(content.len());
                Some(content)
            }
            Err(error) => {
                // What was unpacked before the bound was reached is work all the same.
                self.findings.budget.inflated(most);
                self.defect(DefectKind::LimitReached, &format!("a page is not read: {error}"));
                None
            }
        }
    }

    fn text(&mut self, text: &str) -> String {
        let text = self.findings.take_text(text, &self.document.part).to_owned();
        let place = (self.document.part.as_str(), 0);
        find_links_of(self.findings, &text, LinkKind::Text, place, self.document.message);
        text
    }

    fn act(&mut self, action: &actions::Action) {
        let place = (self.document.part.as_str(), 0);
        let message = self.document.message;
        match action {
            actions::Action::Open(url) => {
                self.findings.sight_document(url, LinkKind::PdfAnnotation, place.0, message);
            }
            actions::Action::Submit(url) => {
                self.findings.sight_document(url, LinkKind::Form, place.0, message);
            }
            actions::Action::Script(script) => {
                find_links_of(self.findings, script, LinkKind::PdfAnnotation, place, message);
            }
        }
    }

    /// Codes in every image, whether a page shows it or not.
    fn all_images(&mut self) -> Vec<String> {
        let mut found = Vec::new();
        for (id, object) in &self.pdf.objects {
            let Some(stream) = object.as_stream().ok().filter(|s| images::is_image(s)) else {
                continue;
            };
            let page = self.images.get(id).map(|index| format!("page {}", index + 1));
            self.findings.within.push(page.unwrap_or_else(|| "an image".to_owned()));
            found.push(self.image(stream));
            self.findings.within.pop();
        }
        found
    }

    fn image(&mut self, stream: &lopdf::Stream) -> String {
        match images::decode(self.findings, self.pdf, stream) {
            Ok(Some(grey)) => {
                let text = codes(self.findings, &grey, self.document);
                // A scanned page is an image too.
                let seen = !text.is_empty() || self.findings.eyes.is_none();
                if seen { text } else { screenshot::read(self.findings, &grey, self.document) }
            }
            Ok(None) => String::new(),
            Err(refusal) => {
                let (kind, why) = refusal.into_defect();
                self.defect(kind, &format!("an image: {why}"));
                String::new()
            }
        }
    }

    fn defect(&mut self, kind: DefectKind, why: &str) {
        let detail = format!("{}: {why}", self.document.label());
        self.findings.defect_once(kind, &self.document.part, detail);
    }
}

fn size(side: usize) -> u32 {
    u32::try_from(side).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
