//! The second of two people: they agree to exactly what the first proposed, or to nothing.
//! Both are signed in; a token, a rule and the local user of the socket are nobody here.

use belfry_casebook::StoreError;
use belfry_casebook::access::{Analyst, Approver, Principal, Proof};
use belfry_casebook::case::{Case, CaseFile, CaseState, Change};
use belfry_casebook::verdict::Proposal;
use belfry_guard::Approvals;

use crate::judge::{Terms, check_reason};
use crate::{Desk, JudgeError, Ruled, Ruling};

/// How the casebook names a person who signed in.
const PERSON: &str = "person:";

/// A second person's word.
#[derive(Clone, Copy, Debug)]
pub struct Approval<'a> {
    /// On which case.
    pub case: u64,
    /// The version that was seen: what is agreed to is what was there then.
    pub version: u64,
    /// Why: never published.
    pub reason: &'a str,
}

impl Desk {
    /// Has a second signed-in person agree to what the first proposed.
    ///
    /// # Errors
    /// [`StoreError::Move`] where nothing waits, the first was no signed-in person, or the
    /// second is none or the same; [`JudgeError`] as for a verdict.
    pub async fn approve(
        &self,
        by: &Approver,
        approval: Approval<'_>,
    ) -> Result<Ruled, JudgeError> {
        let file = self.file(approval.case).await?;
        let second = by.principal();
        let proposal = proposal_for(&file, second)?;
        let ruling = Ruling {
            case: approval.case,
            version: Some(approval.version),
            verdict: proposal.verdict,
            reason: approval.reason,
            widen: proposal.asked.widen,
            compromised: proposal.asked.compromised,
            block_days: proposal.asked.block_days,
        };
        let approvals = Approvals::none().with_signed_in(&proposal.by).with_signed_in(&second.name);
        let terms = Terms { approvals, ..Terms::default() };
        let judge: Option<Analyst> = second.clone().authorize();
        let judge = judge.ok_or_else(|| refused(&file, "this role may not judge"))?;
        self.judge_by(&judge, ruling, &terms).await
    }

    /// Has a second signed-in person say no: nothing is ordered, and the case is open again.
    /// Whoever was first may say so too.
    ///
    /// # Errors
    /// [`StoreError::Move`] where nothing waits or it is no signed-in person;
    /// [`JudgeError`] as for a verdict.
    pub async fn decline(&self, by: &Approver, approval: Approval<'_>) -> Result<Case, JudgeError> {
        check_reason(approval.reason)?;
        let second = by.principal();
        let file = self.file(approval.case).await?;
        if !is_signed_in(second) {
            return Err(refused(&file, "only a signed-in person can be the second").into());
        }
        let judge: Option<Analyst> = second.clone().authorize();
        let judge = judge.ok_or_else(|| refused(&file, "this role may not judge"))?;
        let (case, version) = (approval.case, Some(approval.version));
        let change = Change { case, version, reason: approval.reason, by: &judge, at: self.time() };
        Ok(self.casebook.decline(change).await?)
    }
}

fn is_signed_in(who: &Principal) -> bool {
    matches!(who.proof, Proof::Passkey { .. }) && who.name.starts_with(PERSON)
}

/// What the first proposed, if `second` may be the second.
fn proposal_for<'f>(file: &'f CaseFile, second: &Principal) -> Result<&'f Proposal, StoreError> {
    let waits = matches!(file.case.state, CaseState::AwaitingSecond(_));
    let proposal = file.proposal.as_ref().filter(|_| waits);
    let proposal =
        proposal.ok_or_else(|| refused(file, "nothing on it waits for a second person"))?;
    if !proposal.by.starts_with(PERSON) {
        return Err(refused(file, "the first was no signed-in person: give the verdict yourself"));
    }
    if !is_signed_in(second) {
        return Err(refused(file, "only a signed-in person can be the second"));
    }
    if second.name == proposal.by {
        return Err(refused(file, "the second person must be another than the first"));
    }
    Ok(proposal)
}

fn refused(file: &CaseFile, hint: &'static str) -> StoreError {
    StoreError::Move { case: file.case.id, state: file.case.state.name(), hint }
}
