//! Rules, the brake, imports and what happens to cases beside their verdicts, at the desk
//! over a real casebook; and that no way in gets past the guard.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]

mod bench;
mod guarded;

use belfry_casebook::StoreError;
use belfry_casebook::case::{CaseState, Change};
use belfry_casebook::rules::RuleMode;
use belfry_casebook::verdict::Verdict;
use belfry_desk::{AlarmKind, Import, ImportError, Renew, Renewed, Ruled, TakeBack};
use belfry_guard::{Lists, Opinion};
use belfry_indicator::{Domain, EmbeddedSuffixes};
use belfry_journal::{Action, Serial};

use crate::bench::{Bench, DAY, admin, analyst, ruling};

const SURE: &str = "when = \"host and proven >= 2\"\naction = \"confirm\"\nverdict = \"phishing\"";
const NEWS: &str = "when = \"host\"\naction = \"close\"\nverdict = \"spam\"\nsample_percent = 50";

#[tokio::test]
async fn a_rule_goes_from_off_over_shadow_to_live_and_its_blocks_are_short() {
    let bench = Bench::new().await;
    bench.desk.put_rule(&admin(), "sure", SURE).await.unwrap();
    let case = bench.reported("evil.example", &["an", "bo"]).await;
    bench.desk.apply_rules(&[case]).await;
    assert_eq!(bench.status(case).await, "open", "it is off");

    let live = bench.desk.set_rule_mode(&admin(), "sure", RuleMode::Live).await;
    assert!(matches!(live, Err(StoreError::Invalid { .. })), "from off to live is no step");
    bench.set("sure", RuleMode::Shadow).await;
    bench.desk.apply_rules(&[case]).await;
    assert_eq!(bench.status(case).await, "open", "it is in shadow");
    assert_eq!(bench.acts("sure").await, ["shadow would confirm 1"]);
    bench.desk.apply_rules(&[case]).await;
    assert_eq!(bench.acts("sure").await, ["shadow would confirm 1"], "once a case");

    bench.set("sure", RuleMode::Live).await;
    bench.desk.apply_rules(&[case]).await;
    assert_eq!(bench.status(case).await, "blocked");
    let file = bench.file(case).await;
    let order = &file.orders[0];
    assert_eq!(order.valid_until.since(order.issued_at), DAY / 4, "six hours");
    let verdict = &file.verdicts[0];
    assert_eq!(verdict.by, "rule:sure");
    assert!(verdict.reason.contains("host and proven >= 2"), "{}", verdict.reason);
    assert!(verdict.reason.contains("by version 1 of local:root"), "{}", verdict.reason);

    // A person sees it: the block becomes a usual one, without a moment between.
    let recheck: Vec<u64> = bench.desk.to_recheck(10).await.unwrap().iter().map(|c| c.id).collect();
    assert_eq!(recheck, [case]);
    let renew = Renew { case, version: None, reason: "seen", block_days: None };
    let Renewed::Done(renewed) = bench.desk.renew(&analyst(), renew).await.unwrap() else {
        panic!("the guard clears it")
    };
    assert_eq!(renewed.serial, Some(Serial(2)));
    assert_eq!(bench.status(case).await, "blocked");
    let effective = bench.desk.casebook().effective();
    assert_eq!(effective.len(), 1);
    let order = &effective.by_serial(Serial(2)).unwrap().order;
    assert_eq!(order.valid_until.since(order.issued_at), DAY * 30);
    assert!(bench.desk.to_recheck(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_new_version_is_off_and_what_is_no_rule_is_not_kept() {
    let bench = Bench::new().await;
    bench.desk.put_rule(&admin(), "sure", SURE).await.unwrap();
    bench.set("sure", RuleMode::Shadow).await;
    let second = bench.desk.put_rule(&admin(), "sure", SURE).await.unwrap();
    assert_eq!((second.version, second.mode), (2, RuleMode::Off));
    assert!(bench.desk.put_rule(&admin(), "sure", "when = \"hots\"").await.is_err());
    assert!(bench.desk.put_rule(&admin(), "Not a name", SURE).await.is_err());
    assert_eq!(bench.desk.casebook().rules().await.unwrap().len(), 1);
}

#[tokio::test]
async fn forged_reporters_make_no_rule_act() {
    let bench = Bench::new().await;
    bench.live("sure", SURE).await;
    let case = bench.unproven("rival.example", 50).await;
    bench.desk.apply_rules(&[case]).await;
    assert_eq!(bench.status(case).await, "open");
}

#[tokio::test]
async fn a_rule_leaves_to_people_what_takes_two_and_a_sample_of_what_it_closes() {
    let bench = Bench::new().await;
    bench.live("sure", SURE).await;
    let bank = bench.reported("bank.example", &["an", "bo"]).await;
    bench.desk.apply_rules(&[bank]).await;
    assert_eq!(bench.status(bank).await, "open", "it does not even wait for a second person");
    assert_eq!(bench.acts("sure").await, ["live left to people: two-people 1"]);
    bench.set("sure", RuleMode::Off).await;

    bench.live("news", NEWS).await;
    let mut statuses = Vec::new();
    for n in 0..30 {
        let case = bench.reported(&format!("news{n}.example"), &["an"]).await;
        bench.desk.apply_rules(&[case]).await;
        statuses.push(bench.status(case).await);
    }
    let closed = statuses.iter().filter(|status| **status == "closed").count();
    assert!((5..=25).contains(&closed), "{closed} of 30 at a sample of one in two");
    assert_eq!(statuses.iter().filter(|status| **status == "open").count(), 30 - closed);
}

#[tokio::test]
async fn a_rule_attaches_a_case_to_a_decided_one_of_the_same_domain() {
    let bench = Bench::new().await;
    let first = bench.case_in("a.evil.example", "evil.example").await;
    bench.desk.judge(&analyst(), ruling(first, Verdict::Malware)).await.unwrap();
    bench.live("kin", "when = \"kin\"\naction = \"attach\"").await;
    let second = bench.case_in("b.evil.example", "evil.example").await;
    let other = bench.case_in("b.other.example", "other.example").await;
    bench.desk.apply_rules(&[second, other]).await;
    assert_eq!(bench.status(other).await, "open");
    let file = bench.file(second).await;
    assert_eq!((file.case.state.name(), file.leader), ("blocked", Some(first)));
    assert_eq!(file.verdicts[0].verdict, Verdict::Malware);
    // What is taken back at the leader is taken back at those that follow it.
    let back = TakeBack { case: first, version: None, mistake: true, reason: "ours" };
    bench.desk.release(&analyst(), back).await.unwrap();
    assert_eq!(bench.status(second).await, "reversed");
    assert!(bench.desk.casebook().effective().is_empty());
}

#[tokio::test]
async fn too_many_orders_by_rules_stop_them_with_an_alarm() {
    let bench = Bench::with(|settings| settings.rules.orders_per_hour_max = 2).await;
    bench.live("sure", SURE).await;
    for n in 0..4 {
        let case = bench.reported(&format!("evil{n}.example"), &["an", "bo"]).await;
        bench.desk.apply_rules(&[case]).await;
    }
    assert_eq!(bench.desk.casebook().effective().len(), 2);
    let alarms = bench.desk.alarms().all();
    assert_eq!(alarms.iter().map(|alarm| alarm.kind).collect::<Vec<_>>(), [AlarmKind::Rules]);
}

#[tokio::test]
async fn the_brake_stops_rules_takes_their_blocks_back_and_outlives_a_restart() {
    let bench = Bench::new().await;
    bench.live("sure", SURE).await;
    let by_rule = bench.reported("evil.example", &["an", "bo"]).await;
    let seen = bench.reported("seen.example", &["an", "bo"]).await;
    let by_person = bench.reported("worse.example", &["an"]).await;
    bench.desk.apply_rules(&[by_rule, seen]).await;
    bench.desk.judge(&analyst(), ruling(by_person, Verdict::Phishing)).await.unwrap();
    bench.later(60);
    let renew = Renew { case: seen, version: None, reason: "seen", block_days: None };
    bench.desk.renew(&analyst(), renew).await.unwrap();

    let braked = bench.desk.pull_brake(&analyst(), 60, "a bank is blocked").await.unwrap();
    assert_eq!((braked.released, braked.failed), (vec![by_rule], vec![]));
    assert_eq!(bench.status(by_rule).await, "open", "it is in the queue again");
    assert_eq!(bench.status(seen).await, "blocked", "a person has seen it");
    assert_eq!(bench.status(by_person).await, "blocked");
    bench.desk.apply_rules(&[by_rule]).await;
    assert_eq!(bench.status(by_rule).await, "open");
    assert_eq!(bench.desk.alarms().all()[0].kind, AlarmKind::Brake);

    let bench = bench.restart().await;
    let next = bench.reported("next.example", &["an", "bo"]).await;
    bench.desk.apply_rules(&[next]).await;
    assert_eq!(bench.status(next).await, "open", "it is still pulled");
    bench.desk.release_brake(&admin(), "the rule is mended").await.unwrap();
    assert!(bench.desk.alarms().all().is_empty());
    bench.desk.apply_rules(&[next]).await;
    assert_eq!(bench.status(next).await, "blocked");
}

#[tokio::test]
async fn a_report_says_what_a_rule_would_have_done_beside_what_persons_found() {
    let bench = Bench::new().await;
    for (host, verdict) in [
        ("a.example", Some(Verdict::Phishing)),
        ("b.example", Some(Verdict::FakeShop)),
        ("c.example", Some(Verdict::Benign)),
        ("d.example", None),
        ("bank.example", None),
    ] {
        let case = bench.reported(host, &["an", "bo"]).await;
        if let Some(verdict) = verdict {
            bench.desk.judge(&analyst(), ruling(case, verdict)).await.unwrap();
        }
    }
    bench.reported("few.example", &["an"]).await;
    bench.desk.put_rule(&admin(), "sure", SURE).await.unwrap();
    let report = bench.desk.rule_report("sure", 14).await.unwrap();
    assert_eq!((report.cases, report.matched), (6, 5));
    let tally = report.tally;
    assert_eq!((tally.agreed, tally.disagreed, tally.undecided), (2, 1, 1));
    assert_eq!(report.disagreed, [3]);
    assert_eq!(report.left.get("the guard"), Some(&1));
    assert!(bench.desk.rule_report("none", 14).await.is_err());
}

#[tokio::test]
async fn cases_are_parked_woken_merged_and_judged_together() {
    let bench = Bench::new().await;
    let book = bench.desk.casebook();
    let by = analyst();
    let change = |case, at| Change { case, version: None, reason: "why", by: &by, at };
    let (one, two) = (bench.case("one.example").await, bench.case("two.example").await);
    let bank = bench.case("bank.example").await;
    let until = bench.now().plus(DAY);
    book.park(change(two, bench.now()), until).await.unwrap();
    assert_eq!(bench.status(two).await, "parked");
    assert!(book.park(change(two, bench.now()), until).await.is_err(), "it is parked already");
    bench.desk.end_what_expired(until).await.unwrap();
    assert_eq!(bench.status(two).await, "open");

    book.merge(change(two, bench.now()), one).await.unwrap();
    book.merge(change(bank, bench.now()), one).await.unwrap();
    assert_eq!(bench.file(one).await.members, [two, bank]);
    assert!(book.merge(change(one, bench.now()), two).await.is_err(), "that one follows");
    assert!(book.merge(change(one, bench.now()), one).await.is_err());
    let third = bench.case("three.example").await;
    book.merge(change(third, bench.now()), one).await.unwrap();
    book.unmerge(change(third, bench.now())).await.unwrap();
    assert_eq!(bench.status(third).await, "open");

    bench.desk.judge(&by, ruling(one, Verdict::Phishing)).await.unwrap();
    assert_eq!(bench.status(two).await, "blocked", "several targets, an order each");
    assert_eq!(bench.status(bank).await, "awaiting-second", "each through the guard by itself");
    assert_eq!(bench.status(third).await, "open");
    assert_eq!(book.effective().len(), 2);

    let back = TakeBack { case: one, version: None, mistake: false, reason: "clean" };
    bench.desk.release(&by, back).await.unwrap();
    assert_eq!(bench.status(two).await, "released");
    book.take_up(change(one, bench.now())).await.unwrap();
    assert_eq!(bench.status(one).await, "open");
    assert!(book.take_up(change(one, bench.now())).await.is_err(), "it is open already");
    book.verify_audit().await.unwrap();
}

#[tokio::test]
async fn reports_are_split_off_to_another_target_and_counted_there() {
    let bench = Bench::new().await;
    let case = bench.reported("mixed.example", &["an", "bo"]).await;
    let receipt = bench.file(case).await.reports[0].receipt.clone();
    let by = analyst();
    let change = Change { case, version: None, reason: "why", by: &by, at: bench.now() };
    let subject = bench.desk.subject_of("https://other.example/login").unwrap();
    let receipts = [receipt];
    let split = belfry_casebook::case::Split { change, subject: &subject, receipts: &receipts };
    let other = bench.desk.casebook().split(split).await.unwrap();
    assert_eq!((other.reports, other.reporters), (1, 1));
    let left = bench.file(case).await;
    assert_eq!((left.case.reports, left.case.reporters, left.reports.len()), (1, 1, 1));
    let again = belfry_casebook::case::Split { change, subject: &subject, receipts: &receipts };
    assert!(matches!(
        bench.desk.casebook().split(again).await,
        Err(StoreError::Missing { what: "report", .. })
    ));
}

#[tokio::test]
async fn a_reversed_block_counts_for_no_good() {
    let bench = Bench::new().await;
    let (good, wrong) = (bench.case("evil.example").await, bench.case("shop.example").await);
    for case in [good, wrong] {
        bench.desk.judge(&analyst(), ruling(case, Verdict::Phishing)).await.unwrap();
    }
    bench.hits(&[(1, 30), (2, 500)]).await;
    let back = TakeBack { case: wrong, version: None, mistake: true, reason: "our error" };
    bench.desk.release(&analyst(), back).await.unwrap();
    let figures = bench.desk.casebook().statistics().await.unwrap();
    assert_eq!(figures.blocked_answers, 30);
    assert_eq!((figures.mistaken_orders, figures.mistaken_answers), (1, 500));
    // Operators are told in the journal.
    let entries = bench.desk.casebook().entries(Serial(2), 1).await.unwrap();
    let belfry_journal::Body::Order(order) = entries[0].decode().unwrap() else { panic!() };
    assert_eq!(order.reason, belfry_journal::PublicReason::Mistake);
}

#[tokio::test]
async fn a_surge_on_a_new_order_is_an_alarm_until_it_is_released() {
    let bench = Bench::with(|settings| settings.surge.answers_per_minute = 1_000).await;
    let case = bench.case("shop.example").await;
    bench.desk.judge(&analyst(), ruling(case, Verdict::Phishing)).await.unwrap();
    let issued = bench.now();
    let minute = std::time::Duration::from_secs(60);
    bench.hits(&[(1, 900)]).await;
    bench.desk.look_for_surge(issued.plus(minute)).await.unwrap();
    assert_eq!(bench.desk.alarms().all(), [], "nine hundred a minute");
    bench.hits(&[(1, 50_900)]).await;
    bench.desk.look_for_surge(issued.plus(minute * 2)).await.unwrap();
    let [alarm] = &bench.desk.alarms().all()[..] else { panic!("an alarm stands") };
    assert_eq!((alarm.kind, alarm.about.as_str()), (AlarmKind::Surge, "order 1"));
    assert!(alarm.text.contains("shop[.]example is hit 50000 times"), "{}", alarm.text);
    assert!(alarm.text.contains(&format!("belfry case release {case} --mistake")));
    // It is released by a person, not by the hub.
    assert_eq!(bench.status(case).await, "blocked");
    let back = TakeBack { case, version: None, mistake: true, reason: "ours" };
    bench.desk.release(&analyst(), back).await.unwrap();
    bench.desk.look_for_surge(issued.plus(minute * 3)).await.unwrap();
    assert_eq!(bench.desk.alarms().all(), []);
}

#[tokio::test]
async fn imports_are_whole_and_each_line_is_told() {
    let bench = Bench::new().await;
    let import = |text, verdict| Import { text, verdict, reason: "a list", block_days: None };
    let bad = "evil.example\nnot a name at all\n";
    match bench.desk.import(&analyst(), import(bad, Some(Verdict::Phishing))).await {
        Err(ImportError::Line { line: 2, .. }) => {}
        other => panic!("{other:?}"),
    }
    assert!(bench.desk.casebook().cases(&Default::default()).await.unwrap().is_empty());
    let text =
        "evil.example\nhttps://x.worse.example/a?b=c\nbank.example\nhub.example\nvercel.app\n";
    let outcomes = async |verdict| -> Vec<String> {
        let done = bench.desk.import(&analyst(), import(text, verdict)).await.unwrap();
        let told = done.into_iter().map(|one| match one.why {
            Some(why) => format!("{} {} {why}", one.line, one.outcome),
            None => format!("{} {}", one.line, one.outcome),
        });
        told.collect()
    };
    let raised = outcomes(None).await;
    assert_eq!(raised, ["1 raised", "2 raised", "3 raised", "4 raised", "5 raised"]);
    let blocked = outcomes(Some(Verdict::Phishing)).await;
    assert_eq!(
        blocked,
        ["1 blocked", "2 blocked", "3 awaiting-second two-people", "4 closed", "5 closed"]
    );
    let again = outcomes(Some(Verdict::Phishing)).await;
    assert_eq!(again[..2], ["1 blocked-before", "2 blocked-before"]);
    assert_eq!(bench.desk.casebook().effective().len(), 2);
}

/// Whoever asks, and however: what the guard protects is never ordered by one.
#[tokio::test]
async fn no_way_in_gets_past_the_guard() {
    let bench = Bench::new().await;
    bench.live("all", "when = \"host\"\naction = \"confirm\"\nverdict = \"phishing\"").await;
    let names = [
        "bank.example",
        "login.bank.example",
        "hub.example",
        "google.com",
        "docs.google.com",
        "www.kuleuven.be",
        "minfin.fgov.be",
        "wordpress.com",
        "www.weebly.com",
        "vercel.app",
        "co.uk",
        "belfius.be",
        "www.vlaanderen.be",
        "sub.domain.ugent.be",
        "evil.example",
    ];
    let text = names.join("\n");
    let import = Import {
        text: &text,
        verdict: Some(Verdict::Phishing),
        reason: "a list",
        block_days: None,
    };
    bench.desk.import(&analyst(), import).await.unwrap();
    for name in names {
        let case = bench.case(name).await;
        bench.desk.apply_rules(&[case]).await;
        for widen in [false, true] {
            let by_admin = belfry_casebook::access::Analyst::clone(&bench::local_admin());
            let asked = belfry_desk::Ruling { widen, ..ruling(case, Verdict::Phishing) };
            match bench.desk.judge(&by_admin, asked).await {
                Ok(Ruled::Done(decided)) => {
                    let blocked = matches!(decided.case.state, CaseState::Blocked(_));
                    assert!(!blocked || name == "evil.example", "{name}");
                }
                Ok(Ruled::AwaitingSecond(..) | Ruled::Refused(..)) | Err(_) => {}
            }
        }
    }
    let lists: std::sync::Arc<Lists> = bench.desk.lists();
    let effective = bench.desk.casebook().effective();
    for (_, held) in effective.iter() {
        assert_eq!(held.order.action, Action::Block);
        let opinion = lists.opinion(&held.order.target, &EmbeddedSuffixes);
        assert_eq!(opinion, Opinion::Free, "{:?}", held.order.target);
    }
    let evil = Domain::parse("evil.example").unwrap();
    assert!(effective.iter().all(|(_, held)| *held.order.target.name() == evil));
    assert_eq!(effective.len(), 1);
}

#[tokio::test]
async fn a_verdict_stands_for_a_campaign_until_its_time_the_brake_or_a_person_ends_it() {
    let bench = Bench::new().await;
    let mut cases = Vec::new();
    for name in ["one.example", "two.example", "three.example", "four.example", "five.example"] {
        let case = bench.case(name).await;
        guarded::into_campaign(&bench, case).await;
        cases.push(case);
    }
    let campaign = bench.file(cases[1]).await.case.campaign.unwrap();
    let phishing = Verdict::Phishing;
    bench.desk.judge(&analyst(), ruling(cases[0], phishing)).await.unwrap();
    let bad = bench.desk.let_stand(&analyst(), campaign, phishing, 0, "the same").await;
    assert!(bad.is_err() && bench.desk.let_stand(&analyst(), 99, phishing, 1, "x").await.is_err());
    bench.desk.apply_rules(&cases[1..2]).await;
    assert_eq!(bench.status(cases[1]).await, "open", "nothing stands yet");

    let by = analyst();
    let standing = bench.desk.let_stand(&by, campaign, phishing, 2, "the same").await.unwrap();
    bench.desk.apply_rules(&cases[1..2]).await;
    let file = bench.file(cases[1]).await;
    assert_eq!(
        (file.case.state.name(), file.verdicts[0].by.as_str()),
        ("blocked", "rule:campaign-1")
    );
    let order = &file.orders[0];
    assert_eq!(order.valid_until.since(order.issued_at), DAY / 4, "short until a person sees it");
    let audit = bench.desk.casebook().audit(&admin(), None, 20).await.unwrap();
    assert!(audit.iter().any(|act| act.action == "let-stand" && act.object == "campaign 1"));

    // The brake stops it and takes back what it ordered.
    let braked = bench.desk.pull_brake(&by, 60, "wrong").await.unwrap();
    assert_eq!(braked.released, [cases[1]]);
    bench.desk.apply_rules(&cases[2..3]).await;
    assert_eq!(bench.status(cases[2]).await, "open");
    bench.desk.release_brake(&admin(), "mended").await.unwrap();
    bench.desk.apply_rules(&cases[2..3]).await;
    assert_eq!(bench.status(cases[2]).await, "blocked");

    let book = bench.desk.casebook();
    assert_eq!(book.standing(campaign, standing.until).await.unwrap(), None, "its time is over");
    book.end_standing(&by, campaign, bench.now()).await.unwrap();
    assert!(book.end_standing(&by, campaign, bench.now()).await.is_err());
    bench.desk.apply_rules(&cases[3..4]).await;
    assert_eq!(bench.status(cases[3]).await, "open", "a person ended it");
    let found = book.campaign_found(campaign).await.unwrap();
    assert_eq!((found.cases, found.fraud, found.harmless), (5, 1, 0), "of persons only");
}

#[tokio::test]
async fn a_newsletter_that_persons_know_is_closed_but_for_a_sample() {
    let bench = Bench::new().await;
    let when = "campaign_harmless >= 2 and campaign_fraud < 1";
    let rule =
        format!("when = \"{when}\"\naction = \"close\"\nverdict = \"spam\"\nsample_percent = 2");
    bench.live("news", &rule).await;
    let mut cases = Vec::new();
    for at in 0..40 {
        let case = bench.case(&format!("news{at}.example")).await;
        guarded::into_campaign(&bench, case).await;
        cases.push(case);
    }
    bench.desk.apply_rules(&cases[2..3]).await;
    assert_eq!(bench.status(cases[2]).await, "open", "no person has said so");
    for case in &cases[..2] {
        bench.desk.judge(&analyst(), ruling(*case, Verdict::Spam)).await.unwrap();
    }
    bench.desk.apply_rules(&cases[2..]).await;
    let mut closed = 0;
    for case in &cases[2..] {
        closed += usize::from(bench.status(*case).await == "closed");
    }
    assert!((30..=38).contains(&closed), "{closed} of 38");
    let acts = bench.acts("news").await.join(", ");
    assert!(acts.contains("closed"), "{acts}");
}
