//! The model of texts: trained on SMS of the past, measured on later ones.

use std::collections::BTreeMap;

use belfry_indicator::EmbeddedSuffixes;
use belfry_judge::train::{Example, Settings, train};
use belfry_judge::{Brands, Judge, Model};
use belfry_reading::{Limits, Reading, read_sms};
use belfry_testbed::read_xz;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::Result;
use crate::data;
use crate::lists;
use crate::measure::{Scores, above};

/// Texts of harmless messages by us: no corpus has them in Dutch, French or German.
const OWN: &str = include_str!("../../data/harmless.txt");
/// How often each of ours counts.
const OWN_WEIGHT: f32 = 20.0;
const BITS: u8 = 18;

/// An SMS of the corpus.
#[derive(Deserialize)]
pub(crate) struct Row {
    pub(crate) label: String,
    lang: String,
    date: String,
    source: String,
    pub(crate) cluster: String,
    pub(crate) text: String,
}

/// All SMS.
pub(crate) fn rows() -> Result<Vec<Row>> {
    let text = String::from_utf8(read_xz(&data::file("sms/dev.jsonl.xz")?)?)?;
    Ok(text.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?)
}

fn own() -> impl Iterator<Item = &'static str> {
    OWN.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

/// Which tenth a cluster of near duplicates falls into.
fn tenth(cluster: &str) -> u8 {
    Sha256::digest(cluster)[0] % 10
}

fn read(text: &str) -> Reading {
    read_sms(text.as_bytes(), &EmbeddedSuffixes, &Limits::default())
}

/// Trains on everything and describes it.
pub(crate) fn train_all(url: &Model) -> Result<(Model, String)> {
    let rows = rows()?;
    let model = fit(&rows.iter().collect::<Vec<_>>(), url)?;
    let digest = data::digest(&data::file("sms/dev.jsonl.xz")?)?;
    let card = format!(
        "## text.bin\n\n\
         Logistic regression over words, pairs and pieces of a text, with its links' score ({} slots).\n\n\
         | source | licence | what | SHA-256 begins |\n|---|---|---|---|\n\
         | SpamHunter (no licence file), SmishTank (no redistribution licence), Mishra and Soni (CC BY 4.0), UCI (CC BY 4.0), ExAIS and NUS (not verified) | as named: **research use** | {} SMS: fraud and advertising against ham | {digest} |\n\
         | `data/harmless.txt` | ours | {} harmless messages in nl, fr, de, en, each counted {OWN_WEIGHT} times | |\n\n\
         Known weaknesses: the corpus has harmless messages in English only, and its spam is\n\
         fraud and advertising together; texts read from screenshots have lost their signs.\n",
        1usize << BITS,
        rows.len(),
        own().count(),
    );
    Ok((model, card))
}

fn fit(rows: &[&Row], url: &Model) -> Result<Model> {
    let placeholder = Model::new(&[0.0; 1024], 0.0, url.calibration())?;
    let judge =
        Judge::new(url.clone(), placeholder, Brands::built_in()).with_popular(lists::popular()?);
    let example = |text: &str, fraud: bool, weight: f32| {
        let reading = read(text);
        Example::new(
            &judge.message_features(&reading, &reading.text, &EmbeddedSuffixes),
            fraud,
            weight,
        )
    };
    let (mut examples, mut held) = (Vec::new(), Vec::new());
    for row in rows {
        let into = if tenth(&row.cluster) == 0 { &mut held } else { &mut examples };
        into.push(example(&row.text, row.label != "ham", 1.0));
    }
    examples.extend(own().map(|text| example(text, false, OWN_WEIGHT)));
    let settings = Settings { bits: BITS, false_positives: 0.002, ..Settings::default() };
    Ok(train(&examples, &held, &settings)?)
}

/// Prints the figures of docs/judging.md.
pub(crate) fn measure() -> Result {
    let built_in = belfry_judge::Model::from_bytes(include_bytes!("../../models/url.bin"))?;
    let rows = rows()?;
    // Dates of the other sources are no reliable order; their clusters are split instead.
    let is_later = |row: &Row| match row.source.as_str() {
        "spamhunter" => row.date.as_str() >= "2021-01",
        "smishtank" => row.date.as_str() >= "2023-01",
        _ => tenth(&row.cluster) >= 7,
    };
    let (later, past): (Vec<_>, Vec<_>) = rows.iter().partition(|row| is_later(row));
    let known: std::collections::BTreeSet<_> = past.iter().map(|row| &row.cluster).collect();
    let later: Vec<_> = later.into_iter().filter(|row| !known.contains(&row.cluster)).collect();
    let judge = Judge::new(built_in.clone(), fit(&past, &built_in)?, Brands::built_in());
    let score = |text: &str| judge.sms(&read(text), &EmbeddedSuffixes);
    let mut yes: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut no = Vec::new();
    for row in &later {
        let score = score(&row.text).score;
        if row.label == "ham" {
            no.push(score);
        } else {
            yes.entry(&row.lang).or_default().push(score);
        }
    }
    println!(
        "sms: trained on {}, tested on {} later ones of other clusters, {} of them ham",
        past.len(),
        later.len(),
        no.len()
    );
    let all = Scores::new(yes.values().flatten().copied().collect(), no.clone());
    println!(
        "sms: recall {:.3} at 1 %, {:.3} at 0.1 % of ham",
        all.recall(0.01),
        all.recall(0.001)
    );
    for (lang, scores) in yes.iter().filter(|(_, scores)| scores.len() >= 50) {
        println!(
            "sms: {lang}: {} fraud and advertising, recall {:.3} at 1 % of (English) ham",
            scores.len(),
            above(scores, all.threshold(0.01))
        );
    }
    Ok(())
}
