//! From RTF tokens to HTML.

use encoding_rs::{Encoding, WINDOWS_1252};

use super::tokens::{Token, Tokens};
use crate::container::msg::codepage;

/// Groups whose state is remembered; deeper ones share the last.
const GROUPS_MAX: usize = 1_000;
/// Fonts whose charset is remembered.
const FONTS_MAX: usize = 1_000;
/// Octets of a field's instruction that are kept.
const INSTRUCTION_BYTES_MAX: usize = 8 << 10;

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Into {
    /// The document.
    Body,
    /// A tag of the encapsulated HTML.
    Tag,
    /// A field's instruction.
    Instruction,
    /// The table of fonts: its numbers count, its names do not.
    Fonts,
    /// Nowhere.
    Nowhere,
}

/// What a group changes and its end restores.
#[derive(Clone, Copy, Debug)]
struct Group {
    into: Into,
    /// In `\htmlrtf`: for programs that know no HTML.
    rtf_only: bool,
    encoding: &'static Encoding,
    /// Characters after `\uN` that stand for it.
    fallback: usize,
    /// `\*` came, and the next word names a destination that may be unknown.
    optional: bool,
    /// Its end ends an anchor.
    anchor: bool,
    /// It holds a field, whose instruction may name a link.
    field: bool,
}

/// The HTML of an RTF document, at most `bytes_max` octets of it.
pub(crate) fn to_html(rtf: &[u8], bytes_max: usize) -> String {
    let mut converter = Converter::new(bytes_max);
    let mut tokens = Tokens::new(rtf);
    while let Some(token) = tokens.next() {
        if converter.out.len() >= bytes_max {
            break;
        }
        if let Token::Word(b"bin", Some(length)) = token {
            tokens.pass(usize::try_from(length).unwrap_or_default());
        } else {
            converter.take(token);
        }
    }
    converter.flush();
    converter.out
}

struct Converter {
    out: String,
    bytes_max: usize,
    /// Octets in the charset of the group, not yet decoded.
    pending: Vec<u8>,
    group: Group,
    stack: Vec<Group>,
    /// Groups open beyond those remembered.
    deeper: usize,
    from_html: bool,
    default: &'static Encoding,
    fonts: Vec<(i32, &'static Encoding)>,
    font: i32,
    skip: usize,
    instruction: String,
    high_surrogate: Option<u16>,
}

impl Converter {
    fn new(bytes_max: usize) -> Self {
        let group = Group {
            into: Into::Body,
            rtf_only: false,
            encoding: WINDOWS_1252,
            fallback: 1,
            optional: false,
            anchor: false,
            field: false,
        };
        Self {
            out: String::new(),
            bytes_max,
            pending: Vec::new(),
            group,
            stack: Vec::new(),
            deeper: 0,
            from_html: false,
            default: WINDOWS_1252,
            fonts: Vec::new(),
            font: 0,
            skip: 0,
            instruction: String::new(),
            high_surrogate: None,
        }
    }

    fn take(&mut self, token: Token<'_>) {
        match token {
            Token::Open => self.open(),
            Token::Close => self.close(),
            Token::Word(word, number) => self.word(word, number),
            Token::Symbol(symbol) => self.symbol(symbol),
            Token::Hex(byte) => self.octets(&[byte]),
            Token::Text(text) => self.octets(text),
        }
    }

    fn open(&mut self) {
        self.flush();
        self.skip = 0;
        if self.stack.len() < GROUPS_MAX {
            self.stack.push(self.group);
        } else {
            self.deeper += 1;
        }
        self.group.optional = false;
        self.group.anchor = false;
        self.group.field = false;
    }

    fn close(&mut self) {
        self.flush();
        self.skip = 0;
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        if self.group.anchor {
            self.out.push_str("</a>");
        }
        if let Some(outer) = self.stack.pop() {
            self.group = outer;
        }
    }

    fn word(&mut self, word: &[u8], number: Option<i32>) {
        self.flush();
        if self.group.optional {
            self.group.optional = false;
            self.destination(word, true);
            return;
        }
        match word {
            b"u" => self.unicode(number.unwrap_or_default()),
            b"uc" => {
                self.group.fallback = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(16);
            }
            b"htmlrtf" => self.group.rtf_only = number != Some(0),
            b"fromhtml" => self.from_html = true,
            b"ansicpg" => {
                self.default = by_codepage(number);
                self.group.encoding = self.default;
            }
            b"f" => self.font(number.unwrap_or_default()),
            b"fcharset" | b"cpg" if self.group.into == Into::Fonts => {
                self.font_charset(word, number);
            }
            b"plain" => self.group.encoding = self.default,
            b"par" | b"line" | b"row" | b"sect" | b"page" => self.line(),
            b"tab" | b"cell" => self.text("\t"),
            b"lquote" => self.text("\u{2018}"),
            b"rquote" => self.text("\u{2019}"),
            b"ldblquote" => self.text("\u{201c}"),
            b"rdblquote" => self.text("\u{201d}"),
            b"bullet" => self.text("\u{2022}"),
            b"endash" => self.text("\u{2013}"),
            b"emdash" => self.text("\u{2014}"),
            _ => self.destination(word, false),
        }
    }

