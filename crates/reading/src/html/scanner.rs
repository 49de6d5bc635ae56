//! `Scanner`: takes the tokens one by one. Its state is one open anchor, so that
//! nesting of any depth costs nothing.

use super::attributes::{Attributes, Name, css_imports, css_urls, refresh_url, srcset_urls};
use super::cells::Tables;
use super::embedded;
use super::tokenizer::{Token, Tokenizer};
use crate::LinkKind;
use crate::document::drawn;
use crate::findings::{Cues, Findings, Sighting};
use crate::limits::{LINK_TEXT_CHARS_MAX, cut};
use crate::text::{VisibleText, find_links};

/// An anchor whose end has not come yet.
struct OpenAnchor {
    tag: String,
    href: String,
    offset: usize,
    text: VisibleText,
    text_bytes: usize,
    alt: String,
    image: bool,
    button: bool,
    /// Octets of visible text before it.
    at: usize,
}

/// The state of reading one document.
pub(super) struct Scanner<'f, 'l> {
    pub(super) findings: &'f mut Findings<'l>,
    part: &'f str,
    message: usize,
    base: Option<url::Url>,
    tag_offset: usize,
    /// Where the text being scanned begins in the document.
    origin: usize,
    anchor: Option<OpenAnchor>,
    /// The element whose content is not shown as text: `style`, `script`, `title`.
    pub(super) unseen: Option<&'static str>,
    /// What Outlook alone reads, in a conditional comment: links count, text does not.
    conditional: bool,
    text: VisibleText,
    /// Octets of visible text before a conditional comment.
    text_before: usize,
    /// Tables that may draw a code, and text that may.
    tables: Tables,
    blocks: String,
    /// Scripts around that wrote what is being read.
    pub(super) depth: usize,
}

/// Octets of text with block characters that are kept.
const BLOCKS_BYTES_MAX: usize = 256 << 10;

impl<'f, 'l> Scanner<'f, 'l> {
    pub(super) fn new(findings: &'f mut Findings<'l>, part: &'f str, message: usize) -> Self {
        Self {
            findings,
            part,
            message,
            base: None,
            tag_offset: 0,
            origin: 0,
            anchor: None,
            unseen: None,
            conditional: false,
            text: VisibleText::default(),
            text_before: 0,
            tables: Tables::default(),
            blocks: String::new(),
            depth: 0,
        }
    }

    /// Reads a document, or what stands in a conditional comment.
    pub(super) fn scan(&mut self, html: &str) {
        let mut tokenizer = Tokenizer::new(html);
        while let Some((offset, token)) = tokenizer.next() {
            let offset = self.origin + offset;
            match token {
                Token::Text(text) => self.string(&text, offset),
                Token::Comment(text) => self.comment(text, offset),
                Token::End(name) => self.end_tag(&name),
                Token::Start { name, self_closing } => {
                    self.tag_offset = offset;
                    self.start_tag(&name, &tokenizer.attributes, self_closing);
                }
            }
        }
    }

    /// Closes what is still open and gives the visible text.
    pub(super) fn finish(mut self) -> String {
        self.close_anchor();
        for modules in drawn::in_text(&self.blocks) {
            drawn::keep(self.findings, modules, self.part, self.message);
        }
        self.text.finish()
    }

    fn start_tag(&mut self, tag: &str, attributes: &Attributes, self_closing: bool) {
        self.separate(tag);
        self.tables.start(tag, attributes);
        self.resources(tag, attributes);
        match tag {
            "base" => self.set_base(attributes),
            "meta" => self.refresh(attributes),
            "link" | "image" | "use" => {}
            "area" => {
                if let Some(href) = attributes.get(Name::Href) {
                    let text = attributes.get(Name::Alt).or(attributes.get(Name::Title));
                    self.sight(href, LinkKind::Anchor, text);
                }
            }
            _ => self.open_anchor(tag, attributes, self_closing),
        }
        const UNSEEN: [&str; 6] = ["title", "style", "iframe", "noembed", "noframes", "script"];
        self.unseen = UNSEEN.into_iter().find(|name| *name == tag);
    }

    fn end_tag(&mut self, name: &str) {
        self.separate(name);
        if name == "table"
            && let Some(modules) = self.tables.end()
        {
            drawn::keep(self.findings, modules, self.part, self.message);
        }
        if self.unseen.is_some_and(|unseen| unseen == name) {
            self.unseen = None;
        }
        if self.anchor.as_ref().is_some_and(|anchor| anchor.tag == name) {
            self.close_anchor();
        }
    }

    fn string(&mut self, value: &str, offset: usize) {
        match self.unseen {
            Some("style") => {
                for url in css_urls(value) {
                    self.sight(url, LinkKind::Resource, None);
                }
                for url in css_imports(value) {
                    self.sight(url, LinkKind::Stylesheet, None);
                }
            }
            Some("script") => self.script(value),
            Some(_) => {}
            None => self.visible(value, offset),
        }
    }

    fn visible(&mut self, value: &str, offset: usize) {
        let at = self.at();
        if self.blocks.len() < BLOCKS_BYTES_MAX && drawn::holds_blocks(value) {
            self.blocks.push_str(value);
        }
        if !self.conditional {
            self.text.push(value);
        }
        if let Some(anchor) = &mut self.anchor {
            // Four octets a character: more than the link's text ever keeps.
            let kept = cut(value, (LINK_TEXT_CHARS_MAX * 4).saturating_sub(anchor.text_bytes));
            anchor.text_bytes += kept.trim().len();
            anchor.text.push(kept);
        } else {
            let first = self.findings.links.len();
            find_links(self.findings, value, self.part, offset, self.message);
            for cues in &mut self.findings.cues[first..] {
                cues.at = at;
            }
        }
    }

