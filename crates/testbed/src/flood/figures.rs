//! What each flood came to.

use std::fmt;

use super::bystander::Seen;

/// One flood.
#[derive(Clone, Debug)]
pub(super) struct Phase {
    name: &'static str,
    /// Connections, mails or queries that came.
    pub(super) came: u64,
    /// Of them served.
    pub(super) served: u64,
    /// Of them refused in the protocol's own words.
    pub(super) refused: u64,
    /// Of them left waiting, or dropped as UDP may be.
    pub(super) unanswered: u64,
    /// Of them answered with anything else, with the first such answer.
    pub(super) unclear: u64,
    pub(super) first_unclear: Option<String>,
    /// Reports that got a receipt.
    pub(super) received: u64,
    /// The most memory so far, octets.
    pub(super) resident: u64,
    pub(super) seen: Seen,
}

impl Phase {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            came: 0,
            served: 0,
            refused: 0,
            unanswered: 0,
            unclear: 0,
            first_unclear: None,
            received: 0,
            resident: 0,
            seen: Seen::default(),
        }
    }

    /// An answer that is neither service nor a clear refusal.
    pub(super) fn unclear(&mut self, answer: &str) {
        self.unclear += 1;
        self.first_unclear.get_or_insert_with(|| answer.to_owned());
    }

    /// Adds what one thread of the flood has counted.
    pub(super) fn add(&mut self, other: &Self) {
        self.came += other.came;
        self.served += other.served;
        self.refused += other.refused;
        self.unanswered += other.unanswered;
        self.unclear += other.unclear;
        self.received += other.received;
        if self.first_unclear.is_none() {
            self.first_unclear.clone_from(&other.first_unclear);
        }
    }

    fn broken(&self, resident_max: u64) -> Vec<String> {
        let mut broken = Vec::new();
        let name = self.name;
        if let Some(answer) = &self.first_unclear {
            broken.push(format!("{name}: {} unclear answers, as {answer}", self.unclear));
        }
        if self.resident > resident_max {
            broken.push(format!("{name}: {} MiB of memory", self.resident >> 20));
        }
        if self.seen.api_failed > 0 || self.seen.dns_failed > 0 {
            broken.push(format!("{name}: the bystander was let down: {}", self.seen));
        }
        if self.seen.api_served == 0 || self.seen.dns_served == 0 {
            broken.push(format!("{name}: the bystander saw nothing: {}", self.seen));
        }
        if self.came > 0 && self.served == 0 {
            broken.push(format!("{name}: nobody was served"));
        }
        broken
    }
}

/// All floods.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub(super) phases: Vec<Phase>,
    /// Reports with a receipt that are not there.
    pub(super) lost: u64,
}

impl Figures {
    pub(super) fn broken(&self, resident_max: u64) -> Vec<String> {
        let mut broken: Vec<_> =
            self.phases.iter().flat_map(|phase| phase.broken(resident_max)).collect();
        if self.lost > 0 {
            broken.push(format!("{} reports with a receipt are lost", self.lost));
        }
        broken
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<17} {:>9} {:>9} {:>9} {:>9} {:>7} {:>8}  the bystander meanwhile",
            "flood", "came", "served", "refused", "waiting", "unclear", "memory"
        )?;
        for phase in &self.phases {
            writeln!(
                f,
                "{:<17} {:>9} {:>9} {:>9} {:>9} {:>7} {:>4} MiB  {}",
                phase.name,
                phase.came,
                phase.served,
                phase.refused,
                phase.unanswered,
                phase.unclear,
                phase.resident >> 20,
                phase.seen
            )?;
        }
        write!(f, "reports with a receipt that are lost: {}", self.lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fine() -> Phase {
        let seen = Seen { api_served: 1, dns_served: 1, ..Seen::default() };
        Phase { came: 1, served: 1, seen, ..Phase::new("SMTP mails") }
    }

    #[test]
    fn what_does_not_hold_is_told() {
        let broken = |phase: &Phase| phase.broken(1 << 20).join("; ");
        assert_eq!(broken(&fine()), "");
        let mut unclear = fine();
        unclear.unclear("500 oops");
        unclear.unclear("501 again");
        assert_eq!(broken(&unclear), "SMTP mails: 2 unclear answers, as 500 oops");
        assert!(broken(&Phase { resident: 3 << 20, ..fine() }).contains("3 MiB"));
        assert!(broken(&Phase { served: 0, ..fine() }).contains("nobody"));
        assert!(broken(&Phase { seen: Seen::default(), ..fine() }).contains("saw nothing"));
        let seen = Seen { api_failed: 1, ..fine().seen };
        assert!(broken(&Phase { seen, ..fine() }).contains("let down"));
    }

    #[test]
    fn the_table_has_a_line_for_each_flood() {
        let figures = Figures { phases: vec![fine(), fine()], lost: 2 };
        assert_eq!(figures.to_string().lines().count(), 4);
        assert_eq!(figures.broken(1 << 20), ["2 reports with a receipt are lost"]);
    }

    #[test]
    fn threads_add_up() {
        let mut sum = fine();
        let mut other = fine();
        other.unclear("x");
        sum.add(&other);
        assert_eq!((sum.came, sum.served, sum.unclear), (2, 2, 1));
        assert_eq!(sum.first_unclear.as_deref(), Some("x"));
    }
}
