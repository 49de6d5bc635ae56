//! What goes wrong on the way: restarts, cuts, keys and clocks that are wrong, a hub that
//! comes back from a backup. Each begins, goes on while orders come, and ends.

use std::io;
use std::time::Duration;

use super::Depth;
use super::orders::Ledger;
use super::party::{Key, Software, fake_clock};
use super::stage::Stage;
use crate::random::Random;

/// Past what TSIG forgives (300 s).
const SKEW: Duration = Duration::from_secs(900);

/// One thing that goes wrong. Followers are meant by their place on the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trial {
    /// The hub stops, or is killed, and starts.
    HubRestarts,
    /// The hub's clock is ahead.
    HubSkewed,
    /// A follower is away for a while.
    Away(usize),
    /// Its connections are cut, again and again.
    Cut(usize),
    WrongKey(usize),
    MissingKey(usize),
    /// Its key was changed, and the old one does not hold any more.
    ExpiredKey(usize),
    /// Its key was changed, and the old one holds until it has the new one.
    Rotated(usize),
    Skewed(usize),
    /// The hub is backed up.
    BackUp,
    /// The hub's data are lost; it starts from the backup.
    Restore,
}

impl Trial {
    /// What a run goes through, in its order.
    pub(super) fn plan(depth: Depth, parties: &[Software], random: &mut Random) -> Vec<Self> {
        let mut trials = match depth {
            Depth::Short => vec![Self::HubRestarts, Self::Cut(0)],
            Depth::Full => {
                let mut all = Self::full(parties);
                if fake_clock().is_none() {
                    all.retain(|one| !matches!(one, Self::HubSkewed | Self::Skewed(_)));
                }
                all
            }
        };
        for at in (1..trials.len()).rev() {
            trials.swap(at, random.index(at + 1));
        }
        if depth == Depth::Full {
            let length = trials.len();
            trials.insert(length * 6 / 10, Self::Restore);
            trials.insert(length * 4 / 10, Self::BackUp);
        }
        trials
    }

    fn full(parties: &[Software]) -> Vec<Self> {
        let mut trials = vec![Self::HubRestarts; 4];
        trials.push(Self::HubSkewed);
        for (index, software) in parties.iter().enumerate() {
            trials.extend([Self::Away(index), Self::Away(index), Self::Away(index)]);
            trials.extend([Self::Cut(index), Self::Cut(index), Self::Cut(index)]);
            trials.push(Self::Skewed(index));
            if software.signs() {
                trials.extend([Self::WrongKey(index), Self::MissingKey(index)]);
                trials.extend([Self::ExpiredKey(index), Self::Rotated(index)]);
            }
        }
        trials
    }

    /// Its word among the figures.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::HubRestarts => "hub restarted",
            Self::HubSkewed => "hub's clock ahead",
            Self::Away(_) => "follower away",
            Self::Cut(_) => "transfers cut",
            Self::WrongKey(_) => "key wrong",
            Self::MissingKey(_) => "key missing",
            Self::ExpiredKey(_) => "key expired",
            Self::Rotated(_) => "key rotated",
            Self::Skewed(_) => "follower's clock ahead",
            Self::BackUp => "hub backed up",
            Self::Restore => "hub restored",
        }
    }

    /// Lets it begin.
    pub(super) fn begin(self, stage: &mut Stage, memory: &mut Memory) -> io::Result<()> {
        let at_once = memory.random.chance(50);
        match self {
            Self::HubRestarts => stage.restart_hub(at_once, None),
            Self::HubSkewed => stage.restart_hub(at_once, Some(SKEW)),
            Self::Away(index) => stage.parties[index].stop(at_once),
            Self::Cut(index) => {
                stage.parties[index].wire.go_bad();
                Ok(())
            }
            Self::WrongKey(index) => stage.start_party(index, Key::Wrong, None),
            Self::MissingKey(index) => stage.start_party(index, Key::Missing, None),
            Self::ExpiredKey(index) => rotate(stage, index, 0),
            Self::Rotated(index) => rotate(stage, index, 72),
            Self::Skewed(index) => stage.start_party(index, Key::Right, Some(SKEW)),
            Self::BackUp => {
                memory.kept = Some(memory.ledger.clone());
                stage.back_up()
            }
            Self::Restore => {
                memory.ledger = memory.kept.take().unwrap_or_else(|| memory.ledger.clone());
                stage.restore()
            }
        }
    }

    /// Mends it.
    pub(super) fn end(self, stage: &mut Stage) -> io::Result<()> {
        match self {
            Self::HubRestarts | Self::BackUp | Self::Restore => Ok(()),
            Self::HubSkewed => stage.restart_hub(false, None),
            Self::Cut(index) => {
                stage.parties[index].wire.be_good();
                Ok(())
            }
            Self::Away(index)
            | Self::WrongKey(index)
            | Self::MissingKey(index)
            | Self::ExpiredKey(index)
            | Self::Rotated(index)
            | Self::Skewed(index) => stage.start_party(index, Key::Right, None),
        }
    }
}

/// What trials change beside the stage.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) ledger: Ledger,
    /// As it was when the hub was backed up.
    pub(super) kept: Option<Ledger>,
    pub(super) random: Random,
}

fn rotate(stage: &Stage, index: usize, hours: u64) -> io::Result<()> {
    let name = stage.parties[index].software.word();
    let body = serde_json::json!({ "old_hours": hours });
    stage.admin.post_json(&format!("/api/v1/operators/{name}/rotate"), &body)?.json().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_goes_through_everything_and_the_backup_comes_before_the_restore() {
        let all = Trial::plan(Depth::Full, &Software::ALL, &mut Random::new(3));
        let at = |trial| all.iter().position(|one| *one == trial).unwrap();
        assert!(at(Trial::BackUp) < at(Trial::Restore));
        for index in 0..Software::ALL.len() {
            assert!(all.contains(&Trial::Away(index)) && all.contains(&Trial::Cut(index)));
            let signs = Software::ALL[index].signs();
            assert_eq!(all.contains(&Trial::ExpiredKey(index)), signs);
        }
        assert_ne!(all, Trial::plan(Depth::Full, &Software::ALL, &mut Random::new(4)));
        assert_eq!(Trial::plan(Depth::Short, &[], &mut Random::new(3)).len(), 2);
    }
}
