//! How long what people handed over is kept: one batch a look, by what became of it.

use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::access::Admin;
use belfry_casebook::report::{Class, Erased, Receipt, cutoff};
use belfry_journal::UnixMillis;

use crate::Desk;

/// A database up to this size is swept at once after an erasure; that takes about a second.
const SWEEP_AT_ONCE_BYTES: u64 = 128 << 20;
/// Evidence without a report may be on its way in for this long.
const ORPHAN_AGE: Duration = Duration::from_secs(3_600);

/// How long reports are kept, in days since they came in, and what else people handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// While a case of theirs is open.
    pub undecided_days: u32,
    /// Of what was ever blocked.
    pub fraud_days: u32,
    /// Of everything else that was decided.
    pub harmless_days: u32,
    /// How long the pseudonyms of who reported it stay, once it is decided.
    pub reporter_days: u32,
    /// Of objections, since they were decided; one that nobody decides is kept as an
    /// undecided report is.
    pub objection_days: u32,
    /// The free pages of a large database are swept at most this often after erasures.
    pub sweep_hours: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            undecided_days: 365,
            fraud_days: 365,
            harmless_days: 90,
            reporter_days: 30,
            objection_days: 90,
            sweep_hours: 24,
        }
    }
}

impl Retention {
    fn days(&self, class: Class) -> u32 {
        match class {
            Class::Undecided => self.undecided_days,
            Class::Fraud => self.fraud_days,
            Class::Harmless => self.harmless_days,
        }
    }
}

impl Desk {
    /// Erases a report or an objection on request, to the last free page where the database is not large;
    /// else upkeep sweeps it within [`Retention::sweep_hours`].
    ///
    /// # Errors
    /// As [`belfry_casebook::Casebook::erase`].
    pub async fn erase(&self, by: &Admin, receipt: &Receipt) -> Result<Erased, StoreError> {
        let erased = self.casebook.erase(by, receipt, self.clock.now()).await?;
        self.count_erased("asked", erased);
        if self.casebook.size_bytes()? <= SWEEP_AT_ONCE_BYTES {
            self.casebook.sweep().await?;
        } else {
            self.state().sweep_due = true;
        }
        Ok(erased)
    }

    /// Erases what has been kept for its time, one batch of each class, and forgets
    /// pseudonyms; answers what went.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn end_what_was_kept(&self, now: UnixMillis) -> Result<Erased, StoreError> {
        let retention = self.settings.retention;
        let mut all = Erased::default();
        for class in Class::ALL {
            let before = cutoff(now, retention.days(class));
            let erased = self.casebook.erase_ended(class, before, now).await?;
            if erased.reports > 0 {
                let (reports, cases) = (erased.reports, erased.cases);
                tracing::info!(class = class.name(), reports, cases, "erased: kept for their time");
                self.count_erased(class.name(), erased);
                self.state().sweep_due = true;
            }
            all.reports += erased.reports;
            all.cases += erased.cases;
        }
        let ended = cutoff(now, retention.objection_days);
        let unheard = cutoff(now, retention.undecided_days);
        all.objections = self.casebook.end_objections(ended, unheard, now).await?;
        if all.objections > 0 {
            tracing::info!(objections = all.objections, "erased: kept for their time");
            self.state().sweep_due = true;
        }
        let forgotten =
            self.casebook.forget_reporters(cutoff(now, retention.reporter_days)).await?;
        if forgotten > 0 {
            tracing::info!(forgotten, "pseudonyms of reporters were forgotten");
        }
        Ok(all)
    }

    /// Sweeps the database, if something was erased and the last time is long enough ago.
    pub(super) async fn sweep_if_due(&self, now: UnixMillis) -> Result<(), StoreError> {
        let every = Duration::from_secs(u64::from(self.settings.retention.sweep_hours) * 3_600);
        {
            let mut state = self.state();
            if !state.sweep_due || now.since(state.swept_at) < every {
                return Ok(());
            }
            (state.sweep_due, state.swept_at) = (false, now);
        }
        self.casebook.sweep().await
    }

    /// Collects evidence that a crash left without its report.
    pub(super) async fn collect_orphans(&self) {
        match self.casebook.collect_orphans(ORPHAN_AGE).await {
            Ok(0) => {}
            Ok(removed) => tracing::warn!(removed, "evidence that no report names was removed"),
            Err(error) => tracing::error!(%error, "evidence without reports was not looked for"),
        }
    }

    fn count_erased(&self, why: &'static str, erased: Erased) {
        self.metrics.erased.get_or_create(&[("why", why)]).inc_by(erased.reports);
    }
}
