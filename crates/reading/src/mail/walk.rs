//! The walk over a mail's messages and parts. It is depth-bounded recursion over
//! slices: every level reads its own bytes once, so the work is at most the mail's
//! length times `depth_max`. Each leaf is read or is a defect.

use mail_parser::MessageParser;

use super::headers::{Headers, parse, parser};
use super::{charset, head, transfer};
use crate::document::{Document, drawn};
use crate::findings::{Cues, Findings, Sighting};
use crate::observable::scan;
use crate::text::{VisibleText, find_links};
use crate::{DefectKind, Forward, LinkKind, Origin, Summary, forward, html, origin, role};

/// One message met on the walk, attached or quoted.
#[derive(Default)]
pub(super) struct Met {
    /// Its place.
    pub(super) path: String,
    pub(super) parent: Option<usize>,
    pub(super) summary: Summary,
    pub(super) origin: Origin,
    /// The addresses that it was sent to.
    pub(super) recipients: Vec<String>,
    /// The mail that its text forwards, and the messages that stand for its levels.
    pub(super) forward: Option<(Forward, Vec<usize>)>,
}

/// The visible text of one leaf, or of what is quoted in it.
pub(super) struct Body {
    /// Whose text it is.
    pub(super) message: usize,
    /// The message that the leaf stands in.
    pub(super) host: usize,
    pub(super) html: bool,
    pub(super) text: String,
}

/// Where the walk is.
#[derive(Clone, Copy)]
pub(super) struct At<'p> {
    /// The path of this message or part.
    pub(super) path: &'p str,
    pub(super) message: usize,
    pub(super) depth: usize,
    /// A part without a type is a message: inside `multipart/digest`.
    pub(super) digest: bool,
}

/// The walk so far.
pub(super) struct Walk<'f, 'l> {
    pub(super) findings: &'f mut Findings<'l>,
    pub(super) parser: MessageParser,
    pub(super) parts: usize,
    pub(super) messages: Vec<Met>,
    pub(super) bodies: Vec<Body>,
    /// What is read last, when nothing else can get lost over it.
    pub(super) documents: Vec<Document>,
}

impl<'f, 'l> Walk<'f, 'l> {
    pub(super) fn new(findings: &'f mut Findings<'l>) -> Self {
        Self {
            findings,
            parser: parser(),
            parts: 0,
            messages: Vec::new(),
            bodies: Vec::new(),
            documents: Vec::new(),
        }
    }

    pub(super) fn nested(&mut self, bytes: &[u8], path: &str, parent: Option<usize>, depth: usize) {
        let mut head = head::split(bytes);
        let headers = parse(&self.parser, head.fields);
        if !headers.any {
            // `Dear customer:` is no field, and what follows it no header.
            head = head::none(bytes);
        }
        self.check_head(&head, path);
        self.check_message(&headers, head.sound, path);
        let message = self.begin(&headers, path, parent);
        let at = At { path, message, depth, digest: false };
        self.body(&headers, head.body, at, true);
    }

    /// A message begins whose fields are these: its number.
    pub(super) fn begin(&mut self, headers: &Headers, path: &str, parent: Option<usize>) -> usize {
        let number = self.messages.len();
        let summary = summary(headers);
        let origin = origin::read(&headers.way, &summary, self.findings.list);
        let recipients = headers.recipients.clone();
        let path_kept = path.to_owned();
        let met = Met { path: path_kept, parent, summary, origin, recipients, forward: None };
        self.messages.push(met);
        for value in &headers.unsubscribe {
            self.unsubscribe(value, path, number);
        }
        number
    }

    pub(super) fn check_head(&mut self, head: &head::Head<'_>, path: &str) {
        if head.cut > 0 {
            let detail = format!("{} octets of header fields are not read", head.cut);
            self.findings.defect(DefectKind::LimitReached, path, detail);
        }
    }

    /// Parses fields that stand in no mail.
    pub(super) fn fields(&self, fields: &[u8]) -> Headers {
        parse(&self.parser, fields)
    }

    pub(super) fn check_message(&mut self, headers: &Headers, sound: bool, path: &str) {
        if !sound || !headers.any {
            let detail =
                "it does not begin with the header fields of a mail; all of it is read as text";
            self.findings.defect(DefectKind::NotAMessage, path, detail);
            return;
        }
        for (missing, name) in [(headers.from.is_none(), "From"), (headers.date.is_none(), "Date")]
        {
            if missing && !(name == "Date" && headers.bad_date) {
                let detail = format!("there is no usable {name} field");
                self.findings.defect(DefectKind::Header, path, detail);
            }
        }
        if headers.bad_date {
            self.findings.defect(DefectKind::Header, path, "the Date field is no date");
        }
        if headers.foreign_bytes {
            let detail = "header fields hold octets that are not UTF-8; read as windows-1252";
            self.findings.defect(DefectKind::Charset, path, detail);
        }
        for name in &headers.repeated {
            let detail = format!("the field {name} stands more than once; the first counts");
            self.findings.defect(DefectKind::Header, path, detail);
        }
    }

