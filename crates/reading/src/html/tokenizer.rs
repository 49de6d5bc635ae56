//! Markup to tokens, as a browser splits it (WHATWG HTML, section 13.2.5), without
//! the tree. Every octet is looked at a bounded number of times and nothing recurses:
//! `html5gum` calls itself once for every quoted attribute of a tag, so that one
//! long tag overflows the stack.
//!
//! Left out: the escaped states of scripts, whose content no reader looks at.

use std::borrow::Cow;

use super::attributes::Attributes;
use super::entities;

/// Octets of a tag name that are told apart; longer names are cut.
const NAME_BYTES_MAX: usize = 64;

/// A piece of a document.
pub(super) enum Token<'t> {
    /// Text, with its references resolved.
    Text(Cow<'t, str>),
    /// A start tag, whose attributes are in [`Tokenizer::attributes`].
    Start { name: String, self_closing: bool },
    /// An end tag.
    End(String),
    /// What stands in a comment.
    Comment(&'t str),
}

/// How the text up to the end tag of an element is read.
#[derive(Clone, Copy)]
enum Content {
    Markup,
    /// Up to the end tag of this name; with references, as in a title.
    Text(&'static str, bool),
    Rest,
}

/// A document being split.
pub(super) struct Tokenizer<'t> {
    html: &'t str,
    at: usize,
    content: Content,
    /// Of the last start tag.
    pub(super) attributes: Attributes,
}

impl<'t> Tokenizer<'t> {
    pub(super) fn new(html: &'t str) -> Self {
        Self { html, at: 0, content: Content::Markup, attributes: Attributes::default() }
    }

    /// The next token and the offset of its first octet.
    pub(super) fn next(&mut self) -> Option<(usize, Token<'t>)> {
        loop {
            let start = self.at;
            if start >= self.html.len() {
                return None;
            }
            let token = match std::mem::replace(&mut self.content, Content::Markup) {
                Content::Markup => self.markup(),
                Content::Text(name, references) => self.raw_text(name, references),
                Content::Rest => Some(Token::Text(Cow::Borrowed(self.take(self.html.len())))),
            };
            if let Some(token) = token {
                return Some((start, token));
            }
        }
    }

    fn markup(&mut self) -> Option<Token<'t>> {
        match kind(self.rest()) {
            Kind::Start => self.start_tag(),
            Kind::End => self.end_tag(),
            Kind::Comment => Some(Token::Comment(self.comment())),
            // A declaration, or what browsers call a bogus comment.
            Kind::Bogus => {
                self.skip_past(">");
                None
            }
            Kind::Text => Some(self.text()),
        }
    }

    /// Text up to the next `<` that begins markup.
    fn text(&mut self) -> Token<'t> {
        let mut end = self.at;
        loop {
            // The first octet is text, even where it is a `<`.
            let from = end + 1;
            match self.html.as_bytes()[from..].iter().position(|&b| b == b'<') {
                Some(found) => end = from + found,
                None => end = self.html.len(),
            }
            if end == self.html.len() || !matches!(kind(&self.html[end..]), Kind::Text) {
                break;
            }
        }
        Token::Text(entities::decode(self.take(end), false))
    }

    /// Text up to `</name`, or to the end of all where that never comes.
    fn raw_text(&mut self, name: &str, references: bool) -> Option<Token<'t>> {
        let rest = self.rest();
        let ends = rest.match_indices("</").map(|(at, _)| at);
        let end = ends.into_iter().find(|at| {
            let after = &rest.as_bytes()[at + 2..];
            after.len() >= name.len()
                && after[..name.len()].eq_ignore_ascii_case(name.as_bytes())
                && after.get(name.len()).is_none_or(|b| is_space(*b) || matches!(b, b'/' | b'>'))
        });
        let text = self.take(self.at + end.unwrap_or(rest.len()));
        let text = if references { entities::decode(text, false) } else { Cow::Borrowed(text) };
        (!text.is_empty()).then_some(Token::Text(text))
    }

    fn start_tag(&mut self) -> Option<Token<'t>> {
        self.at += 1;
        let name = self.name();
        self.attributes.clear();
        let self_closing = self.tag_rest(true)?;
        self.content = content(&name);
        Some(Token::Start { name, self_closing })
    }

    fn end_tag(&mut self) -> Option<Token<'t>> {
        self.at += 2;
        let name = self.name();
        self.tag_rest(false)?;
        Some(Token::End(name))
    }

    /// A tag's name in lower case.
    fn name(&mut self) -> String {
        let name = self.take_until(|b| is_space(b) || matches!(b, b'/' | b'>'));
        crate::limits::cut(name, NAME_BYTES_MAX).to_ascii_lowercase()
    }

    /// Attributes and `>`; whether `/` stood before that. `None` where the document
    /// ends within the tag, which is then no tag.
    fn tag_rest(&mut self, keep: bool) -> Option<bool> {
        loop {
            let gap = self.take_until(|b| !is_space(b) && b != b'/');
            match self.peek()? {
                b'>' => {
                    self.at += 1;
                    return Some(gap.ends_with('/'));
                }
                _ => self.attribute(keep)?,
            }
        }
    }

    fn attribute(&mut self, keep: bool) -> Option<()> {
        let from = self.at;
        // A `=` that comes first belongs to the name.
        self.at += usize::from(self.peek() == Some(b'='));
        self.take_until(|b| is_space(b) || matches!(b, b'/' | b'>' | b'='));
        let name = &self.html[from..self.at];
        if keep {
            self.attributes.name(name);
        }
        self.take_until(|b| !is_space(b));
        if self.peek()? != b'=' {
            return Some(());
        }
        self.at += 1;
        self.take_until(|b| !is_space(b));
        let value = match self.peek()? {
            quote @ (b'"' | b'\'') => {
                self.at += 1;
                let value = self.take_until(|b| b == quote);
                self.peek()?;
                self.at += 1;
                value
            }
            b'>' => "",
            _ => self.take_until(|b| is_space(b) || b == b'>'),
        };
        if keep {
            self.attributes.value(value);
        }
        Some(())
    }

    /// What stands between `<!--` and its end.
    fn comment(&mut self) -> &'t str {
        self.at += 4;
        for empty in [">", "->"] {
            if self.rest().starts_with(empty) {
                self.at += empty.len();
                return "";
            }
        }
        let rest = self.rest();
        let end = rest.match_indices("--").find_map(|(at, _)| {
            let after = &rest.as_bytes()[at + 2..];
            let closing = match after {
                [b'>', ..] => 3,
                [b'!', b'>', ..] => 4,
                // `--->` ends a comment too, one hyphen later.
                [b'-', b'>', ..] => 4,
                _ => return None,
            };
            Some((at, closing))
        });
        match end {
            Some((at, closing)) => {
                self.at += at + closing;
                &rest[..at]
            }
            None => self.take(self.html.len()),
        }
    }

    fn rest(&self) -> &'t str {
        &self.html[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.html.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, end: usize) -> &'t str {
        let taken = &self.html[self.at..end];
        self.at = end;
        taken
    }

    /// Takes octets up to the first that `stops`; only ASCII may stop it, or any
    /// first octet of a character.
    fn take_until(&mut self, stops: impl Fn(u8) -> bool) -> &'t str {
        let length = self.rest().bytes().position(stops).unwrap_or(self.rest().len());
        self.take(self.at + length)
    }

    fn skip_past(&mut self, end: &str) {
        self.at = match self.rest().find(end) {
            Some(found) => self.at + found + end.len(),
            None => self.html.len(),
        };
    }
}

