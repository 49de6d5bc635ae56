//! Upkeep: what ends in time, what a new list protects, how long things are kept, and
//! the heartbeat.
//!
//! Expiry is an entry that the hub writes. If the clock stepped, or too many
//! orders would expire at once, expiry stops and alarms until the clock agrees or a
//! person accepts it (DESIGN 3): a wrong clock must not unblock a country, nor erase what
//! people handed over.

mod retention;

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::access::Admin;
use belfry_guard::{Cleared, Lists};
use belfry_indicator::EmbeddedSuffixes;
use belfry_journal::{Action, Cause, Effective, Held, Order, PublicReason, Serial, UnixMillis};
use tokio_util::sync::CancellationToken;

use crate::Desk;
use crate::clock::ClockTrouble;

pub use self::retention::Retention;

/// Orders ended in one transaction.
const EXPIRE_MAX: u32 = 1_000;
/// How often the journal says how far the audit log is, reports are looked at for their
/// time, and uses of tokens are written down.
const RARELY: Duration = Duration::from_secs(600);

/// Why nothing ends by time at present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The wall clock stepped by so many seconds.
    Clock(u64),
    /// By the wall clock, the hub was away for so many seconds.
    Away(u64),
    /// So many of so many orders would end at once.
    Mass {
        /// Orders whose time is over.
        ending: usize,
        /// All that hold.
        all: usize,
    },
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stopped::Clock(seconds) => write!(f, "the clock is off by {seconds} s"),
            Stopped::Away(seconds) => {
                write!(f, "by the clock, the hub was away for {} days", seconds / 86_400)
            }
            Stopped::Mass { ending, all } => {
                write!(f, "{ending} of {all} orders would end at once")
            }
        }
    }
}

/// What upkeep remembers between two looks.
#[derive(Debug, Default)]
pub(crate) struct UpkeepState {
    stopped: Option<Stopped>,
    /// Orders whose time was over by then may end, however many: a person said so.
    mass_allowed_until: UnixMillis,
    sweep_due: bool,
    swept_at: UnixMillis,
}

impl Desk {
    /// Keeps house until `stop`.
    pub async fn run_upkeep(&self, stop: CancellationToken) {
        let every = Duration::from_secs(u64::from(self.settings.upkeep_seconds.max(1)));
        let beat = Duration::from_secs(u64::from(self.settings.heartbeat_seconds));
        let (mut beat_at, mut rarely_at) = (UnixMillis(0), UnixMillis(0));
        if stop.run_until_cancelled(self.collect_orphans()).await.is_none() {
            return;
        }
        while stop.run_until_cancelled(tokio::time::sleep(every)).await.is_some() {
            let now = self.clock.now();
            let done = self.look_after(now, now.since(rarely_at) >= RARELY).await;
            if now.since(rarely_at) >= RARELY {
                rarely_at = now;
            }
            if let Err(error) = done {
                tracing::error!(%error, "upkeep failed and is tried again");
            } else if now.since(beat_at) >= beat {
                match self.casebook.heartbeat(now).await {
                    Ok(_) => beat_at = now,
                    Err(error) => tracing::error!(%error, "no heartbeat could be written"),
                }
            }
        }
        if let Err(error) = self.casebook.note_token_uses().await {
            tracing::warn!(%error, "when tokens were last used was not written down");
        }
    }

    /// One look: ends what has ended, and, `rarely`, what was kept for its time.
    async fn look_after(&self, now: UnixMillis, rarely: bool) -> Result<(), StoreError> {
        self.expire_now().await?;
        if self.clock.look().1.is_none() {
            self.casebook.end_templates(now).await?;
        }
        self.look_for_surge(now).await?;
        self.assess_missing(now).await?;
        if !rarely {
            return Ok(());
        }
        self.casebook.note_token_uses().await?;
        self.casebook.anchor_audit(now).await?;
        if self.clock.look().1.is_none() {
            self.end_what_was_kept(now).await?;
            self.sweep_if_due(now).await?;
        }
        Ok(())
    }

