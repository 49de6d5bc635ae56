//! What a run adds up to, printed whether it went well or not.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::watch::Watched;

/// Sums of a run.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub(super) blocks: usize,
    pub(super) releases: usize,
    pub(super) ordering: Duration,
    /// What went wrong on purpose, and how often.
    pub(super) trials: BTreeMap<&'static str, u32>,
    pub(super) parties: Vec<PartyFigures>,
    /// Names that hold in the end, and that were asked for.
    pub(super) held: usize,
    pub(super) names: usize,
}

/// What came of one follower.
#[derive(Clone, Debug, Default)]
pub(super) struct PartyFigures {
    pub(super) word: &'static str,
    /// Connections cut, and octets that came to it.
    pub(super) cuts: u64,
    pub(super) octets: u64,
    pub(super) watched: Watched,
    /// From the last order to its enforcement.
    pub(super) in_step: Duration,
    /// Questions in the end, and how many of them had to be asked again until right.
    pub(super) questions: usize,
    pub(super) late: usize,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "followers: {} blocks and {} releases in {:.1} s; in the end {} orders hold",
            self.blocks,
            self.releases,
            self.ordering.as_secs_f64(),
            self.held
        )?;
        let trials: Vec<_> =
            self.trials.iter().map(|(word, count)| format!("{word} {count}")).collect();
        writeln!(f, "trials: {}", trials.join(", "))?;
        for party in &self.parties {
            let watched = &party.watched;
            writeln!(
                f,
                "{}: {} connections cut, {} octets came; meanwhile {} questions, {} answered, {} \
                 refused, strange {}; in step {} ms after the last order; {} names, {} answers, \
                 all as what holds says ({} of them only when asked again)",
                party.word,
                party.cuts,
                party.octets,
                watched.asked,
                watched.answered,
                watched.failed,
                watched.strange,
                party.in_step.as_millis(),
                self.names,
                party.questions,
                party.late
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_follower_has_a_line() {
        let party = PartyFigures { word: "bind", questions: 8, ..PartyFigures::default() };
        let trials = BTreeMap::from([("key wrong", 2), ("key expired", 1)]);
        let parties = vec![party.clone(), PartyFigures { word: "gate", ..party }];
        let text = Figures { blocks: 3, trials, parties, ..Figures::default() }.to_string();
        assert_eq!(text.lines().count(), 4);
        assert!(text.contains("followers: 3 blocks and 0 releases in 0.0 s"), "{text}");
        assert!(text.contains("trials: key expired 1, key wrong 2"), "{text}");
    }
}
