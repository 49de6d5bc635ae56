//! What texts an operator may be told to look for.
//!
//! Provenance is in the template's type already; here it is held against honest texts
//! and against the clock, in shadow as in earnest.

use belfry_journal::{Mode, TemplateOrder, UnixMillis};
use belfry_likeness::trial;

use crate::{Finding, Rule};

const DAY_MILLIS: u64 = 24 * 60 * 60 * 1000;
/// Texts change all day: one that is still about is ordered again.
const VALIDITY_DAYS_MAX: u64 = 90;

/// An order about a template that the guard let through. Only [`check_template`] makes
/// one:
///
/// ```compile_fail,E0451
/// fn forge(order: belfry_journal::TemplateOrder) {
///     let _ = belfry_guard::ClearedTemplate { order };
/// }
/// ```
#[derive(Clone, Debug)]
pub struct ClearedTemplate {
    order: TemplateOrder,
}

impl ClearedTemplate {
    /// The order.
    pub fn order(&self) -> &TemplateOrder {
        &self.order
    }
}

/// The guard's answer.
#[derive(Clone, Debug)]
pub enum TemplateOutcome {
    /// It may be written.
    Cleared(ClearedTemplate),
    /// Never.
    Refused(Finding),
}

/// Checks an order about a template; `honest` are texts of the operator's own that must
/// pass, beside ours.
pub fn check_template<'a>(
    draft: TemplateOrder,
    honest: impl IntoIterator<Item = &'a str>,
    now: UnixMillis,
) -> TemplateOutcome {
    let refused = of_time(&draft, now).or_else(|| {
        let why = trial(draft.template.text(), honest).err()?;
        let explanation = format!("An operator can't look for this text: {why}.");
        Some(Finding::new(Rule::Template, explanation))
    });
    match refused {
        Some(finding) => TemplateOutcome::Refused(finding),
        None => TemplateOutcome::Cleared(ClearedTemplate { order: draft }),
    }
}

fn of_time(draft: &TemplateOrder, now: UnixMillis) -> Option<Finding> {
    let basis = draft.template.provenance().basis();
    let shadow = if draft.mode == Mode::Shadow { ", not even in shadow" } else { "" };
    if !basis.holds_at(now) {
        let why = format!("The legal basis of {} does not hold now{shadow}.", basis.operator);
        return Some(Finding::new(Rule::LegalBasis, why));
    }
    if draft.valid_until > basis.until {
        let why = format!("The order would outlast the legal basis of {}.", basis.operator);
        return Some(Finding::new(Rule::LegalBasis, why));
    }
    let from = draft.issued_at.min(now);
    if draft.valid_until <= now || draft.valid_until.0 - from.0 > VALIDITY_DAYS_MAX * DAY_MILLIS {
        let why = format!(
            "A template holds from now on for at most {VALIDITY_DAYS_MAX} days. Give it another end."
        );
        return Some(Finding::new(Rule::Validity, why));
    }
    None
}

#[cfg(test)]
mod tests {
    use belfry_indicator::{
        Confirmation, Handover, LegalBasis, OperatorName, Provenance, Scope, Template,
    };
    use belfry_journal::Category;

    use super::*;

    const FRAUD: &str =
        "Douane: uw zending werd tegengehouden. Voldoe de invoerkosten van €2,99 via a.example/x";
    const NOW: UnixMillis = UnixMillis(5_000);

    fn order(text: &str, mode: Mode) -> TemplateOrder {
        let operator = OperatorName::parse("telco-1").unwrap();
        let basis = LegalBasis {
            operator: operator.clone(),
            number: 1,
            authority: "an act".to_owned(),
            scope: Scope::SimilarTexts,
            from: UnixMillis(1_000),
            until: UnixMillis(DAY_MILLIS * 200),
        };
        let handover = Handover { operator, number: 1, at: UnixMillis(2_000) };
        let confirmation = Confirmation { case: 1, at: UnixMillis(3_000) };
        let provenance = Provenance::new(handover, confirmation, basis).unwrap();
        TemplateOrder {
            template: Template::new(text, provenance).unwrap(),
            category: Category::Phishing,
            mode,
            issued_at: NOW,
            valid_until: UnixMillis(DAY_MILLIS * 30),
        }
    }

    fn check(draft: TemplateOrder, now: UnixMillis, expect: Option<Rule>) {
        match check_template(draft, [], now) {
            TemplateOutcome::Cleared(cleared) => {
                assert_eq!(expect, None);
                assert_eq!(cleared.order().operator().as_str(), "telco-1");
            }
            TemplateOutcome::Refused(finding) => assert_eq!(Some(finding.rule), expect),
        }
    }

    #[test]
    fn fraud_is_cleared_and_what_is_honest_or_short_is_not() {
        for mode in [Mode::Live, Mode::Shadow] {
            check(order(FRAUD, mode), NOW, None);
            check(order("klik hier https://a.example", mode), NOW, Some(Rule::Template));
            for honest in belfry_likeness::benign().take(20) {
                check(order(honest, mode), NOW, Some(Rule::Template));
            }
        }
        let own =
            "Douane: uw zending werd tegengehouden. Voldoe de invoerkosten van €4,50 aan de balie";
        assert!(matches!(
            check_template(order(FRAUD, Mode::Live), [own], NOW),
            TemplateOutcome::Refused(finding) if finding.rule == Rule::Template
        ));
    }

    #[test]
    fn nothing_holds_beyond_its_legal_basis_or_for_long() {
        let until = |days: u64| TemplateOrder {
            valid_until: UnixMillis(DAY_MILLIS * days),
            ..order(FRAUD, Mode::Shadow)
        };
        check(until(201), NOW, Some(Rule::LegalBasis));
        check(until(120), NOW, Some(Rule::Validity));
        check(until(0), NOW, Some(Rule::Validity));
        check(until(30), UnixMillis(DAY_MILLIS * 200), Some(Rule::LegalBasis));
        check(until(30), UnixMillis(999), Some(Rule::LegalBasis));
    }
}
