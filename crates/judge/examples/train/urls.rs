//! The model of URLs: trained on the past, measured on what came later, on domains
//! that training never saw.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use belfry_indicator::{EmbeddedSuffixes, SuffixKind, Suffixes, Url};
use belfry_judge::train::{Example, Settings, train};
use belfry_judge::{Brands, Family, Features, Judge, Model, Names, Popular, url_features};

use crate::Result;
use crate::data::{self, Sample};
use crate::lists;
use crate::measure::{Scores, above};

/// What is dated before was there when the feed began, and may be older.
const SINCE: &str = "2024-10-13";
/// What is measured was first seen from here on.
const CUT: &str = "2025-09-01";
const END: &str = "2026-02";
/// Tenths of the domains that calibration, and in a measurement the test, keep.
const HELD: u8 = 0;
const TESTED: std::ops::RangeInclusive<u8> = 1..=5;

/// Trains on everything and describes it.
pub(crate) fn train_all() -> Result<(Model, String)> {
    let (phishing, benign) = (data::phishing(SINCE, END)?, data::benign()?);
    let names = lists::harmless(&phishing_domains(&phishing), |_| true)?;
    let popular = lists::popular()?;
    let model =
        fit(&Examples { phishing: &phishing, benign: &benign, names: &names }, &whole, &popular)?;
    Ok((model, card(phishing.len(), benign.len(), names.len())?))
}

fn phishing_domains(phishing: &[Sample]) -> BTreeSet<String> {
    phishing.iter().map(|sample| sample.domain.clone()).collect()
}

/// What a model learns from.
struct Examples<'a> {
    phishing: &'a [Sample],
    benign: &'a [Sample],
    /// Names of harmless sites, of which no page is known.
    names: &'a [Sample],
}

fn whole(url: &Url, names: Names<'_>) -> Features {
    url_features(url, &EmbeddedSuffixes, names)
}

fn card(phishing: usize, benign: usize, names: usize) -> Result<String> {
    let [feed, sites] = ["urls/openphish_history_dev.tsv.xz", "urls/benign_dev.tsv.xz"]
        .map(|name| data::file(name).and_then(|path| data::digest(&path)));
    let (feed, sites, settings) = (feed?, sites?, Settings::default());
    let lists = data::digest(&data::file(lists::ARCHIVE)?)?;
    Ok(format!(
        "# Model card\n\n\
         Written by `cargo xtask train`; seeded, so the same corpora give the same bytes.\n\
         Quality: `docs/judging.md`, by `cargo xtask bench judge`.\n\n\
         ## url.bin\n\n\
         Logistic regression over pieces of name and path, ending, shape, brand and whether many use the domain\n\
         ({} slots, seed {}). Scores assume even odds.\n\n\
         | source | licence | what | SHA-256 begins |\n|---|---|---|---|\n\
         | OpenPhish public feed, first seen {SINCE} until {END}, at most five a domain | OpenPhish Terms of Use: **non-commercial use only** | {phishing} phishing URLs | {feed} |\n\
         | ebubekirbbr/pdd 2018 (no licence file), Citizen Lab test lists (**CC BY-NC-SA 4.0**), Debian homepages (facts), MISP's Cloudflare top 100k (CC0), simple-icons (CC0) | as named | {benign} benign URLs | {sites} |\n\
         | the lists of `popular.bin` below | CC0, MIT | {names} names without a page, each counted {NAME_WEIGHT} | {lists} |\n\n\
         `popular.bin` is a Bloom filter of the registrable domains in MISP's warning lists of Cloudflare's top\n\
         100k, Tranco's 10k, Cisco's 20k, Majestic's 10k, universities and banks (CC0), and Sublime's Tranco 50k and free mail\n\
         providers (MIT): no list can be read out of it.\n\n\
         An organisation with commercial use in mind should train on its own confirmed cases.\n\n\
         Known weaknesses: no address as host among the examples; pages on hacked sites look\n\
         like the sites; benign examples are partly old; few from Belgium.\n",
        1usize << settings.bits,
        settings.seed,
    ))
}

