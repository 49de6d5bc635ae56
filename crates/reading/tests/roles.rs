//! Which link matters, against a hundred and more mails that people labelled from
//! their raw source. Skipped by name without the corpus.
//!
//! `cargo nextest run -p belfry-reading --test roles --no-capture` prints the figures.

use std::collections::HashMap;

use belfry_indicator::{EmbeddedSuffixes, Url};
use belfry_reading::{Limits, Link, LinkKind, Role, read_mail};
use belfry_testbed::{corpus, untar_xz};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// What a person saw in one mail: hosts by their hash.
struct Label {
    call: Vec<String>,
    own: Vec<String>,
}

fn labels() -> HashMap<String, Label> {
    let rows = include_str!("labels/roles.tsv").lines().filter(|line| !line.starts_with('#'));
    let list = |text: &str| -> Vec<String> {
        text.split(',').filter(|hash| *hash != "-").map(ToOwned::to_owned).collect()
    };
    rows.map(|row| {
        let columns: Vec<&str> = row.split('\t').collect();
        (columns[0].to_owned(), Label { call: list(columns[1]), own: list(columns[2]) })
    })
    .collect()
}

fn hash(host: &str) -> String {
    let digest = Sha256::digest(format!("belfry role labels 1:{host}"));
    HEXLOWER.encode(&digest)[..16].to_owned()
}

/// Links that a person could click and that are said to matter: each with the hashes
/// of its host and of the hosts around it that were seen through.
fn raised(links: &[Link]) -> Vec<(Vec<String>, &str)> {
    let raised =
        links.iter().filter(|l| l.role == Role::CallToAction && l.kind != LinkKind::Header);
    raised
        .map(|link| {
            let around = link.through.iter().filter_map(|through| {
                Url::parse(through.url.as_str()).ok().map(|url| hash(&url.host().to_string()))
            });
            (around.chain([hash(&link.host)]).collect(), link.host.as_str())
        })
        .collect()
}

#[test]
fn the_malicious_link_is_raised_and_innocent_ones_are_not() {
    let test = "reading: roles in labelled mails";
    let Some(archive) = corpus("emails_phishing_pot/dev.tar.xz") else {
        return belfry_testbed::skip(test, "the corpus emails_phishing_pot is not there");
    };
    let labels = labels();
    let (mut mails, mut calls, mut found, mut innocent) = (0, 0, 0, 0);
    for (name, mail) in untar_xz(&archive).expect("the archive is sound") {
        let name = name.rsplit('/').next().unwrap_or(&name);
        let Some(label) = labels.get(name) else {
            continue;
        };
        mails += 1;
        let reading = read_mail(&mail, &EmbeddedSuffixes, &Limits::default());
        let raised = raised(&reading.links);
        for call in &label.call {
            calls += 1;
            if raised.iter().any(|(hashes, _)| hashes.contains(call)) {
                found += 1;
            } else {
                println!("{name}: the malicious link is not raised, but {raised:?}");
            }
        }
        for (hashes, host) in &raised {
            if !hashes.iter().any(|hash| label.call.contains(hash) || label.own.contains(hash)) {
                innocent += 1;
                println!("{name}: {host} is innocent");
            }
        }
    }
    let (recall, rate) =
        (f64::from(found) / f64::from(calls), f64::from(innocent) / f64::from(mails));
    println!("{mails} labelled mails: recall {found} of {calls} = {recall:.3}");
    println!("innocent links called the call to action: {innocent} = {rate:.3} a mail");
    assert_eq!(usize::try_from(mails), Ok(labels.len()), "some labelled mails are not there");
    assert!(recall >= 0.98 && rate <= 0.05, "recall {recall:.3}, innocent {rate:.3}");
}

/// What a person expects of each hard mail.
fn expectations() -> HashMap<String, Vec<String>> {
    let rows = include_str!("labels/hard.tsv").lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| row.split_once('\t'))
        .map(|(name, hosts)| {
            let hosts = hosts.split(',').filter(|hash| *hash != "-");
            (name.to_owned(), hosts.map(ToOwned::to_owned).collect())
        })
        .collect()
}

/// No mail but a table of people and brokers, of which any shop's address stands out.
const NO_MAIL: &str = "sample-3989.csv";

#[test]
fn hard_mails_are_read_as_a_person_expects() {
    let test = "reading: the hard mails";
    let Some(archive) = corpus("emails_phishing_pot/hardcases.tar.xz") else {
        return belfry_testbed::skip(test, "the corpus emails_phishing_pot is not there");
    };
    let (expectations, labels) = (expectations(), labels());
    let (mut read, mut differ) = (0, Vec::new());
    for (name, mail) in untar_xz(&archive).expect("the archive is sound") {
        let name = name.rsplit('/').next().unwrap_or(&name);
        if name == NO_MAIL {
            continue;
        }
        let Some(expected) = expectations.get(name) else {
            assert!(labels.contains_key(name), "{name} has no expectation");
            continue;
        };
        read += 1;
        let reading = read_mail(&mail, &EmbeddedSuffixes, &Limits::default());
        let raised = raised(&reading.links);
        let met = |(hashes, _): &(Vec<String>, &str)| hashes.iter().any(|h| expected.contains(h));
        let fits = if expected.is_empty() { raised.is_empty() } else { raised.iter().any(met) };
        if !fits {
            differ.push(format!("{name}: {:?}", raised.iter().map(|r| r.1).collect::<Vec<_>>()));
        }
    }
    println!("hard mails as expected: {} of {read}; else {differ:#?}", read - differ.len());
    assert_eq!(read, expectations.len(), "some hard mails are not there");
    assert!(differ.is_empty(), "{differ:#?}");
}
