//! A rule meets a case: what it does, or would do.

use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::access::{Analyst, Principal, Proof, Role};
use belfry_casebook::case::{Case, CaseFile, CaseState, Change, Subject};
use belfry_casebook::rules::{RuleAct, RuleMode};
use belfry_casebook::standing::CampaignFound;
use belfry_casebook::verdict::Verdict;
use belfry_guard::Opinion;
use belfry_indicator::{EmbeddedSuffixes, Target};
use belfry_journal::{Serial, UnixMillis};

use super::{Facts, RuleAction, RunningRule, SubjectKind};
use crate::alarm::AlarmKind;
use crate::judge::Terms;
use crate::{Desk, JudgeError, Ruled, Ruling};

pub(super) const HOUR: Duration = Duration::from_secs(3_600);

/// What a rule came to.
pub(super) struct Came {
    pub(super) outcome: String,
    pub(super) order: Option<Serial>,
    /// Whether the case is settled, so that no other rule is asked.
    pub(super) settled: bool,
}

impl Came {
    pub(super) fn to(outcome: impl Into<String>) -> Self {
        Self { outcome: outcome.into(), order: None, settled: false }
    }
}

impl Desk {
    /// Has the rules look at cases that a report has just joined. What fails is logged: a
    /// rule that did not act leaves the case to a person.
    pub async fn apply_rules(&self, cases: &[u64]) {
        for case in cases {
            if let Err(error) = self.apply_rules_to(*case).await {
                tracing::warn!(case, %error, "the rules leave a case to a person");
            }
        }
    }

    async fn apply_rules_to(&self, case: u64) -> Result<(), JudgeError> {
        // Held for as long as anything is done: who pulls the brake waits for it.
        let pulled = self.brake.read().await;
        if *pulled {
            return Ok(());
        }
        let Some(file) = self.casebook.case(case).await? else { return Ok(()) };
        if !matches!(file.case.state, CaseState::Open(_)) {
            return Ok(());
        }
        let now = self.clock.now();
        if self.meet_standing(&file, now).await? {
            return Ok(());
        }
        let rules = self.rules.load_full();
        if rules.0.is_empty() {
            return Ok(());
        }
        let facts = self.facts(&file, now).await?;
        for rule in &rules.0 {
            if rule.definition.when.holds(&facts) != Some(true)
                || self.casebook.has_rule_act(&rule.record, case, rule.record.mode).await?
            {
                continue;
            }
            let came = self.meet(rule, &file, now).await?;
            let record = &rule.record;
            let act = RuleAct {
                rule: &record.name,
                version: record.version,
                case,
                mode: record.mode,
                outcome: &came.outcome,
                order: came.order,
            };
            self.casebook.note_rule_act(&act, now).await?;
            if came.settled {
                break;
            }
        }
        Ok(())
    }

    /// What is known of a case.
    async fn facts(&self, file: &CaseFile, now: UnixMillis) -> Result<Facts, JudgeError> {
        let case = &file.case;
        Ok(Facts {
            score: case.score,
            proven: file.proven_reporters,
            reporters: case.reporters,
            reports: case.reports,
            age_hours: now.since(case.opened_at).as_secs_f64() / HOUR.as_secs_f64(),
            kind: kind(&case.subject),
            unranked: self.is_unranked(&case.subject),
            decided_before: !file.verdicts.is_empty(),
            kin: self.casebook.decided_kin(case).await?.is_some(),
            campaign: self.campaign_found(case).await?,
        })
    }

    /// What persons have found in the campaign of a case; nothing where it is in none.
    pub(super) async fn campaign_found(&self, case: &Case) -> Result<CampaignFound, StoreError> {
        match case.campaign {
            Some(campaign) => self.casebook.campaign_found(campaign).await,
            None => Ok(CampaignFound::default()),
        }
    }

    /// Whether no list of the guard has the name.
    pub(super) fn is_unranked(&self, subject: &Subject) -> bool {
        self.speaks_against(subject).is_none()
    }

