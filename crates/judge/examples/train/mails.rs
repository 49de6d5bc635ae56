//! The weights of mails: learnt from the facts of reported mails of 2022 to 2024 and half of the
//! harmless ones of 2002, measured on reported ones of later and the other half.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use belfry_indicator::EmbeddedSuffixes;
use belfry_judge::{Judge, MAIL_FACTS, MailFact, MailWeights};
use belfry_reading::{Limits, read_mail};
use belfry_testbed::untar_xz;
use sha2::{Digest, Sha256};

use crate::Result;
use crate::data;
use crate::measure::{Scores, above};

const REPORTED: &str = "emails_phishing_pot/dev.tar.xz";
const HARMLESS: &str = "emails_spamassassin/dev.tar.xz";
/// Reported mails from here on are tested on.
const CUT: &str = "2025-01-01";
/// Facts whose weight may be below zero; all others speak for fraud or not at all, so that
/// what the years changed between the corpora can't turn one around.
const EITHER_WAY: [&str; 4] = ["base", "link", "no-link", "words"];
const STEPS: u32 = 3_000;
const RATE: f64 = 0.5;
const DECAY: f64 = 1e-3;
/// The share of harmless mails above the upper threshold.
const WRONG: f64 = 0.002;

/// A mail of a corpus.
struct Mail {
    facts: Vec<MailFact>,
    score: f64,
    reported: bool,
    /// Tested on, not learnt from.
    later: bool,
    lang: String,
    tag: String,
}

/// What the corpus' own table says of a mail.
struct Row {
    date: String,
    lang: String,
    tag: String,
    cluster: String,
}

fn rows() -> Result<BTreeMap<String, Row>> {
    let text = std::fs::read_to_string(data::file("emails_phishing_pot/dev.tsv")?)?;
    let row = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [file, _, _, date, lang, tag, cluster, ..] = fields[..] else { return None };
        let [date, lang, tag, cluster] = [date, lang, tag, cluster].map(str::to_owned);
        Some((file.to_owned(), Row { date, lang, tag, cluster }))
    };
    Ok(text.lines().skip(1).filter_map(row).collect())
}

fn load(judge: &Judge) -> Result<Vec<Mail>> {
    let rows = rows()?;
    let earlier: BTreeSet<&str> = rows
        .values()
        .filter(|row| row.date.as_str() < CUT)
        .map(|row| row.cluster.as_str())
        .collect();
    let mut mails = Vec::new();
    for (name, bytes) in untar_xz(&data::file(REPORTED)?)? {
        let name = name.rsplit('/').next().unwrap_or(&name);
        let Some(row) = rows.get(name) else { continue };
        let later = row.date.as_str() >= CUT;
        // A campaign that was learnt from is no test.
        if later && earlier.contains(row.cluster.as_str()) {
            continue;
        }
        let mut mail = read(judge, &bytes, true, later);
        (mail.lang, mail.tag) = (row.lang.clone(), row.tag.clone());
        mails.push(mail);
    }
    for (name, bytes) in untar_xz(&data::file(HARMLESS)?)? {
        if name.contains("ham") && !name.ends_with("sv") {
            let later = Sha256::digest(thread(&bytes))[0] % 2 == 1;
            mails.push(read(judge, &bytes, false, later));
        }
    }
    Ok(mails)
}

/// The subject without answers' marks: a thread does not cross the split.
fn thread(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(20_000)]).to_lowercase();
    let subject = text.lines().find_map(|line| line.strip_prefix("subject:").map(str::to_owned));
    let subject = subject.unwrap_or_default().replace("re:", "").replace("fwd:", "");
    subject.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn read(judge: &Judge, bytes: &[u8], reported: bool, later: bool) -> Mail {
    let reading = read_mail(bytes, &EmbeddedSuffixes, &Limits::default());
    Mail {
        facts: judge.mail_facts(&reading, &EmbeddedSuffixes),
        score: judge.mail(&reading, &EmbeddedSuffixes).score,
        reported,
        later,
        lang: String::new(),
        tag: String::new(),
    }
}

type Weights = BTreeMap<&'static str, f64>;

fn odds(weights: &Weights, facts: &[MailFact]) -> f64 {
    facts.iter().map(|fact| weights.get(fact.name).copied().unwrap_or_default() * fact.value).sum()
}

fn probability(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds).exp())
}

/// Logistic regression by plain descent, both labels counting the same. It has no chance in
/// it: the same mails give the same weights.
fn learn(mails: &[&Mail]) -> Weights {
    let mut weights: Weights = MAIL_FACTS.iter().map(|name| (*name, 0.0)).collect();
    let share = |reported: bool| {
        let count = mails.iter().filter(|mail| mail.reported == reported).count();
        0.5 / f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX))
    };
    let shares = [share(false), share(true)];
    for _ in 0..STEPS {
        let mut slope: Weights = BTreeMap::new();
        for mail in mails {
            let wanted = f64::from(u8::from(mail.reported));
            let wrong = probability(odds(&weights, &mail.facts)) - wanted;
            for fact in &mail.facts {
                *slope.entry(fact.name).or_default() +=
                    wrong * fact.value * shares[usize::from(mail.reported)];
            }
        }
        for (name, weight) in &mut weights {
            let decay = if *name == "base" { 0.0 } else { DECAY * *weight };
            *weight -= RATE * (slope.get(name).copied().unwrap_or_default() + decay);
            if !EITHER_WAY.contains(name) {
                *weight = weight.max(0.0);
            }
        }
    }
    weights
}

