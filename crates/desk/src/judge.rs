//! Verdicts and releases: from what an analyst found to what the guard lets follow.

use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::access::Analyst;
use belfry_casebook::case::{Case, CaseFile, CaseState, Subject};
use belfry_casebook::verdict::{Asked, Consequence, Decided, Decision, Verdict, Withdrawal};
use belfry_guard::{Approvals, Cleared, Finding, Outcome, check};
use belfry_indicator::{EmbeddedSuffixes, Target};
use belfry_journal::{Action, Audience, Category, Cause, Mode, Order, PublicReason, UnixMillis};

use crate::Desk;
use crate::desk::days;

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 2_000;
/// Days of a block's validity: the guard's own bound.
pub(crate) const BLOCK_DAYS_MAX: u32 = 366;

/// What an analyst found.
#[derive(Clone, Debug)]
pub struct Ruling<'a> {
    /// On which case.
    pub case: u64,
    /// The version that was seen, if the decision is bound to it.
    pub version: Option<u64>,
    /// What was found.
    pub verdict: Verdict,
    /// Why: never published.
    pub reason: &'a str,
    /// Block the registrable domain with all below it, not only the host.
    pub widen: bool,
    /// The site is a compromised one: its mail goes on, and the block is short.
    pub compromised: bool,
    /// How long the block holds, instead of the desk's default.
    pub block_days: Option<u32>,
}

impl Ruling<'_> {
    fn asked(&self) -> Asked {
        let (widen, compromised) = (self.widen, self.compromised);
        Asked { widen, compromised, block_days: self.block_days }
    }
}

/// What else a ruling goes by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// Signed-in people who agree.
    pub(crate) approvals: Approvals,
    /// How long a block holds, whatever the ruling says.
    pub(crate) validity: Option<Duration>,
}

/// What a ruling did.
#[derive(Clone, Debug)]
pub enum Ruled {
    /// It is recorded, with its order if it has one.
    Done(Decided),
    /// It waits for a second person, by this rule.
    AwaitingSecond(Case, Finding),
    /// The guard refused the block, by this rule; the case says so.
    Refused(Case, Finding),
}

/// A block taken back.
#[derive(Clone, Debug)]
pub struct TakeBack<'a> {
    /// Of which case.
    pub case: u64,
    /// The version that was seen, if the decision is bound to it.
    pub version: Option<u64>,
    /// The block was wrong: the case is reversed, not only released.
    pub mistake: bool,
    /// Why: never published.
    pub reason: &'a str,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// The casebook's answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The reason is missing or too long.
    #[error("a reason of 1 to {REASON_CHARS_MAX} characters is needed")]
    Reason,
    /// The validity is out of bounds.
    #[error("a block holds 1 to {BLOCK_DAYS_MAX} days")]
    Validity,
    /// Widening or "compromised" asked for where there is nothing to block.
    #[error("case {0} has nothing that DNS can block: {1}")]
    NothingToBlock(u64, &'static str),
}

impl Desk {
    /// Records an analyst's verdict and what the guard lets follow from it.
    ///
    /// # Errors
    /// [`JudgeError`]; nothing was recorded then.
    pub async fn judge(&self, by: &Analyst, ruling: Ruling<'_>) -> Result<Ruled, JudgeError> {
        self.judge_by(by, ruling, &Terms::default()).await
    }

    /// The same by given terms. What is judged together with the case gets the same verdict,
    /// each through the guard by itself.
    pub(crate) async fn judge_by(
        &self,
        by: &Analyst,
        ruling: Ruling<'_>,
        terms: &Terms,
    ) -> Result<Ruled, JudgeError> {
        let ruled = self.judge_one(by, &ruling, terms).await?;
        if let Ruled::Done(_) = &ruled {
            self.judge_members(by, &ruling, terms).await?;
        }
        Ok(ruled)
    }

