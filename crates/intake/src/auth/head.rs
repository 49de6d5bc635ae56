//! The header block of a mail as plain fields, within bounds. Nothing is decoded.

/// The most octets of a header block that is looked into.
pub(super) const HEAD_BYTES_MAX: usize = 256 << 10;
/// The most fields in it.
const FIELDS_MAX: usize = 1_000;

/// The fields of a mail, name and raw value; borrowed.
#[derive(Debug)]
pub(super) struct Head<'a> {
    fields: Vec<(&'a [u8], &'a [u8])>,
    body: &'a [u8],
}

impl<'a> Head<'a> {
    /// The header block of `mail`; `None` where it is larger than the bounds.
    pub(super) fn of(mail: &'a [u8]) -> Option<Self> {
        let (head, body) = split(mail);
        if head.len() > HEAD_BYTES_MAX {
            return None;
        }
        let mut fields = Vec::new();
        let mut rest = head;
        while let Some((name, value, next)) = field(rest) {
            if fields.len() == FIELDS_MAX {
                return None;
            }
            fields.push((name, value));
            rest = next;
        }
        Some(Self { fields, body })
    }

    /// The values of the fields named `name`, in order.
    pub(super) fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'a [u8]> + 'h {
        self.fields
            .iter()
            .filter(move |(field, _)| field.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value.trim_ascii())
    }

    /// Whether there is a field with this beginning of a name.
    pub(super) fn any_prefix(&self, prefix: &str) -> bool {
        self.fields.iter().any(|(field, _)| {
            field
                .get(..prefix.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
        })
    }

    /// The first word of the first field named `name`, in lower case: without its
    /// parameters and comments.
    pub(super) fn word(&self, name: &str) -> Option<String> {
        let value = self.all(name).next()?;
        let end = value
            .iter()
            .position(|byte| matches!(byte, b';' | b'(' | b',' | b' ' | b'\t' | b'\r' | b'\n'))
            .unwrap_or(value.len());
        Some(String::from_utf8_lossy(&value[..end]).to_ascii_lowercase())
    }

    /// What follows the header block.
    pub(super) fn body(&self) -> &'a [u8] {
        self.body
    }
}

/// The header block and what follows its empty line.
fn split(mail: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while let Some(end) = mail[at..].iter().position(|byte| *byte == b'\n') {
        let line = &mail[at..at + end];
        if line.is_empty() || line == b"\r" {
            return (&mail[..at], &mail[at + end + 1..]);
        }
        at += end + 1;
        if at > HEAD_BYTES_MAX {
            return (mail, &[]);
        }
    }
    (mail, &[])
}

/// The next field with its folded lines, and what follows it.
fn field(head: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut end = 0;
    loop {
        end += head
            .get(end..)?
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(head.len() - end, |at| at + 1);
        if !matches!(head.get(end), Some(b' ' | b'\t')) {
            break;
        }
    }
    if end == 0 {
        return None;
    }
    let (field, rest) = head.split_at(end);
    let colon = field.iter().position(|byte| *byte == b':').unwrap_or(0);
    let (name, value) = field.split_at(colon);
    Some((name.trim_ascii(), value.get(1..).unwrap_or_default(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &[u8] = b"Subject: one\r\n two\r\nAuto-Submitted: Auto-Replied (vacation)\r\n\
        no colon here\r\nlist-id: <a.example>\r\nX: \r\nX: y\r\n\r\nList-Id: body\r\n";

    #[test]
    fn fields_are_found_by_name_with_their_folds() {
        let head = Head::of(MAIL).unwrap();
        assert_eq!(head.all("subject").next().unwrap(), b"one\r\n two");
        assert_eq!(head.word("Auto-Submitted").as_deref(), Some("auto-replied"));
        assert_eq!(head.all("List-ID").count(), 1);
        assert_eq!(head.all("x").collect::<Vec<_>>(), [b"".as_slice(), b"y"]);
        assert!(head.any_prefix("LIST-") && !head.any_prefix("list-idx"));
        assert_eq!(head.body(), b"List-Id: body\r\n");
    }

    #[test]
    fn what_is_past_the_bounds_is_no_head() {
        let long = [b"A: ".as_slice(), &vec![b'x'; HEAD_BYTES_MAX], b"\r\n\r\n"].concat();
        assert!(Head::of(&long).is_none());
        assert!(Head::of(&b"A: b\r\n".repeat(FIELDS_MAX + 1)).is_none());
        assert!(Head::of(b"").unwrap().fields.is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_split_and_none_is_lost_or_read_twice(mail: Vec<u8>) {
            if let Some(head) = Head::of(&mail) {
                let read: usize = head.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
                proptest::prop_assert!(read + head.body.len() <= mail.len());
            }
        }
    }
}
