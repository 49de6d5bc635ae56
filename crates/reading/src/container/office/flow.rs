//! Running text of Word, PowerPoint, Visio and OpenDocument as HTML: paragraphs,
//! anchors (relationships, fields, links of shapes) and pictures. What is hidden, struck out
//! or only remembered from an earlier version is text too.

use super::field::{self, Field};
use super::markup::Markup;
use super::relations::Relations;
use super::xml::{Event, Events, Tag};

/// Octets of a field's instruction that are kept.
const INSTRUCTION_BYTES_MAX: usize = 8 << 10;
/// Fields within one another.
const FIELDS_MAX: usize = 32;
/// Elements within one another whose end matters.
const OPEN_MAX: usize = 256;

/// What the end of an element does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AtEnd {
    /// Its text counts no more.
    Text,
    Anchor,
    Paragraph,
    /// A run, a shape: links given within it last as long.
    Run,
    Shape,
    Instruction,
}

/// Adds the text of `part` to `out`.
pub(super) fn write(xml: &str, part: &str, relations: &mut Relations, out: &mut Markup) {
    let mut flow = Flow {
        part,
        relations,
        out,
        // OpenDocument writes text right into its paragraphs.
        open_document: !part.contains('/'),
        depth: 0,
        open: Vec::new(),
        texts: 0,
        next_link: None,
        fields: Vec::new(),
        in_instruction: false,
        alt: String::new(),
    };
    for event in Events::new(xml) {
        if flow.out.full {
            break;
        }
        match event {
            Event::Start(tag) => flow.start(tag),
            Event::End => flow.end(),
            Event::Text(text) => flow.text(&text),
        }
    }
    flow.out.tag("</a>\n");
}

struct Flow<'f> {
    part: &'f str,
    relations: &'f mut Relations,
    out: &'f mut Markup,
    open_document: bool,
    /// Elements around.
    depth: usize,
    /// Depths at whose end something is done.
    open: Vec<(usize, AtEnd)>,
    /// Elements around whose text counts.
    texts: usize,
    /// The link of the run that is being read, whose text comes.
    next_link: Option<String>,
    /// Fields that have begun, outermost first.
    fields: Vec<Begun>,
    in_instruction: bool,
    /// What describes the picture that comes.
    alt: String,
}

/// A field that has begun.
#[derive(Default)]
struct Begun {
    instruction: String,
    /// Its instruction is whole; what is shown for it comes.
    shown: bool,
    anchor: bool,
}