    /// A word that says where the text of its group goes.
    fn destination(&mut self, word: &[u8], optional: bool) {
        match word {
            b"htmltag" => self.group.into = Into::Tag,
            b"fldinst" => {
                self.instruction.clear();
                self.group.into = Into::Instruction;
            }
            b"field" => self.group.field = true,
            b"fldrslt" => self.field_result(),
            b"fonttbl" => self.group.into = Into::Fonts,
            b"colortbl" | b"stylesheet" | b"info" | b"pict" | b"objdata" | b"filetbl"
            | b"listtable" | b"revtbl" | b"themedata" | b"datastore" | b"xmlnstbl" => {
                self.group.into = Into::Nowhere;
            }
            b"shpinst" | b"shptxt" | b"ud" => {}
            _ if optional && self.group.into != Into::Fonts => self.group.into = Into::Nowhere,
            _ => {}
        }
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'*' => self.group.optional = true,
            b'~' => self.text("\u{a0}"),
            b'_' => self.text("\u{2011}"),
            b'-' => {}
            b'\r' | b'\n' => self.line(),
            b'\\' | b'{' | b'}' => self.octets(&[symbol]),
            _ => {}
        }
    }

    /// `HYPERLINK "url"`, then what is shown for it.
    fn field_result(&mut self) {
        let instruction = std::mem::take(&mut self.instruction);
        self.group.into = Into::Body;
        let words = instruction.trim_start();
        let Some(rest) = words.strip_prefix("HYPERLINK").filter(|_| !self.from_html) else {
            return;
        };
        let url = match rest.split_once('"') {
            Some((_, quoted)) => quoted.split('"').next().unwrap_or_default(),
            None => rest.split_whitespace().next().unwrap_or_default(),
        };
        self.out.push_str("<a href=\"");
        escape(&mut self.out, url);
        self.out.push_str("\">");
        self.group.anchor = true;
    }

    fn font(&mut self, number: i32) {
        self.font = number;
        if self.group.into != Into::Fonts {
            let known = self.fonts.iter().find(|(font, _)| *font == number);
            self.group.encoding = known.map_or(self.default, |(_, encoding)| *encoding);
        }
    }

    fn font_charset(&mut self, word: &[u8], number: Option<i32>) {
        let encoding =
            if word == b"cpg" { by_codepage(number) } else { by_charset(number, self.default) };
        if self.fonts.len() < FONTS_MAX {
            self.fonts.push((self.font, encoding));
        }
    }

    fn unicode(&mut self, number: i32) {
        // Numbers are signed 16-bit; those above the plane come in two.
        let unit = u16::try_from(number & 0xffff).unwrap_or(0xfffd);
        let units = match self.high_surrogate.take() {
            Some(high) => vec![high, unit],
            None if (0xd800..0xdc00).contains(&unit) => {
                self.high_surrogate = Some(unit);
                Vec::new()
            }
            None => vec![unit],
        };
        self.text(&String::from_utf16_lossy(&units));
        self.skip = self.group.fallback;
    }

    fn octets(&mut self, bytes: &[u8]) {
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        self.pending.extend_from_slice(&bytes[skipped..]);
    }

    fn flush(&mut self) {
        if !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            let (text, _) = self.group.encoding.decode_without_bom_handling(&pending);
            self.text(&text);
        }
    }

    fn line(&mut self) {
        if self.from_html {
            self.text("\r\n");
        } else if self.group.into == Into::Body {
            self.flush();
            self.out.push_str("<br>\n");
        }
    }

    fn text(&mut self, text: &str) {
        self.flush();
        match self.group.into {
            Into::Nowhere | Into::Fonts => {}
            Into::Instruction => {
                if self.instruction.len() < INSTRUCTION_BYTES_MAX {
                    self.instruction.push_str(text);
                }
            }
            _ if self.group.rtf_only || self.out.len() >= self.bytes_max => {}
            Into::Tag => self.out.push_str(text),
            Into::Body if self.from_html => self.out.push_str(text),
            Into::Body => escape(&mut self.out, text),
        }
    }
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
}

fn by_codepage(number: Option<i32>) -> &'static Encoding {
    let label = number.and_then(|n| u32::try_from(n).ok()).and_then(codepage);
    label.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(WINDOWS_1252)
}

/// The encoding of a Windows charset number.
fn by_charset(number: Option<i32>, default: &'static Encoding) -> &'static Encoding {
    let page = match number {
        Some(77) => 10_000,
        Some(128) => 932,
        Some(129) => 949,
        Some(134) => 936,
        Some(136) => 950,
        Some(161) => 1253,
        Some(162) => 1254,
        Some(163) => 1258,
        Some(177) => 1255,
        Some(178) => 1256,
        Some(186) => 1257,
        Some(204) => 1251,
        Some(222) => 874,
        Some(238) => 1250,
        _ => return default,
    };
    by_codepage(Some(page))
}

#[cfg(test)]
mod tests;