/// What begins at the start of `text`.
enum Kind {
    Start,
    End,
    Comment,
    Bogus,
    Text,
}

fn kind(text: &str) -> Kind {
    match text.as_bytes() {
        [b'<', b'!', b'-', b'-', ..] => Kind::Comment,
        [b'<', b'!' | b'?', ..] => Kind::Bogus,
        [b'<', b'/', after, ..] if after.is_ascii_alphabetic() => Kind::End,
        [b'<', b'/', _, ..] => Kind::Bogus,
        [b'<', after, ..] if after.is_ascii_alphabetic() => Kind::Start,
        _ => Kind::Text,
    }
}

/// Elements whose content is no markup. Mail programs run no scripts, so to them
/// `noscript` is markup.
fn content(name: &str) -> Content {
    match name {
        "title" => Content::Text("title", true),
        "textarea" => Content::Text("textarea", true),
        "style" => Content::Text("style", false),
        "script" => Content::Text("script", false),
        "xmp" => Content::Text("xmp", false),
        "iframe" => Content::Text("iframe", false),
        "noembed" => Content::Text("noembed", false),
        "noframes" => Content::Text("noframes", false),
        "plaintext" => Content::Rest,
        _ => Content::Markup,
    }
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

#[cfg(test)]
mod tests;
