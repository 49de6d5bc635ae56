//! The emergency brake: all rules stand still, and what they ordered of late is taken
//! back. One person pulls it; it stays pulled over a restart until an administrator lets go.

use belfry_casebook::StoreError;
use belfry_casebook::access::{Admin, Analyst};
use belfry_casebook::case::Change;
use belfry_journal::UnixMillis;

use crate::alarm::AlarmKind;
use crate::judge::check_reason;
use crate::{Desk, JudgeError, TakeBack};

const ABOUT: &str = "rules";

/// What a pull of the brake did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Braked {
    /// Cases whose block by a rule was taken back; they are open again.
    pub released: Vec<u64>,
    /// Cases for which that failed, with why: a person must look.
    pub failed: Vec<(u64, String)>,
}

impl Desk {
    /// Stops all rules, waits for what they have under way, and takes back what they
    /// ordered in the last `minutes`.
    ///
    /// # Errors
    /// [`JudgeError`] where the brake itself could not be pulled.
    pub async fn pull_brake(
        &self,
        by: &Analyst,
        minutes: u32,
        reason: &str,
    ) -> Result<Braked, JudgeError> {
        check_reason(reason)?;
        let mut pulled = self.brake.write().await;
        let now = self.time();
        *pulled = true;
        drop(pulled);
        self.tell_of_brake(&by.principal().name, reason, now);
        self.casebook.pull_brake(by, reason, now).await?;
        let since = UnixMillis(now.0.saturating_sub(u64::from(minutes) * 60_000));
        let mut braked = Braked::default();
        for case in self.casebook.blocked_by_rules(since).await? {
            match self.take_back_for_brake(by, case, reason).await {
                Ok(()) => braked.released.push(case),
                Err(error) => braked.failed.push((case, error.to_string())),
            }
        }
        Ok(braked)
    }

    async fn take_back_for_brake(
        &self,
        by: &Analyst,
        case: u64,
        reason: &str,
    ) -> Result<(), JudgeError> {
        let back = TakeBack { case, version: None, mistake: false, reason };
        let decided = self.release(by, back).await?;
        let version = Some(decided.case.version);
        let change = Change { case, version, reason, by, at: self.time() };
        self.casebook.take_up(change).await?;
        Ok(())
    }

    /// Lets the rules act again. What was taken back stays so.
    ///
    /// # Errors
    /// [`JudgeError`].
    pub async fn release_brake(&self, by: &Admin, reason: &str) -> Result<(), JudgeError> {
        check_reason(reason)?;
        let mut pulled = self.brake.write().await;
        self.casebook.release_brake(by, reason, self.time()).await?;
        *pulled = false;
        self.alarms.clear(AlarmKind::Brake, ABOUT);
        Ok(())
    }

    /// Finds the brake as it was left.
    pub(crate) async fn read_brake(&self) -> Result<(), StoreError> {
        if let Some(brake) = self.casebook.brake().await? {
            *self.brake.write().await = true;
            self.tell_of_brake(&brake.by, &brake.reason, brake.at);
        }
        Ok(())
    }

    fn tell_of_brake(&self, by: &str, reason: &str, at: UnixMillis) {
        let text = format!("pulled by {by}: {reason}. No rule acts: belfry brake release");
        self.alarms.raise(AlarmKind::Brake, ABOUT, text, at);
    }
}
