//! Replays a real feed of phishing URLs through target and guard: what could be blocked, at
//! which level, by how many people; and whether anything protected was ever let through.
//! `cargo xtask bench guard` runs it in release.

#![expect(clippy::print_stdout, reason = "figures are for the person who asked")]

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use belfry_guard::{Approvals, Format, Kind, List, Lists, Outcome, Reach, check};
use belfry_indicator::{Domain, EmbeddedSuffixes, Suffixes, Target, Url, blockable};
use belfry_journal::{Action, Audience, Category, Cause, Mode, Order, PublicReason, UnixMillis};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;
type Archive = Vec<(String, Vec<u8>)>;

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

/// Lists of others, each by what it is for.
const GIVEN: [(&str, Kind); 8] = [
    ("sublime_tranco_top_50k.csv", Kind::Popular),
    ("misp_cloudflare-top100k.txt", Kind::Popular),
    ("misp_tranco10k.txt", Kind::Popular),
    ("misp_moz-top500.txt", Kind::Popular),
    ("misp_bank-website.txt", Kind::TwoPeople),
    ("misp_university_domains.txt", Kind::TwoPeople),
    ("be_domains_in_toplists.txt", Kind::TwoPeople),
    ("sublime_free_subdomain_hosts.txt", Kind::Shared),
];

fn main() -> Result {
    let (Some(feed), Some(lists)) = (
        belfry_testbed::corpus("urls/openphish_history_dev.tsv.xz"),
        belfry_testbed::corpus("lists_benign/lists_benign.tar.xz"),
    ) else {
        return Ok(());
    };
    let feed = String::from_utf8(belfry_testbed::read_xz(&feed)?)?;
    let archive = belfry_testbed::untar_xz(&lists)?;
    let protected = Protected::read(&archive)?;
    println!("built-in lists alone");
    replay(&feed, &Lists::of([]), &protected);
    println!(
        "\nwith the lists of others: Tranco, Cloudflare, Moz, banks, universities, .be, shared hosts"
    );
    replay(&feed, &configured(&archive)?, &protected);
    Ok(())
}

/// Names that no single person may ever have blocked.
struct Protected {
    top: HashSet<Domain>,
    banks: HashSet<Domain>,
    universities: HashSet<Domain>,
    belgian: HashSet<Domain>,
    shared: HashSet<Domain>,
}

impl Protected {
    fn read(archive: &Archive) -> Result<Self> {
        let mut top = HashSet::new();
        for (file, _) in GIVEN.iter().filter(|(_, kind)| *kind == Kind::Popular) {
            top.extend(names(archive, file)?);
        }
        let set = |file| Ok::<_, Box<dyn Error>>(names(archive, file)?.into_iter().collect());
        Ok(Self {
            top,
            banks: set("misp_bank-website.txt")?,
            universities: set("misp_university_domains.txt")?,
            belgian: set("be_domains_in_toplists.txt")?,
            shared: set("sublime_free_subdomain_hosts.txt")?,
        })
    }

    /// Which protected set a block of this target would hit: by the name or its `www`, for
    /// banks, universities and Belgian names by all below them too.
    fn hit(&self, target: &Target) -> Option<&'static str> {
        let name = target.name();
        let bare = name.as_str().strip_prefix("www.").and_then(|bare| Domain::parse(bare).ok());
        let is = |set: &HashSet<Domain>| {
            set.contains(name) || bare.as_ref().is_some_and(|bare| set.contains(bare))
        };
        let below = |set: &HashSet<Domain>| name.ancestors().any(|up| set.contains(&up));
        if EmbeddedSuffixes.is_suffix(name) {
            Some("public suffix")
        } else if self.shared.contains(name) {
            Some("shared parent")
        } else if below(&self.banks) {
            Some("bank")
        } else if below(&self.universities) {
            Some("university")
        } else if is(&self.belgian) {
            Some(".be list")
        } else if is(&self.top) && !is_strangers_www(name) {
            Some("top list")
        } else {
            None
        }
    }
}

/// `www.` below a public suffix is one stranger's site, not the suffix.
fn is_strangers_www(name: &Domain) -> bool {
    name.labels().next() == Some("www") && EmbeddedSuffixes.registrable(name).as_ref() == Some(name)
}

