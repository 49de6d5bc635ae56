//! Forwards written into the text of a mail: who wrote the original, to whom, when,
//! about what, and what the forwarder added. A mail may be forwarded more than once;
//! the innermost original is the suspicious one.
//!
//! It reads lines, not clients: what clients write is data (`data/forward.txt`).
//! One pass over bounded lines; nothing is looked back for.

mod attribution;
mod block;
mod lines;
mod people;
mod run_on;
mod table;

use serde::{Deserialize, Serialize};

use self::block::Block;
use self::lines::{Line, lines};
use self::table::TABLE;
use crate::Address;
use crate::limits::{TEXT_KEPT_BYTES_MAX, cut};

/// Forwards within forwards that are told apart.
pub(crate) const LEVELS_MAX: usize = 8;
/// Lines looked at in search of a header; a header below stands in a long thread.
const SEARCH_LINES_MAX: usize = 20_000;

/// A mail that was forwarded within the text of another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forward {
    /// What the forwarder wrote above it, if anything.
    pub note: Option<String>,
    /// Who wrote the original.
    pub from: Option<Address>,
    /// To whom.
    pub to: Vec<Address>,
    /// And with copies to whom.
    pub cc: Vec<Address>,
    /// Where answers to it go, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Address>,
    /// When, as the forwarder's program wrote it.
    pub date: Option<String>,
    /// About what.
    pub subject: Option<String>,
    /// Its text, at most 64 KiB, without marks of quotation.
    pub body: String,
    /// The mail that this one forwarded in its turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inner: Option<Box<Forward>>,
}

impl Forward {
    /// The mail at the bottom of it all.
    pub fn innermost(&self) -> &Forward {
        let mut at = self;
        while let Some(inner) = &at.inner {
            at = inner;
        }
        at
    }

    /// Forwards from here to the innermost, itself included.
    pub fn levels(&self) -> usize {
        1 + self.inner.as_ref().map_or(0, |inner| inner.levels())
    }
}

/// A forward, and where in the text each of its levels begins.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) forward: Forward,
    /// Octets before the header of each level, outermost first.
    pub(crate) starts: Vec<usize>,
    /// Its mark or the subject says that it is a forward; else it could be an answer.
    pub(crate) certain: bool,
}

/// What announces a quoted mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// Words that say "forwarded".
    Forwarded,
    /// A rule, or words that say "original message".
    Quoted,
    None,
}

/// One header met in the text.
struct Header {
    /// Its mark, or its first line.
    start: usize,
    /// The line after it.
    end: usize,
    depth: usize,
    mark: Mark,
    block: Block,
}

/// Finds the forward in `text`, the body of a mail with this subject.
pub(crate) fn find(text: &str, subject: Option<&str>) -> Option<Found> {
    let subject = subject.unwrap_or_default();
    let prefixed = TABLE.without_forward(subject).is_some();
    let answers = TABLE.without_reply(subject).is_some();
    let lines = lines(text);
    let header = next(&lines, 0, prefixed)?;
    let certain = prefixed || header.mark == Mark::Forwarded;
    if !certain && (answers || !header.block.has_address()) {
        return None;
    }
    let mut headers = vec![header];
    while headers.len() < LEVELS_MAX
        && let Some(deeper) = inner(&lines, &headers[headers.len() - 1])
    {
        headers.push(deeper);
    }
    Some(assemble(&lines, headers, subject, certain))
}