    async fn judge_members(
        &self,
        by: &Analyst,
        ruling: &Ruling<'_>,
        terms: &Terms,
    ) -> Result<(), JudgeError> {
        for member in self.file(ruling.case).await?.members {
            // What the leader asked for beyond its verdict is the leader's own.
            let same = Ruling { case: member, version: None, widen: false, ..ruling.clone() };
            if let Err(error) = self.judge_one(by, &same, terms).await {
                tracing::warn!(case = member, %error, "a merged case did not get the verdict");
            }
        }
        Ok(())
    }

    async fn judge_one(
        &self,
        by: &Analyst,
        ruling: &Ruling<'_>,
        terms: &Terms,
    ) -> Result<Ruled, JudgeError> {
        check_reason(ruling.reason)?;
        let now = self.clock.now();
        let file = self.file(ruling.case).await?;
        let consequence = self.consequence(&file.case, ruling, terms, now)?;
        let finding = consequence.finding().cloned();
        let decided = self
            .casebook
            .decide(Decision {
                case: ruling.case,
                version: ruling.version.or(Some(file.case.version)),
                verdict: ruling.verdict,
                reason: ruling.reason,
                by,
                at: now,
                consequence,
                asked: ruling.asked(),
            })
            .await?;
        self.observe(&file, ruling, now);
        Ok(match (finding, &decided.case.state) {
            (Some(finding), CaseState::AwaitingSecond(_)) => {
                self.metrics.seconds.get_or_create(&[("rule", finding.rule.name())]).inc();
                Ruled::AwaitingSecond(decided.case, finding)
            }
            (Some(finding), _) => {
                self.metrics.refusals.get_or_create(&[("rule", finding.rule.name())]).inc();
                Ruled::Refused(decided.case, finding)
            }
            (None, _) => Ruled::Done(decided),
        })
    }

    /// Takes a case's block back; it no longer holds for the next query of an in-step follower.
    /// What is judged together with the case is taken back with it.
    ///
    /// # Errors
    /// [`JudgeError`]; nothing was recorded then.
    pub async fn release(&self, by: &Analyst, back: TakeBack<'_>) -> Result<Decided, JudgeError> {
        let case = back.case;
        let decided = self.release_one(by, &back).await?;
        for member in self.file(case).await?.members {
            let same = TakeBack { case: member, version: None, ..back.clone() };
            match self.release_one(by, &same).await {
                Ok(_) | Err(JudgeError::Store(StoreError::Move { .. })) => {}
                Err(error) => {
                    tracing::error!(case = member, %error, "a merged case is still blocked");
                }
            }
        }
        Ok(decided)
    }

    async fn release_one(&self, by: &Analyst, back: &TakeBack<'_>) -> Result<Decided, JudgeError> {
        check_reason(back.reason)?;
        let now = self.clock.now();
        let file = self.file(back.case).await?;
        let CaseState::Blocked(blocked) = &file.case.state else {
            return Err(StoreError::Move {
                case: back.case,
                state: file.case.state.name(),
                hint: "only a blocked case can be released",
            }
            .into());
        };
        let effective = self.casebook.effective();
        let Some(held) = effective.by_serial(blocked.order) else {
            return Err(StoreError::Missing {
                what: "effective order",
                id: blocked.order.to_string(),
            }
            .into());
        };
        let reason = if back.mistake { PublicReason::Mistake } else { PublicReason::Resolved };
        let draft = Order {
            action: Action::Release { of: held.serial },
            issued_at: now,
            valid_until: now,
            cause: Cause::Withdrawal { case: back.case },
            reason,
            ..held.order
        };
        let order = self.clear_release(draft, now);
        Ok(self
            .casebook
            .release(Withdrawal {
                case: back.case,
                version: back.version.or(Some(file.case.version)),
                mistake: back.mistake,
                reason: back.reason,
                by,
                at: now,
                order,
            })
            .await?)
    }

    pub(crate) async fn file(&self, case: u64) -> Result<CaseFile, StoreError> {
        let missing = || StoreError::Missing { what: "case", id: case.to_string() };
        self.casebook.case(case).await?.ok_or_else(missing)
    }