impl Flow<'_> {
    fn start(&mut self, tag: Tag<'_>) {
        self.depth += 1;
        match tag.name {
            "p" | "h" => {
                self.out.tag("<p>");
                self.at_end(AtEnd::Paragraph);
                if self.open_document {
                    self.text_begins();
                }
            }
            "t" | "delText" if !self.open_document => self.run_text(),
            "r" | "fld" => self.at_end(AtEnd::Run),
            "br" | "cr" | "line-break" | "tr" | "table-row" => self.out.tag("<br>"),
            "tab" | "tc" | "s" | "table-cell" => self.out.tag(" "),
            "hyperlink" => self.relation(&tag),
            "hlinkClick" | "hlinkHover" | "hlinkMouseOver" => self.click(&tag),
            "sp" | "pic" | "drawing" | "graphicFrame" | "cxnSp" | "pict" | "frame" => {
                self.at_end(AtEnd::Shape);
            }
            "docPr" | "cNvPr" => {
                let alt = tag.attribute("descr").or_else(|| tag.attribute("title"));
                self.alt = alt.unwrap_or_default().into_owned();
            }
            "blip" | "imagedata" | "image" => self.picture(&tag),
            "instrText" => {
                self.in_instruction = true;
                self.at_end(AtEnd::Instruction);
            }
            "fldChar" => self.field_mark(&tag),
            "fldSimple" => self.simple_field(&tag),
            _ => self.address(&tag),
        }
    }

    fn end(&mut self) {
        while self.open.last().is_some_and(|(depth, _)| *depth >= self.depth) {
            match self.open.pop() {
                Some((_, AtEnd::Text)) => self.texts -= 1,
                Some((_, AtEnd::Anchor)) => self.out.tag("</a>"),
                Some((_, AtEnd::Paragraph)) => self.out.tag("</p>"),
                Some((_, AtEnd::Run)) => self.next_link = None,
                Some((_, AtEnd::Instruction)) => self.in_instruction = false,
                Some((_, AtEnd::Shape)) | None => {}
            }
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn text(&mut self, text: &str) {
        if self.in_instruction {
            if let Some(field) = self.fields.last_mut().filter(|field| !field.shown)
                && field.instruction.len() < INSTRUCTION_BYTES_MAX
            {
                field.instruction.push_str(text);
            }
        } else if self.texts > 0 {
            self.out.text(text);
        }
    }

    fn at_end(&mut self, what: AtEnd) {
        self.at_end_of(self.depth, what);
    }

    /// Remembers what the end of the element at `depth` does, behind what ends sooner.
    fn at_end_of(&mut self, depth: usize, what: AtEnd) {
        if self.open.len() < OPEN_MAX {
            let at = self.open.partition_point(|(open, _)| *open <= depth);
            self.open.insert(at, (depth, what));
        }
    }

    fn text_begins(&mut self) {
        let before = self.open.len();
        self.at_end(AtEnd::Text);
        self.texts += self.open.len() - before;
    }

    fn run_text(&mut self) {
        if let Some(url) = self.next_link.take() {
            self.anchor(&url, self.depth);
        }
        self.text_begins();
    }

    fn anchor(&mut self, url: &str, depth: usize) {
        self.out.open("a", "href", url);
        self.at_end_of(depth, AtEnd::Anchor);
    }

    /// An element that names a relationship, and is a link until its end.
    fn relation(&mut self, tag: &Tag<'_>) {
        let id = tag.attribute("id").unwrap_or_default();
        if let Some(url) = self.relations.follow(self.part, &id) {
            self.anchor(&url, self.depth);
        } else {
            self.address(tag);
        }
    }

    /// The link of a run, whose text is still to come, or of the shape around.
    fn click(&mut self, tag: &Tag<'_>) {
        let id = tag.attribute("id").unwrap_or_default();
        let Some(url) = self.relations.follow(self.part, &id) else { return };
        let around = self.open.iter().rev();
        let mut around = around.filter(|(_, what)| matches!(what, AtEnd::Run | AtEnd::Shape));
        match around.next() {
            Some((_, AtEnd::Run)) => self.next_link = Some(url),
            Some((depth, _)) => self.anchor(&url, *depth),
            None => {
                self.out.open("a", "href", &url);
                self.out.tag("</a>");
            }
        }
    }

    /// A picture; one that is loaded from elsewhere is a link.
    fn picture(&mut self, tag: &Tag<'_>) {
        self.out.open("img", "alt", &std::mem::take(&mut self.alt));
        for attribute in ["link", "id", "href"] {
            let Some(value) = tag.attribute(attribute) else { continue };
            let url = self.relations.follow(self.part, &value);
            if let Some(url) = url.or_else(|| Some(value.into_owned()).filter(|v| is_address(v))) {
                self.out.open("img", "src", &url);
            }
        }
    }

    fn field_mark(&mut self, tag: &Tag<'_>) {
        match tag.attribute("fldCharType").as_deref() {
            Some("begin") if self.fields.len() < FIELDS_MAX => self.fields.push(Begun::default()),
            Some("separate") => self.field_shown(),
            Some("end") => {
                // One whose shown text was left out leads somewhere too.
                self.field_shown();
                if self.fields.pop().is_some_and(|field| field.anchor) {
                    self.out.tag("</a>");
                }
            }
            _ => {}
        }
    }

    /// What is shown for the innermost field begins.
    fn field_shown(&mut self) {
        let Some(field) = self.fields.last_mut().filter(|field| !field.shown) else { return };
        field.shown = true;
        let meant = field::instruction(&field.instruction);
        field.anchor = matches!(meant, Some(Field::Link(_)));
        match meant {
            Some(Field::Link(url)) => self.out.open("a", "href", &url),
            Some(Field::Picture(url)) => self.out.open("img", "src", &url),
            None => {}
        }
    }

    /// A field that is an element.
    fn simple_field(&mut self, tag: &Tag<'_>) {
        match field::instruction(&tag.attribute("instr").unwrap_or_default()) {
            Some(Field::Link(url)) => self.anchor(&url, self.depth),
            Some(Field::Picture(url)) => self.out.open("img", "src", &url),
            None => {}
        }
    }

    /// Shapes and texts that carry an address themselves.
    fn address(&mut self, tag: &Tag<'_>) {
        if let Some(url) = tag.attribute("href").filter(|url| is_address(url)) {
            self.anchor(&url, self.depth);
        }
        if let Some(url) = tag.attribute("formula").and_then(|formula| field::formula(&formula)) {
            self.anchor(&url, self.depth);
        }
    }
}

fn is_address(value: &str) -> bool {
    value.contains("://") || value.starts_with("//")
}

#[cfg(test)]
mod tests;
