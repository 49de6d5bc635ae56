//! Fonts: from the octets of a string to text, and how wide it is.

use std::cell::OnceCell;
use std::collections::HashMap;

use lopdf::{Dictionary, Document as Pdf, Encoding, Object};

/// Octets that a font's table of characters may become.
const TABLE_BYTES_MAX: usize = 1 << 20;
/// The width of a character of which none is told, in thousandths of the size.
const WIDTH: f32 = 500.0;

/// A font, whose table is made when it is first used.
pub(super) struct Font {
    dictionary: Dictionary,
    first: usize,
    widths: Vec<f32>,
    /// Codes take two octets.
    wide: bool,
    table: OnceCell<Table>,
}

/// Codes to text.
struct Table {
    known: HashMap<u16, String>,
}

impl Font {
    pub(super) fn new(pdf: &Pdf, font: &Dictionary) -> Self {
        let mut dictionary = font.clone();
        let table = font.get(b"ToUnicode").ok().and_then(|table| pdf.dereference(table).ok());
        // The table of characters tells best; without it, the encoding does.
        if table.is_some_and(|(_, table)| table.as_stream().is_ok()) {
            dictionary.remove(b"Encoding");
        }
        let first = font.get(b"FirstChar").and_then(Object::as_i64).unwrap_or_default();
        let widths = font.get(b"Widths").ok().and_then(|widths| pdf.dereference(widths).ok());
        let widths = widths.and_then(|(_, widths)| widths.as_array().ok());
        let width = |object: &Object| object.as_float().unwrap_or(WIDTH);
        Self {
            dictionary,
            first: usize::try_from(first).unwrap_or_default(),
            widths: widths.map(|all| all.iter().take(256).map(width).collect()).unwrap_or_default(),
            wide: matches!(font.get(b"Subtype").and_then(Object::as_name), Ok(b"Type0")),
            table: OnceCell::new(),
        }
    }

    /// The text of a string in this font.
    pub(super) fn text(&self, pdf: &Pdf, bytes: &[u8]) -> String {
        let table = self.table.get_or_init(|| self.make_table(pdf));
        let known = |code: u16| table.known.get(&code).map_or("", String::as_str);
        if self.wide {
            let pairs = bytes.chunks_exact(2);
            return pairs.map(|pair| known(u16::from_be_bytes([pair[0], pair[1]]))).collect();
        }
        bytes.iter().map(|b| known(u16::from(*b))).collect()
    }

    fn make_table(&self, pdf: &Pdf) -> Table {
        let mut known = HashMap::new();
        let Ok(encoding) = self.dictionary.get_font_encoding_with_limit(pdf, TABLE_BYTES_MAX)
        else {
            return Table { known };
        };
        // Without a table, two octets are numbers of glyphs, which say nothing.
        let codes = match encoding {
            Encoding::UnicodeMapEncoding(_) if self.wide => u16::MAX,
            _ if self.wide => return Table { known },
            _ => u16::from(u8::MAX),
        };
        for code in 0..=codes {
            let [high, low] = code.to_be_bytes();
            let text = if self.wide {
                encoding.bytes_to_string(&[high, low])
            } else {
                encoding.bytes_to_string(&[low])
            };
            match text {
                Ok(text) if !text.is_empty() && !text.contains(['\u{fffd}', '\0']) => {
                    known.insert(code, text);
                }
                _ => {}
            }
        }
        Table { known }
    }

    /// The width of a string, in thousandths of the font's size.
    pub(super) fn width(&self, bytes: &[u8]) -> f32 {
        if self.wide || self.widths.is_empty() {
            let count = if self.wide { bytes.len() / 2 } else { bytes.len() };
            return WIDTH * f32::from(u16::try_from(count).unwrap_or(u16::MAX));
        }
        let own = |b: &u8| usize::from(*b).checked_sub(self.first).and_then(|n| self.widths.get(n));
        bytes.iter().map(|b| own(b).copied().unwrap_or(WIDTH)).sum()
    }
}
