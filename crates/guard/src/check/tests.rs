//! Tests of the guard: every refusal with its words, the second person, and
//! that nothing protected is ever cleared.

use belfry_indicator::{Domain, EmbeddedSuffixes, Target};
use belfry_journal::{Audience, Category, Cause, Mode, PublicReason, Serial};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);
const DAY: u64 = 24 * 60 * 60 * 1000;

fn name(text: &str) -> Domain {
    Domain::parse(text).expect("a test names a domain")
}

/// `host` or, with a leading `*.`, the whole domain.
fn target(text: &str) -> Target {
    match text.strip_prefix("*.") {
        Some(domain) => Target::Domain(name(domain)),
        None => Target::Host(name(text)),
    }
}

fn draft(action: Action, target: Target) -> Order {
    Order {
        action,
        target,
        category: Category::Phishing,
        mode: Mode::Live,
        issued_at: NOW,
        valid_until: UnixMillis(NOW.0 + 30 * DAY),
        audience: Audience::Everyone,
        cause: Cause::Verdict { case: 1 },
        reason: PublicReason::Impersonation,
        keeps_mail: false,
    }
}

fn lists() -> Lists {
    Lists::new([name("hub.csirt.example")], [name("vital.example")], [name("bank.example")])
}

fn outcome(draft: Order, approvals: &Approvals) -> Outcome {
    check(draft, &lists(), &EmbeddedSuffixes, approvals, NOW)
}

/// The rule that speaks against the draft, `cleared` where none does.
fn rule(draft: Order, approvals: &Approvals) -> &'static str {
    match outcome(draft, approvals) {
        Outcome::Cleared(_) => "cleared",
        Outcome::NeedsSecond(finding) | Outcome::Refused(finding) => finding.rule.name(),
    }
}

fn two() -> Approvals {
    Approvals::none().with_signed_in("an").with_signed_in("bo")
}

fn explained(text: &str) -> String {
    match outcome(draft(Action::Block, target(text)), &Approvals::none()) {
        Outcome::Cleared(_) => "cleared".to_owned(),
        Outcome::NeedsSecond(finding) | Outcome::Refused(finding) => finding.explanation,
    }
}

#[test]
fn a_block_meets_every_rule_on_names_whoever_approves() {
    for (text, expect) in [
        ("evil.example", "cleared"),
        ("*.evil.example", "cleared"),
        ("x.vercel.app", "cleared"),
        ("be", "single-label"),
        ("*.example", "single-label"),
        ("vercel.app", "public-suffix"),
        ("*.co.uk", "public-suffix"),
        ("*.kobe.jp", "public-suffix"),
        ("1.2.0.192.in-addr.arpa", "reverse-zone"),
        ("*.ip6.arpa", "reverse-zone"),
        ("printer.local", "special-use"),
        ("arpa", "special-use"),
        ("home.arpa", "special-use"),
        ("hub.csirt.example", "own-name"),
        ("a.hub.csirt.example", "own-name"),
        ("*.csirt.example", "own-name"),
        ("csirt.example", "cleared"),
        ("vital.example", "never-block"),
        ("*.vital.example", "never-block"),
        ("deep.below.vital.example", "never-block"),
        ("accounts.google.com", "never-block"),
        ("fonts.googleapis.com", "never-block"),
        ("amazonaws.com", "never-block"),
        ("*.amazonaws.com", "never-block"),
        ("shop.fgov.be", "cleared"),
        ("bank.example", "cleared"),
    ] {
        assert_eq!(rule(draft(Action::Block, target(text)), &two()), expect, "{text}");
    }
}

#[test]
fn protected_names_need_two_different_people() {
    let bank = || draft(Action::Block, target("login.bank.example"));
    let one = Approvals::none().with_signed_in("an");
    assert_eq!(rule(bank(), &Approvals::none()), "two-people");
    assert_eq!(rule(bank(), &one), "two-people");
    assert_eq!(rule(bank(), &one.clone().with_signed_in("an")), "two-people");
    assert_eq!(rule(bank(), &one.with_signed_in("bo")), "cleared");
    assert_eq!(
        rule(draft(Action::Block, target("www.ugent.be")), &Approvals::none()),
        "two-people"
    );
    let shadow = Order { mode: Mode::Shadow, ..bank() };
    assert_eq!(rule(shadow, &Approvals::none()), "two-people");
}