type Extract<'a> = &'a dyn Fn(&Url, Names<'_>) -> Features;

/// What a name without a page counts.
const NAME_WEIGHT: f32 = 0.3;
/// What a name alone tells: not whether it is listed, since all of these are, nor anything of a page.
const OF_A_NAME: [Family; 4] = [Family::Ending, Family::Name, Family::Shape, Family::Brand];

fn fit(from: &Examples<'_>, extract: Extract<'_>, popular: &Popular) -> Result<Model> {
    let brands = Brands::built_in();
    let names = Names { brands: &brands, popular };
    let (mut examples, mut held) = (Vec::new(), Vec::new());
    for (samples, label) in [(from.phishing, true), (from.benign, false)] {
        for sample in samples {
            let example = Example::new(&extract(&sample.url, names), label, 1.0);
            let into = if data::tenth(&sample.domain) == HELD { &mut held } else { &mut examples };
            into.push(example);
        }
    }
    examples.extend(from.names.iter().map(|sample| {
        Example::new(&extract(&sample.url, names).only(&OF_A_NAME), false, NAME_WEIGHT)
    }));
    Ok(train(&examples, &held, &Settings::default())?)
}

/// Prints the figures of docs/judging.md.
pub(crate) fn measure() -> Result {
    let known = data::phishing_domains(CUT)?;
    let past = data::phishing(SINCE, CUT)?;
    let later = data::phishing(CUT, END)?;
    let later: Vec<_> = later.into_iter().filter(|s| !known.contains(&s.domain)).collect();
    let (tested, trained): (Vec<_>, Vec<_>) =
        data::benign()?.into_iter().partition(|s| TESTED.contains(&data::tenth(&s.domain)));
    println!(
        "urls: trained on {} phishing and {} benign, tested on {} and {} of other domains",
        past.len(),
        trained.len(),
        later.len(),
        tested.len()
    );
    let popular = lists::popular()?;
    let names = lists::harmless(&known, |domain| !TESTED.contains(&data::tenth(domain)))?;
    let examples = Examples { phishing: &past, benign: &trained, names: &names };
    let model = fit(&examples, &whole, &popular)?;
    figures("belfry", &model, &whole, &later, &tested);
    sources(&model, &tested, &later);
    for (name, extract) in others() {
        let plain = Examples { names: &[], ..examples };
        let model = fit(if name == NO_LIST { &examples } else { &plain }, extract, &popular)?;
        figures(name, &model, extract, &later, &tested);
    }
    speed(&later, &tested);
    Ok(())
}

const NO_LIST: &str = "without the list of used domains";

/// What the list of used domains is worth, and two plain models: the pieces of the text
/// alone, and the numbers alone.
fn others() -> [(&'static str, Extract<'static>); 3] {
    use belfry_judge::Family::{Brand, Ending, Form, Name, Path, Shape};
    [
        (NO_LIST, &|url, names| whole(url, names).only(&[Ending, Name, Shape, Path, Form, Brand])),
        ("pieces alone", &|url, names| whole(url, names).only(&[Name, Path])),
        ("numbers alone", &|url, names| whole(url, names).only(&[Ending, Shape, Form])),
    ]
}

fn scores(model: &Model, samples: &[Sample], extract: Extract<'_>) -> Vec<f64> {
    let (brands, popular) = (Brands::built_in(), Popular::built_in());
    let names = Names { brands: &brands, popular: &popular };
    let odds = samples.iter().map(|sample| model.log_odds(&extract(&sample.url, names)));
    odds.map(|odds| 1.0 / (1.0 + (-odds).exp())).collect()
}

fn figures(name: &str, model: &Model, extract: Extract<'_>, later: &[Sample], tested: &[Sample]) {
    let (shared, own): (Vec<_>, Vec<_>) = scores(model, later, extract)
        .into_iter()
        .zip(later)
        .partition(|(_, sample)| is_shared(sample));
    let [shared, own] =
        [shared, own].map(|all| all.into_iter().map(|(score, _)| score).collect::<Vec<_>>());
    let all = [shared.clone(), own.clone()].concat();
    let no = scores(model, tested, extract);
    for (which, yes) in [("all", all), ("new domains", own), ("shared hosts", shared)] {
        let scores = Scores::new(yes, no.clone());
        println!(
            "urls: {name}, {which}: recall {:.3} at 1 %, {:.3} at 0.1 %; precision at 1:100 {:.3} and {:.3}, at 1:1,000 {:.3} and {:.3}",
            scores.recall(0.01),
            scores.recall(0.001),
            scores.precision(0.01, 100.0),
            scores.precision(0.001, 100.0),
            scores.precision(0.01, 1_000.0),
            scores.precision(0.001, 1_000.0),
        );
    }
}

fn is_shared(sample: &Sample) -> bool {
    let domain = sample.url.host().domain();
    domain.is_some_and(|domain| EmbeddedSuffixes.suffix(domain).1 == SuffixKind::Private)
}

fn sources(model: &Model, tested: &[Sample], later: &[Sample]) {
    let no = scores(model, tested, &whole);
    let all = Scores::new(scores(model, later, &whole), no.clone());
    let mut by_source: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (score, sample) in no.iter().zip(tested) {
        by_source.entry(&sample.mark).or_default().push(*score);
    }
    for (source, scores) in by_source {
        println!(
            "urls: {source}: {} benign, {:.4} above the 1 % threshold, {:.4} above the 0.1 %",
            scores.len(),
            above(&scores, all.threshold(0.01)),
            above(&scores, all.threshold(0.001)),
        );
    }
    for (mean, share) in all.calibration() {
        println!("urls: calibration: mean score {mean:.2}, phishing {share:.2}");
    }
}

/// URLs a second of one core's own time, reasons included.
fn speed(later: &[Sample], tested: &[Sample]) {
    let judge = Judge::built_in();
    let texts: Vec<&str> = later.iter().chain(tested).map(|sample| sample.url.as_str()).collect();
    let mut rates: Vec<f64> = (0..5)
        .map(|_| {
            let start = (Instant::now(), busy_seconds());
            let reasons: usize = texts
                .iter()
                .filter_map(|text| Url::parse(text).ok())
                .map(|url| judge.url(&url, &EmbeddedSuffixes).reasons.len())
                .sum();
            assert!(reasons > 0, "every URL has a reason");
            let wall = start.0.elapsed().as_secs_f64();
            let busy = busy_seconds().zip(start.1).map_or(wall, |(now, then)| now - then);
            f64::from(u32::try_from(texts.len()).unwrap_or(u32::MAX)) / busy
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    println!(
        "urls: {:.0} URLs a second of core time, from text to reasons (median of 5)",
        rates[2]
    );
}

/// How long this thread has run on a core, where the system tells: others use the machine too.
fn busy_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}
