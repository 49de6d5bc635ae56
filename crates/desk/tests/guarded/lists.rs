//! The same by the lists of others that a hub should have: what ranks high, banks,
//! universities, Belgian names, shared parents, and the public suffixes of them all. What is
//! protected is found here by sets of our own, not by the guard.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use belfry_casebook::rules::RuleMode;
use belfry_guard::{Format, Kind, List, Lists, Reach};
use belfry_indicator::{Domain, EmbeddedSuffixes, Suffixes, Target};
use belfry_testbed::Random;

use super::{ALL_HOSTS, WAYS, attempt, ordered};
use crate::bench::Bench;

/// The lists, each by what it is for, and whether all below its names is protected too.
const GIVEN: [(&str, Kind, bool); 6] = [
    ("sublime_tranco_top_50k.csv", Kind::Popular, false),
    ("misp_moz-top500.txt", Kind::Popular, false),
    ("misp_bank-website.txt", Kind::TwoPeople, true),
    ("misp_university_domains.txt", Kind::TwoPeople, true),
    ("be_domains_in_toplists.txt", Kind::TwoPeople, false),
    ("sublime_free_subdomain_hosts.txt", Kind::Shared, false),
];
const ROUNDS: usize = 30;

struct Given {
    names: Vec<Domain>,
    set: HashSet<Domain>,
    with_all_below: bool,
}

fn names(archive: &[(String, Vec<u8>)], file: &str) -> Vec<Domain> {
    let (_, bytes) = archive.iter().find(|(path, _)| path.ends_with(file)).unwrap();
    if file.ends_with(".csv") {
        let parsed = Format::Tranco.read(bytes, None).unwrap();
        return parsed.entries.into_iter().map(|(name, _)| name).collect();
    }
    let lines = std::str::from_utf8(bytes).unwrap().lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| Domain::parse(line.trim().trim_start_matches('.')).ok()).collect()
}

fn hit(target: &Target, given: &[Given]) -> bool {
    let name = target.name();
    let bare = name.as_str().strip_prefix("www.").and_then(|bare| Domain::parse(bare).ok());
    // `www.` below a public suffix is one stranger's site.
    let bare = bare.filter(|bare| !EmbeddedSuffixes.is_suffix(bare));
    let is = |list: &Given| {
        let same = [Some(name), bare.as_ref()];
        let same = same.into_iter().flatten().any(|name| list.set.contains(name));
        same || list.with_all_below && name.ancestors().any(|up| list.set.contains(&up))
    };
    EmbeddedSuffixes.is_suffix(name) || given.iter().any(is)
}

/// A name of a list, or its `www`, or what is below it, or its public suffix, or a free one.
fn draw(random: &mut Random, given: &[Given], round: usize) -> String {
    let list = &given[random.index(given.len())];
    let name = &list.names[random.index(list.names.len())];
    match random.within(0..8) {
        0 => format!("r{round}.evil.example"),
        1 => format!("r{round}.parcel-fee.test"),
        2 => format!("www.{name}"),
        3 if list.with_all_below => format!("login.r{round}.{name}"),
        4 => {
            let suffix = name.ancestors().find(|up| EmbeddedSuffixes.is_suffix(up));
            suffix.map_or_else(|| name.to_string(), |suffix| suffix.to_string())
        }
        _ => name.to_string(),
    }
}

#[tokio::test]
async fn no_name_of_the_lists_is_ordered_by_one_by_any_way() {
    let Some(archive) = belfry_testbed::corpus("lists_benign/lists_benign.tar.xz") else { return };
    let archive = belfry_testbed::untar_xz(&archive).unwrap();
    let mut given = Vec::new();
    let mut lists = Vec::new();
    for (file, kind, with_all_below) in GIVEN {
        let names = names(&archive, file);
        let entries = names.iter().map(|name| (name.clone(), Reach::Subtree));
        lists.push(Arc::new(List::new(file, kind, None, entries)));
        given.push(Given { set: names.iter().cloned().collect(), names, with_all_below });
    }
    let bench = Bench::new().await;
    bench.desk.set_lists(Lists::of(lists)).await.unwrap();
    bench.live("all", ALL_HOSTS).await;
    bench.set("all", RuleMode::Shadow).await;
    let seed = belfry_testbed::seed();
    let mut random = Random::new(seed);
    let (mut caught, mut protected) = (BTreeMap::<&str, usize>::new(), 0);
    for round in 0..ROUNDS * WAYS.len() {
        let way = WAYS[round % WAYS.len()];
        let name = draw(&mut random, &given, round);
        protected += usize::from(hit(&Target::Host(Domain::parse(&name).unwrap()), &given));
        let before = ordered(&bench).len();
        attempt(&bench, way, &name).await;
        let now = ordered(&bench);
        *caught.entry(way).or_default() += now.len() - before;
        let broken: Vec<_> = now.iter().filter(|target| hit(target, &given)).collect();
        assert!(broken.is_empty(), "seed {seed}: {way} {name}: {broken:?}");
    }
    assert!(protected > ROUNDS * WAYS.len() / 2, "{protected} of the names are protected");
    for way in WAYS {
        assert!(caught[way] > 0, "seed {seed}: {way} orders what is free: {caught:?}");
    }
}
