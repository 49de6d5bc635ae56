//! "The same verdict for this campaign for some hours": a rule that a person sets with one
//! act, bounded in time. It acts as `rule:campaign-N`: through the guard, which it counts as
//! nobody for, with short blocks, until the brake is pulled or its time is over.

use std::time::Duration;

use belfry_casebook::access::Analyst;
use belfry_casebook::case::CaseFile;
use belfry_casebook::rules::{RuleAct, RuleMode};
use belfry_casebook::standing::Standing;
use belfry_casebook::verdict::Verdict;
use belfry_journal::UnixMillis;

use super::act::{Came, HOUR, principal};
use crate::judge::{Terms, check_reason};
use crate::{Desk, JudgeError, Ruled, Ruling};

impl Desk {
    /// Lets a verdict stand for the cases of a campaign that a report joins within `hours`.
    ///
    /// # Errors
    /// [`JudgeError`]: no such campaign, hours out of bounds, no reason.
    pub async fn let_stand(
        &self,
        by: &Analyst,
        campaign: u64,
        verdict: Verdict,
        hours: u32,
        reason: &str,
    ) -> Result<Standing, JudgeError> {
        check_reason(reason)?;
        let now = self.time();
        Ok(self.casebook.let_stand(by, campaign, verdict, hours, reason, now).await?)
    }

    /// Gives an open case the verdict that stands for its campaign; answers whether that
    /// settled it. Each case is met once by each standing verdict.
    pub(super) async fn meet_standing(
        &self,
        file: &CaseFile,
        now: UnixMillis,
    ) -> Result<bool, JudgeError> {
        let Some(campaign) = file.case.campaign else { return Ok(false) };
        let Some(standing) = self.casebook.standing(campaign, now).await? else {
            return Ok(false);
        };
        let name = format!("campaign-{campaign}");
        let blocks = standing.verdict.category().is_some();
        let came =
            if self.casebook.has_act(&name, standing.id, file.case.id, RuleMode::Live).await? {
                return Ok(false);
            } else if let Some(rule) = self.speaks_against(&file.case.subject).filter(|_| blocks) {
                Came::to(format!("left to people: {rule}"))
            } else if blocks && self.too_many(now).await? {
                // Met again when there are fewer: nothing is written down.
                return Ok(false);
            } else {
                self.decide_standing(&name, &standing, file).await?
            };
        let act = RuleAct {
            rule: &name,
            version: standing.id,
            case: file.case.id,
            mode: RuleMode::Live,
            outcome: &came.outcome,
            order: came.order,
        };
        self.casebook.note_rule_act(&act, now).await?;
        Ok(came.settled)
    }

    async fn decide_standing(
        &self,
        name: &str,
        standing: &Standing,
        file: &CaseFile,
    ) -> Result<Came, JudgeError> {
        let reason = format!(
            "as {} said at {} for its campaign: {}",
            standing.by, standing.at.0, standing.reason
        );
        let ruling = Ruling {
            case: file.case.id,
            version: Some(file.case.version),
            verdict: standing.verdict,
            reason: &reason,
            widen: false,
            compromised: false,
            block_days: None,
        };
        let validity: Duration = HOUR * self.settings.rules.block_hours;
        let terms = Terms { validity: Some(validity), ..Terms::default() };
        Ok(match self.judge_by(&principal(name), ruling, &terms).await? {
            Ruled::Done(decided) => {
                let outcome = if decided.serial.is_some() { "confirmed" } else { "closed" };
                Came { outcome: outcome.to_owned(), order: decided.serial, settled: true }
            }
            Ruled::AwaitingSecond(_, finding) | Ruled::Refused(_, finding) => {
                Came { settled: true, ..Came::to(format!("left to people: {}", finding.rule)) }
            }
        })
    }
}
