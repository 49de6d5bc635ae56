//! Sheets of Excel as HTML: cells with what is shown in them, and the links that a list
//! behind them gives to some. Nothing is computed: a cell shows what was last stored.

use std::collections::HashMap;

use super::field;
use super::markup::Markup;
use super::relations::Relations;
use super::xml::{Event, Events, Tag};

/// Links of one sheet.
const LINKS_MAX: usize = 10_000;

/// The texts that all sheets share, by their number: at most `bytes_max` octets.
pub(super) fn shared(xml: &str, bytes_max: usize) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let (mut bytes, mut phonetic, mut depth, mut text_at) = (0, 0, 0_usize, 0);
    for event in Events::new(xml) {
        match event {
            Event::Start(tag) => {
                depth += 1;
                match tag.name {
                    "si" if bytes < bytes_max => all.push(String::new()),
                    "si" => break,
                    "rPh" if phonetic == 0 => phonetic = depth,
                    "t" => text_at = depth,
                    _ => {}
                }
            }
            Event::End => {
                phonetic = if phonetic == depth { 0 } else { phonetic };
                text_at = if text_at == depth { 0 } else { text_at };
                depth = depth.saturating_sub(1);
            }
            Event::Text(text) => {
                if let Some(last) = all.last_mut().filter(|_| text_at > 0 && phonetic == 0) {
                    // An empty text takes room too.
                    bytes += text.len() + size_of::<String>();
                    last.push_str(&text);
                }
            }
        }
    }
    all
}

/// Adds the cells of `part` to `out`.
pub(super) fn write(
    xml: &str,
    part: &str,
    shared: &[String],
    relations: &mut Relations,
    out: &mut Markup,
) {
    let links = links(xml, part, relations);
    let mut cell = Cell::default();
    let (mut depth, mut inside) = (0_usize, 0);
    let mut what = "";
    for event in Events::new(xml) {
        if out.full {
            break;
        }
        match event {
            Event::Start(tag) => {
                depth += 1;
                match tag.name {
                    "row" => out.tag("<p>"),
                    "c" => {
                        cell = Cell::new(&tag);
                        inside = depth;
                    }
                    "v" | "t" | "f" => what = tag.name,
                    _ => {}
                }
            }
            Event::End => {
                what = "";
                if depth == inside {
                    cell.write(shared, &links, out);
                    inside = 0;
                }
                depth = depth.saturating_sub(1);
            }
            Event::Text(text) if inside > 0 => match what {
                "v" | "t" => cell.value.push_str(&text),
                "f" => cell.formula.push_str(&text),
                _ => {}
            },
            Event::Text(_) => {}
        }
    }
    for link in links.into_values().filter(|link| !link.placed.get()) {
        link.write(&link.display, out);
    }
}

#[derive(Default)]
struct Cell {
    reference: String,
    /// Its value is the number of a shared text.
    shared: bool,
    value: String,
    formula: String,
}

impl Cell {
    fn new(tag: &Tag<'_>) -> Self {
        Self {
            reference: tag.attribute("r").unwrap_or_default().into_owned(),
            shared: tag.attribute("t").as_deref() == Some("s"),
            ..Self::default()
        }
    }

    fn write(&self, shared: &[String], links: &HashMap<String, Link>, out: &mut Markup) {
        let value = if self.shared {
            let number = self.value.trim().parse::<usize>().ok();
            number.and_then(|number| shared.get(number)).map_or("", String::as_str)
        } else {
            self.value.as_str()
        };
        if let Some(link) = links.get(&self.reference) {
            link.placed.set(true);
            link.write(value, out);
        } else if let Some(url) = field::formula(&self.formula) {
            Link { url, ..Link::default() }.write(value, out);
        } else {
            out.text(value);
        }
        out.tag(" ");
    }
}

/// A link that a sheet gives to a cell.
#[derive(Debug, Default)]
struct Link {
    url: String,
    display: String,
    placed: std::cell::Cell<bool>,
}

impl Link {
    fn write(&self, text: &str, out: &mut Markup) {
        out.open("a", "href", &self.url);
        out.text(if text.is_empty() { &self.display } else { text });
        out.tag("</a>");
    }
}

fn links(xml: &str, part: &str, relations: &mut Relations) -> HashMap<String, Link> {
    let mut links = HashMap::new();
    for event in Events::new(xml) {
        let Event::Start(tag) = event else { continue };
        if tag.name != "hyperlink" || links.len() >= LINKS_MAX {
            continue;
        }
        let id = tag.attribute("id").unwrap_or_default();
        let Some(url) = relations.follow(part, &id) else { continue };
        let cell = tag.attribute("ref").unwrap_or_default();
        let first = cell.split(':').next().unwrap_or_default().to_owned();
        let display = tag.attribute("display").or_else(|| tag.attribute("tooltip"));
        let display = display.unwrap_or_default().into_owned();
        links.insert(first, Link { url, display, ..Link::default() });
    }
    links
}

#[cfg(test)]
mod tests {
    use super::{shared, write};
    use crate::container::office::markup::Markup;
    use crate::container::office::relations::Relations;

    fn html(xml: &str, texts: &[String]) -> String {
        let mut relations = Relations::default();
        let rels = "<Relationship Id='r1' Type='x/hyperlink' TargetMode='External' \
                    Target='https://a.example/'/>";
        relations.add("xl/worksheets/_rels/sheet1.xml.rels", rels);
        let mut out = Markup::new(1_000);
        write(xml, "xl/worksheets/sheet1.xml", texts, &mut relations, &mut out);
        out.finish()
    }

    #[test]
    fn shared_texts_are_joined_of_their_runs() {
        let xml = "<sst><si><t>One</t></si><si><r><t>Tw</t></r><r><t>o</t></r><rPh><t>x</t></rPh></si>\
                   <si/></sst>";
        assert_eq!(shared(xml, 1_000), ["One", "Two", ""]);
        assert_eq!(shared(xml, 1).len(), 1);
    }

    #[test]
    fn cells_show_their_text_and_link() {
        let texts = ["Invoice".to_owned(), "Open".to_owned()];
        let sheet = "<row><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c>\
                     <c r='C1'><f>HYPERLINK(\"https://f.example/\",\"x\")</f><v>F</v></c>\
                     <c r='D1' t='inlineStr'><is><t>in &amp; line</t></is></c><c r='E1' t='s'><v>9</v></c></row>\
                     <hyperlinks><hyperlink ref='B1:C2' r:id='r1'/><hyperlink ref='Z9' r:id='r1' display='far'/>\
                     </hyperlinks>";
        assert_eq!(
            html(sheet, &texts),
            "<p>Invoice <a href=\"https://a.example/\">Open</a> <a href=\"https://f.example/\">F</a> \
             in &amp; line  <a href=\"https://a.example/\">far</a>"
        );
    }

    #[test]
    fn a_sheet_without_end_is_bounded() {
        assert!(html(&"<c r='A1'><v>12345".repeat(10_000), &[]).len() <= 1_000);
    }
}
