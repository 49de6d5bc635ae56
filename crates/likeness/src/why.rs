//! `Why`: two texts beside each other, in words for an analyst.

use std::fmt;
use std::ops::Range;

use crate::slot::Slot;
use crate::text::{Kind, Text};
use crate::vocabulary::Known;

/// A stretch of two aligned texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words that both have, as each writes them.
    Same {
        /// The pattern's.
        pattern: String,
        /// The text's.
        text: String,
    },
    /// A slot that both have.
    Slot {
        /// Its kind.
        slot: Slot,
        /// What the pattern has in it.
        pattern: String,
        /// What the text has in it.
        text: String,
    },
    /// Only in the pattern.
    Gone(String),
    /// Only in the text.
    Added(String),
}

/// Two texts aligned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// In order.
    pub parts: Vec<Part>,
}

impl Why {
    pub(crate) fn new(
        pattern: &str,
        text: &str,
        taken: &Text,
        pairs: &[(usize, usize)],
        known: &[Known],
    ) -> Self {
        let model = Text::new(pattern);
        let mut why = Self { parts: Vec::new() };
        let (mut i, mut j) = (0, 0);
        for (at, with) in pairs {
            let part = known[*with];
            why.gone(cut(pattern, &model, i..*at));
            why.added(cut(text, taken, j..usize::from(part.from)));
            let theirs = usize::from(part.from).max(j)..usize::from(part.to) + 1;
            let (ours, theirs) = (cut(pattern, &model, *at..at + 1), cut(text, taken, theirs));
            match model.tokens()[*at].kind {
                Kind::Slot(slot) => {
                    why.parts.push(Part::Slot { slot, pattern: ours, text: theirs });
                }
                Kind::Word => why.same(ours, &theirs),
            }
            (i, j) = (at + 1, usize::from(part.to) + 1);
        }
        why.gone(cut(pattern, &model, i..model.tokens().len()));
        why.added(cut(text, taken, j..taken.tokens().len()));
        why
    }

    fn gone(&mut self, words: String) {
        if !words.is_empty() {
            self.parts.push(Part::Gone(words));
        }
    }

    fn added(&mut self, words: String) {
        if !words.is_empty() {
            self.parts.push(Part::Added(words));
        }
    }

    fn same(&mut self, ours: String, theirs: &str) {
        if let Some(Part::Same { pattern, text }) = self.parts.last_mut() {
            pattern.push(' ');
            pattern.push_str(&ours);
            if !theirs.is_empty() {
                text.push(' ');
                text.push_str(theirs);
            }
        } else {
            self.parts.push(Part::Same { pattern: ours, text: theirs.to_owned() });
        }
    }
}

/// The original of these tokens.
fn cut(original: &str, text: &Text, tokens: Range<usize>) -> String {
    let tokens = text.tokens().get(tokens).unwrap_or_default();
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => {
            let end = last.span().end.max(first.span().start);
            original.get(first.span().start..end).unwrap_or_default().trim().to_owned()
        }
        _ => String::new(),
    }
}

/// One line: words that both have, `{link: old → new}`, `[-gone-]`, `[+added+]`.
impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, part) in self.parts.iter().enumerate() {
            if nth > 0 {
                f.write_str(" ")?;
            }
            match part {
                Part::Same { text, .. } => f.write_str(text)?,
                Part::Slot { slot, pattern, text } if pattern == text => {
                    write!(f, "{{{}: {text}}}", slot.name())?;
                }
                Part::Slot { slot, pattern, text } => {
                    write!(f, "{{{}: {pattern} → {text}}}", slot.name())?;
                }
                Part::Gone(words) => write!(f, "[-{words}-]")?,
                Part::Added(words) => write!(f, "[+{words}+]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    fn check(pattern: &str, text: &str, expect: &str) {
        assert_eq!(crate::compare(pattern, text).1.to_string(), expect);
    }

    #[test]
    fn the_texts_are_aligned_with_slots_marked() {
        check(
            "Uw pakket wacht. Betaal €2,99 via https://a.example",
            "Beste, uw P4KKET wacht nog. Betaal €3,49 via https://b.example/x",
            "[+Beste+] uw P4KKET wacht [+nog+] Betaal {amount: €2,99 → €3,49} via {link: https://a.example → https://b.example/x}",
        );
    }

    #[test]
    fn nothing_in_common_is_all_gone_and_added() {
        check("douane pakket", "heel anders", "[-douane pakket-] [+heel anders+]");
        check("", "", "");
    }
}
