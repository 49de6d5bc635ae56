//! The built-in lists beside lists of others: no Belgian bank, university or public
//! service is left to one person, and every list of others is read whole.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]

use std::sync::Arc;

use belfry_guard::{Format, Kind, List, Lists, Opinion, Reach};
use belfry_indicator::{Domain, EmbeddedSuffixes, Suffixes, Target};

/// The archive of harmless names.
fn archive() -> Option<Vec<(String, Vec<u8>)>> {
    let archive = belfry_testbed::corpus("lists_benign/lists_benign.tar.xz")?;
    Some(belfry_testbed::untar_xz(&archive).unwrap())
}

fn member<'a>(archive: &'a [(String, Vec<u8>)], name: &str) -> &'a [u8] {
    let found = archive.iter().find(|(path, _)| path.ends_with(name));
    &found.unwrap_or_else(|| panic!("{name} is not in the archive")).1
}

/// The names of a text list; some begin with a dot.
fn names(text: &[u8]) -> Vec<Domain> {
    let lines = std::str::from_utf8(text).unwrap().lines();
    let lines = lines.map(|line| line.trim_start_matches('.'));
    lines.filter(|line| !line.starts_with('#')).map(|line| Domain::parse(line).unwrap()).collect()
}

fn is_belgian(name: &Domain) -> bool {
    name.labels().next_back() == Some("be")
}

/// At both levels, for the name and its `www`.
fn targets(name: &Domain) -> Vec<Target> {
    let www = Domain::parse(&format!("www.{name}")).unwrap();
    vec![Target::Host(name.clone()), Target::Domain(name.clone()), Target::Host(www)]
}

#[test]
fn built_in_lists_hold_every_belgian_bank_and_university_of_the_lists() {
    let Some(archive) = archive() else { return };
    let lists = Lists::of([]);
    for list in ["misp_bank-website.txt", "misp_university_domains.txt"] {
        let text = member(&archive, list);
        let belgian: Vec<Domain> = names(text).into_iter().filter(is_belgian).collect();
        assert!(!belgian.is_empty(), "{list} has no Belgian name");
        for target in belgian.iter().flat_map(targets) {
            let opinion = lists.opinion(&target, &EmbeddedSuffixes);
            assert_ne!(opinion, Opinion::Free, "{list}: {target:?}");
        }
    }
}

#[test]
fn public_services_of_belgium_take_two_people_or_none() {
    let lists = Lists::of([]);
    for name in [
        "www.belgium.be",
        "finances.belgium.be",
        "my.minfin.fgov.be",
        "minfin.fgov.be",
        "ccff02.minfin.fgov.be",
        "www.vlaanderen.be",
        "www.wallonie.be",
        "eservices.minfin.fgov.be",
        "www.socialsecurity.be",
        "www.federalpolice.be",
        "idp.iamfas.belgium.be",
        "www.stad.gent.be",
        "be.brussels",
        "www.uzleuven.be",
        "webmail.kuleuven.be",
        "myprofile.itsme.be",
        "www.mypension.be",
        "track.bpost.cloud.bpost.be",
    ] {
        let target = Target::Host(Domain::parse(name).unwrap());
        assert_ne!(lists.opinion(&target, &EmbeddedSuffixes), Opinion::Free, "{name}");
    }
}

/// With the lists of others in force, none of their names is one person's to block.
#[test]
fn every_name_of_a_configured_list_takes_two_people() {
    let Some(archive) = archive() else { return };
    let mut given = Vec::new();
    let mut all = Vec::new();
    for (file, kind) in [
        ("sublime_tranco_top_50k.csv", Kind::Popular),
        ("misp_cloudflare-top100k.txt", Kind::Popular),
        ("misp_bank-website.txt", Kind::TwoPeople),
        ("misp_university_domains.txt", Kind::TwoPeople),
        ("be_domains_in_toplists.txt", Kind::TwoPeople),
    ] {
        let text = member(&archive, file);
        let entries: Vec<Domain> = if file.ends_with(".csv") {
            let parsed = Format::guess(text).read(text, None).unwrap();
            parsed.entries.into_iter().map(|(name, _)| name).collect()
        } else {
            names(text)
        };
        all.extend(entries.clone());
        let entries = entries.into_iter().map(|name| (name, Reach::Subtree));
        given.push(Arc::new(List::new(file, kind, None, entries)));
    }
    let lists = Lists::of(given);
    assert!(all.len() > 150_000, "only {} names", all.len());
    // One in seven, and the Belgian ones all: a name takes three look-ups here.
    let some = all.iter().enumerate().filter(|(n, name)| n % 7 == 0 || is_belgian(name));
    for target in some.flat_map(|(_, name)| targets(name)) {
        let opinion = lists.opinion(&target, &EmbeddedSuffixes);
        // A stranger's site below a suffix is its own: only `www` of a suffix is one.
        let stranger = target.name().labels().next() == Some("www")
            && EmbeddedSuffixes.registrable(target.name()).as_ref() == Some(target.name());
        assert!(opinion != Opinion::Free || stranger, "{target:?}");
    }
}