    /// Outlook reads what stands in `<!--[if mso]>…<![endif]-->`. Such comments do
    /// not nest: one within another is none.
    fn comment(&mut self, value: &str, offset: usize) {
        if self.conditional {
            return;
        }
        let Some((_, inner)) = value.strip_prefix("[if").and_then(|v| v.split_once('>')) else {
            return;
        };
        let before = self.at();
        let mut scanner = Scanner::new(self.findings, self.part, self.message);
        scanner.base = self.base.clone();
        scanner.conditional = true;
        scanner.text_before = before;
        // The comment begins with `<!--`; what is read is its end.
        scanner.origin = offset + 4 + (value.len() - inner.len());
        scanner.scan(inner);
        scanner.finish();
    }

    fn set_base(&mut self, attributes: &Attributes) {
        if self.base.is_none()
            && let Some(href) = attributes.get(Name::Href)
        {
            self.base = url::Url::parse(href.trim()).ok().filter(url::Url::has_host);
            if self.base.is_some() {
                self.findings.sight(&Sighting {
                    raw: href,
                    base: None,
                    part: self.part,
                    offset: self.tag_offset,
                    kind: LinkKind::Base,
                    text: None,
                    cues: Cues { message: self.message, at: self.at(), ..Cues::default() },
                });
            }
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

    fn open_anchor(&mut self, tag: &str, attributes: &Attributes, self_closing: bool) {
        let Some(href) = self.target(attributes) else {
            self.decorate_anchor(tag, attributes);
            return;
        };
        if matches!(tag, "input" | "img") {
            let text = attributes.get(Name::Value).or(attributes.get(Name::Alt));
            return self.sight(&href, LinkKind::Button, text);
        }
        self.close_anchor();
        self.anchor = Some(OpenAnchor {
            tag: tag.to_owned(),
            href,
            offset: self.tag_offset,
            text: VisibleText::default(),
            text_bytes: 0,
            alt: attributes.get(Name::Title).unwrap_or_default().to_owned(),
            image: false,
            button: attributes.is_button() || tag.ends_with(":roundrect"),
            at: self.at(),
        });
        if self_closing && tag != "a" {
            self.close_anchor();
        }
    }

    /// What stands inside an anchor makes it a button or a picture.
    fn decorate_anchor(&mut self, tag: &str, attributes: &Attributes) {
        let Some(anchor) = &mut self.anchor else {
            return;
        };
        if tag == "img" {
            anchor.image = true;
            if let Some(alt) = attributes.get(Name::Alt) {
                cut(alt, LINK_TEXT_CHARS_MAX * 4).clone_into(&mut anchor.alt);
            }
        }
        anchor.button |= tag == "button" || attributes.is_button();
    }

    pub(super) fn close_anchor(&mut self) {
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
            kind: if anchor.button { LinkKind::Button } else { LinkKind::Anchor },
            text: Some(&text),
            cues: Cues {
                message: self.message,
                button: anchor.button,
                image: anchor.image,
                at: anchor.at,
                ..Cues::default()
            },
        });
    }

    /// Links that the tag itself loads or submits to.
    fn resources(&mut self, tag: &str, attributes: &Attributes) {
        match tag {
            "form" => self.sight_attribute(attributes, Name::Action, LinkKind::Form),
            "script" => self.sight_attribute(attributes, Name::Src, LinkKind::Script),
            "link" => {
                let sheet = attributes.get(Name::Rel).is_some_and(|rel| {
                    rel.split_whitespace().any(|word| word.eq_ignore_ascii_case("stylesheet"))
                });
                let kind = if sheet { LinkKind::Stylesheet } else { LinkKind::Resource };
                self.sight_attribute(attributes, Name::Href, kind);
            }
            "image" | "use" => self.sight_attribute(attributes, Name::Href, LinkKind::Image),
            "object" => self.sight_attribute(attributes, Name::Data, LinkKind::Image),
            _ => self.sight_attribute(attributes, Name::Src, LinkKind::Image),
        }
        if let Some(page) = attributes.get(Name::SrcDoc) {
            self.within_page(page);
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
        if let Some(raw) = attributes.get(name)
            && !self.embedded_page(raw)
        {
            let text = (kind == LinkKind::Form).then(|| attributes.get(Name::Value)).flatten();
            self.sight(raw, kind, text);
        }
    }

    pub(super) fn sight(&mut self, raw: &str, kind: LinkKind, text: Option<&str>) {
        if kind == LinkKind::Image && embedded::take(self.findings, raw, self.part, self.message) {
            return;
        }
        self.findings.sight(&Sighting {
            raw,
            base: self.base.as_ref(),
            part: self.part,
            offset: self.tag_offset,
            kind,
            text,
            cues: Cues { message: self.message, at: self.at(), ..Cues::default() },
        });
    }

    /// Octets of visible text so far.
    fn at(&self) -> usize {
        self.text_before + self.text.len()
    }

    /// Keeps apart what a reader sees apart.
    fn separate(&mut self, tag: &str) {
        const LINES: [&str; 22] = [
            "p",
            "div",
            "br",
            "tr",
            "li",
            "ul",
            "ol",
            "table",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "blockquote",
            "section",
            "header",
            "footer",
            "center",
            "form",
            "pre",
        ];
        let lines = LINES.contains(&tag);
        if lines {
            // A rule of blocks goes on in the same line; a code has a line for each row.
            if !self.blocks.is_empty() && !self.blocks.ends_with('\n') {
                self.blocks.push('\n');
            }
            self.text.break_line();
        } else if matches!(tag, "td" | "th" | "option") {
            self.text.space();
        }
        if let Some(anchor) = &mut self.anchor
            && (lines || tag == "td")
        {
            anchor.text.space();
        }
    }
}
