//! Medians of the rounds, as the table that docs/benchmarks.md shows.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::bench::dns::measure::{Loaded, Swapped};
use crate::bench::dns::server::Kind;
use crate::bench::dns::streams::{Asked, WAYS};

/// A workload's letter.
pub(super) const WORKLOADS: [&str; 3] = ["A", "B", "C"];

/// Everything measured.
#[derive(Debug, Default)]
pub(super) struct Results {
    /// Seconds from start to blocking.
    pub(super) starts: HashMap<Kind, Vec<f64>>,
    /// The same for our gate, from its snapshot.
    pub(super) snapshot_starts: Vec<f64>,
    /// MB after load, and after all answers.
    pub(super) memory: HashMap<Kind, (f64, f64)>,
    /// As fast as it can, by workload.
    pub(super) full: HashMap<(Kind, usize), Vec<Loaded>>,
    /// At a steady rate, by workload.
    pub(super) steady: HashMap<(Kind, usize), Vec<Loaded>>,
    /// Swaps of our gate's zone.
    pub(super) swaps: Vec<Swapped>,
    /// Our gate at a steady rate with a thousand orders a second.
    pub(super) orders: Vec<Loaded>,
    /// Answers a second over TCP, TLS and HTTPS.
    pub(super) streams: HashMap<(Kind, (&'static str, &'static str)), Vec<Asked>>,
    /// Our gate with two threads on two cores, by workload.
    pub(super) two_threads: HashMap<usize, Vec<Loaded>>,
    /// Our gate with many more names: how many, MB, and seconds from file and snapshot.
    pub(super) many: Option<(usize, f64, f64, f64)>,
}

/// The middle of some numbers.
pub(super) fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<_> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    match numbers.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => numbers[odd / 2],
        even => f64::midpoint(numbers[even / 2 - 1], numbers[even / 2]),
    }
}

impl Results {
    /// Markdown.
    pub(super) fn table(&self) -> String {
        let mut text = String::from(
            "| server | A µs (user) | B µs (user) | C µs (user) | answers/s A / B / C | \
             p50, p99 at the steady rate (C) | memory after load, after all | start to blocking |\n\
             |---|---|---|---|---|---|---|---|\n",
        );
        for kind in Kind::ALL.into_iter().filter(|kind| self.full.contains_key(&(*kind, 0))) {
            self.row(kind, &mut text);
        }
        if !self.snapshot_starts.is_empty() {
            let seconds = median(self.snapshot_starts.iter().copied());
            let _ = write!(text, "\nBelfry from its snapshot: {seconds:.2} s to blocking.\n");
        }
        if !self.swaps.is_empty() {
            let of = |what: fn(&Swapped) -> f64| median(self.swaps.iter().map(what));
            let _ = writeln!(
                text,
                "While Belfry took the whole zone anew at the steady rate: most memory {:.0} MB, \
                 p99 {:.0} µs, longest time without an answer {:.1} ms, answered {:.4} of all.",
                of(|swap| swap.memory_mb),
                of(|swap| swap.load.p99_us),
                of(|swap| swap.load.gap_ms),
                of(|swap| swap.load.answered),
            );
        }
        if !self.orders.is_empty() {
            let of = |what: fn(&Loaded) -> f64| median(self.orders.iter().map(what));
            let _ = writeln!(
                text,
                "With a thousand orders a second at the steady rate: p99 {:.0} µs, longest time \
                 without an answer {:.1} ms, answered {:.4} of all.",
                of(|load| load.p99_us),
                of(|load| load.gap_ms),
                of(|load| load.answered),
            );
        }
        self.two_threads(&mut text);
        if let Some((names, memory, file, snapshot)) = self.many {
            let _ = writeln!(
                text,
                "Belfry with {names} names: {memory:.0} MB, {file:.1} s from the file, \
                 {snapshot:.2} s from its snapshot."
            );
        }
        self.stream_table(&mut text);
        text
    }

    fn row(&self, kind: Kind, text: &mut String) {
        let of = |workload, what: fn(&Loaded) -> f64| {
            median(self.full.get(&(kind, workload)).into_iter().flatten().map(what))
        };
        let _ = write!(text, "| {} ", kind.name());
        for workload in 0..3 {
            let (total, user) = (of(workload, |l| l.total_us), of(workload, |l| l.user_us));
            let _ = write!(text, "| {total:.2} ({user:.2}) ");
        }
        let rates = [0, 1, 2].map(|workload| format!("{:.0} k", of(workload, |l| l.rate) / 1e3));
        let steady = |what: fn(&Loaded) -> f64| {
            median(self.steady.get(&(kind, 2)).into_iter().flatten().map(what))
        };
        let (p50, p99) = (steady(|l| l.p50_us), steady(|l| l.p99_us));
        let (before, after) = self.memory.get(&kind).copied().unwrap_or_default();
        let start = median(self.starts.get(&kind).into_iter().flatten().copied());
        let _ = writeln!(
            text,
            "| {} | {p50:.0}, {p99:.0} µs | {before:.0}, {after:.0} MB | {start:.2} s |",
            rates.join(" / "),
        );
    }

    fn two_threads(&self, text: &mut String) {
        let of = |workload: usize, what: fn(&Loaded) -> f64| {
            median(self.two_threads.get(&workload).into_iter().flatten().map(what))
        };
        if !self.two_threads.is_empty() {
            let shown = [0, 1, 2].map(|workload| {
                format!("{:.2} ({:.2})", of(workload, |l| l.total_us), of(workload, |l| l.user_us))
            });
            let _ = writeln!(
                text,
                "Belfry with two threads on two cores, which the load shares: µs an answer (user) \
                 A {}.",
                shown.join(", ")
            );
        }
    }

    fn stream_table(&self, text: &mut String) {
        if self.streams.is_empty() {
            return;
        }
        text.push_str(
            "\n| answers/s (processor µs each) | TCP | DoT | DoH | DoH by h2load |\n\
             |---|---|---|---|---|\n",
        );
        for kind in Kind::ALL {
            let asked = WAYS.map(|way| self.streams.get(&(kind, way)));
            if asked.iter().all(Option::is_none) {
                continue;
            }
            let rates = asked.map(|asked| {
                let of = |what: fn(&Asked) -> f64| median(asked.into_iter().flatten().map(what));
                let (rate, total) = (of(|asked| asked.rate), of(|asked| asked.total_us));
                if rate.is_nan() {
                    return "-".to_owned();
                }
                format!("{:.1} k ({total:.1})", rate / 1e3)
            });
            let _ = writeln!(text, "| {} | {} |", kind.name(), rates.join(" | "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert!((median([3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median([4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!(median([]).is_nan());
    }

    #[test]
    fn only_servers_that_were_measured_have_a_row() {
        let mut results = Results::default();
        let loaded = Loaded { total_us: 3.25, user_us: 0.4, ..Loaded::default() };
        results.full.insert((Kind::Belfry, 0), vec![loaded]);
        let asked = Asked { rate: 12_345.0, total_us: 6.54 };
        results.streams.insert((Kind::Belfry, WAYS[1]), vec![asked]);
        results.many = Some((7, 1.0, 2.0, 3.0));
        let table = results.table();
        assert!(table.contains("| Belfry | 3.25 (0.40) |"), "{table}");
        assert!(table.contains("| Belfry | - | 12.3 k (6.5) | - | - |"), "{table}");
        assert!(table.contains("7 names: 1 MB"), "{table}");
        assert!(!table.contains("BIND"), "{table}");
    }
}