    fn unsubscribe(&mut self, value: &str, path: &str, message: usize) {
        for url in value.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
            self.findings.sight(&Sighting {
                raw: url,
                base: None,
                part: path,
                offset: 0,
                kind: LinkKind::Header,
                text: None,
                cues: Cues { message, ..Cues::default() },
            });
        }
    }

    /// The body of a message (`whole`) or part.
    pub(super) fn body(&mut self, headers: &Headers, body: &[u8], at: At<'_>, whole: bool) {
        if !self.another_part(at.path) {
            return;
        }
        let too_deep = at.depth >= self.findings.limits.depth_max;
        if headers.is("multipart") && !too_deep && self.multipart(headers, body, at) {
            return;
        }
        let leaf = if whole { join(at.path, 1) } else { at.path.to_owned() };
        let at = At { path: &leaf, ..at };
        if (headers.is("multipart") || is_message(headers, at.digest)) && too_deep {
            let detail = format!(
                "parts nest deeper than {}; what follows is read as text",
                self.findings.limits.depth_max
            );
            self.findings.defect(DefectKind::LimitReached, at.path, detail);
            return self.text(headers, body, at, false);
        }
        let unsaid = headers.encoding.is_empty()
            && (headers.content_type.is_none() || headers.is("text"))
            && transfer::is_escaped_unsaid(body);
        let encoding = if unsaid { "quoted-printable" } else { &headers.encoding };
        let mut decoded = transfer::decode(body, encoding);
        if unsaid {
            let problem = "it is in quoted-printable, and does not say so";
            decoded.problem = Some(problem.to_owned());
        }
        if let Some(problem) = decoded.problem {
            self.findings.defect(DefectKind::Encoding, at.path, problem);
        }
        if is_message(headers, at.digest) {
            let inner = head::without_envelope(&decoded.bytes);
            if !head::split(inner).sound {
                let detail = "it says that it is a message, and is none; it is read as text";
                self.findings.defect(DefectKind::Structure, at.path, detail);
                return self.text(headers, &decoded.bytes, at, false);
            }
            return self.nested(inner, at.path, Some(at.message), at.depth + 1);
        }
        self.leaf(headers, decoded.bytes, at);
    }

    /// Counts a part; `false` where there are too many.
    pub(super) fn another_part(&mut self, path: &str) -> bool {
        self.parts += 1;
        // Once is enough: an analyst needs to know that there is more, not how often.
        if self.parts == self.findings.limits.parts_max + 1 {
            let detail =
                format!("more than {} parts; the rest is not read", self.findings.limits.parts_max);
            self.findings.defect(DefectKind::LimitReached, path, detail);
        }
        self.parts <= self.findings.limits.parts_max
    }

    pub(super) fn text(&mut self, headers: &Headers, bytes: &[u8], at: At<'_>, is_html: bool) {
        let decoded = charset::decode(bytes, headers.charset.as_deref());
        if let Some(problem) = decoded.problem {
            self.findings.defect(DefectKind::Charset, at.path, problem);
        }
        let whole = if headers.folded && !is_html {
            decoded.text.replace(" \r\n", "").replace(" \n", "").into()
        } else {
            decoded.text
        };
        let whole = if is_html { whole } else { self.without_files(whole, at) };
        let text = self.findings.take_text(&whole, at.path);
        let is_html = is_html || html::looks_like_html(text);
        let first_link = self.findings.links.len();
        let visible = if is_html {
            html::read_html(self.findings, text, at.path, at.message)
        } else {
            find_links(self.findings, text, at.path, 0, at.message);
            if drawn::holds_blocks(text) {
                for modules in drawn::in_text(text) {
                    drawn::keep(self.findings, modules, at.path, at.message);
                }
            }
            let mut visible = VisibleText::default();
            visible.push_lines(text);
            visible.finish()
        };
        scan(self.findings, &visible, at.path, 0);
        let shown = if is_html { &visible } else { text };
        let Findings { links, cues, .. } = &mut *self.findings;
        role::mark(&links[first_link..], &mut cues[first_link..], shown);
        let quoted = forward::find(shown, self.subject(at.message));
        let message = at.message;
        match quoted.filter(|found| self.is_forward(found, first_link)) {
            Some(found) => self.quote(found, first_link, is_html, message),
            None => {
                self.bodies.push(Body { message, host: message, html: is_html, text: visible });
            }
        }
    }
}

fn is_message(headers: &Headers, digest: bool) -> bool {
    match headers.content_type.as_deref() {
        Some(name) => matches!(name, "message/rfc822" | "message/global"),
        None => digest,
    }
}

pub(super) fn join(path: &str, number: usize) -> String {
    if path.is_empty() { number.to_string() } else { format!("{path}.{number}") }
}

fn summary(headers: &Headers) -> Summary {
    Summary {
        subject: headers.subject.clone(),
        from: headers.from.clone(),
        reply_to: headers.reply_to.clone().filter(|reply| {
            let from = headers.from.as_ref().and_then(|from| from.address.as_deref());
            reply.address.as_deref() != from
        }),
        date: headers.date.clone(),
        message_id: headers.message_id.clone(),
        ..Summary::default()
    }
}
