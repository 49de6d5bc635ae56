//! The header that Yahoo's plain text runs together on one line after its mark:
//! `----- Forwarded Message ----- From: Jo <jo@a.example>To: …Subject: x`.

use super::block::Block;
use super::lines::trim;
use super::table::{Field, Label, TABLE};
use crate::limits::cut;

/// Octets of such a line.
const LINE_BYTES_MAX: usize = 8 << 10;

/// Reads it; the mark's dashes stand around words that say "forwarded".
pub(super) fn read(line: &str) -> Option<Block> {
    let line = cut(line, LINE_BYTES_MAX);
    let inner = line.strip_prefix("-----")?.trim_start_matches('-');
    let (mark, rest) = inner.split_once("-----")?;
    if !TABLE.is_forwarded(trim(mark)) {
        return None;
    }
    let rest = trim(rest.trim_start_matches('-'));
    let languages = TABLE.labels.iter().filter(|l| l.field == Field::From);
    // Languages share labels; the one that explains most of the line is meant.
    languages.filter_map(|from| fields(rest, from)).max_by_key(Block::witnesses)
}

/// The fields of `rest`, where it begins with this label and goes on in its language.
fn fields(rest: &str, from: &Label) -> Option<Block> {
    let mut block = Block::default();
    let mut field = Field::From;
    let mut value = after(rest, from.text)?;
    // Each label ends the value before it; the subject is the last.
    while field != Field::Subject {
        let next = TABLE.labels.iter().filter(|label| {
            (label.language == from.language || label.language == "*") && later(field, label.field)
        });
        let found = next.filter_map(|label| Some((find(value, label)?, label)));
        let Some(((at, rest), label)) = found.min_by_key(|((at, _), _)| *at) else {
            break;
        };
        block.take(field, &value[..at]);
        (field, value) = (label.field, rest);
    }
    block.take(field, value);
    (block.from.is_some() && block.subject.is_some()).then_some(block)
}

/// Yahoo's order: From, To, Cc, Sent, Subject.
fn later(now: Field, next: Field) -> bool {
    const ORDER: [Field; 5] = [Field::From, Field::To, Field::Cc, Field::Date, Field::Subject];
    let place = |field| ORDER.iter().position(|own| *own == field);
    place(next) > place(now)
}

/// Where a label begins in `value`, and what follows it. People end with `>`; a
/// date may end in anything, so only the subject's label may follow anything.
fn find<'v>(value: &'v str, label: &Label) -> Option<(usize, &'v str)> {
    value.match_indices(label.text).find_map(|(at, _)| {
        let fits = label.field == Field::Subject || value[..at].ends_with('>');
        fits.then(|| after(&value[at..], label.text)).flatten().map(|rest| (at, rest))
    })
}

/// What follows a label and its colon. Yahoo forgets the colon in two languages.
fn after<'v>(value: &'v str, label: &str) -> Option<&'v str> {
    let rest = value.strip_prefix(label)?;
    let gap = rest.trim_start_matches([' ', '\u{a0}']);
    gap.strip_prefix(':').or((gap.len() < rest.len()).then_some(gap))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn labels_without_line_ends_are_told_apart() {
        let block = read(
            "----- Mensagem reencaminhada ----- De: Jo <jo@a.example>Para: \"a@a.example\" \
             <a@a.example>Enviado: terça-feira, 2 de novembro de 2021, 09:26:50 CETAssunto Aan: de la",
        )
        .unwrap();
        assert_eq!(block.from.unwrap().name.as_deref(), Some("Jo"));
        assert_eq!(block.to.len(), 1);
        assert_eq!(block.date.as_deref(), Some("terça-feira, 2 de novembro de 2021, 09:26:50 CET"));
        assert_eq!(block.subject.as_deref(), Some("Aan: de la"));
    }

    #[test]
    fn other_lines_are_none() {
        for line in [
            "",
            "-----",
            "----- Hello ----- From: a@a.example Subject: x",
            "----- Forwarded Message -----",
            "----- Forwarded Message ----- see below",
        ] {
            assert!(read(line).is_none(), "{line}");
        }
    }
}
