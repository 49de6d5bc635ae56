//! What stands around a link in the text: a sentence that takes its reader off a
//! list, an arrow that points at it, a word that leads to it. Links called "here"
//! say nothing by themselves.

use super::words;
use crate::findings::Cues;
use crate::limits::{RUN_BYTES_MAX, cut};
use crate::{Link, LinkKind};

/// Octets looked at before and after a link.
const BEFORE_BYTES: usize = 160;
const AFTER_BYTES: usize = 80;

/// Marks the cues of `links`, which stand in `text` where their cues say.
pub(crate) fn mark(links: &[Link], cues: &mut [Cues], text: &str) {
    for (link, cues) in links.iter().zip(cues) {
        if matches!(link.kind, LinkKind::Anchor | LinkKind::Button | LinkKind::Text)
            && cues.at <= text.len()
        {
            one(link, cues, text);
        }
    }
}

fn one(link: &Link, cues: &mut Cues, text: &str) {
    let mut at = text.floor_char_boundary(cues.at);
    if link.kind == LinkKind::Text {
        // The cues of a link in HTML know the start of its run of text only.
        let run = cut(&text[at..], RUN_BYTES_MAX);
        at += run.find(link.raw.as_deref().unwrap_or(link.url.as_str())).unwrap_or_default();
    }
    let before = &text[text.ceil_char_boundary(at.saturating_sub(BEFORE_BYTES))..at];
    let after = &text[at..text.floor_char_boundary(at + AFTER_BYTES)];
    // A program that writes HTML as text puts the words before their address.
    let line = before.rsplit('\n').next().unwrap_or_default();
    match link.kind {
        LinkKind::Text => {
            let label = sentence_before(line);
            cues.leaving = words::leaving(label);
            cues.legal = words::legal(label).is_some() && label.len() < 60;
            cues.calls = words::action(label).is_some();
            cues.led = label.trim().is_empty() || words::leads(label);
            cues.pointed = points(line);
        }
        _ => {
            let shown = link.text.as_deref().unwrap_or_default();
            if !shown.is_empty() && words::is_generic(shown) {
                let around = format!("{}{}", sentence_before(before), sentence_after(after));
                cues.leaving = words::leaving(&around);
                cues.calls = !cues.leaving && words::purpose(&around).is_some();
                cues.legal = !cues.calls && words::legal(&around).is_some();
            }
            cues.pointed = shown.contains("://") && points(line);
        }
    }
}

fn sentence_before(text: &str) -> &str {
    text.trim_end_matches(['<', '(', '[', ' '])
        .rsplit(['.', '!', '?', '\n'])
        .next()
        .unwrap_or_default()
}

fn sentence_after(text: &str) -> &str {
    text.split(['.', '!', '?', '\n']).next().unwrap_or_default()
}

/// Whether the end of `line` points at what follows.
fn points(line: &str) -> bool {
    const POINTERS: [char; 16] =
        ['→', '➡', '➜', '➤', '👉', '▶', '►', '»', '⬇', '⤵', '⇒', '👇', '↓', '🔗', '⏩', '>'];
    let end = line.trim_end_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, '❗' | '‼' | '!' | ':' | '\u{fe0f}' | '\u{200d}' | '<' | '(' | '[')
    });
    match end.chars().next_back() {
        // A mark of quotation is no arrow.
        Some('>') => {
            let shaft = end.chars().rev().nth(1);
            shaft.is_some_and(|c| matches!(c, '-' | '=' | '>' | '–' | '—' | '―' | '~'))
        }
        Some(c) => POINTERS.contains(&c),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{points, sentence_after, sentence_before};

    #[test]
    fn arrows_point_and_quotation_does_not() {
        for line in ["Open ➡️ ", "pay 👉", "now ->-->❗ ", "funds >>> ", "funds —> "] {
            assert!(points(line), "{line}");
        }
        for line in ["", "> ", "see ", "a > "] {
            assert!(!points(line), "{line}");
        }
    }

    #[test]
    fn a_sentence_ends_at_its_stop() {
        assert_eq!(sentence_before("Win now. To stop <"), " To stop");
        assert_eq!(sentence_after("here to leave. Win"), "here to leave");
    }
}