fn scores<'a>(weights: &Weights, mails: impl Iterator<Item = &'a Mail>) -> Vec<f64> {
    mails.map(|mail| probability(odds(weights, &mail.facts))).collect()
}

/// Learns from all mails and writes the table, and its part of the card.
pub(crate) fn train_all(judge: &Judge) -> Result<(String, String)> {
    let mails = load(judge)?;
    let all: Vec<&Mail> = mails.iter().collect();
    let weights = learn(&all);
    let ham = scores(&weights, mails.iter().filter(|mail| !mail.reported));
    let bad = scores(&weights, mails.iter().filter(|mail| mail.reported));
    let phishing = Scores::new(bad.clone(), ham.clone()).threshold(WRONG).max(0.9);
    let benign = Scores::new(ham, bad).threshold(0.95).min(0.15);
    let mut table =
        "# What each fact of a mail weighs, in log-odds; written by `cargo xtask train`.\n"
            .to_owned();
    for name in MAIL_FACTS {
        writeln!(table, "{name}\t{:.3}", weights.get(name).copied().unwrap_or_default())?;
    }
    writeln!(table, "=phishing\t{phishing:.3}\n=benign\t{benign:.3}")?;
    MailWeights::parse(&table)?;
    let [reported, harmless] =
        [REPORTED, HARMLESS].map(|name| data::file(name).and_then(|path| data::digest(&path)));
    let card = format!(
        "## mail.tsv\n\n\
         Logistic regression over {} facts that an analyst sees; no header but the sender, no date, no word as such.\n\n\
         | source | licence | what | SHA-256 begins |\n|---|---|---|---|\n\
         | phishing_pot (**CC BY-NC 4.0: non-commercial use only**) | as named | {} reported mails of 2022 to 2026, fraud and spam | {} |\n\
         | SpamAssassin public corpus (PDDL 1.0 by its packager; texts remain their senders') | as named | {} harmless mails of 2002 | {} |\n\n\
         Known weaknesses: harmless mail of today, newsletters above all, is not among the examples;\n\
         a good part of the reported mail is spam rather than fraud.\n",
        MAIL_FACTS.len(),
        mails.iter().filter(|mail| mail.reported).count(),
        reported?,
        mails.iter().filter(|mail| !mail.reported).count(),
        harmless?,
    );
    Ok((table, card))
}

/// Prints the figures of docs/judging.md.
pub(crate) fn measure(judge: &Judge) -> Result {
    let mails = load(judge)?;
    let (later, past): (Vec<&Mail>, Vec<&Mail>) = mails.iter().partition(|mail| mail.later);
    let weights = learn(&past);
    for (name, weight) in &weights {
        let share = |reported: bool| {
            let of = past.iter().filter(|mail| mail.reported == reported);
            let has = of.clone().filter(|mail| mail.facts.iter().any(|fact| fact.name == *name));
            has.count() * 100 / of.count().max(1)
        };
        println!(
            "mails: {name} {weight:.2}: in {} % of reported, {} % of harmless",
            share(true),
            share(false)
        );
    }
    let no = scores(&weights, later.iter().copied().filter(|mail| !mail.reported));
    let tested = || later.iter().copied().filter(|mail| mail.reported);
    let all = Scores::new(scores(&weights, tested()), no.clone());
    println!(
        "mails: learnt from {}, tested on {} reported later and {} harmless: recall {:.3} at 1 %, {:.3} at 5 %",
        past.len(),
        tested().count(),
        no.len(),
        all.recall(0.01),
        all.recall(0.05)
    );
    let mut parts: BTreeMap<&str, Vec<&Mail>> = BTreeMap::new();
    for mail in tested() {
        parts.entry(&mail.lang).or_default().push(mail);
        parts.entry(&mail.tag).or_default().push(mail);
    }
    for (part, mails) in parts.iter().filter(|(_, mails)| mails.len() >= 20) {
        let scores = scores(&weights, mails.iter().copied());
        println!(
            "mails: {part}: {} reported, recall {:.3} at 1 %, {:.3} at 5 %",
            scores.len(),
            above(&scores, all.threshold(0.01)),
            above(&scores, all.threshold(0.05))
        );
    }
    let built_in = |reported| {
        mails.iter().filter(move |mail| mail.reported == reported).map(|mail| mail.score).collect()
    };
    let whole = Scores::new(built_in(true), built_in(false));
    println!(
        "mails: the table that is built in, on all of them: recall {:.3} at 1 %, {:.3} at 5 %",
        whole.recall(0.01),
        whole.recall(0.05)
    );
    Ok(())
}
