//! [`Writer`]: brings what holds into the files, at most one write a pause.
//!
//! The order of writes is what makes two files as good as one. A new base comes first, with
//! the old changes still before it: these say what held a moment ago, so that a server is late
//! but never wrong. Only when every server has seen the base do the new changes follow.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use belfry_follow::{Health, Status};
use belfry_journal::{Serial, UnixMillis};
use belfry_rpz::{Patch, View};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::files::replace;
use crate::form::Form;
use crate::keeper::{Job, Keeper};
use crate::settings::{MirrorSettings, SettingsError};

/// What comes at once is written at once: how long more is waited for.
const GATHER: Duration = Duration::from_millis(100);
/// How long servers, which look once a second, have to see a new base.
const SETTLE: Duration = Duration::from_millis(2_500);
/// How soon a write that failed is tried again.
const RETRY: Duration = Duration::from_secs(5);
/// Names before a base at most: a server must read them in no time.
const RECENT_MAX: usize = 50_000;
/// So many are never worth a new base, however small that is.
const RECENT_FEW: usize = 1_000;
/// Nor is a share of the base below one in so many.
const RECENT_SHARE: usize = 20;
/// A writer rests this many times as long as it wrote.
const REST: u32 = 4;
/// Says which files there are, for servers that don't look at each.
const VERSION: &str = "belfry.version";

/// How the files are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriterStatus {
    /// The entry that they hold; none before the first.
    pub written: Option<Serial>,
    /// Why the last write failed.
    pub problem: Option<String>,
}

/// Figures; clones share their values.
#[derive(Clone, Debug, Default)]
pub struct MirrorMetrics {
    serial: Gauge,
    names: Gauge,
    defects: Gauge,
    bases: Counter,
    recents: Counter,
}

impl MirrorMetrics {
    /// Puts them into the process's registry.
    pub fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("mirror");
        registry.register("serial", "The entry that the files hold", self.serial.clone());
        registry.register("names", "Names that are published", self.names.clone());
        let defects = "Names that hold and are too long to be published";
        registry.register("defects", defects, self.defects.clone());
        registry.register("bases", "Whole files written", self.bases.clone());
        registry.register("recents", "Files of changes written", self.recents.clone());
    }
}

/// The base that is on disk.
#[derive(Debug)]
struct Base {
    view: View,
    serial: Serial,
    id: String,
    at: Instant,
}

/// The writer's task.
#[derive(Debug)]
pub struct Writer {
    keeper: Arc<Keeper>,
    settings: MirrorSettings,
    form: Arc<Form>,
    now: fn() -> UnixMillis,
    base: Option<Base>,
    metrics: MirrorMetrics,
    status: watch::Sender<WriterStatus>,
}

