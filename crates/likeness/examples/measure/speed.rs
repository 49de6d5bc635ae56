//! Decisions a second on one thread with 10,000 patterns, and what a pattern takes.

use std::time::{Duration, Instant};

use belfry_likeness::{Index, Scratch};

use crate::corpus::Corpus;
use crate::show;

const PATTERNS: usize = 10_000;
const ROUNDS: usize = 10;

pub(crate) fn run(corpus: &Corpus) {
    let patterns = corpus.many.iter().take(PATTERNS).map(String::as_str);
    let begun = Instant::now();
    let index = Index::new(patterns);
    show(&format!(
        "\n{} patterns built in {:?}; {} octets each",
        index.len(),
        begun.elapsed(),
        index.octets() / index.len().max(1)
    ));
    measure("honest texts", &index, &corpus.honest);
    measure("later mutations", &index, &corpus.later);
    let mixed: Vec<String> = corpus
        .honest
        .iter()
        .enumerate()
        .flat_map(|(nth, text)| {
            let fraud = (nth % 50 == 0).then(|| corpus.later.get(nth / 50)).flatten();
            std::iter::once(text.clone()).chain(fraud.cloned())
        })
        .collect();
    measure("honest texts with 2 % mutations", &index, &mixed);
}

/// Seconds of processor time that this thread has had.
fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn measure(name: &str, index: &Index, texts: &[String]) {
    let mut scratch = Scratch::default();
    let mut times: Vec<Duration> = Vec::with_capacity(texts.len() * ROUNDS);
    for _ in 0..ROUNDS {
        for text in texts {
            let begun = Instant::now();
            std::hint::black_box(index.find(text, &mut scratch));
            times.push(begun.elapsed());
        }
    }
    let begun = cpu();
    for text in texts.iter().cycle().take(texts.len() * ROUNDS) {
        std::hint::black_box(index.find(text, &mut scratch));
    }
    let total = cpu() - begun;
    times.sort_unstable();
    let at = |permille: usize| times[(times.len() - 1) * permille / 1_000];
    show(&format!(
        "{name}: {:.0} decisions a second of processor time; median {:?}, p99 {:?}, p99.9 {:?}",
        times.len() as f64 / total,
        at(500),
        at(990),
        at(999)
    ));
}
