//! `Scanner`: takes the tokenizer's events one by one. Its state is one open
//! anchor and the tag being read, so that nesting of any depth costs nothing.

use html5gum::emitters::callback::{Callback, CallbackEvent};
use html5gum::{Span, State};

use super::attributes::{Attributes, Name, css_urls, refresh_url, srcset_urls};
use crate::LinkKind;
use crate::findings::{Cues, Findings, Sighting};
use crate::limits::{LINK_TEXT_CHARS_MAX, cut};
use crate::text::{VisibleText, find_links};

/// An anchor whose end has not come yet.
struct OpenAnchor {
    tag: Vec<u8>,
    href: String,
    offset: usize,
    text: VisibleText,
    text_bytes: usize,
    alt: String,
    image: bool,
    button: bool,
}

/// The state of reading one document.
pub(super) struct Scanner<'f, 'l> {
    findings: &'f mut Findings<'l>,
    part: &'f str,
    message: usize,
    base: Option<url::Url>,
    tag: Vec<u8>,
    tag_offset: usize,
    attributes: Attributes,
    anchor: Option<OpenAnchor>,
    /// The element whose content is not shown as text: `style`, `script`, `title`.
    unseen: Option<&'static [u8]>,
    /// What Outlook alone reads, in a conditional comment: links count, text does not.
    conditional: bool,
    text: VisibleText,
}

/// What the tokenizer calls: a type of our own, so that it can be named.
pub(super) struct Events<'s, 'f, 'l>(&'s mut Scanner<'f, 'l>);

impl Callback<State, usize> for Events<'_, '_, '_> {
    fn handle_event(&mut self, event: CallbackEvent<'_>, span: Span<usize>) -> Option<State> {
        self.0.event(&event, span)
    }
}

impl<'f, 'l> Scanner<'f, 'l> {
    pub(super) fn new(findings: &'f mut Findings<'l>, part: &'f str, message: usize) -> Self {
        Self {
            findings,
            part,
            message,
            base: None,
            tag: Vec::new(),
            tag_offset: 0,
            attributes: Attributes::default(),
            anchor: None,
            unseen: None,
            conditional: false,
            text: VisibleText::default(),
        }
    }

