//! The parts that a mail is made of on the walk: those of a multipart, and files that stand
//! uuencoded in a text.

use std::borrow::Cow;

use super::headers::{Headers, parse};
use super::walk::{At, Body, Walk, join};
use super::{head, multipart, transfer};
use crate::DefectKind;

impl Walk<'_, '_> {
    /// Walks the parts; `false` where there are none.
    pub(super) fn multipart(&mut self, headers: &Headers, body: &[u8], at: At<'_>) -> bool {
        let boundary = headers.boundary.as_deref().unwrap_or_default();
        let parts_left = self.findings.limits.parts_max.saturating_sub(self.parts) + 1;
        let found = match boundary.trim() {
            "" => multipart::Parts::default(),
            boundary => multipart::split(body, boundary.as_bytes(), parts_left),
        };
        if found.parts.is_empty() {
            let detail = "a multipart without a part; its body is read as text";
            self.findings.defect(DefectKind::Structure, at.path, detail);
            return false;
        }
        if !found.closed {
            let detail = "a multipart without an end; it may be cut short";
            self.findings.defect(DefectKind::Structure, at.path, detail);
        }
        if found.after_close {
            let detail = "parts stand after the end of a multipart; they are read too";
            self.findings.defect(DefectKind::Structure, at.path, detail);
        }
        let first_body = self.bodies.len();
        // A part that says two things of itself may be shown either way.
        let clear = !headers.repeated.contains(&"Content-Type");
        if !clear && !found.preamble.trim_ascii().is_empty() {
            self.text(headers, found.preamble, at, false);
        }
        let mut plain = Vec::new();
        for (index, part) in found.parts.iter().enumerate() {
            let (links, bodies) = (self.findings.links.len(), self.bodies.len());
            self.part(headers, part, &join(at.path, index + 1), at);
            if self.bodies.iter().skip(bodies).all(|body| !body.html) {
                plain.push(links..self.findings.links.len());
            }
        }
        if headers.content_type.as_deref() == Some("multipart/alternative")
            && clear
            && self.keep_richest(first_body, at.message)
        {
            for span in plain {
                self.findings.cues[span].iter_mut().for_each(|cues| cues.unseen = true);
            }
        }
        true
    }

    fn part(&mut self, parent: &Headers, bytes: &[u8], path: &str, at: At<'_>) {
        let head = head::split(bytes);
        let headers = parse(&self.parser, head.fields);
        self.check_head(&head, path);
        if !head.sound {
            let detail = "a part without header fields; all of it is read as text";
            self.findings.defect(DefectKind::Structure, path, detail);
        }
        let at = At {
            path,
            depth: at.depth + 1,
            digest: parent.content_type.as_deref() == Some("multipart/digest"),
            ..at
        };
        self.body(&headers, head.body, at, false);
    }

    /// Of alternatives a reader sees one: the HTML, where it shows anything. Says whether
    /// it does.
    pub(super) fn keep_richest(&mut self, first: usize, message: usize) -> bool {
        let own = |body: &Body| body.host == message;
        let shown = self.bodies[first..].iter().any(|b| own(b) && b.html && !b.text.is_empty());
        if shown {
            let tail = self.bodies.split_off(first);
            self.bodies.extend(tail.into_iter().filter(|b| !own(b) || b.html));
        }
        shown
    }

    /// Takes the uuencoded files out of a text, and reads them.
    pub(super) fn without_files<'t>(&mut self, text: Cow<'t, str>, at: At<'_>) -> Cow<'t, str> {
        if !text.contains("begin ") || at.depth >= self.findings.limits.depth_max {
            return text;
        }
        let mut rest = text.as_ref().to_owned();
        for (number, (name, range)) in
            transfer::uuencoded_files(&text).into_iter().enumerate().rev()
        {
            let bytes = transfer::decode(&text.as_bytes()[range.clone()], "uue").bytes.into_owned();
            rest.replace_range(range, "");
            let path = join(at.path, number + 1);
            if self.another_part(&path) {
                let headers = Headers {
                    content_type: Some("application/octet-stream".to_owned()),
                    file_name: Some(name),
                    ..Headers::default()
                };
                let at = At { path: &path, depth: at.depth + 1, ..at };
                self.leaf(&headers, Cow::Owned(bytes), at);
            }
        }
        Cow::Owned(rest)
    }
}
