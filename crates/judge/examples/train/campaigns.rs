//! How well campaigns are found: pairs of messages that should be together against those
//! that are, on SMS by the corpus' own clusters, and on mails by their subjects.

use std::collections::{BTreeMap, HashMap};

use belfry_indicator::EmbeddedSuffixes;
use belfry_judge::Judge;
use belfry_judge::campaign::{Marks, TOGETHER, shared_words, text_tie, tie};
use belfry_reading::{Limits, Link, Reading, Role, read_mail, read_sms};
use belfry_testbed::untar_xz;

use crate::Result;
use crate::data;
use crate::messages::rows;

/// The latest messages that are looked at for one mark, as the casebook does.
const SHARING_MAX: usize = 40;
/// Pairs that are shown.
const SHOWN: usize = 20;

/// Messages put into campaigns one after the other.
#[derive(Default)]
struct Groups {
    marks: Vec<Marks>,
    by_mark: HashMap<(&'static str, u64), Vec<usize>>,
    group: Vec<usize>,
}

impl Groups {
    fn add(&mut self, marks: Marks) {
        let at = self.marks.len();
        let mut shared: BTreeMap<usize, Vec<(&'static str, f64)>> = BTreeMap::new();
        for mark in &marks.marks {
            let sharing = self.by_mark.entry((mark.kind, mark.value)).or_default();
            for other in sharing.iter().rev().take(SHARING_MAX) {
                shared.entry(*other).or_default().push((mark.kind, mark.weight));
            }
            sharing.push(at);
        }
        let sum = |(other, shared): (usize, Vec<(&str, f64)>)| {
            let text = text_tie(&marks.sketch, &self.marks[other].sketch);
            (other, tie(shared.into_iter(), &text))
        };
        let sums: Vec<(usize, f64)> = shared.into_iter().map(sum).collect();
        self.group.push(at);
        self.marks.push(marks);
        for (other, _) in sums.into_iter().filter(|(_, sum)| *sum >= TOGETHER) {
            let (from, to) = (self.group[at], self.group[other]);
            for group in self.group.iter_mut().filter(|group| **group == from) {
                *group = to;
            }
        }
    }
}

fn pairs<T: std::hash::Hash + Eq>(labels: impl Iterator<Item = T>) -> f64 {
    let mut counts: HashMap<T, f64> = HashMap::new();
    for label in labels {
        *counts.entry(label).or_default() += 1.0;
    }
    counts.values().map(|count| count * (count - 1.0) / 2.0).sum()
}

/// Precision and recall of the mean message (B-cubed; Bagga and Baldwin, 1998): one cluster
/// of hundreds does not outvote all others by its pairs.
fn by_message(group: &[usize], truth: &[String]) -> [f64; 2] {
    let mut both: HashMap<(usize, &str), f64> = HashMap::new();
    let (mut groups, mut clusters) = (HashMap::new(), HashMap::new());
    for (group, cluster) in group.iter().zip(truth) {
        *both.entry((*group, cluster)).or_default() += 1.0;
        *groups.entry(*group).or_insert(0.0) += 1.0;
        *clusters.entry(cluster.as_str()).or_insert(0.0) += 1.0;
    }
    let all: f64 = both.values().sum();
    let precision: f64 = both.iter().map(|((group, _), n)| n * n / groups[group]).sum();
    let recall: f64 = both.iter().map(|((_, cluster), n)| n * n / clusters[*cluster]).sum();
    [precision / all, recall / all]
}

/// The same without the largest cluster, which single links through phrases in common made
/// of many campaigns: it alone is three quarters of the pairs.
fn without_largest(group: &[usize], truth: &[String]) {
    let mut sizes: HashMap<&str, usize> = HashMap::new();
    for cluster in truth {
        *sizes.entry(cluster).or_default() += 1;
    }
    let largest = sizes.into_iter().max_by_key(|(name, size)| (*size, *name));
    let largest = largest.map_or("", |(name, _)| name);
    let kept = group.iter().zip(truth).filter(|(_, cluster)| cluster.as_str() != largest);
    let (group, truth): (Vec<usize>, Vec<String>) =
        kept.map(|(group, cluster)| (*group, cluster.clone())).unzip();
    report("sms but for the largest cluster", &group, &truth);
}

/// Pairs that are together in both, in `group`, and in `truth`.
fn report(name: &str, group: &[usize], truth: &[String]) {
    let [precision, recall] = by_message(group, truth);
    let both = pairs(group.iter().zip(truth));
    let (found, wanted) = (pairs(group.iter()), pairs(truth.iter()));
    println!(
        "campaigns: {name}: {} messages, {wanted} pairs wanted, {found} found, precision {:.3}, recall {:.3}; by message {precision:.3}, {recall:.3}",
        group.len(),
        both / found.max(1.0),
        both / wanted.max(1.0)
    );
}

fn marks(judge: &Judge, reading: &Reading) -> Marks {
    let calls = reading.links.iter().filter(|link| link.role == Role::CallToAction);
    judge.marks(reading, &calls.collect::<Vec<&Link>>())
}

pub(crate) fn measure() -> Result {
    let judge = Judge::built_in();
    let rows = rows()?;
    let rows: Vec<_> = rows.iter().filter(|row| row.label != "ham").collect();
    let mut groups = Groups::default();
    for row in &rows {
        let reading = read_sms(row.text.as_bytes(), &EmbeddedSuffixes, &Limits::default());
        groups.add(marks(&judge, &reading));
    }
    let truth: Vec<String> = rows.iter().map(|row| row.cluster.clone()).collect();
    report("sms by cluster", &groups.group, &truth);
    without_largest(&groups.group, &truth);
    let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    explain(&groups, &truth, &texts);
    mails(&judge)
}

/// Why some pairs are together, half of which the clusters know nothing of.
fn explain(groups: &Groups, truth: &[String], texts: &[&str]) {
    let group = &groups.group;
    let (mut known, mut beyond) = (SHOWN / 2, SHOWN / 2);
    for at in (0..group.len()).step_by(61) {
        let mut others = (at + 1..group.len()).filter(|other| group[*other] == group[at]);
        let same = |other: &usize| truth[*other] == truth[at];
        let (left, wanted) =
            if known >= beyond { (&mut known, true) } else { (&mut beyond, false) };
        let Some(other) = others.find(|other| same(other) == wanted) else { continue };
        if *left == 0 {
            break;
        }
        *left -= 1;
        let (one, two) = (&groups.marks[at], &groups.marks[other]);
        let likeness = text_tie(&one.sketch, &two.sketch).likeness;
        let shared = one.marks.iter().filter(|mark| {
            mark.weight > 0.0 && two.marks.iter().any(|other| other.value == mark.value)
        });
        let shared: Vec<_> = shared.map(|mark| format!("{} {}", mark.kind, mark.shown)).collect();
        let words = shared_words(texts[at], texts[other], 2).join(" | ");
        println!(
            "campaigns: why {} and {} ({}): text {likeness:.2} “{words}” {}",
            at,
            other,
            if wanted { "one cluster" } else { "two clusters" },
            shared.join(", ")
        );
    }
}

fn mails(judge: &Judge) -> Result {
    let files = untar_xz(&data::file("emails_phishing_pot/dev.tar.xz")?)?;
    let (mut groups, mut truth) = (Groups::default(), Vec::new());
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".eml")) {
        let reading = read_mail(bytes, &EmbeddedSuffixes, &Limits::default());
        let subject = reading.summary.subject.clone().unwrap_or_default().to_lowercase();
        let subject: String = subject.chars().filter(|c| c.is_alphabetic()).collect();
        groups.add(marks(judge, &reading));
        truth.push(if subject.len() < 12 { name.clone() } else { subject });
    }
    report("mails by subject", &groups.group, &truth);
    Ok(())
}