    pub(super) fn callback(&mut self) -> Events<'_, 'f, 'l> {
        Events(self)
    }

    /// Closes what is still open and gives the visible text.
    pub(super) fn finish(mut self) -> String {
        self.close_anchor();
        self.text.finish()
    }

    fn event(&mut self, event: &CallbackEvent<'_>, span: Span<usize>) -> Option<State> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag.clear();
                self.tag.extend_from_slice(name);
                self.tag_offset = span.start;
                self.attributes.clear();
            }
            CallbackEvent::AttributeName { name } => self.attributes.name(name),
            CallbackEvent::AttributeValue { value } => self.attributes.value(value),
            CallbackEvent::CloseStartTag { self_closing } => return self.start_tag(*self_closing),
            CallbackEvent::EndTag { name } => self.end_tag(name),
            CallbackEvent::String { value } => {
                self.string(&String::from_utf8_lossy(value), span.start);
            }
            CallbackEvent::Comment { value } => self.comment(value, span.start),
            CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
        None
    }

    fn start_tag(&mut self, self_closing: bool) -> Option<State> {
        self.separate(&self.tag.clone());
        let tag = std::mem::take(&mut self.tag);
        let attributes = std::mem::take(&mut self.attributes);
        self.resources(&tag, &attributes);
        match tag.as_slice() {
            b"base" => self.set_base(&attributes),
            b"meta" => self.refresh(&attributes),
            b"link" | b"image" | b"use" => {}
            b"area" => {
                if let Some(href) = attributes.get(Name::Href) {
                    let text = attributes.get(Name::Alt).or(attributes.get(Name::Title));
                    self.sight(href, LinkKind::Anchor, text);
                }
            }
            _ => self.open_anchor(&tag, &attributes, self_closing),
        }
        let state = self.raw_text(&tag);
        self.tag = tag;
        self.attributes = attributes;
        state
    }

    /// Elements whose content is not markup. Without scripts, `noscript` is markup.
    fn raw_text(&mut self, tag: &[u8]) -> Option<State> {
        let (name, state): (&'static [u8], State) = match tag {
            b"title" => (b"title", State::RcData),
            b"textarea" => (b"textarea", State::RcData),
            b"style" => (b"style", State::RawText),
            b"xmp" => (b"xmp", State::RawText),
            b"iframe" => (b"iframe", State::RawText),
            b"noembed" => (b"noembed", State::RawText),
            b"noframes" => (b"noframes", State::RawText),
            b"script" => (b"script", State::ScriptData),
            b"plaintext" => return Some(State::PlainText),
            _ => return None,
        };
        if !matches!(name, b"xmp" | b"textarea") {
            self.unseen = Some(name);
        }
        Some(state)
    }

    fn end_tag(&mut self, name: &[u8]) {
        self.separate(name);
        if self.unseen.is_some_and(|unseen| unseen == name) {
            self.unseen = None;
        }
        if self.anchor.as_ref().is_some_and(|anchor| anchor.tag == name) {
            self.close_anchor();
        }
    }

    fn string(&mut self, value: &str, offset: usize) {
        match self.unseen {
            Some(b"style") => {
                for url in css_urls(value) {
                    self.sight(url, LinkKind::Resource, None);
                }
            }
            Some(_) => {}
            None => self.visible(value, offset),
        }
    }

    fn visible(&mut self, value: &str, offset: usize) {
        if !self.conditional {
            self.text.push(value);
        }
        if let Some(anchor) = &mut self.anchor {
            // Four octets a character: more than the link's text ever keeps.
            let kept = cut(value, (LINK_TEXT_CHARS_MAX * 4).saturating_sub(anchor.text_bytes));
            anchor.text_bytes += kept.trim().len();
            anchor.text.push(kept);
        } else {
            find_links(self.findings, value, self.part, offset, self.message);
        }
    }

    /// Outlook reads what stands in `<!--[if mso]>…<![endif]-->`. Such comments do
    /// not nest: one within another is none.
    fn comment(&mut self, value: &[u8], offset: usize) {
        if self.conditional {
            return;
        }
        let value = String::from_utf8_lossy(value);
        let Some((_, inner)) = value.strip_prefix("[if").and_then(|v| v.split_once('>')) else {
            return;
        };
        let mut scanner = Scanner::new(self.findings, self.part, self.message);
        scanner.base = self.base.clone();
        scanner.conditional = true;
        scanner.tag_offset = offset;
        super::scan(&mut scanner, inner);
        scanner.finish();
    }

    fn set_base(&mut self, attributes: &Attributes) {
        if self.base.is_none()
            && let Some(href) = attributes.get(Name::Href)
        {
            self.base = url::Url::parse(href.trim()).ok().filter(url::Url::has_host);
        }
    }

    fn refresh(&mut self, attributes: &Attributes) {
        let refreshes = attributes
            .get(Name::HttpEquiv)
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("refresh"));
        if refreshes && let Some(url) = attributes.get(Name::Content).and_then(refresh_url) {
            self.sight(url, LinkKind::Refresh, None);
        }
    }

    fn open_anchor(&mut self, tag: &[u8], attributes: &Attributes, self_closing: bool) {
        let Some(href) = attributes.get(Name::Href) else {
            self.decorate_anchor(tag, attributes);
            return;
        };
        self.close_anchor();
        self.anchor = Some(OpenAnchor {
            tag: tag.to_vec(),
            href: href.to_owned(),
            offset: self.tag_offset,
            text: VisibleText::default(),
            text_bytes: 0,
            alt: attributes.get(Name::Title).unwrap_or_default().to_owned(),
            image: false,
            button: attributes.is_button() || tag.ends_with(b":roundrect"),
        });
        if self_closing && tag != b"a" {
            self.close_anchor();
        }
    }

    /// What stands inside an anchor makes it a button or a picture.
    fn decorate_anchor(&mut self, tag: &[u8], attributes: &Attributes) {
        let Some(anchor) = &mut self.anchor else {
            return;
        };
        if tag == b"img" {
            anchor.image = true;
            if let Some(alt) = attributes.get(Name::Alt) {
                cut(alt, LINK_TEXT_CHARS_MAX * 4).clone_into(&mut anchor.alt);
            }
        }
        anchor.button |= tag == b"button" || attributes.is_button();
    }

    fn close_anchor(&mut self) {
        let Some(anchor) = self.anchor.take() else {
            return;
        };
        let mut text = anchor.text.finish();
        if text.is_empty() {
            let mut alt = VisibleText::default();
            alt.push(&anchor.alt);
            text = alt.finish();
        }
        self.findings.sight(&Sighting {
            raw: &anchor.href,
            base: self.base.as_ref(),
            part: self.part,
            offset: anchor.offset,
            kind: LinkKind::Anchor,
            text: Some(&text),
            cues: Cues { message: self.message, button: anchor.button, image: anchor.image },
        });
    }

    /// Links that the tag itself loads or submits to.
    fn resources(&mut self, tag: &[u8], attributes: &Attributes) {
        match tag {
            b"form" => self.sight_attribute(attributes, Name::Action, LinkKind::Form),
            b"script" => self.sight_attribute(attributes, Name::Src, LinkKind::Resource),
            b"link" => self.sight_attribute(attributes, Name::Href, LinkKind::Resource),
            b"image" | b"use" => self.sight_attribute(attributes, Name::Href, LinkKind::Image),
            b"object" => self.sight_attribute(attributes, Name::Data, LinkKind::Image),
            _ => self.sight_attribute(attributes, Name::Src, LinkKind::Image),
        }
        self.sight_attribute(attributes, Name::FormAction, LinkKind::Form);
        self.sight_attribute(attributes, Name::Background, LinkKind::Image);
        self.sight_attribute(attributes, Name::Poster, LinkKind::Image);
        if let Some(set) = attributes.get(Name::Srcset) {
            for url in srcset_urls(set) {
                self.sight(url, LinkKind::Image, None);
            }
        }
        if let Some(style) = attributes.get(Name::Style) {
            for url in css_urls(style) {
                self.sight(url, LinkKind::Image, None);
            }
        }
    }

    fn sight_attribute(&mut self, attributes: &Attributes, name: Name, kind: LinkKind) {
        if let Some(raw) = attributes.get(name) {
            let text = (kind == LinkKind::Form).then(|| attributes.get(Name::Value)).flatten();
            self.sight(raw, kind, text);
        }
    }

    fn sight(&mut self, raw: &str, kind: LinkKind, text: Option<&str>) {
        self.findings.sight(&Sighting {
            raw,
            base: self.base.as_ref(),
            part: self.part,
            offset: self.tag_offset,
            kind,
            text,
            cues: Cues { message: self.message, ..Cues::default() },
        });
    }

    /// Keeps apart what a reader sees apart.
    fn separate(&mut self, tag: &[u8]) {
        const LINES: [&[u8]; 22] = [
            b"p",
            b"div",
            b"br",
            b"tr",
            b"li",
            b"ul",
            b"ol",
            b"table",
            b"h1",
            b"h2",
            b"h3",
            b"h4",
            b"h5",
            b"h6",
            b"hr",
            b"blockquote",
            b"section",
            b"header",
            b"footer",
            b"center",
            b"form",
            b"pre",
        ];
        let lines = LINES.contains(&tag);
        if lines {
            self.text.break_line();
        } else if matches!(tag, b"td" | b"th" | b"option") {
            self.text.space();
        }
        if let Some(anchor) = &mut self.anchor
            && (lines || tag == b"td")
        {
            anchor.text.space();
        }
    }
}