/// The header of a mail that the mail under `outer` forwards.
fn inner(lines: &[Line<'_>], outer: &Header) -> Option<Header> {
    let subject = outer.block.subject.as_deref().unwrap_or_default();
    let prefixed = TABLE.without_forward(subject).is_some();
    let header = next(lines, outer.end, prefixed)?;
    (prefixed || header.mark == Mark::Forwarded).then_some(header)
}

/// The first header at or after line `from`. One-line headers count only where the
/// subject says that something is forwarded: answers have them too.
fn next(lines: &[Line<'_>], from: usize, prefixed: bool) -> Option<Header> {
    let end = lines.len().min(SEARCH_LINES_MAX);
    (from..end).find_map(|number| {
        let line = lines[number];
        if line.is_blank() {
            return None;
        }
        let header =
            |start, end, mark, block| Header { start, end, depth: line.depth, mark, block };
        if let Some(block) = run_on::read(line.text) {
            return Some(header(number, number + 1, Mark::Forwarded, block));
        }
        if block::label(line.text).is_some()
            && let Some((block, count)) = block::read(&lines[number..])
        {
            let (start, mark) = mark_above(lines, number, from);
            if mark == Mark::Forwarded || block.witnesses() > 1 {
                return Some(header(start, number + count, mark, block));
            }
        }
        if let Some(block) = attribution::read(line.text) {
            let (start, mark) = mark_above(lines, number, from);
            if prefixed || mark == Mark::Forwarded {
                return Some(header(start, number + 1, mark, block));
            }
        }
        None
    })
}

/// The mark in the few lines above `number`, and where it begins.
fn mark_above(lines: &[Line<'_>], number: usize, from: usize) -> (usize, Mark) {
    const BLANKS_MAX: usize = 3;
    let above = lines[from..number].iter().enumerate().rev();
    let near = above.take(BLANKS_MAX + 1).find(|(_, line)| !line.is_blank());
    match near {
        Some((at, line)) if mark(line.text) != Mark::None => (from + at, mark(line.text)),
        _ => (number, Mark::None),
    }
}

/// What a line above a header says.
fn mark(line: &str) -> Mark {
    const MARK_BYTES_MAX: usize = 200;
    if line.len() > MARK_BYTES_MAX {
        return Mark::None;
    }
    let is_edge = |c: char| matches!(c, '-' | '_' | '=' | '*' | ' ' | '\u{a0}' | '–' | '—');
    let bare = line.trim_matches(is_edge);
    let ruled = line.chars().count() - bare.chars().count() >= 6;
    let bare = lines::trim(bare.trim_end_matches([':', '：']));
    if TABLE.is_forwarded(bare) {
        Mark::Forwarded
    } else if TABLE.is_quoted(bare) || ruled {
        Mark::Quoted
    } else {
        Mark::None
    }
}

fn assemble(lines: &[Line<'_>], headers: Vec<Header>, subject: &str, certain: bool) -> Found {
    let starts = headers.iter().map(|header| lines[header.start].start).collect();
    let notes: Vec<_> = headers
        .iter()
        .enumerate()
        .map(|(level, header)| match level.checked_sub(1).map(|outer| &headers[outer]) {
            Some(outer) => (outer.end, outer.depth.max(depth_below(lines, outer)), header.start),
            None => (0, 0, header.start),
        })
        .map(|(from, depth, to)| text_of(&lines[from.min(to)..to], depth))
        .collect();
    let mut forward: Option<Box<Forward>> = None;
    for (header, note) in headers.into_iter().zip(notes).rev() {
        let depth = header.depth.max(depth_below(lines, &header));
        let Block { from, to, cc, reply_to, date, subject } = header.block;
        forward = Some(Box::new(Forward {
            note: Some(note).filter(|note| !note.is_empty()),
            from,
            to,
            cc,
            reply_to,
            date,
            subject,
            body: text_of(&lines[header.end..], depth),
            inner: forward,
        }));
    }
    let mut forward = *forward.unwrap_or_default();
    forward.subject = forward.subject.or_else(|| without_prefixes(subject));
    Found { forward, starts, certain }
}

/// The depth of quotation of a header's body, by its first line with text. Some
/// programs quote the body and leave the header as it is.
fn depth_below(lines: &[Line<'_>], header: &Header) -> usize {
    let body = lines[header.end..].iter().find(|line| !line.is_blank());
    body.map_or(header.depth, |line| line.depth.min(header.depth + 1))
}

/// Lines as text: without `depth` marks of quotation and common indentation.
fn text_of(lines: &[Line<'_>], depth: usize) -> String {
    let blank = |line: &&Line<'_>| line.is_blank();
    let first = lines.iter().position(|l| !l.is_blank()).unwrap_or(lines.len());
    let kept = &lines[first..];
    let kept = &kept[..kept.len() - kept.iter().rev().take_while(blank).count()];
    let indent = kept.first().map_or(0, |line| {
        let text = line.unquoted(depth);
        text.len() - text.trim_start_matches([' ', '\t', '\u{feff}']).len()
    });
    let mut text = String::new();
    for line in kept {
        if text.len() > TEXT_KEPT_BYTES_MAX {
            break;
        }
        let line = line.unquoted(depth);
        let space = line.len() - line.trim_start_matches([' ', '\t', '\u{feff}']).len();
        let line = line.get(space.min(indent)..).unwrap_or(line);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.pop();
    cut(&text, TEXT_KEPT_BYTES_MAX).to_owned()
}

/// A subject as it was before anybody forwarded it.
fn without_prefixes(subject: &str) -> Option<String> {
    let mut rest = subject.trim();
    for _ in 0..LEVELS_MAX {
        match TABLE.without_forward(rest) {
            Some(inner) => rest = inner,
            None => break,
        }
    }
    Some(rest.to_owned()).filter(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests;
