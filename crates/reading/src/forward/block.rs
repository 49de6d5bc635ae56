//! The block of labelled lines that stands above a quoted mail: `From: …`,
//! `Sent: …`. Where it ends the body begins.

use super::lines::{Line, trim};
use super::people::{is_address, people, person};
use super::table::{Field, LABEL_BYTES_MAX, TABLE};
use crate::Address;
use crate::limits::{HEADER_VALUE_BYTES_MAX, cut};

/// Lines of one block.
const BLOCK_LINES_MAX: usize = 60;

/// What a block says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) from: Option<Address>,
    pub(super) to: Vec<Address>,
    pub(super) cc: Vec<Address>,
    pub(super) reply_to: Option<Address>,
    pub(super) date: Option<String>,
    pub(super) subject: Option<String>,
}

impl Block {
    /// Takes the value of a field; only the first of a kind counts.
    pub(super) fn take(&mut self, field: Field, value: &str) {
        let text = Some(trim(value)).filter(|v| !v.is_empty());
        let kept = || text.map(|v| cut(v, HEADER_VALUE_BYTES_MAX).to_owned());
        match field {
            Field::From => self.from = self.from.take().or_else(|| person(value)),
            Field::ReplyTo => self.reply_to = self.reply_to.take().or_else(|| person(value)),
            Field::To if self.to.is_empty() => self.to = people(value),
            Field::Cc if self.cc.is_empty() => self.cc = people(value),
            Field::Date => self.date = self.date.take().or_else(kept),
            Field::Subject => self.subject = self.subject.take().or_else(kept),
            Field::To | Field::Cc | Field::Bcc | Field::Other => {}
        }
    }

    /// Fields that speak for a mail, besides From.
    pub(super) fn witnesses(&self) -> usize {
        usize::from(!self.to.is_empty())
            + usize::from(!self.cc.is_empty())
            + usize::from(self.date.is_some())
            + usize::from(self.subject.is_some())
    }

    /// It names the address of the sender, as nothing but a mail does.
    pub(super) fn has_address(&self) -> bool {
        self.from.as_ref().is_some_and(|from| from.address.is_some())
    }
}

/// Reads the block that begins at `lines[0]`; gives it and the number of its lines.
pub(super) fn read(lines: &[Line<'_>]) -> Option<(Block, usize)> {
    let mut fields: Vec<(Field, String)> = Vec::new();
    let depth = lines.first()?.depth;
    let mut end = 0;
    for (number, line) in lines.iter().enumerate().take(BLOCK_LINES_MAX) {
        if line.is_blank() {
            // Some programs set fields apart; the body stands apart from all of them.
            let more = lines.get(number + 1).filter(|next| next.depth == depth);
            let next = more.and_then(|next| label(next.text)).map(|(field, _)| field);
            if next.is_some_and(|field| !has(&fields, field)) && !has(&fields, Field::Subject) {
                continue;
            }
            break;
        }
        if line.depth != depth {
            break;
        }
        match label(line.text) {
            Some((field, _)) if has(&fields, field) && field != Field::Other => break,
            Some((field, value)) => fields.push((field, value.to_owned())),
            None => match fields.last_mut() {
                Some((field, value)) if continues(*field, value, line.text) => {
                    value.push(' ');
                    value.push_str(line.text);
                }
                _ => break,
            },
        }
        end = number + 1;
    }
    let mut block = Block::default();
    for (field, value) in &fields {
        block.take(*field, value);
    }
    (block.from.is_some() && block.witnesses() > 0).then_some((block, end))
}

fn has(fields: &[(Field, String)], field: Field) -> bool {
    fields.iter().any(|(own, _)| *own == field)
}

/// Whether `line`, which has no label, goes on with the value before it.
fn continues(field: Field, value: &str, line: &str) -> bool {
    let people = matches!(field, Field::From | Field::To | Field::Cc | Field::Bcc);
    if value.is_empty() {
        return field != Field::Other;
    }
    // Gmail breaks lines within an address.
    let open = value.rfind('<') > value.rfind('>');
    people
        && (open
            || value.ends_with([',', ';'])
            || line.split([' ', ',', ';']).any(|word| {
                let word = word.trim_matches(['<', '>', '"', '\'']);
                is_address(word) && line.trim_end().ends_with(['>', ';', ','])
            }))
}

/// The field and value of a labelled line, bold marks and all: `*Van :* Jo`.
pub(super) fn label(line: &str) -> Option<(Field, &str)> {
    let head = cut(line, LABEL_BYTES_MAX);
    let colon = head.find([':', '：'])?;
    let name = trim(head[..colon].trim_matches(['*', '_', ' ']));
    let field = TABLE.field(name)?;
    let value = line[colon..].trim_start_matches([':', '：']);
    Some((field, trim(value.trim_start_matches(['*', '_']))))
}

#[cfg(test)]
mod tests {
    use super::super::lines::lines;
    use super::{label, read};
    use crate::forward::table::Field;

    #[test]
    fn labels_are_read_with_their_decoration() {
        assert_eq!(label("Van: Jo"), Some((Field::From, "Jo")));
        assert_eq!(label("*Objet\u{a0}:* x: y"), Some((Field::Subject, "x: y")));
        assert_eq!(label("件名：x"), Some((Field::Subject, "x")));
        assert_eq!(label("**Von:** Jo"), Some((Field::From, "Jo")));
        assert_eq!(label("Hello: x"), None);
        assert_eq!(label("no colon"), None);
    }

    fn check(text: &str, subject: &str, lines_read: usize) {
        let lines = lines(text);
        let (block, end) = read(&lines).unwrap();
        assert_eq!(block.subject.as_deref().unwrap_or_default(), subject, "{text:?}");
        assert_eq!(end, lines_read, "{text:?}");
    }

    #[test]
    fn a_block_ends_where_the_body_begins() {
        check("From: a@a.example\nSubject: x\nFrom here on", "x", 2);
        check("From: a@a.example\nTo: b@a.example,\n c@a.example\nSubject: x\n\nTo: all", "x", 4);
        check("Van: a@a.example\n\nVerzonden: nu\n\nOnderwerp: x\n\nDag", "x", 5);
        check("From:\nJo <a@a.example>\nSubject:\nx\nHello", "x", 4);
        check("From: Jo <a@a.example\n>\nSubject: x\n\nHello", "x", 3);
        check("> From: a@a.example\n> Subject: x\nMine", "x", 2);
    }

    #[test]
    fn a_label_alone_is_no_block() {
        assert!(read(&lines("From: here to there\nby train")).is_none());
        assert!(read(&lines("Subject: x\nDate: y\n")).is_none());
        assert!(read(&[]).is_none());
    }
}
