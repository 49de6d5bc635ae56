//! What the rounds add up to, printed whether they went well or not.

use std::fmt;
use std::time::Duration;

use super::stage::Victim;

/// Sums over all rounds.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    hub: u32,
    gate: u32,
    both: u32,
    /// Further kills, of a hub that was just starting.
    pub(super) kills_while_starting: u32,
    pub(super) mails_promised: usize,
    pub(super) mails_unanswered: usize,
    pub(super) mails_unanswered_kept: usize,
    pub(super) orders_promised: usize,
    pub(super) orders_unanswered: usize,
    pub(super) orders_unanswered_kept: usize,
    pub(super) lost: usize,
    pub(super) doubled: usize,
    /// Questions to the gate, and what it has told the hub that it blocked.
    pub(super) names_asked: usize,
    pub(super) answers_counted: usize,
    pub(super) checking: Duration,
    restarts: Vec<Duration>,
}

impl Figures {
    pub(super) fn round(&mut self, victim: Victim, restart: Duration) {
        match victim {
            Victim::Hub => self.hub += 1,
            Victim::Gate => self.gate += 1,
            Victim::Both => self.both += 1,
        }
        self.restarts.push(restart);
        self.restarts.sort_unstable();
    }

    /// Whether there was anything to lose.
    pub(super) fn is_telling(&self) -> bool {
        self.mails_promised > 0 && self.orders_promised > 0
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounds = self.restarts.len();
        writeln!(
            f,
            "kills: {rounds} rounds (hub {}, gate {}, both {}), {} more while starting",
            self.hub, self.gate, self.both, self.kills_while_starting
        )?;
        writeln!(
            f,
            "mails: {} acknowledged; {} unanswered, {} of them kept",
            self.mails_promised, self.mails_unanswered, self.mails_unanswered_kept
        )?;
        writeln!(
            f,
            "orders: {} acknowledged; {} unanswered, {} of them kept",
            self.orders_promised, self.orders_unanswered, self.orders_unanswered_kept
        )?;
        writeln!(
            f,
            "lost {}, doubled {}; questions to the gate {}, blocked answers that it told the hub {}",
            self.lost, self.doubled, self.names_asked, self.answers_counted
        )?;
        let median = self.restarts.get(rounds / 2).copied().unwrap_or_default();
        let longest = self.restarts.last().copied().unwrap_or_default();
        write!(
            f,
            "restart until ready: median {} ms, longest {} ms; checks {} s",
            median.as_millis(),
            longest.as_millis(),
            self.checking.as_secs()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_five_lines() {
        let mut figures = Figures { mails_promised: 3, lost: 1, ..Figures::default() };
        figures.round(Victim::Hub, Duration::from_millis(30));
        figures.round(Victim::Both, Duration::from_millis(10));
        let text = figures.to_string();
        assert!(text.starts_with("kills: 2 rounds (hub 1, gate 0, both 1), 0 more"), "{text}");
        assert!(text.contains("median 30 ms, longest 30 ms"), "{text}");
        assert!(text.contains("lost 1, doubled 0"), "{text}");
    }

    #[test]
    fn rounds_without_promises_tell_nothing() {
        assert!(!Figures { mails_promised: 1, ..Figures::default() }.is_telling());
        assert!(!Figures { orders_promised: 1, ..Figures::default() }.is_telling());
        assert!(
            Figures { mails_promised: 1, orders_promised: 1, ..Figures::default() }.is_telling()
        );
    }
}
