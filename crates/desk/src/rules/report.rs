//! What a rule would have done over the last days, beside what persons found: what a
//! person reads before they let it go further.

use std::collections::BTreeMap;
use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::case::OpenedCase;
use belfry_casebook::rules::{ActCount, RuleRecord};
use belfry_casebook::verdict::Verdict;

use super::act::{is_sampled, kind};
use super::{Definition, Facts, RuleAction, RuleError};
use crate::Desk;

/// Cases that a report names.
const NAMED_MAX: usize = 50;
/// Cases that a report looks at.
const CASES_MAX: u64 = 200_000;

/// How cases that a rule would have settled were found by persons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// As the rule would have.
    pub agreed: u64,
    /// Otherwise: what the rule would have got wrong.
    pub disagreed: u64,
    /// Nobody has found anything yet.
    pub undecided: u64,
}

/// A rule's report.
#[derive(Clone, Debug)]
pub struct RuleReport {
    /// The rule.
    pub rule: RuleRecord,
    /// Cases opened in these days.
    pub cases: u64,
    /// Of them, those that the condition holds for as they stand now.
    pub matched: u64,
    /// Of these, left to two people or nobody, by the guard's rule, or to a person as a sample.
    pub left: BTreeMap<String, u64>,
    /// The rest, beside what persons found.
    pub tally: Tally,
    /// Cases on which persons disagreed with it, at most 50.
    pub disagreed: Vec<u64>,
    /// What it really did, or noted in shadow.
    pub acts: Vec<ActCount>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The rule's text is not understood.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// No such rule, or the database's answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Desk {
    /// What the rule would have done with the cases opened in the last `days`, as they
    /// stand now: with their present score and reporters, as if they were new.
    ///
    /// # Errors
    /// [`ReportError`].
    pub async fn rule_report(&self, name: &str, days: u32) -> Result<RuleReport, ReportError> {
        let missing = || StoreError::Missing { what: "rule", id: name.to_owned() };
        let rules = self.casebook.rules().await?;
        let rule = rules.into_iter().find(|rule| rule.name == name).ok_or_else(missing)?;
        let definition = Definition::parse(&rule.text)?;
        let span = Duration::from_secs(u64::from(days) * 86_400);
        let now = self.time();
        let span_ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let since = belfry_journal::UnixMillis(now.0.saturating_sub(span_ms));
        let mut report = RuleReport {
            acts: self.casebook.rule_acts(name, since).await?,
            rule,
            cases: 0,
            matched: 0,
            left: BTreeMap::new(),
            tally: Tally::default(),
            disagreed: Vec::new(),
        };
        let mut after = 0;
        while report.cases < CASES_MAX {
            let page = self.casebook.cases_opened_since(since, after).await?;
            let Some(last) = page.last() else { break };
            after = last.case.id;
            for opened in &page {
                report.cases += 1;
                self.add(&mut report, &definition, opened).await?;
            }
        }
        Ok(report)
    }

    async fn add(
        &self,
        report: &mut RuleReport,
        definition: &Definition,
        opened: &OpenedCase,
    ) -> Result<(), StoreError> {
        let case = &opened.case;
        let facts = Facts {
            score: case.score,
            proven: opened.proven,
            reporters: case.reporters,
            reports: case.reports,
            age_hours: 0.0,
            kind: kind(&case.subject),
            unranked: self.is_unranked(&case.subject),
            decided_before: false,
            kin: self.casebook.decided_kin(case).await?.is_some(),
            campaign: self.campaign_found(case).await?,
        };
        if definition.when.holds(&facts) != Some(true) {
            return Ok(());
        }
        report.matched += 1;
        let left = match definition.action {
            RuleAction::Close { sample_percent, .. } => {
                is_sampled(&report.rule.name, case.id, sample_percent).then_some("a sample")
            }
            RuleAction::Attach { .. } if !facts.kin => Some("nothing to attach to"),
            RuleAction::Confirm { .. } | RuleAction::Attach { .. } => {
                (!facts.unranked).then_some("the guard")
            }
        };
        if let Some(left) = left {
            *report.left.entry(left.to_owned()).or_default() += 1;
            return Ok(());
        }
        match opened.found {
            None => report.tally.undecided += 1,
            Some(found) if agrees(definition.action, found) => report.tally.agreed += 1,
            Some(_) => {
                report.tally.disagreed += 1;
                if report.disagreed.len() < NAMED_MAX {
                    report.disagreed.push(case.id);
                }
            }
        }
        Ok(())
    }
}

/// Whether a person found what the rule would have: for a block, any fraud.
fn agrees(action: RuleAction, found: Verdict) -> bool {
    match action {
        RuleAction::Confirm { .. } | RuleAction::Attach { .. } => found.category().is_some(),
        RuleAction::Close { .. } => matches!(found, Verdict::Spam | Verdict::Benign),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_agrees_with_a_block_by_any_fraud_and_with_a_closing_by_none() {
        let confirm = RuleAction::Confirm { verdict: Verdict::Phishing, hours: None };
        let close = RuleAction::Close { verdict: Verdict::Spam, sample_percent: 2 };
        for verdict in Verdict::ALL {
            let fraud = verdict.category().is_some();
            assert_eq!(agrees(confirm, verdict), fraud, "{verdict:?}");
            let harmless = matches!(verdict, Verdict::Spam | Verdict::Benign);
            assert_eq!(agrees(close, verdict), harmless, "{verdict:?}");
        }
    }
}
