//! Upkeep: what ends in time, what a new list protects, and the heartbeat.
//!
//! Expiry is an entry that the hub writes. If the clock went back, or too many
//! orders would expire at once, expiry stops and alarms (DESIGN 3): a wrong
//! clock must not unblock a country.

use std::time::{Duration, Instant};

use belfry_casebook::StoreError;
use belfry_guard::{Cleared, Lists};
use belfry_indicator::EmbeddedSuffixes;
use belfry_journal::{Action, Cause, Effective, Mode, Order, PublicReason, Serial, UnixMillis};
use tokio_util::sync::CancellationToken;

use crate::Desk;

/// Orders ended in one transaction.
const EXPIRE_MAX: u32 = 1_000;
/// Wall clock and monotonic clock may part by this much between two looks.
const CLOCK_STEP_MAX: Duration = Duration::from_secs(60);

impl Desk {
    /// Keeps house until `stop`.
    pub async fn run_upkeep(&self, stop: CancellationToken) {
        let every = Duration::from_secs(u64::from(self.settings.upkeep_seconds.max(1)));
        let mut beat_at = UnixMillis(0);
        let mut looked = (Instant::now(), (self.now)());
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(every) => {}
            }
            let now = (self.now)();
            let stepped = clock_step(looked, (Instant::now(), now));
            looked = (Instant::now(), now);
            let done = match stepped {
                Some(step) => self.alarm_clock(step),
                None => self.end_what_expired(now).await.map(drop),
            };
            let beat = Duration::from_secs(u64::from(self.settings.heartbeat_seconds));
            if let Err(error) = done {
                tracing::error!(%error, "upkeep failed and is tried again");
            } else if now.since(beat_at) >= beat {
                match self.casebook.heartbeat(now).await {
                    Ok(_) => beat_at = now,
                    Err(error) => tracing::error!(%error, "no heartbeat could be written"),
                }
            }
        }
    }

    fn alarm_clock(&self, step: Duration) -> Result<(), StoreError> {
        self.metrics.expiry_stopped.set(1);
        let seconds = step.as_secs();
        tracing::error!(seconds, "the clock stepped: nothing expires until the next look agrees");
        Ok(())
    }

    /// Writes the end of orders whose validity is over and reopens benign cases
    /// whose term is; answers the entries written.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn end_what_expired(&self, now: UnixMillis) -> Result<Vec<Serial>, StoreError> {
        self.casebook.reopen_benign(now).await?;
        let effective = self.casebook.effective();
        let ending: Vec<&Effective> = effective
            .iter()
            .map(|(_, held)| held)
            .filter(|held| held.order.valid_until <= now)
            .collect();
        if ending.is_empty() {
            self.metrics.expiry_stopped.set(0);
            return Ok(Vec::new());
        }
        if self.is_mass_expiry(ending.len(), effective.len()) {
            self.metrics.expiry_stopped.set(1);
            let (ending, all) = (ending.len(), effective.len());
            tracing::error!(ending, all, "too many orders would expire at once: none does");
            return Ok(Vec::new());
        }
        self.metrics.expiry_stopped.set(0);
        let releases = ending
            .into_iter()
            .take(EXPIRE_MAX as usize)
            .map(|held| self.end(held, Cause::Expiry, PublicReason::Ended, now))
            .collect();
        self.casebook.expire(releases, now).await
    }

    fn is_mass_expiry(&self, ending: usize, all: usize) -> bool {
        let free = self.settings.expiry_free as usize;
        ending > free && ending * 100 > all * self.settings.expiry_percent_max as usize
    }

    fn end(
        &self,
        held: &Effective,
        cause: Cause,
        reason: PublicReason,
        now: UnixMillis,
    ) -> Cleared {
        let draft = Order {
            action: Action::Release { of: held.serial },
            issued_at: now,
            valid_until: now,
            cause,
            reason,
            ..held.order.clone()
        };
        self.clear_release(draft, now)
    }

    /// Puts `lists` in force: orders cleared under others are refused from now on, and
    /// live blocks that these protect are released.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn set_lists(&self, lists: Lists) -> Result<Vec<Serial>, StoreError> {
        self.lists.store(std::sync::Arc::new(lists));
        let in_force = self.lists.load_full();
        self.enforce_lists(&in_force).await
    }

    pub(crate) async fn enforce_lists(&self, lists: &Lists) -> Result<Vec<Serial>, StoreError> {
        self.casebook.set_lists_version(lists.version()).await?;
        let now = (self.now)();
        let effective = self.casebook.effective();
        let protected: Vec<Cleared> = effective
            .iter()
            .map(|(_, held)| held)
            .filter(|held| held.order.action == Action::Block && held.order.mode == Mode::Live)
            .filter(|held| lists.refusal(&held.order.target, &EmbeddedSuffixes).is_some())
            .map(|held| self.end(held, Cause::NeverBlock, PublicReason::Mistake, now))
            .collect();
        if protected.is_empty() {
            return Ok(Vec::new());
        }
        tracing::warn!(count = protected.len(), "blocks of names now protected are released");
        self.casebook.expire(protected, now).await
    }
}

/// By how much the wall clock moved against the monotonic one, if by too much.
fn clock_step(before: (Instant, UnixMillis), after: (Instant, UnixMillis)) -> Option<Duration> {
    let real = after.0.duration_since(before.0);
    let expected = before.1.plus(real);
    let step = if after.1 > expected { after.1.since(expected) } else { expected.since(after.1) };
    (step > CLOCK_STEP_MAX).then_some(step)
}
