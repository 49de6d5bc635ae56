//! Medians and percentiles of what was measured.

use std::fmt;
use std::time::Duration;

/// A set of durations, as a table row shows it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figures {
    sorted: Vec<Duration>,
}

impl Figures {
    /// Takes the durations in any order.
    pub(super) fn new(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        Self { sorted: durations }
    }

    /// The duration that `percent` of all do not exceed (nearest rank).
    fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.sorted.len() * percent).div_ceil(100).max(1);
        self.sorted.get(rank - 1).copied().unwrap_or_default()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |percent| self.percentile(percent).as_secs_f64() * 1e3;
        let [median, p99, most] = [50, 99, 100].map(shown);
        let count = self.sorted.len();
        write!(f, "median {median:.1} ms, p99 {p99:.1} ms, most {most:.1} ms, of {count}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_ranks() {
        let figures = Figures::new((1..=200).rev().map(Duration::from_millis).collect());
        assert_eq!(figures.percentile(50), Duration::from_millis(100));
        assert_eq!(figures.percentile(99), Duration::from_millis(198));
        assert_eq!(figures.to_string(), "median 100.0 ms, p99 198.0 ms, most 200.0 ms, of 200");
    }

    #[test]
    fn nothing_measured_is_no_panic() {
        assert_eq!(
            Figures::new(Vec::new()).to_string(),
            "median 0.0 ms, p99 0.0 ms, most 0.0 ms, of 0"
        );
    }
}
