//! How well and how fast mutations are found: `cargo xtask bench sms`.
//!
//! Patterns are the earlier messages of campaigns that came back; asked about are their
//! later messages, honest texts, and our own suite of disguises. Nothing is learnt here.

mod baselines;
mod corpus;
#[path = "../../tests/mutations/disguise.rs"]
mod disguise;
mod speed;

use std::process::ExitCode;

use belfry_likeness::{Index, Scratch, benign};

use crate::baselines::Baseline;
use crate::corpus::Corpus;

fn main() -> ExitCode {
    let Some(corpus) = Corpus::load() else {
        return ExitCode::SUCCESS;
    };
    campaigns(&corpus);
    halves(&corpus);
    disguises();
    speed::run(&corpus);
    ExitCode::SUCCESS
}

/// Shows one line of figures.
pub(crate) fn show(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The earlier messages as patterns against the later ones, beside other ways.
fn campaigns(corpus: &Corpus) {
    show("| way | later mutations caught | honest texts caught |");
    show("|---|---|---|");
    let index = Index::new(corpus.patterns.iter().map(String::as_str));
    let mut scratch = Scratch::default();
    let mut ours = |text: &str| index.find(text, &mut scratch).is_some();
    row("belfry-likeness", corpus, &mut ours);
    for baseline in Baseline::all(&corpus.patterns) {
        row(baseline.name(), corpus, &mut |text| baseline.matches(text));
    }
}

fn row(name: &str, corpus: &Corpus, matches: &mut dyn FnMut(&str) -> bool) {
    let caught = corpus.later.iter().filter(|text| matches(text)).count();
    let honest = corpus.honest.iter().filter(|text| matches(text)).count();
    let share = 100.0 * caught as f64 / corpus.later.len() as f64;
    show(&format!(
        "| {name} | {caught} of {}: {share:.1} % | {honest} of {} |",
        corpus.later.len(),
        corpus.honest.len()
    ));
}

/// The same on each half of the campaigns, to see how far the figure depends on which.
fn halves(corpus: &Corpus) {
    for half in [0, 1] {
        let (patterns, later) = corpus.half(half);
        let index = Index::new(patterns.iter().copied());
        let mut scratch = Scratch::default();
        let caught = later.iter().filter(|text| index.find(text, &mut scratch).is_some()).count();
        let honest = corpus.honest.iter();
        let honest = honest.filter(|text| index.find(text, &mut scratch).is_some()).count();
        let share = 100.0 * caught as f64 / later.len().max(1) as f64;
        show(&format!("half {half} of the campaigns: {share:.1} % caught, {honest} honest texts"));
    }
    let all = corpus.patterns.iter().chain(&corpus.mislabelled).map(String::as_str);
    let index = Index::new(all);
    let mut scratch = Scratch::default();
    let honest = corpus.honest.iter();
    let honest = honest.filter(|text| index.find(text, &mut scratch).is_some()).count();
    show(&format!("with the campaigns' messages labelled honest as patterns: {honest} caught"));
    let ours = benign().filter(|text| index.find(text, &mut scratch).is_some()).count();
    show(&format!("honest texts of our own (banks, codes, couriers, family): {ours} caught"));
}

fn disguises() {
    show("\n| disguise | caught |\n|---|---|");
    for (kind, caught, asked) in disguise::run() {
        let share = 100.0 * caught as f64 / asked as f64;
        show(&format!("| {kind} | {caught} of {asked}: {share:.2} % |"));
    }
}