#[test]
fn a_second_person_overrules_no_hard_refusal() {
    assert!(matches!(
        outcome(draft(Action::Block, target("*.bank.example")), &Approvals::none()),
        Outcome::NeedsSecond(_)
    ));
    assert!(matches!(
        outcome(draft(Action::Block, target("vital.example")), &two()),
        Outcome::Refused(_)
    ));
}

#[test]
fn a_validity_has_a_length_and_a_limit() {
    let lasting = |issued_at: u64, valid_until: u64| {
        let order = draft(Action::Block, target("evil.example"));
        let order = Order {
            issued_at: UnixMillis(issued_at),
            valid_until: UnixMillis(valid_until),
            ..order
        };
        rule(order, &two())
    };
    assert_eq!(lasting(NOW.0, NOW.0 + 1), "cleared");
    assert_eq!(lasting(NOW.0, NOW.0 + 366 * DAY), "cleared");
    assert_eq!(lasting(NOW.0, NOW.0 + 366 * DAY + 1), "validity");
    assert_eq!(lasting(NOW.0 + 400 * DAY, NOW.0 + 401 * DAY), "validity");
    assert_eq!(lasting(NOW.0, NOW.0), "validity");
    assert_eq!(lasting(NOW.0 - 2, NOW.0 - 1), "validity");
    assert_eq!(lasting(NOW.0 + 2, NOW.0 + 1), "validity");
    assert_eq!(lasting(0, u64::MAX), "validity");
}

#[test]
fn a_release_is_always_cleared() {
    for text in ["be", "vercel.app", "vital.example", "hub.csirt.example", "bank.example"] {
        let release = Action::Release { of: Serial(1) };
        let ended = Order { valid_until: UnixMillis(0), ..draft(release, target(text)) };
        assert_eq!(rule(ended, &Approvals::none()), "cleared", "{text}");
    }
}

#[test]
fn an_allow_may_name_what_is_protected_but_no_suffix() {
    for (text, expect) in [
        ("vital.example", "cleared"),
        ("hub.csirt.example", "cleared"),
        ("bank.example", "cleared"),
        ("vercel.app", "public-suffix"),
        ("be", "single-label"),
        ("printer.local", "special-use"),
    ] {
        assert_eq!(rule(draft(Action::Allow, target(text)), &Approvals::none()), expect, "{text}");
    }
    let ended = Order { valid_until: NOW, ..draft(Action::Allow, target("vital.example")) };
    assert_eq!(rule(ended, &Approvals::none()), "validity");
}

#[test]
fn what_is_cleared_is_the_draft_under_these_lists() {
    let order = draft(Action::Block, target("evil.example"));
    let Outcome::Cleared(cleared) = outcome(order.clone(), &Approvals::none()) else {
        panic!("nothing speaks against it")
    };
    assert_eq!(cleared.order(), &order);
    assert_eq!(cleared.lists(), lists().version());
}

#[test]
fn an_analyst_reads_what_and_why_and_what_to_do() {
    insta::assert_snapshot!(explained("vercel.app"), @"vercel.app is a public suffix: the sites below it belong to many unrelated owners. Name the one site below it.");
    insta::assert_snapshot!(explained("*.csirt.example"), @"Blocking all of csirt.example would block hub.csirt.example too, which is one of our own names. Name the exact host.");
    insta::assert_snapshot!(explained("a.vital.example"), @"a.vital.example lies below vital.example, which is on the never-block list with all its hosts. Report the page to its owner instead.");
    insta::assert_snapshot!(explained("a.bank.example"), @"a.bank.example lies below bank.example, which is on the list of names that only two people may block together. A second person must sign in and confirm.");
}

prop_compose! {
    fn any_target()(
        labels in prop::collection::vec("[a-z]{1,8}", 0..3),
        tail in select(vec![
            "be", "example", "co.uk", "vercel.app", "github.io", "ck", "kobe.jp", "arpa", "local",
            "csirt.example", "hub.csirt.example", "vital.example", "google.com", "amazonaws.com",
        ]),
        whole in any::<bool>(),
    ) -> Target {
        let text = labels.iter().map(String::as_str).chain([tail]).collect::<Vec<_>>().join(".");
        if whole { Target::Domain(name(&text)) } else { Target::Host(name(&text)) }
    }
}

