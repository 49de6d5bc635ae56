//! Random names by every way into the journal that the desk has. What protects a name is
//! written here once more, by other code than the guard's; an order that it finds protected
//! is a broken promise, whoever asked for it.

mod lists;

use std::collections::BTreeMap;
use std::path::Path;

use belfry_casebook::access::{Analyst, Approver, Principal, Proof, Role};
use belfry_casebook::assessment::{Said, Standing, Weigh, Weighed};
use belfry_casebook::campaign::{Mark, Marked};
use belfry_casebook::rules::RuleMode;
use belfry_casebook::verdict::Verdict;
use belfry_desk::{Approval, Import, Renew, Renewed, Ruling};
use belfry_guard::Lists;
use belfry_indicator::{Domain, Target};
use belfry_journal::Action;
use belfry_testbed::Random;

use crate::bench::{Bench, analyst, local_admin, ruling};

/// Nobody alone orders these or anything below them: of the bench, and of the lists built in.
const WITH_ALL_BELOW: [&str; 8] = [
    "bank.example",
    "hub.example",
    "google.com",
    "kuleuven.be",
    "ugent.be",
    "fgov.be",
    "belfius.be",
    "in-addr.arpa",
];
/// Nor these themselves, though a customer below them may be blocked.
const THEMSELVES: [&str; 7] =
    ["vercel.app", "co.uk", "wordpress.com", "weebly.com", "be", "com", "github.io"];
const FREE: [&str; 4] =
    ["evil.example", "parcel-fee.test", "bank-example.test", "xn--bnk-0na.test"];
/// Every way in. The API, the CLI and the console's pages, many cases at once too, come to
/// the desk by these; which files hold what the guard cleared is held by a test below.
const WAYS: [&str; 9] = [
    "verdict",
    "widened",
    "compromised",
    "import",
    "rule",
    "standing",
    "administrator",
    "approval",
    "raised",
];
/// A rule that confirms whatever is a host.
const ALL_HOSTS: &str = "when = \"host\"\naction = \"confirm\"\nverdict = \"phishing\"";

fn draw(random: &mut Random) -> (String, bool) {
    let (base, guarded) = match random.within(0..3) {
        0 => (WITH_ALL_BELOW[random.index(WITH_ALL_BELOW.len())], true),
        1 => (THEMSELVES[random.index(THEMSELVES.len())], false),
        _ => (FREE[random.index(FREE.len())], false),
    };
    let labels = ["www", "login", "a", "x9", "bank", "hub", "secure-belfius", "xn--80ak6aa92e"];
    let mut name = base.to_owned();
    for _ in 0..random.within(0..3) {
        name = format!("{}.{name}", labels[random.index(labels.len())]);
    }
    (name, guarded)
}

fn is_protected(target: &Target) -> bool {
    let name = target.name().as_str();
    let below = |base: &str| name == base || name.ends_with(&format!(".{base}"));
    WITH_ALL_BELOW.into_iter().any(below) || THEMSELVES.contains(&name)
}

/// Scales that weigh nothing: marks are what this needs them for.
struct Idle;

impl Weigh for Idle {
    fn models(&self) -> &'static str {
        "none"
    }
    fn lists(&self) -> &'static str {
        "none"
    }
    fn weigh(&self, _standing: &Standing<'_>) -> Option<Weighed> {
        None
    }
}

/// Puts a case into the one campaign of these tests; answers its number, once it has two.
pub(crate) async fn into_campaign(bench: &Bench, case: u64) -> Option<u64> {
    let mark = Mark { kind: "account".into(), value: 7, shown: String::new(), weight: 1.0 };
    let marked = Marked {
        marks: vec![mark],
        channel: "sms".into(),
        month: "2026-11".into(),
        ..Marked::default()
    };
    let said = Said { marked, ..Said::default() };
    let report = bench.file(case).await.reports[0].id;
    bench.desk.casebook().assess(case, &[(report, said)], "", &Idle, bench.now()).await.unwrap();
    bench.file(case).await.case.campaign
}

/// Tries to have `name` blocked by one person, or by none.
async fn attempt(bench: &Bench, way: &str, name: &str) {
    let import = |text| Import {
        text,
        verdict: Some(Verdict::Phishing),
        reason: "a list",
        block_days: None,
    };
    if way == "import" {
        // A line that is no name refuses the list; that orders nothing either.
        let _refused = bench.desk.import(&analyst(), import(name)).await;
        return;
    }
    let case = bench.case(name).await;
    let plain = ruling(case, Verdict::Phishing);
    match way {
        "rule" => {
            bench.set("all", RuleMode::Live).await;
            bench.desk.apply_rules(&[case]).await;
            bench.set("all", RuleMode::Shadow).await;
        }
        "standing" => {
            if let Some(campaign) = into_campaign(bench, case).await {
                let by = analyst();
                let verdict = Verdict::Phishing;
                bench.desk.let_stand(&by, campaign, verdict, 2, "the same").await.unwrap();
                bench.desk.apply_rules(&[case]).await;
                bench.desk.casebook().end_standing(&by, campaign, bench.now()).await.unwrap();
            }
        }
        "administrator" => {
            let _refused = bench.desk.judge(&local_admin(), plain).await;
        }
        "approval" => agree_with_oneself(bench, plain).await,
        "raised" => {
            // A list without a verdict raises the case first; that its name came by a list
            // lets nobody off.
            let raise = Import { verdict: None, ..import(name) };
            let _known = bench.desk.import(&analyst(), raise).await;
            let _refused = bench.desk.judge(&analyst(), plain).await;
            let again = bench.desk.import(&analyst(), import(name)).await;
            drop(again);
        }
        _ => {
            let (widen, compromised) = (way == "widened", way == "compromised");
            let asked = Ruling { widen, compromised, ..plain };
            let _refused = bench.desk.judge(&analyst(), asked).await;
        }
    }
}

