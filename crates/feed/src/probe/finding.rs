//! What probes find wrong, in words, and how fast orders took hold.

use std::collections::VecDeque;
use std::fmt;

use belfry_indicator::Domain;
use belfry_journal::{Serial, UnixMillis};

/// Latencies that are kept.
const SAMPLES_MAX: usize = 200;

/// Something wrong with a resolver for longer than patience goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It enforces an older version.
    Behind {
        /// Of which zone.
        zone: Domain,
        /// The version that it enforces, where that is known.
        enforces: Option<Serial>,
        /// When the first version that it lacks was published.
        since: UnixMillis,
    },
    /// Its operator's servers say that they have a version, and it does not enforce it.
    Claims {
        /// Of which zone.
        zone: Domain,
        /// The version that they say they have.
        claimed: Serial,
        /// The version that it enforces, where that is known.
        enforces: Option<Serial>,
        /// When the first version that it lacks was published.
        since: UnixMillis,
    },
    /// It takes what is new and drops nothing of what was.
    KeepsVersion {
        /// Of which zone.
        zone: Domain,
        /// Since when.
        since: UnixMillis,
    },
    /// It enforces no zone at all.
    Nothing {
        /// Since when.
        since: UnixMillis,
    },
    /// It does not block a name.
    Misses {
        /// The order.
        order: Serial,
        /// The name.
        name: Domain,
        /// Since when it should.
        since: UnixMillis,
    },
    /// It still blocks a name that was released.
    Keeps {
        /// The release.
        order: Serial,
        /// The name.
        name: Domain,
        /// Since when it should not.
        since: UnixMillis,
    },
    /// It does not answer.
    Silent {
        /// Since when.
        since: UnixMillis,
    },
}

impl Finding {
    /// The stable word of the API.
    pub fn word(&self) -> &'static str {
        match self {
            Finding::Behind { .. } => "behind",
            Finding::Claims { .. } => "claims",
            Finding::KeepsVersion { .. } => "keeps-version",
            Finding::Nothing { .. } => "nothing",
            Finding::Misses { .. } => "misses",
            Finding::Keeps { .. } => "keeps",
            Finding::Silent { .. } => "silent",
        }
    }

    /// Since when.
    pub fn since(&self) -> UnixMillis {
        match self {
            Finding::Behind { since, .. }
            | Finding::Claims { since, .. }
            | Finding::KeepsVersion { since, .. }
            | Finding::Nothing { since }
            | Finding::Misses { since, .. }
            | Finding::Keeps { since, .. }
            | Finding::Silent { since } => *since,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = |serial: &Option<Serial>| {
            serial.map_or_else(|| "none that is known".to_owned(), |serial| serial.to_string())
        };
        match self {
            Finding::Behind { zone, enforces, .. } => {
                write!(f, "{zone} is behind: it enforces version {}", version(enforces))
            }
            Finding::Claims { zone, claimed, enforces, .. } => write!(
                f,
                "{zone}: its servers say that they have version {claimed}, it enforces {}",
                version(enforces)
            ),
            Finding::KeepsVersion { zone, .. } => {
                write!(f, "{zone}: it takes what is new and drops nothing of what was")
            }
            Finding::Nothing { .. } => f.write_str("it enforces none of the zones"),
            Finding::Misses { order, name, .. } => {
                write!(f, "it does not block {} (order {order})", name.defanged())
            }
            Finding::Keeps { order, name, .. } => {
                write!(f, "it still blocks {}, which entry {order} released", name.defanged())
            }
            Finding::Silent { .. } => f.write_str("it does not answer"),
        }
    }
}

/// The latest times from a change to its being seen enforced, in milliseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latency(VecDeque<u64>);

impl Latency {
    pub(crate) fn note(&mut self, millis: u64) {
        if self.0.len() == SAMPLES_MAX {
            self.0.pop_front();
        }
        self.0.push_back(millis);
    }

    /// How many, their median and the longest; `None` without any.
    pub(crate) fn figures(&self) -> Option<(usize, u64, u64)> {
        let mut sorted: Vec<u64> = self.0.iter().copied().collect();
        sorted.sort_unstable();
        Some((sorted.len(), *sorted.get(sorted.len() / 2)?, *sorted.last()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_words_for_a_person() {
        let (zone, since) = (Domain::parse("phishing.rpz.test").unwrap(), UnixMillis(5));
        let name = Domain::parse("a.example").unwrap();
        let behind = Finding::Behind { zone: zone.clone(), enforces: None, since };
        insta::assert_snapshot!(behind, @"phishing.rpz.test is behind: it enforces version none that is known");
        let (claimed, enforces) = (Serial(9), Some(Serial(7)));
        let claims = Finding::Claims { zone, claimed, enforces, since };
        insta::assert_snapshot!(claims, @"phishing.rpz.test: its servers say that they have version 9, it enforces 7");
        let keeps = Finding::Keeps { order: Serial(4), name, since };
        insta::assert_snapshot!(keeps, @"it still blocks a[.]example, which entry 4 released");
        assert_eq!(keeps.since(), since);
    }

    #[test]
    fn figures_are_of_the_latest() {
        let mut latency = Latency::default();
        assert_eq!(latency.figures(), None);
        (0..1_000).for_each(|millis| latency.note(millis));
        assert_eq!(latency.figures(), Some((200, 900, 999)));
    }
}
