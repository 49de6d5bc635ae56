//! Which of a mail's messages are the suspicious ones: those that no other message
//! stands in. Most reports hold one; some forward several, in a digest, a mailbox
//! or as attachments side by side, and each raises its own links.

use super::walk::Walk;
use crate::limits::cut;
use crate::{Forward, FurtherMail, Origin, Summary};

/// Suspicious messages that are told apart.
const SUBJECTS_MAX: usize = 50;
/// Octets of the text of each but the first that are kept.
const FURTHER_TEXT_BYTES_MAX: usize = 4 << 10;

/// What the walk found out about the messages that matter.
pub(super) struct Suspicious {
    pub(super) first: usize,
    pub(super) summary: Summary,
    pub(super) origin: Origin,
    /// Its visible text.
    pub(super) text: String,
    /// The forward that it was quoted in.
    pub(super) forward: Option<Forward>,
    /// The others, by number.
    pub(super) further: Vec<(usize, FurtherMail)>,
}

impl Walk<'_, '_> {
    /// The suspicious messages, once all is read.
    pub(super) fn finish(mut self) -> Suspicious {
        self.read_documents();
        let subjects = self.subjects();
        let (first, others) = subjects.split_first().map_or((0, &[][..]), |(n, rest)| (*n, rest));
        let further = others.iter().map(|&number| {
            let text = self.text_of(number);
            let text = cut(&text, FURTHER_TEXT_BYTES_MAX).to_owned();
            let part = self.messages.get(number).map(|met| met.path.clone()).unwrap_or_default();
            (number, FurtherMail { part, summary: self.summary_of(number), text })
        });
        let further = further.collect();
        let origin = self.messages.get_mut(first).map(|met| std::mem::take(&mut met.origin));
        Suspicious {
            first,
            summary: self.summary_of(first),
            origin: origin.unwrap_or_default(),
            text: self.text_of(first),
            forward: self.forward(first),
            further,
        }
    }

    /// The messages in which no other stands, in the order met.
    pub(super) fn subjects(&self) -> Vec<usize> {
        let mut around = vec![false; self.messages.len()];
        for parent in self.messages.iter().filter_map(|met| met.parent) {
            around[parent] = true;
        }
        let innermost = around.iter().enumerate().filter(|(_, around)| !**around);
        innermost.map(|(number, _)| number).take(SUBJECTS_MAX).collect()
    }

    fn summary_of(&self, number: usize) -> Summary {
        let Some(met) = self.messages.get(number) else {
            return Summary::default();
        };
        let around = std::iter::successors(met.parent, |at| self.messages.get(*at)?.parent);
        let outermost = around.clone().last().and_then(|at| self.messages.get(at));
        Summary {
            forwarded_depth: around.count(),
            forwarder: outermost.and_then(|met| met.summary.from.clone()),
            ..met.summary.clone()
        }
    }

    fn text_of(&self, number: usize) -> String {
        let bodies = self.bodies.iter().filter(|body| body.message == number);
        bodies.map(|body| body.text.as_str()).collect::<Vec<_>>().join("\n")
    }
}