fn names(archive: &Archive, file: &str) -> Result<Vec<Domain>> {
    let found = archive.iter().find(|(path, _)| path.ends_with(file));
    let bytes = &found.ok_or_else(|| format!("{file} is not in the archive"))?.1;
    if file.ends_with(".csv") {
        let parsed = Format::Tranco.read(bytes, None)?;
        return Ok(parsed.entries.into_iter().map(|(name, _)| name).collect());
    }
    let lines = std::str::from_utf8(bytes)?.lines().filter(|line| !line.starts_with('#'));
    // The comments of a list of others, and what is no name, are not what is measured.
    Ok(lines.filter_map(|line| Domain::parse(line.trim().trim_start_matches('.')).ok()).collect())
}

fn configured(archive: &Archive) -> Result<Lists> {
    let mut given = Vec::new();
    for (file, kind) in GIVEN {
        let entries = names(archive, file)?.into_iter().map(|name| (name, Reach::Subtree));
        given.push(Arc::new(List::new(file, kind, None, entries)));
    }
    Ok(Lists::of(given))
}

/// What a replay counted.
#[derive(Default)]
struct Counts {
    entries: u32,
    not_blockable: BTreeMap<String, u32>,
    /// By level, outcome and rule.
    outcomes: BTreeMap<(&'static str, String), u32>,
    leaks: BTreeMap<(&'static str, &'static str), u32>,
    checks: u32,
}

#[expect(clippy::disallowed_methods, reason = "a benchmark needs a clock, the crate itself none")]
fn replay(feed: &str, lists: &Lists, protected: &Protected) {
    let mut counts = Counts::default();
    let began = Instant::now();
    for line in feed.lines() {
        let Some(url) = line.splitn(3, '\t').nth(2) else { continue };
        counts.entries += 1;
        let Ok(url) = Url::parse(url) else {
            *counts.not_blockable.entry("no URL".into()).or_default() += 1;
            continue;
        };
        match blockable(url.host(), &EmbeddedSuffixes) {
            Err(why) => {
                let why = why.to_string();
                let kind = why.rsplit_once(" is ").map_or(why.as_str(), |(_, kind)| kind);
                *counts.not_blockable.entry(kind.to_owned()).or_default() += 1;
            }
            Ok(found) => {
                counts.ask(Target::Host(found.host), lists, protected);
                counts.ask(Target::Domain(found.registrable), lists, protected);
            }
        }
    }
    counts.print(began.elapsed().as_secs_f64());
}

impl Counts {
    fn ask(&mut self, target: Target, lists: &Lists, protected: &Protected) {
        self.checks += 1;
        let level = target.level();
        let order = draft(target);
        let target = order.target.clone();
        let said = match check(order, lists, &EmbeddedSuffixes, &Approvals::none(), NOW) {
            Outcome::Cleared(_) => {
                if let Some(set) = protected.hit(&target) {
                    *self.leaks.entry((level, set)).or_default() += 1;
                }
                "one person".to_owned()
            }
            Outcome::NeedsSecond(finding) => format!("two people, {}", finding.rule),
            Outcome::Refused(finding) => format!("refused, {}", finding.rule),
        };
        *self.outcomes.entry((level, said)).or_default() += 1;
    }

    fn print(&self, seconds: f64) {
        let share = |count: u32| 100.0 * f64::from(count) / f64::from(self.entries);
        println!("  {} entries", self.entries);
        for (why, count) in &self.not_blockable {
            println!("  not blockable, {why}: {count} ({:.2} %)", share(*count));
        }
        for ((level, said), count) in &self.outcomes {
            println!("  {level}: {said}: {count} ({:.2} %)", share(*count));
        }
        for level in ["host", "domain"] {
            let two = self
                .outcomes
                .iter()
                .filter(|((of, said), _)| *of == level && said.starts_with("two people"));
            let two: u32 = two.map(|(_, count)| count).sum();
            println!("  {level}: two people in all: {two} ({:.2} %)", share(two));
        }
        if self.leaks.is_empty() {
            println!("  protected names ordered by one person: 0");
        }
        for ((level, set), count) in &self.leaks {
            println!("  ordered by one person although protected: {level}, {set}: {count}");
        }
        println!(
            "  {:.0} checks/s on one core, URL parsing included",
            f64::from(self.checks) / seconds
        );
    }
}

fn draft(target: Target) -> Order {
    Order {
        action: Action::Block,
        target,
        category: Category::Phishing,
        mode: Mode::Live,
        issued_at: NOW,
        valid_until: UnixMillis(NOW.0 + 30 * 86_400_000),
        audience: Audience::Everyone,
        cause: Cause::Verdict { case: 1 },
        reason: PublicReason::Impersonation,
        keeps_mail: false,
    }
}