proptest! {
    #[test]
    fn nothing_protected_is_ever_cleared(target in any_target()) {
        use belfry_indicator::Suffixes;
        let protected = |text: &str| {
            let protected = name(text);
            target.covers(&protected) || target.name().is_within(&protected)
        };
        let refused = EmbeddedSuffixes.is_suffix(target.name())
            || target.name().is_within(&name("arpa"))
            || target.name().is_within(&name("local"))
            || protected("hub.csirt.example")
            || protected("vital.example")
            || protected("google.com")
            || target.covers(&name("amazonaws.com"));
        let order = draft(Action::Block, target.clone());
        let cleared = matches!(outcome(order, &two()), Outcome::Cleared(_));
        prop_assert!(!(refused && cleared), "{target:?} was cleared");
        prop_assert_eq!(cleared, lists().refusal(&target, &EmbeddedSuffixes).is_none());
    }
}

fn listed() -> Lists {
    use std::sync::Arc;

    use crate::{Kind, List, Reach};
    let list =
        |kind, text: &str, reach| Arc::new(List::new(text, kind, None, [(name(text), reach)]));
    Lists::of([
        list(Kind::Popular, "shop.example", Reach::Subtree),
        list(Kind::Old, "club.example", Reach::Exact),
        list(Kind::Shared, "sites.example", Reach::Subtree),
        list(Kind::Popular, "sites.example", Reach::Subtree),
        list(Kind::TwoPeople, "bank.example", Reach::Subtree),
    ])
}

prop_compose! {
    fn near_a_list()(
        labels in prop::collection::vec("[a-z]{1,8}", 0..3),
        tail in select(vec![
            "shop.example", "club.example", "www.club.example", "sites.example", "bank.example",
            "example", "other.example", "www.sites.example",
        ]),
        whole in any::<bool>(),
    ) -> Target {
        let text = labels.iter().map(String::as_str).chain([tail]).collect::<Vec<_>>().join(".");
        if whole { Target::Domain(name(&text)) } else { Target::Host(name(&text)) }
    }
}

proptest! {
    /// What lists protect is one person's to block in no mode and by no category, and two
    /// people's only where nothing refuses it.
    #[test]
    fn no_name_of_a_list_is_one_persons_to_block(
        target in near_a_list(),
        shadow in any::<bool>(),
        category in select(Category::ALL.to_vec()),
    ) {
        let lists = listed();
        let mode = if shadow { Mode::Shadow } else { Mode::Live };
        let order = Order { mode, category, ..draft(Action::Block, target.clone()) };
        let by = |approvals: &Approvals| {
            check(order.clone(), &lists, &EmbeddedSuffixes, approvals, NOW)
        };
        let covered = |text: &str| target.covers(&name(text));
        let below = |text: &str| target.name().is_within(&name(text));
        let protected = below("shop.example") || covered("shop.example")
            || covered("club.example") || covered("www.club.example")
            || below("bank.example") || covered("bank.example") || covered("sites.example");
        let one = Approvals::none().with_signed_in("an");
        for approvals in [Approvals::none(), one] {
            let cleared = matches!(by(&approvals), Outcome::Cleared(_));
            prop_assert!(!(protected && cleared), "{:?}", target);
        }
        let refused = lists.refusal(&target, &EmbeddedSuffixes).is_some();
        prop_assert_eq!(matches!(by(&two()), Outcome::Cleared(_)), !refused);
    }

    /// A stranger's site below a shared name is neither popular nor old for its parent.
    #[test]
    fn a_strangers_site_is_one_persons_to_block(label in "[a-vx-z]{1,10}", whole in any::<bool>()) {
        let site = name(&format!("{label}.sites.example"));
        let target = if whole { Target::Domain(site) } else { Target::Host(site) };
        let order = draft(Action::Block, target);
        let outcome = check(order, &listed(), &EmbeddedSuffixes, &Approvals::none(), NOW);
        prop_assert!(matches!(outcome, Outcome::Cleared(_)));
    }
}
