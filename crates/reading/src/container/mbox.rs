//! A mailbox file (mbox): messages, each behind a `From ` line after an empty one.

/// Messages of one mailbox that are read.
const MESSAGES_MAX: usize = 1_000;

/// What a mailbox holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Mailbox<'a> {
    pub(crate) messages: Vec<&'a [u8]>,
    /// There were more.
    pub(crate) more: bool,
}

/// Whether it begins as a mailbox does.
pub(crate) fn looks_like_mbox(head: &[u8]) -> bool {
    let Some(end) = head.iter().position(|b| *b == b'\n') else {
        return false;
    };
    is_postmark(&head[..end]) && super::format::looks_like_message(&head[end + 1..])
}

/// Splits a mailbox. A single message with a `From ` line is one of one message.
pub(crate) fn split(bytes: &[u8]) -> Mailbox<'_> {
    let mut found = Mailbox::default();
    let (mut open, mut at, mut blank) = (None, 0, true);
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let end = at + line.len();
        if blank && is_postmark(line) && begins_with_field(&bytes[end..]) {
            push(&mut found, bytes, open.take(), at);
            open = Some(end);
        }
        blank = line.trim_ascii().is_empty();
        at = end;
    }
    push(&mut found, bytes, open, at);
    found
}

fn push<'a>(found: &mut Mailbox<'a>, bytes: &'a [u8], open: Option<usize>, end: usize) {
    let Some(start) = open else {
        return;
    };
    if found.messages.len() < MESSAGES_MAX {
        found.messages.push(&bytes[start..end]);
    } else {
        found.more = true;
    }
}

/// `From sender date`: no colon after `From`, and a year or time at its end.
fn is_postmark(line: &[u8]) -> bool {
    line.strip_prefix(b"From ").is_some_and(|rest| rest.trim_ascii().iter().any(u8::is_ascii_digit))
}

fn begins_with_field(rest: &[u8]) -> bool {
    let line = rest.split(|b| *b == b'\n').next().unwrap_or_default();
    let name = line.iter().position(|b| *b == b':').map(|colon| &line[..colon]);
    name.is_some_and(|name| !name.is_empty() && name.iter().all(u8::is_ascii_graphic))
}

#[cfg(test)]
mod tests {
    use super::{looks_like_mbox, split};

    #[test]
    fn messages_stand_behind_their_postmarks() {
        let box_ = b"From a@example.com Mon Nov 23 10:00:00 2026\nFrom: a\nTo: b\n\none\n\
                     From here it goes on in 2026\n>From there\n\n\
                     From here it goes on in 2026\nno field\n\n\
                     From b@example.com Tue Nov 24 10:00:00 2026\r\nFrom: b\r\n\r\ntwo\n";
        assert!(looks_like_mbox(box_));
        let found = split(box_);
        assert_eq!(found.messages.len(), 2);
        assert!(found.messages[0].starts_with(b"From: a\nTo: b"));
        assert!(found.messages[0].ends_with(b"no field\n\n"));
        assert_eq!(found.messages[1], b"From: b\r\n\r\ntwo\n");
        assert!(!found.more);
    }

    #[test]
    fn a_mail_is_no_mailbox_and_their_number_is_bounded() {
        assert!(!looks_like_mbox(b"From: a\nTo: b\n"));
        assert!(!looks_like_mbox(b"From here on, 2026\nwe walk\n"));
        let many = "From a 2026\nFrom: a\n\n".repeat(1_200);
        let found = split(many.as_bytes());
        assert_eq!(found.messages.len(), 1_000);
        assert!(found.more);
    }
}
