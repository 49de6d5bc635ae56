//! Files on the walk whose text and links are read as they are: calendars, abuse reports,
//! rich text; and archives, which are listed.

use std::borrow::Cow;

use super::attached::named;
use super::charset;
use super::headers::Headers;
use super::walk::{At, Walk, join};
use crate::container::{calendar, report, zip};
use crate::findings::{Cues, Sighting};
use crate::text::{VisibleText, find_links, find_links_of};
use crate::{DefectKind, LinkKind, html};

impl Walk<'_, '_> {
    pub(super) fn calendar(&mut self, headers: &Headers, bytes: &[u8], at: At<'_>) {
        let decoded = charset::decode(bytes, headers.charset.as_deref());
        let text = self.findings.take_text(&decoded.text, at.path);
        let mut visible = VisibleText::default();
        for calendar::Property { offset, value } in calendar::read(text) {
            match value {
                calendar::Value::Link(url) => self.findings.sight(&Sighting {
                    raw: &url,
                    base: None,
                    part: at.path,
                    offset,
                    kind: LinkKind::Ics,
                    text: None,
                    cues: Cues { message: at.message, ..Cues::default() },
                }),
                calendar::Value::Text(text) => {
                    let place = (at.path, offset);
                    find_links_of(self.findings, &text, LinkKind::Ics, place, at.message);
                    visible.push_lines(&text);
                }
                calendar::Value::Html(html) => {
                    html::read_html(self.findings, &html, at.path, at.message);
                }
            }
        }
        self.push_body(at, visible.finish());
    }

    pub(super) fn abuse_report(&mut self, headers: &Headers, bytes: &[u8], at: At<'_>) {
        let decoded = charset::decode(bytes, headers.charset.as_deref());
        let text = self.findings.take_text(&decoded.text, at.path).to_owned();
        let report = report::read(&text);
        for accused in &report.accused {
            let url =
                if accused.contains("://") { accused.clone() } else { format!("http://{accused}") };
            self.findings.sight(&Sighting {
                raw: &url,
                base: None,
                part: at.path,
                offset: text.find(accused.as_str()).unwrap_or_default(),
                kind: LinkKind::Report,
                text: None,
                cues: Cues { message: at.message, ..Cues::default() },
            });
        }
        for (index, (media, sample)) in report.samples.into_iter().enumerate() {
            let path = join(at.path, index + 1);
            if self.another_part(&path) {
                let headers = Headers { content_type: Some(media), ..Headers::default() };
                let at = At { path: &path, depth: at.depth + 1, ..at };
                self.leaf(&headers, Cow::Owned(sample), at);
            }
        }
        if !text.starts_with('{') {
            find_links(self.findings, &text, at.path, 0, at.message);
        }
    }

    pub(super) fn rich_text(&mut self, bytes: &[u8], at: At<'_>) {
        let most = self.findings.budget.inflatable().min(self.findings.limits.text_bytes_max);
        let converted = crate::container::rtf::to_html(bytes, most);
        self.findings.budget.inflated(converted.len());
        let headers = Headers { charset: Some("utf-8".to_owned()), ..Headers::default() };
        self.text(&headers, converted.as_bytes(), at, true);
    }

    pub(super) fn zip(&mut self, headers: &Headers, bytes: &[u8], at: At<'_>) {
        let listing = zip::list(bytes);
        let files = listing.entries.len();
        let more =
            if listing.incomplete { " at least; its list is damaged or too long" } else { "" };
        let detail = format!("{}: only listed, {files} files{more}", named(headers, "ZIP", bytes));
        self.findings.defect(DefectKind::Unread, at.path, detail);
        if let Some(attachment) = self.findings.attachments.last_mut()
            && attachment.part == at.path
        {
            attachment.members = listing.entries.into_iter().map(|entry| entry.member).collect();
        }
    }
}
