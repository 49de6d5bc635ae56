//! `Desk`: what the parts of a case's life share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use belfry_casebook::{Casebook, StoreError};
use belfry_guard::Lists;
use belfry_indicator::Domain;
use belfry_journal::UnixMillis;
use belfry_judge::Judge;

use crate::alarm::Alarms;
use crate::assessment::{Imitated, Scales};
use crate::clock::{Clocks, Timekeeper, steady};
use crate::inspection::Eyes;
use crate::metrics::DeskMetrics;
use crate::reader::{ReadError, ReaderPool};
use crate::rules::Running;
use crate::sender::CheckSender;
use crate::surge::Seen;
use crate::upkeep::{Retention, UpkeepState};

/// How the desk works; all terms in days or seconds.
#[derive(Clone, Copy, Debug)]
pub struct DeskSettings {
    /// How long a block holds, unless the analyst says otherwise.
    pub block_days: u32,
    /// How long a block of a compromised site holds.
    pub compromised_hours: u32,
    /// How long "benign" holds before the case reopens.
    pub benign_days: u32,
    /// Between two looks for what has expired.
    pub upkeep_seconds: u32,
    /// Between two heartbeats in the journal.
    pub heartbeat_seconds: u32,
    /// At most this share of all orders may expire at one look, in percent, once
    /// more than [`DeskSettings::expiry_free`] would: above it expiry stops and alarms.
    pub expiry_percent_max: u32,
    /// This many may always expire at one look.
    pub expiry_free: u32,
    /// Away for longer than this, the hub asks someone whether its clock is right before
    /// anything ends by it.
    pub away_hours_max: u32,
    /// How long what people handed over is kept.
    pub retention: Retention,
    /// A case returns to the queue so many days before its block ends.
    pub recheck_days: u32,
    /// What rules may do.
    pub rules: RuleSettings,
    /// What is a surge.
    pub surge: SurgeSettings,
}

/// What rules may do.
#[derive(Clone, Copy, Debug)]
pub struct RuleSettings {
    /// How long a block by a rule holds, until a person has seen it.
    pub block_hours: u32,
    /// Orders by all rules within an hour; above it they stop and alarm.
    pub orders_per_hour_max: u32,
}

/// What is a surge of hits on a new order.
#[derive(Clone, Copy, Debug)]
pub struct SurgeSettings {
    /// More blocked answers than this within a minute, at all followers together.
    pub answers_per_minute: u32,
    /// For how long an order is new.
    pub hours: u32,
}

impl Default for DeskSettings {
    fn default() -> Self {
        Self {
            block_days: 30,
            compromised_hours: 72,
            benign_days: 30,
            upkeep_seconds: 10,
            heartbeat_seconds: 60,
            expiry_percent_max: 20,
            expiry_free: 100,
            away_hours_max: 168,
            retention: Retention::default(),
            recheck_days: 3,
            rules: RuleSettings { block_hours: 6, orders_per_hour_max: 200 },
            surge: SurgeSettings { answers_per_minute: 2_000, hours: 24 },
        }
    }
}

/// Who runs this hub, for reports to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Its name.
    pub name: String,
    /// A mail address that is read.
    pub contact: String,
    /// Its domain.
    pub domain: String,
}

/// The desk, cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk {
    pub(crate) casebook: Casebook,
    pub(crate) lists: Arc<ArcSwap<Lists>>,
    pub(crate) settings: DeskSettings,
    pub(crate) now: fn() -> UnixMillis,
    pub(crate) clock: Timekeeper,
    pub(crate) upkeep: Arc<Mutex<UpkeepState>>,
    pub(crate) readers: Arc<ReaderPool>,
    pub(crate) metrics: DeskMetrics,
    pub(crate) alarms: Alarms,
    pub(crate) rules: Arc<ArcSwap<Running>>,
    /// Whether the brake is pulled; held while a rule acts.
    pub(crate) brake: Arc<tokio::sync::RwLock<bool>>,
    pub(crate) surge: Arc<Mutex<Seen>>,
    pub(crate) senders: Option<Arc<dyn CheckSender>>,
    pub(crate) scales: Arc<Scales>,
    pub(crate) organisation: Option<Arc<Organisation>>,
    /// Texts of its own that no template may be like.
    pub(crate) honest: Arc<[String]>,
    pub(crate) eyes: Option<Eyes>,
}

impl Desk {
    /// A desk over `casebook`; `lists` are put in force at once, and blocks that they
    /// newly protect are released.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn open(
        casebook: Casebook,
        lists: Lists,
        readers: ReaderPool,
        settings: DeskSettings,
        now: fn() -> UnixMillis,
    ) -> Result<Self, StoreError> {
        Self::open_by(casebook, lists, readers, settings, Clocks { wall: now, steady }).await
    }

    /// As [`Desk::open`], with a steady clock of the caller's beside the wall clock.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn open_by(
        casebook: Casebook,
        lists: Lists,
        readers: ReaderPool,
        settings: DeskSettings,
        clocks: Clocks,
    ) -> Result<Self, StoreError> {
        let away_max = Duration::from_secs(u64::from(settings.away_hours_max) * 3_600);
        let last = casebook.last_entry_at().await?;
        let desk = Self {
            clock: Timekeeper::new(clocks, last, away_max),
            upkeep: Arc::default(),
            casebook,
            lists: Arc::new(ArcSwap::from_pointee(lists)),
            settings,
            now: clocks.wall,
            readers: Arc::new(readers),
            metrics: DeskMetrics::default(),
            alarms: Alarms::default(),
            rules: Arc::default(),
            brake: Arc::default(),
            surge: Arc::default(),
            senders: None,
            scales: Scales::new(Judge::built_in()),
            organisation: None,
            honest: Arc::default(),
            eyes: None,
        };
        let in_force = desk.lists.load_full();
        desk.enforce_lists(&in_force).await?;
        desk.read_rules().await?;
        desk.read_brake().await?;
        Ok(desk)
    }

    /// The metrics, to be registered once.
    pub fn metrics(&self) -> &DeskMetrics {
        &self.metrics
    }

    /// What was counted at the look before.
    pub(crate) fn surges(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.surge.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// What someone must look at.
    pub fn alarms(&self) -> &Alarms {
        &self.alarms
    }

    /// Names who runs this hub.
    #[must_use]
    pub fn with_organisation(self, organisation: Organisation) -> Self {
        Self { organisation: Some(Arc::new(organisation)), ..self }
    }

    /// Who runs this hub, where that is configured.
    pub fn organisation(&self) -> Option<&Organisation> {
        self.organisation.as_deref()
    }

    /// The HTML of a report's bytes as a person may look at it, made by a bounded child: no
    /// script, no address, nothing to load. `None` where it has none.
    ///
    /// # Errors
    /// [`ReadError`] where the child could not.
    pub async fn page_of(
        &self,
        report: Vec<u8>,
        redacted: bool,
    ) -> Result<Option<String>, ReadError> {
        self.readers.page(report, redacted).await
    }

    /// The brand that a name imitates or belongs to.
    pub fn imitated(&self, name: &Domain) -> Option<Imitated> {
        self.scales.imitated(name)
    }

    /// The casebook behind it.
    pub fn casebook(&self) -> &Casebook {
        &self.casebook
    }
}

/// `days` as a duration.
pub(crate) fn days(days: u32) -> Duration {
    Duration::from_secs(u64::from(days) * 86_400)
}
