//! How a follower is doing, told to whoever watches: `/readyz`, metrics, the
//! operator's status. Says "fresh" only of a state that is in step with a head
//! heard from the journal it follows.

use belfry_journal::{Serial, UnixMillis};
use tokio::sync::watch;

/// How a follower is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// No verified state yet.
    Empty,
    /// A verified state, the hub not reached (since when the last entry came).
    Stale,
    /// In step with the head as last heard.
    Fresh,
    /// Ahead of the hub's head, or of another journal: an alarm, never "up to date".
    Ahead,
}

/// A follower's state for `/readyz`, metrics and status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// How it is doing.
    pub health: Health,
    /// The last entry that holds.
    pub serial: Serial,
    /// The hub's head as last heard.
    pub head: Serial,
    /// When the hub was last heard.
    pub heard_at: Option<UnixMillis>,
    /// What is wrong now, in words.
    pub problem: Option<String>,
}

/// The status as it changes. What is wrong with the hub and what is wrong with
/// the disk come and go on their own; the hub's is shown first.
#[derive(Debug)]
pub(crate) struct Board {
    sender: watch::Sender<Status>,
    hub: Option<String>,
    disk: Option<String>,
}

impl Board {
    /// Shows `first` from now on; its problem is the disk's, for nothing else has been tried.
    pub(crate) fn new(sender: watch::Sender<Status>, first: Status) -> Self {
        let disk = first.problem.clone();
        sender.send_replace(first);
        Self { sender, hub: None, disk }
    }

    /// The hub answered: its head, and that its answer folded.
    pub(crate) fn heard(&mut self, serial: Serial, head: Serial, now: UnixMillis) {
        self.hub = None;
        let health = if serial < head { Health::Stale } else { Health::Fresh };
        self.show(|status| {
            status.health = health;
            status.serial = serial;
            status.head = head;
            status.heard_at = Some(now);
        });
    }

    /// Something is wrong with the hub or what it sends.
    pub(crate) fn trouble(&mut self, health: Health, serial: Serial, problem: String) {
        self.hub = Some(problem);
        self.show(|status| {
            status.health = health;
            status.serial = serial;
        });
    }

    /// How the last save went.
    pub(crate) fn saved(&mut self, problem: Option<String>) {
        self.disk = problem;
        self.show(|_| {});
    }

    fn show(&self, change: impl FnOnce(&mut Status)) {
        let problem = self.hub.clone().or_else(|| self.disk.clone());
        self.sender.send_modify(|status| {
            change(status);
            status.problem = problem;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> (Board, watch::Receiver<Status>) {
        let first = Status {
            health: Health::Empty,
            serial: Serial(0),
            head: Serial(0),
            heard_at: None,
            problem: Some("a damaged file".into()),
        };
        let (sender, receiver) = watch::channel(first.clone());
        (Board::new(sender, first), receiver)
    }

    #[test]
    fn behind_the_head_is_not_fresh() {
        let (mut board, seen) = board();
        board.heard(Serial(3), Serial(4), UnixMillis(1));
        assert_eq!(seen.borrow().health, Health::Stale);
        board.heard(Serial(4), Serial(4), UnixMillis(2));
        assert_eq!(seen.borrow().health, Health::Fresh);
    }

    #[test]
    fn a_disk_that_fails_stays_visible_while_the_hub_is_heard() {
        let (mut board, seen) = board();
        board.heard(Serial(1), Serial(1), UnixMillis(1));
        assert_eq!(seen.borrow().problem.as_deref(), Some("a damaged file"));
        board.trouble(Health::Stale, Serial(1), "gone".into());
        assert_eq!(seen.borrow().problem.as_deref(), Some("gone"));
        board.heard(Serial(1), Serial(1), UnixMillis(2));
        board.saved(None);
        assert_eq!(seen.borrow().problem, None);
    }
}