    /// Ends what has expired by the desk's time, unless the clock can't be trusted; answers
    /// the entries written.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn expire_now(&self) -> Result<Vec<Serial>, StoreError> {
        let (now, trouble) = self.clock.look();
        let stopped = match trouble {
            None => return self.end_what_expired(now).await,
            Some(ClockTrouble::Stepped(step)) => Stopped::Clock(step.as_secs()),
            Some(ClockTrouble::Away(away)) => Stopped::Away(away.as_secs()),
        };
        self.stop_expiry(stopped);
        Ok(Vec::new())
    }

    /// Why nothing ends by time at present, if so.
    pub fn stopped(&self) -> Option<Stopped> {
        self.state().stopped.clone()
    }

    /// The desk's time: the wall clock's, unless that stepped.
    pub fn time(&self) -> UnixMillis {
        self.clock.now()
    }

    /// A person says that the clock is right and that what has ended may end, however much
    /// it is; answers the entries written.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn accept_expiry(&self, by: &Admin) -> Result<Vec<Serial>, StoreError> {
        let why = self.stopped().map_or_else(|| "nothing was stopped".into(), |s| s.to_string());
        let now = self.clock.accept();
        self.casebook.note_accepted(by, &why, now).await?;
        self.state().mass_allowed_until = now;
        let mut written = Vec::new();
        loop {
            let some = self.end_what_expired(now).await?;
            if some.is_empty() {
                return Ok(written);
            }
            written.extend(some);
        }
    }

    /// Writes the end of orders whose validity is over and reopens benign cases
    /// whose term is; answers the entries written.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn end_what_expired(&self, now: UnixMillis) -> Result<Vec<Serial>, StoreError> {
        self.casebook.reopen_benign(now).await?;
        self.casebook.wake_parked(now).await?;
        let effective = self.casebook.effective();
        // Looked at in place: all of them may end at once.
        let ending = || effective.held().filter(|held| held.valid_until() <= now);
        if self.is_mass_expiry(ending(), effective.len()) {
            self.stop_expiry(Stopped::Mass { ending: ending().count(), all: effective.len() });
            return Ok(Vec::new());
        }
        self.metrics.expiry_stopped.set(0);
        self.state().stopped = None;
        let releases: Vec<Cleared> = ending()
            .take(EXPIRE_MAX as usize)
            .map(|held| self.end(held.effective(), Cause::Expiry, PublicReason::Ended, now))
            .collect();
        if releases.is_empty() {
            return Ok(Vec::new());
        }
        self.casebook.expire(releases, now).await
    }

    /// Stops and alarms: a line in the log for each reason, not for each look.
    fn stop_expiry(&self, why: Stopped) {
        self.metrics.expiry_stopped.set(1);
        let mut state = self.state();
        let known = |of: &Stopped| std::mem::discriminant(of);
        if state.stopped.as_ref().map(known) != Some(known(&why)) {
            tracing::error!(%why, "nothing expires until someone looks: `belfry upkeep show`");
        }
        state.stopped = Some(why);
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, UpkeepState> {
        self.upkeep.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_mass_expiry<'a>(&self, ending: impl Iterator<Item = Held<'a>>, all: usize) -> bool {
        let allowed = self.state().mass_allowed_until;
        let unasked = ending.filter(|held| held.valid_until() > allowed).count();
        let free = self.settings.expiry_free as usize;
        unasked > free && unasked * 100 > all * self.settings.expiry_percent_max as usize
    }

    fn end(&self, held: Effective, cause: Cause, reason: PublicReason, now: UnixMillis) -> Cleared {
        let draft = Order {
            action: Action::Release { of: held.serial },
            issued_at: now,
            valid_until: now,
            cause,
            reason,
            ..held.order
        };
        self.clear_release(draft, now)
    }

    /// The guard's lists in force.
    pub fn lists(&self) -> std::sync::Arc<Lists> {
        self.lists.load_full()
    }

    /// Puts `lists` in force: orders cleared under others are refused from now on, and
    /// blocks that these protect are released, in shadow too.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn set_lists(&self, lists: Lists) -> Result<Vec<Serial>, StoreError> {
        self.lists.store(std::sync::Arc::new(lists));
        let in_force = self.lists.load_full();
        self.enforce_lists(&in_force).await
    }

    pub(crate) async fn enforce_lists(&self, lists: &Lists) -> Result<Vec<Serial>, StoreError> {
        let now = self.clock.now();
        let each = lists.each().map(|(name, names)| format!("{name}: {names}"));
        let each = each.collect::<Vec<_>>().join("; ");
        self.casebook.set_lists_version(lists.version(), &each, now).await?;
        let effective = self.casebook.effective();
        let protected: Vec<Cleared> = effective
            .iter()
            .map(|(_, held)| held)
            .filter(|held| held.order.action == Action::Block)
            .filter(|held| lists.refusal(&held.order.target, &EmbeddedSuffixes).is_some())
            .map(|held| self.end(held, Cause::NeverBlock, PublicReason::Mistake, now))
            .collect();
        if protected.is_empty() {
            return Ok(Vec::new());
        }
        tracing::warn!(count = protected.len(), "blocks of names now protected are released");
        let mut written = Vec::with_capacity(protected.len());
        for some in protected.chunks(EXPIRE_MAX as usize) {
            written.extend(self.casebook.expire(some.to_vec(), now).await?);
        }
        Ok(written)
    }
}
