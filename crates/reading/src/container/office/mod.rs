//! Office documents that are ZIP archives (docx, xlsx, pptx, OpenDocument): their text with
//! its links as HTML, their pictures, and files within them. No macro is read, nothing
//! computed; a document behind a password is another format, and not opened.

mod field;
mod flow;
mod markup;
mod relations;
mod sheet;
mod xml;

use self::markup::Markup;
use self::relations::{Relation, Relations};
use super::zip::{self, Entry, Listing};
use crate::DefectKind;

/// Files of a document that are unpacked.
const FILES_MAX: usize = 600;
/// Octets that one of them may become.
const FILE_BYTES_MAX: usize = 16 << 20;
/// Pictures of a document that are looked at, and files within it that are read.
const PICTURES_MAX: usize = 32;
const EMBEDDED_MAX: usize = 32;

/// What a document holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Office {
    /// Its text with anchors.
    pub(crate) html: String,
    /// Pictures: name and content.
    pub(crate) pictures: Vec<(String, Vec<u8>)>,
    /// Files within it: name and content.
    pub(crate) embedded: Vec<(String, Vec<u8>)>,
    pub(crate) problems: Vec<(DefectKind, String)>,
    /// Octets that were unpacked.
    pub(crate) inflated: usize,
}

/// Whether an archive that lists this is a document.
pub(crate) fn is_office(listing: &Listing) -> bool {
    let mut names = listing.entries.iter().map(|entry| entry.member.name.as_str());
    let has = |wanted: &str| listing.entries.iter().any(|entry| entry.member.name == wanted);
    let parts = ["word/", "xl/", "ppt/", "visio/"];
    (has("[Content_Types].xml") && names.any(|name| parts.iter().any(|p| name.starts_with(p))))
        || (has("mimetype") && has("content.xml"))
}

/// Reads a document; at most `inflated_max` octets are unpacked and `text_max` of text made.
pub(crate) fn read(bytes: &[u8], inflated_max: usize, text_max: usize) -> Office {
    let listing = zip::list(bytes);
    let mut package = Package { bytes, left: inflated_max, files: 0, found: Office::default() };
    let mut entries: Vec<_> = listing.entries.iter().collect();
    entries.sort_by_key(|entry| rank(&entry.member.name));
    let mut relations = Relations::default();
    for entry in entries.iter().filter(|entry| entry.member.name.ends_with(".rels")) {
        let xml = package.text(entry);
        relations.add(&entry.member.name, &xml);
    }
    let mut out = Markup::new(text_max);
    package.texts(&entries, &mut relations, &mut out);
    for relation in relations.left() {
        write_left(relation, &mut out);
    }
    if out.full {
        let why = format!("its text is longer than {text_max} octets; the rest is not read");
        package.found.problems.push((DefectKind::LimitReached, why));
    }
    package.files(&entries);
    package.found.html = out.finish();
    package.found.inflated = inflated_max - package.left;
    package.found
}

/// One part as HTML, for a fuzzer, which gets to no part through DEFLATE.
#[cfg(any(test, fuzzing))]
pub(crate) fn part_as_html(name: &str, xml: &str, text_max: usize) -> String {
    let mut relations = Relations::default();
    relations.add("word/_rels/document.xml.rels", xml);
    let mut out = Markup::new(text_max);
    if name.starts_with("xl/") {
        let shared = sheet::shared(xml, text_max);
        sheet::write(xml, name, &shared, &mut relations, &mut out);
    } else {
        flow::write(xml, name, &mut relations, &mut out);
    }
    out.finish()
}

/// An address that no text names: it is loaded, or its text was lost.
fn write_left(relation: &Relation, out: &mut Markup) {
    match relation.kind.as_str() {
        "hyperlink" => {
            out.open("a", "href", &relation.target);
            out.tag("</a>");
        }
        "image" => out.open("img", "src", &relation.target),
        // A template, a frame, an object: the program fetches it when the document opens.
        _ => out.open("link", "href", &relation.target),
    }
}

/// A document that is being unpacked.
struct Package<'b> {
    bytes: &'b [u8],
    left: usize,
    files: usize,
    found: Office,
}