    /// The guard's rule that keeps one person from blocking it.
    pub(super) fn speaks_against(&self, subject: &Subject) -> Option<&'static str> {
        let Subject::Host { host, .. } = subject else { return None };
        match self.lists.load().opinion(&Target::Host(host.clone()), &EmbeddedSuffixes) {
            Opinion::Free => None,
            Opinion::TwoPeople(findings) | Opinion::Refused(findings) => {
                findings.first().map(|finding| finding.rule.name())
            }
        }
    }

    async fn meet(
        &self,
        rule: &RunningRule,
        file: &CaseFile,
        now: UnixMillis,
    ) -> Result<Came, JudgeError> {
        let live = rule.record.mode == RuleMode::Live;
        if let Some(against) = self.speaks_against(&file.case.subject)
            && !matches!(rule.definition.action, RuleAction::Close { .. })
        {
            return Ok(Came::to(format!("left to people: {against}")));
        }
        match rule.definition.action {
            RuleAction::Close { sample_percent, .. }
                if is_sampled(&rule.record.name, file.case.id, sample_percent) =>
            {
                // Nobody else closes it either: a person is to see it.
                Ok(Came { settled: live, ..Came::to("left to a person as a sample") })
            }
            RuleAction::Close { .. } if !live => Ok(Came::to("would close")),
            RuleAction::Close { verdict, .. } => self.decide_by(rule, file, verdict, None).await,
            RuleAction::Confirm { .. } | RuleAction::Attach { .. } if !live => {
                Ok(Came::to("would confirm"))
            }
            RuleAction::Confirm { .. } | RuleAction::Attach { .. }
                if self.too_many(now).await? =>
            {
                Ok(Came::to("held: too many orders by rules"))
            }
            RuleAction::Confirm { verdict, hours } => {
                self.decide_by(rule, file, verdict, Some(hours)).await
            }
            RuleAction::Attach { hours } => self.attach(rule, file, hours).await,
        }
    }

    /// More orders by rules within an hour than persons expected: an alarm, and no more.
    pub(super) async fn too_many(&self, now: UnixMillis) -> Result<bool, JudgeError> {
        let hour_ago = UnixMillis(now.0.saturating_sub(3_600_000));
        let orders = self.casebook.rule_orders_since(hour_ago).await?;
        let most = u64::from(self.settings.rules.orders_per_hour_max);
        if orders < most {
            self.alarms.clear(AlarmKind::Rules, "orders");
            return Ok(false);
        }
        let text = format!(
            "rules have caused {orders} orders within an hour, {most} are allowed: they act no \
             more until it is fewer"
        );
        self.alarms.raise(AlarmKind::Rules, "orders", text, now);
        Ok(true)
    }

    async fn attach(
        &self,
        rule: &RunningRule,
        file: &CaseFile,
        hours: Option<u32>,
    ) -> Result<Came, JudgeError> {
        let kin = self.casebook.decided_kin(&file.case).await?;
        let Some(kin) = kin else { return Ok(Came::to("nothing to attach to")) };
        let leader = self.casebook.case(kin).await?;
        let verdict = leader.and_then(|leader| leader.verdicts.last().map(|last| last.verdict));
        let Some(verdict) = verdict.filter(|verdict| verdict.category().is_some()) else {
            return Ok(Came::to("nothing to attach to"));
        };
        let came = self.decide_by(rule, file, verdict, Some(hours)).await?;
        if came.settled {
            let by = principal(&rule.record.name);
            let reason = "its registrable domain has a decided case";
            let at = self.clock.now();
            let change = Change { case: file.case.id, version: None, reason, by: &by, at };
            self.casebook.follow(change, kin).await?;
        }
        Ok(came)
    }

    /// Gives a verdict in the rule's name; a block holds for `hours`, or for as long as the
    /// configuration says where that is shorter.
    async fn decide_by(
        &self,
        rule: &RunningRule,
        file: &CaseFile,
        verdict: Verdict,
        hours: Option<Option<u32>>,
    ) -> Result<Came, JudgeError> {
        let most = self.settings.rules.block_hours;
        let hours = hours.map(|asked| asked.unwrap_or(most).min(most));
        let record = &rule.record;
        let score = file.case.score.map_or("no score".into(), |score| format!("score {score:.3}"));
        let reason = format!(
            "{} ({score}, {} proven reporters), by version {} of {}",
            rule.definition.text, file.proven_reporters, record.version, record.author
        );
        let ruling = Ruling {
            case: file.case.id,
            version: Some(file.case.version),
            verdict,
            reason: &reason,
            widen: false,
            compromised: false,
            block_days: None,
        };
        let terms = Terms { validity: hours.map(|hours| HOUR * hours), ..Terms::default() };
        let came = match self.judge_by(&principal(&record.name), ruling, &terms).await? {
            Ruled::Done(decided) => {
                let outcome = if decided.serial.is_some() { "confirmed" } else { "closed" };
                Came { outcome: outcome.to_owned(), order: decided.serial, settled: true }
            }
            Ruled::AwaitingSecond(_, finding) | Ruled::Refused(_, finding) => {
                Came { settled: true, ..Came::to(format!("left to people: {}", finding.rule)) }
            }
        };
        Ok(came)
    }
}

pub(super) fn kind(subject: &Subject) -> SubjectKind {
    match subject {
        Subject::Host { .. } => SubjectKind::Host,
        Subject::Url { .. } => SubjectKind::Url,
        Subject::Message { .. } => SubjectKind::Message,
    }
}

/// A rule as the one who judges: never a person, so that it counts as none of two.
pub(super) fn principal(rule: &str) -> Analyst {
    Principal { name: format!("rule:{rule}"), role: Role::Analyst, proof: Proof::Token }
        .authorize()
        .expect("an analyst may judge")
}

/// Whether a case is one of those that a person is to see: the same answer each time, and
/// nothing that a sender could choose.
pub(super) fn is_sampled(rule: &str, case: u64, percent: u32) -> bool {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in rule.bytes().chain(case.to_be_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    // The low bits of this hash alone follow the case's number too closely.
    (hash ^ (hash >> 32)) % 100 < u64::from(percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_the_share_that_is_asked_for_is_sampled() {
        for percent in [2, 10, 50] {
            let sampled = (1..=20_000).filter(|case| is_sampled("news", *case, percent)).count();
            let expected = 200 * percent as usize;
            let (low, high) = (expected * 8 / 10, expected * 12 / 10);
            assert!((low..=high).contains(&sampled), "{percent} %: {sampled} of 20,000");
        }
        assert_eq!(is_sampled("news", 7, 2), is_sampled("news", 7, 2));
        assert!(is_sampled("news", 7, 100));
    }

    #[test]
    fn a_rule_judges_and_is_nobody() {
        let rule = principal("sure");
        assert_eq!(rule.principal().name, "rule:sure");
        assert_eq!(rule.principal().proof, Proof::Token);
    }
}
