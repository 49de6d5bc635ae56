//! Tests of the way of a template: from the journal to what becomes of a message.

use std::collections::HashMap;

use belfry_indicator::{Confirmation, Handover, LegalBasis, Provenance, Scope, Template};
use belfry_journal::{Body, Category, Cause, Entry, PublicReason, TemplateEntry, TemplateOrder};

use super::*;
use crate::{Decision, FilterSettings, OnMatch, Without};

/// A fraudulent text of our own.
pub(crate) const FRAUD: &str =
    "Douane: uw zending werd tegengehouden. Voldoe de invoerkosten van 2,99 via https://a.example";

fn order(operator: &str, mode: Mode) -> TemplateEntry {
    let operator = OperatorName::parse(operator).unwrap();
    let basis = LegalBasis {
        operator: operator.clone(),
        number: 1,
        authority: "an act".to_owned(),
        scope: Scope::SimilarTexts,
        from: UnixMillis(1_000),
        until: UnixMillis(9_000),
    };
    let handover = Handover { operator, number: 1, at: UnixMillis(2_000) };
    let confirmation = Confirmation { case: 1, at: UnixMillis(3_000) };
    let provenance = Provenance::new(handover, confirmation, basis).unwrap();
    TemplateEntry::Match(Box::new(TemplateOrder {
        template: Template::new(FRAUD, provenance).unwrap(),
        category: Category::Phishing,
        mode,
        issued_at: UnixMillis(3_000),
        valid_until: UnixMillis(8_000),
    }))
}

fn set(entries: &[TemplateEntry]) -> EffectiveSet {
    let mut set = EffectiveSet::new();
    for (serial, entry) in (1u64..).zip(entries) {
        let body = Body::Template(entry.clone());
        set.apply(&Entry::new(Serial(serial), [7; 32], &body)).unwrap();
    }
    set
}

/// A filter of `telco-1` that looks for [`FRAUD`].
pub(crate) fn filter(on_match: OnMatch) -> Filter {
    let (filter, followed) = followed(on_match, Without::Open);
    followed.replace(&set(&[order("telco-1", Mode::Live)]));
    filter
}

fn followed(on_match: OnMatch, without: Without) -> (Filter, Followed) {
    let operator = OperatorName::parse("telco-1").unwrap();
    let filter =
        Filter::new(FilterSettings { operator, on_match, templates: HashMap::new(), without });
    (filter.clone(), Followed::new(filter, || UnixMillis(4_000)))
}

fn decide(filter: &Filter, text: &str) -> Decision {
    filter.decide(text, &mut Scratch::default())
}

#[test]
fn a_template_holds_from_its_entry_to_its_release() {
    let (filter, followed) = followed(OnMatch::Reject, Without::Open);
    let mutation = FRAUD.to_uppercase().replace("A.EXAMPLE", "b.test");
    assert_eq!(decide(&filter, FRAUD), Decision::Pass);
    let mut set = set(&[order("telco-1", Mode::Live)]);
    followed.replace(&set);
    assert_eq!(decide(&filter, &mutation), Decision::Reject(Serial(1)));
    assert_eq!(decide(&filter, "Tot straks!"), Decision::Pass);
    assert!(filter.explain(&mutation).unwrap().1.contains("{link: https://a.example"));
    let release = TemplateEntry::Release {
        of: Serial(1),
        at: UnixMillis(5_000),
        cause: Cause::Expiry,
        reason: PublicReason::Ended,
    };
    let entry = Entry::new(Serial(2), [7; 32], &Body::Template(release));
    let change = set.apply(&entry).unwrap();
    followed.change(&set, &[change]);
    assert_eq!(decide(&filter, &mutation), Decision::Pass);
}

#[test]
fn templates_of_another_operator_are_never_looked_for() {
    let (filter, followed) = followed(OnMatch::Reject, Without::Open);
    followed.replace(&set(&[order("telco-2", Mode::Live)]));
    assert_eq!(decide(&filter, FRAUD), Decision::Pass);
    assert_eq!(filter.explain(FRAUD), None);
}

#[test]
fn settings_say_what_becomes_of_a_match() {
    assert_eq!(decide(&filter(OnMatch::Drop), FRAUD), Decision::Drop(Serial(1)));
    assert_eq!(decide(&filter(OnMatch::Count), FRAUD), Decision::Counted(Serial(1)));
    let (shadow, followed_shadow) = followed(OnMatch::Reject, Without::Open);
    followed_shadow.replace(&set(&[order("telco-1", Mode::Shadow)]));
    assert_eq!(decide(&shadow, FRAUD), Decision::Counted(Serial(1)));
    let (closed, _) = followed(OnMatch::Reject, Without::Closed);
    assert_eq!(decide(&closed, "Tot straks!"), Decision::Unavailable);
}

#[test]
fn matches_go_back_as_totals_once() {
    let (filter, followed) = followed(OnMatch::Reject, Without::Open);
    assert_eq!(followed.effects(Serial(0)), None);
    followed.replace(&set(&[order("telco-1", Mode::Live)]));
    decide(&filter, FRAUD);
    decide(&filter, FRAUD);
    let report = followed.effects(Serial(1)).unwrap();
    assert_eq!((report.effects[0].order, report.effects[0].blocked_answers), (Serial(1), 2));
    assert!(report.effects[0].first_blocked_at.is_some());
    followed.reported(&report);
    assert_eq!(followed.effects(Serial(1)), None);
    assert!(followed.effects(Serial(2)).unwrap().effects.is_empty());
}