/// One person proposes and then approves, by every hat that one may wear.
async fn agree_with_oneself(bench: &Bench, asked: Ruling<'_>) {
    let person = |role, proof| Principal { name: "person:an".into(), role, proof };
    let signed_in = Proof::Passkey { at: bench.now() };
    let first: Analyst = person(Role::Analyst, signed_in).authorize().unwrap();
    let case = asked.case;
    let _waits = bench.desk.judge(&first, asked).await;
    let hats = [
        person(Role::Approver, signed_in),
        person(Role::Admin, signed_in),
        person(Role::Approver, Proof::Token),
        Principal { name: "person:bo".into(), role: Role::Admin, proof: Proof::Token },
        local_admin().principal().clone(),
    ];
    for hat in hats {
        let by: Approver = hat.authorize().unwrap();
        let version = bench.file(case).await.case.version;
        let approval = Approval { case, version, reason: "so do I" };
        let _refused = bench.desk.approve(&by, approval).await;
    }
}

fn ordered(bench: &Bench) -> Vec<Target> {
    let effective = bench.desk.casebook().effective();
    let blocks = effective.iter().filter(|(_, held)| held.order.action == Action::Block);
    blocks.map(|(_, held)| held.order.target.clone()).collect()
}

#[tokio::test]
async fn no_protected_name_is_ordered_by_one_by_any_way() {
    let seed = belfry_testbed::seed();
    let mut random = Random::new(seed);
    let bench = Bench::new().await;
    bench.live("all", ALL_HOSTS).await;
    bench.set("all", RuleMode::Shadow).await;
    let mut caught: BTreeMap<&str, usize> = BTreeMap::new();
    let mut guarded_tries = 0;
    for round in 0..30 * WAYS.len() {
        let way = WAYS[round % WAYS.len()];
        let (name, guarded) = draw(&mut random);
        // Each round has names of its own, or a case decided before would hide a way.
        let name = if random.chance(70) { format!("r{round}.{name}") } else { name };
        guarded_tries += usize::from(guarded);
        let before = ordered(&bench).len();
        attempt(&bench, way, &name).await;
        let now = ordered(&bench);
        *caught.entry(way).or_default() += now.len() - before;
        let broken: Vec<_> = now.iter().filter(|target| is_protected(target)).collect();
        assert!(broken.is_empty(), "seed {seed}: {way} {name}: {broken:?}");
    }
    assert!(guarded_tries > 20, "the draw has names that are protected");
    for way in WAYS {
        assert!(caught[way] > 0, "seed {seed}: {way} orders what is free: {caught:?}");
    }
}

#[tokio::test]
async fn a_block_is_not_renewed_once_a_list_has_its_name() {
    let bench = Bench::new().await;
    let case = bench.case("shop.evil.example").await;
    bench.desk.judge(&analyst(), ruling(case, Verdict::Phishing)).await.unwrap();
    let name = |text| Domain::parse(text).unwrap();
    bench.desk.set_lists(Lists::new([], [], [name("evil.example")])).await.unwrap();
    let renew = Renew { case, version: None, reason: "seen", block_days: None };
    let renewed = bench.desk.renew(&local_admin(), renew).await.unwrap();
    assert!(matches!(renewed, Renewed::NotCleared(_)), "{renewed:?}");
    // Two people protect it; a refusal outright releases it at once.
    assert_eq!(ordered(&bench).len(), 1);
    bench.desk.set_lists(Lists::new([], [name("evil.example")], [])).await.unwrap();
    assert!(ordered(&bench).is_empty());
}

/// Files of `folder` and below it, but for tests, that hold `text`.
fn holding(folder: &Path, text: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("tests") {
            continue;
        }
        if path.is_dir() {
            holding(&path, text, found);
        } else if std::fs::read_to_string(&path).is_ok_and(|source| source.contains(text)) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found.sort();
}

#[test]
fn what_the_guard_cleared_is_taken_in_by_files_that_these_tests_know() {
    // `Cleared` can't be made elsewhere. `sms` has templates, which are texts and no names,
    // through a check of their own.
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for of in std::fs::read_dir(crates).unwrap() {
        let of = of.unwrap().path();
        if !of.ends_with("guard") && of.join("src").is_dir() {
            holding(&of.join("src"), "Outcome::Cleared", &mut found);
        }
    }
    assert_eq!(found, ["judge.rs", "life.rs", "sms.rs"], "a new way in has its place in WAYS");
}