impl Package<'_> {
    fn texts(&mut self, entries: &[&Entry], relations: &mut Relations, out: &mut Markup) {
        let named = |wanted: &str| entries.iter().find(|entry| entry.member.name == wanted);
        let mut shared = Vec::new();
        if let Some(entry) = named("xl/sharedStrings.xml") {
            let xml = self.text(entry);
            shared = sheet::shared(&xml, FILE_BYTES_MAX);
        }
        for entry in entries {
            let name = entry.member.name.as_str();
            if !is_text(name) || out.full {
                continue;
            }
            let xml = self.text(entry);
            if name.starts_with("xl/worksheets/") {
                sheet::write(&xml, name, &shared, relations, out);
            } else {
                flow::write(&xml, name, relations, out);
            }
        }
    }

    /// Pictures and files within the document.
    fn files(&mut self, entries: &[&Entry]) {
        for entry in entries {
            let name = &entry.member.name;
            let short = name.rsplit('/').next().unwrap_or(name).to_owned();
            if name.contains("media/") || name.starts_with("Pictures/") {
                if self.found.pictures.len() < PICTURES_MAX {
                    let picture = self.unpack(entry);
                    self.found.pictures.push((short, picture));
                }
            } else if name.contains("embeddings/") || name.contains("afchunk") {
                if self.found.embedded.len() < EMBEDDED_MAX {
                    let file = self.unpack(entry);
                    self.found.embedded.push((short, file));
                }
            } else if name.ends_with("vbaProject.bin") {
                let why = "it holds macros, which are not read".to_owned();
                self.found.problems.push((DefectKind::Unread, why));
            }
        }
    }

    fn text(&mut self, entry: &Entry) -> String {
        let bytes = self.unpack(entry);
        let utf16 = encoding_rs::Encoding::for_bom(&bytes);
        utf16.map_or_else(
            || String::from_utf8_lossy(&bytes).into_owned(),
            |(encoding, _)| encoding.decode(&bytes).0.into_owned(),
        )
    }

    fn unpack(&mut self, entry: &Entry) -> Vec<u8> {
        self.files += 1;
        if self.files > FILES_MAX {
            if self.files == FILES_MAX + 1 {
                let why = format!("it holds more than {FILES_MAX} files; the rest is not read");
                self.found.problems.push((DefectKind::LimitReached, why));
            }
            return Vec::new();
        }
        let unpacked = zip::unpack(self.bytes, entry, self.left.min(FILE_BYTES_MAX));
        self.left -= unpacked.bytes.len();
        if let Some(problem) = unpacked.problem {
            let why = format!("{:?}: {problem}", entry.member.name);
            self.found.problems.push((DefectKind::Unread, why));
        }
        unpacked.bytes
    }
}

/// Whether a file holds text that is shown: not styles, themes or settings.
fn is_text(name: &str) -> bool {
    const NOT: [&str; 14] = [
        "styles.xml",
        "settings.xml",
        "webSettings.xml",
        "fontTable.xml",
        "numbering.xml",
        "sharedStrings.xml",
        "workbook.xml",
        "presentation.xml",
        "presProps.xml",
        "viewProps.xml",
        "tableStyles.xml",
        "calcChain.xml",
        "meta.xml",
        "people.xml",
    ];
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let office = ["word", "xl", "ppt", "visio"].iter().any(|part| folder.starts_with(part));
    let open_document = name == "content.xml" || name == "styles.xml";
    (office && file.ends_with(".xml") && !folder.ends_with("theme") && !NOT.contains(&file))
        || open_document
}

/// What a reader sees first comes first; of one kind, in the order of their numbers.
fn rank(name: &str) -> (usize, usize, &str) {
    const FIRST: [&str; 5] =
        ["word/document.xml", "content.xml", "ppt/slides/slide", "xl/worksheets/sheet", "word/"];
    let place = FIRST.iter().position(|first| name.starts_with(first)).unwrap_or(FIRST.len());
    let digits: String = name.chars().filter(char::is_ascii_digit).take(6).collect();
    (place, digits.parse().unwrap_or_default(), name)
}

#[cfg(test)]
pub(crate) mod tests;