impl Writer {
    /// A writer, and what it hands changes to: give that to a follower.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(
        settings: MirrorSettings,
        now: fn() -> UnixMillis,
        metrics: MirrorMetrics,
    ) -> Result<(Self, Arc<Keeper>), SettingsError> {
        let zone = settings.zone()?;
        let (writes, records) = (settings.writes, settings.records());
        let form = Arc::new(Form { writes, apex: zone.zone().apex().clone(), records });
        let keeper = Arc::new(Keeper::new(zone));
        let status = watch::Sender::default();
        let (base, held) = (None, Arc::clone(&keeper));
        Ok((Self { keeper: held, settings, form, now, base, metrics, status }, keeper))
    }

    /// How the files are, as it changes.
    pub fn status(&self) -> watch::Receiver<WriterStatus> {
        self.status.subscribe()
    }

    /// Writes what comes, until `stop` and once more then; `followed` says when a follower that
    /// started with nothing is in step.
    pub async fn run(mut self, followed: watch::Receiver<Status>, stop: CancellationToken) {
        let keeper = Arc::clone(&self.keeper);
        let complete = async move {
            let mut followed = followed;
            if followed.wait_for(|status| status.health == Health::Fresh).await.is_ok() {
                keeper.complete();
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = complete => {}
            () = self.keep(&stop) => {}
        }
        if self.keeper.is_due() {
            self.write().await;
        }
    }

    async fn keep(&mut self, stop: &CancellationToken) {
        loop {
            let keeper = Arc::clone(&self.keeper);
            let due = async move {
                keeper.due().await;
                sleep(GATHER).await;
            };
            if stop.run_until_cancelled(due).await.is_none() {
                return;
            }
            let pause = self.write().await;
            if stop.run_until_cancelled(sleep(pause)).await.is_none() {
                return;
            }
        }
    }

    /// Writes what there is; how long to rest.
    async fn write(&mut self) -> Duration {
        let start = Instant::now();
        match self.write_files().await {
            Ok(serial) => {
                self.keeper.wrote(serial);
                self.metrics.serial.set(i64::try_from(serial.0).unwrap_or(i64::MAX));
                self.status.send_replace(WriterStatus { written: Some(serial), problem: None });
                self.settings.pause().max(start.elapsed() * REST)
            }
            Err(error) => {
                let folder = self.settings.folder.display();
                let problem = format!("{folder}: {error}; the files before stay");
                tracing::error!(problem, "files were not written");
                self.keeper.failed();
                self.status.send_modify(|status| status.problem = Some(problem));
                RETRY
            }
        }
    }

    async fn write_files(&mut self) -> io::Result<Serial> {
        let base = self.base.as_ref().map(|base| &base.view);
        let mut job = self.keeper.take(base, RECENT_MAX);
        if self.wants_base(&job) {
            self.write_base(job).await?;
            let [_, recent] = self.settings.names();
            if self.settings.folder.join(recent).exists() {
                sleep(SETTLE).await;
            }
            let base = self.base.as_ref().map(|base| &base.view);
            job = self.keeper.take(base, RECENT_MAX);
        }
        self.write_recent(job).await
    }

    fn wants_base(&self, job: &Job) -> bool {
        let (Some(base), Some(patch)) = (&self.base, &job.patch) else { return true };
        let many = RECENT_FEW.max(job.view.names_len() / RECENT_SHARE);
        patch.len() > many && base.at.elapsed().as_secs() >= self.settings.base_seconds
    }

    async fn write_base(&mut self, job: Job) -> io::Result<()> {
        let [name, _] = self.settings.names();
        let (form, view, folder) =
            (Arc::clone(&self.form), job.view.clone(), self.settings.folder.clone());
        let now = self.system_time();
        blocking(move || replace(&folder, name, now, |out| form.base(out, &view))).await?;
        let id = format!("{}-{}", job.serial, (self.now)().0);
        let (view, serial, at) = (job.view, job.serial, Instant::now());
        self.base = Some(Base { view, serial, id, at });
        self.metrics.bases.inc();
        self.metrics.defects.set(i64::try_from(job.defects).unwrap_or(i64::MAX));
        self.write_version(None).await
    }

    /// Writes what goes before the base; the entry that both hold then.
    async fn write_recent(&mut self, job: Job) -> io::Result<Serial> {
        let Some(base) = &self.base else { return Err(io::Error::other("there is no base yet")) };
        let (patch, serial) = match job.patch {
            Some(patch) => (patch, job.serial),
            None => {
                // All was replaced since the base was written: another base is due.
                self.keeper.failed();
                (Patch::new(), base.serial)
            }
        };
        let [_, name] = self.settings.names();
        let (form, folder) = (Arc::clone(&self.form), self.settings.folder.clone());
        let now = self.system_time();
        blocking(move || replace(&folder, name, now, |out| form.recent(out, &patch))).await?;
        self.metrics.recents.inc();
        self.metrics.names.set(i64::try_from(job.view.names_len()).unwrap_or(i64::MAX));
        self.write_version(Some(serial)).await?;
        Ok(serial)
    }

    /// Says what the files are; without `recent`, that what goes before the base is as it was.
    async fn write_version(&self, recent: Option<Serial>) -> io::Result<()> {
        let folder = self.settings.folder.clone();
        let base = self.base.as_ref().map(|base| base.id.clone()).unwrap_or_default();
        let (recent, now) =
            (recent.map(|at| format!("{at}-{}", (self.now)().0)), self.system_time());
        blocking(move || {
            let recent = recent.unwrap_or_else(|| recent_of(&folder));
            let text = format!("base {base}\nrecent {recent}\n");
            replace(&folder, VERSION, now, |mut out| {
                io::Write::write_all(&mut out, text.as_bytes()).map(|()| out)
            })
        })
        .await
    }

    fn system_time(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis((self.now)().0)
    }
}

/// Which file of changes the version on disk names.
fn recent_of(folder: &Path) -> String {
    let text = std::fs::read_to_string(folder.join(VERSION)).unwrap_or_default();
    let recent = text.lines().find_map(|line| line.strip_prefix("recent "));
    recent.unwrap_or("none").to_owned()
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> io::Result<()> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests;
