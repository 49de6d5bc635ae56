//! How the counts of an order grew, as a curve and as a table: the same for eyes and ears.

use belfry_casebook::effects::Step;
use belfry_journal::UnixMillis;

use crate::language::Language;
use crate::texts::{Moment, grouped};

/// The plot's size in its own units.
const WIDE: u64 = 580;
const HIGH: u64 = 130;
/// Lines of the table.
const LINES_MAX: usize = 48;

/// A curve.
pub(super) struct Curve {
    /// The way of the line, for `d`.
    pub(super) path: String,
    /// Where it begins and ends in time.
    pub(super) from: Moment,
    pub(super) to: Moment,
    /// Its highest point.
    pub(super) most: String,
    /// Until when, blocked answers, views of the warning.
    pub(super) lines: Vec<(Moment, String, String)>,
}

impl Curve {
    /// `None` where nothing has been counted.
    pub(super) fn new(issued: UnixMillis, steps: &[Step], language: Language) -> Option<Self> {
        let last = steps.last()?;
        let most = last.blocked_answers.max(1);
        let end = last.at.0.max(issued.0 + 1);
        let span = end - issued.0;
        let place = |step: &Step| {
            let x = step.at.0.saturating_sub(issued.0) * WIDE / span;
            let y = HIGH - step.blocked_answers.min(most) * (HIGH - 10) / most;
            (x.min(WIDE), y)
        };
        let mut path = format!("M0 {HIGH}");
        for (x, y) in steps.iter().map(place) {
            path.push_str(&format!("H{x}V{y}"));
        }
        path.push_str(&format!("H{WIDE}"));
        Some(Self {
            path,
            from: Moment::of(issued, language),
            to: Moment::of(UnixMillis(end), language),
            most: grouped(last.blocked_answers),
            lines: lines(steps, language),
        })
    }
}

/// Every so many steps, and the last: each is a total.
fn lines(steps: &[Step], language: Language) -> Vec<(Moment, String, String)> {
    let every = steps.len().div_ceil(LINES_MAX).max(1);
    let chosen = steps.iter().rev().step_by(every);
    let line = |step: &Step| {
        let until = UnixMillis(step.at.0 + 600_000);
        let (answers, views) = (grouped(step.blocked_answers), grouped(step.warning_views));
        (Moment::of(until, language), answers, views)
    };
    chosen.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(at: u64, blocked_answers: u64) -> Step {
        Step { at: UnixMillis(at * 600_000), blocked_answers, warning_views: 1 }
    }

    #[track_caller]
    fn check(steps: &[Step], path: &str) {
        let curve = Curve::new(UnixMillis(600_000), steps, Language::En).unwrap();
        assert_eq!(curve.path, path);
    }

    #[test]
    fn counts_become_a_line_that_only_rises() {
        assert!(Curve::new(UnixMillis(0), &[], Language::En).is_none());
        check(&[step(1, 5), step(2, 10)], "M0 130H0V70H580V10H580");
        check(&[step(3, 7)], "M0 130H580V10H580");
        // Counted before the order's own time, by a clock that is behind.
        check(&[step(0, 7)], "M0 130H0V10H580");
        check(&[step(1, 0)], "M0 130H0V130H580");
        check(&[step(1, u64::MAX >> 16)], "M0 130H0V10H580");
    }

    #[test]
    fn a_long_curve_has_a_short_table_that_ends_with_the_latest() {
        let steps: Vec<Step> = (0..4_500).map(|at| step(at, at)).collect();
        let curve = Curve::new(UnixMillis(0), &steps, Language::En).unwrap();
        assert!(curve.lines.len() <= LINES_MAX && curve.lines.len() > LINES_MAX / 2);
        assert_eq!(curve.lines[0].1, "4\u{202f}499");
        assert_eq!(curve.most, "4\u{202f}499");
    }
}
