//! Outlook messages on the walk: their bodies are alternatives, their attachments
//! parts, as if they had come in MIME.

use std::borrow::Cow;

use super::headers::Headers;
use super::walk::{At, Walk, join};
use crate::DefectKind;
use crate::container::msg::{Attached, Content, Message, Outlook};

impl Walk<'_, '_> {
    /// Reads a file of Outlook; `parent` is the message that it is attached to.
    pub(super) fn outlook(
        &mut self,
        bytes: &[u8],
        name: Option<&str>,
        at: At<'_>,
        parent: Option<usize>,
    ) {
        let left = self.findings.budget.inflatable();
        let mut file = match Outlook::open(bytes, left) {
            Ok(file) => file,
            Err(why) => return self.findings.defect(DefectKind::Unread, at.path, why),
        };
        if parent.is_some() {
            self.findings.within.push(name.unwrap_or("an Outlook message").to_owned());
        }
        self.outlook_message(&mut file, "/", at, parent);
        if parent.is_some() {
            self.findings.within.pop();
        }
        self.findings.budget.inflated(file.bytes_read());
    }

    fn outlook_message(
        &mut self,
        file: &mut Outlook<'_>,
        inside: &str,
        at: At<'_>,
        parent: Option<usize>,
    ) {
        let message = file.message(inside);
        let headers = self.fields(&message.fields);
        self.check_message(&headers, true, at.path);
        for problem in &message.problems {
            self.findings.defect(DefectKind::Structure, at.path, problem.clone());
        }
        let number = self.begin(&headers, at.path, parent);
        let at = At { message: number, depth: at.depth + 1, digest: false, ..at };
        self.outlook_bodies(&message, at);
        for (index, attached) in message.attachments.into_iter().enumerate() {
            let path = join(at.path, index + 2);
            if self.another_part(&path) {
                self.outlook_attachment(file, attached, At { path: &path, ..at });
            }
        }
    }

    pub(super) fn outlook_bodies(&mut self, message: &Message, at: At<'_>) {
        let path = join(at.path, 1);
        let at = At { path: &path, ..at };
        let first_body = self.bodies.len();
        let headers = |charset: Option<&str>| Headers {
            charset: charset.map(ToOwned::to_owned),
            ..Headers::default()
        };
        if let Some(text) = &message.text {
            self.text(&headers(Some("utf-8")), text.as_bytes(), at, false);
        }
        if let Some((html, charset)) = &message.html {
            self.text(&headers(*charset), html, at, true);
        }
        self.keep_richest(first_body, at.message);
    }

    fn outlook_attachment(&mut self, file: &mut Outlook<'_>, attached: Attached, at: At<'_>) {
        match attached.content {
            Content::Message(inside) if at.depth < self.findings.limits.depth_max => {
                self.outlook_message(file, &inside, at, Some(at.message));
            }
            Content::Message(_) => {
                let detail = "messages nest too deep; this one is not read";
                self.findings.defect(DefectKind::LimitReached, at.path, detail);
            }
            _ => self.outlook_file(attached, at),
        }
    }

    /// An attachment that is no message of the same file.
    pub(super) fn outlook_file(&mut self, attached: Attached, at: At<'_>) {
        let Attached { name, media, content } = attached;
        match content {
            Content::Bytes(bytes) => {
                let media = media.unwrap_or_else(|| "application/octet-stream".into());
                let headers =
                    Headers { content_type: Some(media), file_name: name, ..Headers::default() };
                self.leaf(&headers, Cow::Owned(bytes), at);
            }
            Content::Tnef(bytes) => {
                self.winmail_message(&bytes, name.as_deref(), at, Some(at.message));
            }
            Content::Message(_) | Content::None => {
                let name = name.unwrap_or_default();
                let detail =
                    format!("the attachment {name:?} is an object or a file elsewhere: not read");
                self.findings.defect(DefectKind::Unread, at.path, detail);
            }
        }
    }
}
