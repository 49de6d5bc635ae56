//! `winmail.dat` on the walk. What Outlook wraps into it is the body and the attachments
//! of the mail that it comes with; only one that comes alone, or within another, is a
//! message of its own.

use super::headers::Headers;
use super::walk::{At, Walk, join};
use crate::DefectKind;
use crate::container::msg::Message;
use crate::container::tnef;

impl Walk<'_, '_> {
    /// Reads one that is a part, or the whole report.
    pub(super) fn winmail(&mut self, headers: &Headers, bytes: &[u8], at: At<'_>) {
        let name = headers.file_name.as_deref();
        if self.messages.is_empty() {
            return self.winmail_message(bytes, name, at, None);
        }
        let Some(message) = self.unwrap(bytes, at) else { return };
        self.findings.within.push(name.unwrap_or("winmail.dat").to_owned());
        self.winmail_parts(message, At { depth: at.depth + 1, ..at });
        self.findings.within.pop();
    }

    /// Reads one that is a message, within `parent`.
    pub(super) fn winmail_message(
        &mut self,
        bytes: &[u8],
        name: Option<&str>,
        at: At<'_>,
        parent: Option<usize>,
    ) {
        let Some(message) = self.unwrap(bytes, at) else { return };
        let headers = self.fields(&message.fields);
        self.check_message(&headers, true, at.path);
        let number = self.begin(&headers, at.path, parent);
        if parent.is_some() {
            self.findings.within.push(name.unwrap_or("a message").to_owned());
        }
        self.winmail_parts(
            message,
            At { message: number, depth: at.depth + 1, digest: false, ..at },
        );
        if parent.is_some() {
            self.findings.within.pop();
        }
    }

    /// Takes one apart; `None`, with a defect, where it lies too deep.
    fn unwrap(&mut self, bytes: &[u8], at: At<'_>) -> Option<Message> {
        if at.depth >= self.findings.limits.depth_max {
            let detail = "messages nest too deep; this one is not read";
            self.findings.defect(DefectKind::LimitReached, at.path, detail);
            return None;
        }
        let tnef::Unwrapped { message, inflated } =
            tnef::read(bytes, self.findings.budget.inflatable());
        self.findings.budget.inflated(inflated);
        for problem in &message.problems {
            self.findings.defect(DefectKind::Structure, at.path, problem.clone());
        }
        Some(message)
    }

    fn winmail_parts(&mut self, message: Message, at: At<'_>) {
        self.outlook_bodies(&message, at);
        for (index, attached) in message.attachments.into_iter().enumerate() {
            let path = join(at.path, index + 2);
            if self.another_part(&path) {
                self.outlook_file(attached, At { path: &path, ..at });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Format;
    use crate::container::tnef::tests::sample;
    use crate::mail::attached::tests::{attached, defects, links, read};

    #[test]
    fn a_winmail_is_the_mail_that_it_comes_with() {
        let bytes = sample();
        for (label, name) in
            [("application/ms-tnef", "winmail.dat"), ("application/octet-stream", "x.bin")]
        {
            let reading = attached(label, name, &bytes);
            let expect = [
                "2.1 Anchor rtf.example.org",
                "2.2 Anchor att.example.org",
                "2.3.1 Text inner.example.org",
            ];
            assert_eq!(links(&reading), expect, "{label}");
            assert_eq!(reading.links[0].place.within.as_deref(), Some(name));
            assert_eq!(reading.summary.subject.as_deref(), Some("Inner"));
            assert_eq!(reading.summary.forwarded_depth, 1);
            let formats: Vec<_> =
                reading.attachments.iter().map(|a| (a.part.as_str(), a.format)).collect();
            assert_eq!(formats, [("2", Format::Tnef), ("2.2", Format::Html)]);
        }
        let reading = read(&bytes);
        assert_eq!(links(&reading)[0], "1 Anchor rtf.example.org");
        assert_eq!(reading.summary.forwarded_depth, 1);
        let cut = attached("application/ms-tnef", "winmail.dat", &bytes[..bytes.len() - 40]);
        assert_eq!(defects(&cut), ["structure 2", "unread 2.3"]);
        assert_eq!(cut.links.len(), 2);
    }
}
