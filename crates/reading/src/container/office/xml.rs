//! XML as Office writes it, split into tags and text. Names lose their prefix. It
//! declares no entity, so that nothing can grow, and nothing in it nests for us.

use std::borrow::Cow;

use crate::html::entities;

/// A piece of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event<'x> {
    Start(Tag<'x>),
    End,
    Text(Cow<'x, str>),
}

/// A start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag<'x> {
    /// Without its prefix.
    pub(super) name: &'x str,
    attributes: &'x str,
}

impl<'x> Tag<'x> {
    /// The attribute of this name, whatever its prefix.
    pub(super) fn attribute(&self, wanted: &str) -> Option<Cow<'x, str>> {
        let mut rest = self.attributes;
        while let Some((name, behind)) = rest.split_once('=') {
            let behind = behind.trim_start();
            let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, after) = behind[1..].split_once(quote)?;
            if local(name.trim()) == wanted {
                return Some(entities::decode(value, false));
            }
            rest = after;
        }
        None
    }
}

/// The pieces of a document. An element without content starts and ends.
pub(super) struct Events<'x> {
    rest: &'x str,
    ends: bool,
}

impl<'x> Events<'x> {
    pub(super) fn new(xml: &'x str) -> Self {
        Self { rest: xml, ends: false }
    }

    /// Skips past `end`; all that is left where it never comes.
    fn skip_past(&mut self, end: &str) -> &'x str {
        let (skipped, rest) = self.rest.split_once(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        skipped
    }

    fn tag(&mut self) -> Option<Tag<'x>> {
        let mut quote = None;
        let end = self.rest.bytes().position(|b| match (quote, b) {
            (None, b'>') => true,
            (None, b'"' | b'\'') => {
                quote = Some(b);
                false
            }
            (Some(open), b) => {
                if open == b {
                    quote = None;
                }
                false
            }
            _ => false,
        });
        let Some(end) = end else {
            self.rest = "";
            return None;
        };
        let inside = &self.rest[1..end];
        self.rest = &self.rest[end + 1..];
        self.ends = inside.ends_with('/');
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        let (name, attributes) =
            inside.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((inside, ""));
        Some(Tag { name: local(name), attributes })
    }
}

impl<'x> Iterator for Events<'x> {
    type Item = Event<'x>;

    fn next(&mut self) -> Option<Event<'x>> {
        if std::mem::take(&mut self.ends) {
            return Some(Event::End);
        }
        loop {
            if self.rest.is_empty() {
                return None;
            }
            if !self.rest.starts_with('<') {
                let end = self.rest.find('<').unwrap_or(self.rest.len());
                let (text, rest) = self.rest.split_at(end);
                self.rest = rest;
                return Some(Event::Text(entities::decode(text, false)));
            }
            if let Some(rest) = self.rest.strip_prefix("<![CDATA[") {
                self.rest = rest;
                return Some(Event::Text(Cow::Borrowed(self.skip_past("]]>"))));
            }
            match self.rest.as_bytes().get(1) {
                Some(b'/') => {
                    self.skip_past(">");
                    return Some(Event::End);
                }
                Some(b'!') if self.rest.starts_with("<!--") => drop(self.skip_past("-->")),
                Some(b'!' | b'?') => drop(self.skip_past(">")),
                _ => return self.tag().map(Event::Start),
            }
        }
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Event, Events};

    fn split(xml: &str) -> Vec<String> {
        let event = |event| match event {
            Event::Start(tag) => format!("<{}", tag.name),
            Event::End => ">".to_owned(),
            Event::Text(text) => text.into_owned(),
        };
        Events::new(xml).map(event).collect()
    }

    #[test]
    fn tags_and_text_are_told_apart() {
        for (xml, expect) in [
            ("<?xml version='1'?><w:p a='>'>x &amp; y</w:p>", &["<p", "x & y", ">"][..]),
            ("<a/><!-- <b> --><![CDATA[<c>]]>", &["<a", ">", "<c>"]),
            ("<!DOCTYPE x><a b=\"'\" />", &["<a", ">"]),
            ("<a b=\"c", &[]),
            ("a<", &["a"]),
        ] {
            assert_eq!(split(xml), expect, "{xml}");
        }
    }

    #[test]
    fn attributes_are_found_by_their_local_name() {
        let Some(Event::Start(tag)) = Events::new("<a x = '1' r:id=\"2&amp;3\" id='4'/>").next()
        else {
            panic!("a tag")
        };
        let get = |name| tag.attribute(name).map(std::borrow::Cow::into_owned);
        assert_eq!(get("x").as_deref(), Some("1"));
        assert_eq!(get("id").as_deref(), Some("2&3"));
        assert_eq!(get("y"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_split(xml in "(<|>|/|!|--|\\[CDATA\\[|a|=|\"|'|é|&amp;| ){0,40}") {
            for event in Events::new(&xml) {
                if let Event::Start(tag) = event {
                    tag.attribute("a");
                }
            }
        }
    }
}
