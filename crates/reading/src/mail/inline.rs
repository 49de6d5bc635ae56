//! What a mail's text forwards becomes a message of its own on the walk, so that the
//! links and words of the forwarder stay apart from those of the suspicious mail.

use super::walk::{Body, Met, Walk};
use crate::forward::Found;
use crate::text::VisibleText;
use crate::{Forward, LinkKind, Summary, origin};

impl Walk<'_, '_> {
    /// The subject of a message.
    pub(super) fn subject(&self, message: usize) -> Option<&str> {
        self.messages.get(message)?.summary.subject.as_deref()
    }

    /// Whether what was found is a forward. A fraud may show a made-up thread below
    /// its lure: where nothing says "forwarded", no link may stand above.
    pub(super) fn is_forward(&self, found: &Found, first_link: usize) -> bool {
        let start = found.starts.first().copied().unwrap_or_default();
        let links = self.findings.links[first_link..].iter().zip(&self.findings.cues[first_link..]);
        found.certain
            || !links.into_iter().any(|(link, cues)| {
                cues.at < start
                    && !(link.kind.is_loaded()
                        || matches!(link.kind, LinkKind::Base | LinkKind::Header))
            })
    }

    /// Takes the forward that the text of `host` holds: its levels become messages,
    /// and the links below each level's header are theirs.
    pub(super) fn quote(&mut self, found: Found, first_link: usize, html: bool, host: usize) {
        let Found { forward, starts, .. } = found;
        let levels = self.levels(&forward, host);
        for cues in &mut self.findings.cues[first_link..] {
            let mut below = starts.iter().zip(&levels).filter(|(start, _)| cues.at >= **start);
            if let Some((_, level)) = below.next_back() {
                cues.message = *level;
            }
        }
        let note = lines(forward.note.as_deref().unwrap_or_default());
        self.bodies.push(Body { message: host, host, html, text: note });
        let message = levels.last().copied().unwrap_or(host);
        let text = lines(&forward.innermost().body);
        self.bodies.push(Body { message, host, html, text });
        if let Some(met) = self.messages.get_mut(host) {
            met.forward.get_or_insert((forward, levels));
        }
    }

    /// The messages that stand for the levels of `forward`. Alternatives of one
    /// message forward the same mail.
    fn levels(&mut self, forward: &Forward, host: usize) -> Vec<usize> {
        if let Some((_, levels)) = self.messages.get(host).and_then(|met| met.forward.as_ref()) {
            return levels.clone();
        }
        let mut levels = Vec::new();
        let mut next = Some(forward);
        let mut parent = host;
        while let Some(level) = next {
            let number = self.messages.len();
            let summary = summary(level);
            let fields = origin::Fields::default();
            let origin = origin::read(&fields, &summary, self.findings.list);
            let path = self.messages.get(host).map(|met| met.path.clone()).unwrap_or_default();
            let met = Met { path, parent: Some(parent), summary, origin, ..Met::default() };
            self.messages.push(met);
            levels.push(number);
            parent = number;
            next = level.inner.as_deref();
        }
        levels
    }

    /// The forward that message `number` was quoted in.
    pub(super) fn forward(&mut self, number: usize) -> Option<Forward> {
        let mut at = Some(number);
        while let Some(met) = at.and_then(|at| self.messages.get_mut(at)) {
            if let Some((forward, _)) = met.forward.take() {
                return Some(forward);
            }
            at = met.parent;
        }
        None
    }
}

/// A quoted header knows less than a real one: its date is in the words of a program.
fn summary(forward: &Forward) -> Summary {
    Summary {
        subject: forward.subject.clone(),
        from: forward.from.clone(),
        reply_to: forward.reply_to.clone().filter(|reply| {
            let from = forward.from.as_ref().and_then(|from| from.address.as_deref());
            reply.address.as_deref() != from
        }),
        ..Summary::default()
    }
}

/// Text as every other body is kept.
fn lines(text: &str) -> String {
    let mut visible = VisibleText::default();
    visible.push_lines(text);
    visible.finish()
}