    fn consequence(
        &self,
        case: &Case,
        ruling: &Ruling<'_>,
        terms: &Terms,
        now: UnixMillis,
    ) -> Result<Consequence, JudgeError> {
        let Some((category, reason)) = category_of(ruling.verdict) else {
            return Ok(match ruling.verdict {
                Verdict::Benign => {
                    Consequence::Clear { until: now.plus(days(self.settings.benign_days)) }
                }
                _ => Consequence::Close,
            });
        };
        let Subject::Host { host, registrable } = &case.subject else {
            if ruling.widen || ruling.compromised {
                return Err(JudgeError::NothingToBlock(
                    case.id,
                    "leave out the level and `compromised`",
                ));
            }
            return Ok(Consequence::Close);
        };
        let target = if ruling.widen {
            Target::Domain(registrable.clone())
        } else {
            Target::Host(host.clone())
        };
        let draft = Order {
            action: Action::Block,
            target,
            category,
            mode: Mode::Live,
            issued_at: now,
            valid_until: now.plus(terms.validity.map_or_else(|| self.validity(ruling), Ok)?),
            audience: Audience::Everyone,
            cause: Cause::Verdict { case: case.id },
            reason,
            keeps_mail: ruling.compromised,
        };
        let lists = self.lists.load();
        Ok(match check(draft, &lists, &EmbeddedSuffixes, &terms.approvals, now) {
            Outcome::Cleared(cleared) => Consequence::Block(cleared),
            Outcome::NeedsSecond(finding) => Consequence::AwaitSecond(finding),
            Outcome::Refused(finding) => Consequence::Refuse(finding),
        })
    }

    fn validity(&self, ruling: &Ruling<'_>) -> Result<std::time::Duration, JudgeError> {
        match ruling.block_days {
            Some(asked) if (1..=BLOCK_DAYS_MAX).contains(&asked) => Ok(days(asked)),
            Some(_) => Err(JudgeError::Validity),
            None if ruling.compromised => {
                let seconds = u64::from(self.settings.compromised_hours) * 3_600;
                Ok(std::time::Duration::from_secs(seconds))
            }
            None => Ok(days(self.settings.block_days)),
        }
    }

    /// A release through the guard, which always clears one.
    pub(crate) fn clear_release(&self, draft: Order, now: UnixMillis) -> Cleared {
        let lists = self.lists.load();
        match check(draft, &lists, &EmbeddedSuffixes, &Approvals::none(), now) {
            Outcome::Cleared(cleared) => cleared,
            Outcome::NeedsSecond(_) | Outcome::Refused(_) => {
                unreachable!("the guard clears every release")
            }
        }
    }

    fn observe(&self, file: &CaseFile, ruling: &Ruling<'_>, now: UnixMillis) {
        self.metrics.verdicts.get_or_create(&[("verdict", ruling.verdict.name())]).inc();
        self.metrics.stage("opened_to_verdict", file.case.opened_at, now);
        self.metrics.stage("verdict_to_order", now, self.clock.now());
        if let Some(first) = file.reports.iter().map(|report| report.received_at).min() {
            self.metrics.stage("received_to_verdict", first, now);
        }
    }
}

pub(crate) fn check_reason(reason: &str) -> Result<(), JudgeError> {
    let length = reason.trim().chars().count();
    if (1..=REASON_CHARS_MAX).contains(&length) { Ok(()) } else { Err(JudgeError::Reason) }
}

/// The category and public reason of a verdict that blocks.
fn category_of(verdict: Verdict) -> Option<(Category, PublicReason)> {
    match verdict {
        Verdict::Phishing => Some((Category::Phishing, PublicReason::Impersonation)),
        Verdict::Malware => Some((Category::Malware, PublicReason::Malware)),
        Verdict::FakeShop => Some((Category::FakeShop, PublicReason::FakeShop)),
        Verdict::OtherFraud => Some((Category::OtherFraud, PublicReason::Fraud)),
        Verdict::Spam | Verdict::Benign | Verdict::Undecidable => None,
    }
}
