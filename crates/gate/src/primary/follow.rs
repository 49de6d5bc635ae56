//! Keeps one zone in step with its primary: looks when told, when the SOA's refresh or retry
//! is over, and at the start; takes what has changed, else the whole zone. Each look is a
//! thread of its own that gives way to those that answer.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use belfry_journal::UnixMillis;
use belfry_rpz::secondary::{Ask, Update};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::ask::Asker;
use super::kept::{KeptZone, Soa};
use super::problem::Problem;
use super::{Primary, ZoneKey, file_of};
use crate::metrics::Metrics;
use crate::zones::give_way;

/// Bounds on what an SOA may ask for, in seconds.
const REFRESH_SECONDS: (u32, u32) = (5, 86_400);
const RETRY_SECONDS: (u32, u32) = (2, 3_600);
/// How soon a zone that is not there at all is asked for again: at first, and at last.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);
/// The least between two looks, however often we are told.
const BETWEEN: Duration = Duration::from_millis(200);
/// A look that took so long is followed by a rest of so many times that.
const REST_FACTOR: u32 = 4;

/// What follows one zone.
#[derive(Debug)]
pub(crate) struct Follower {
    primary: Arc<Primary>,
    kept: KeptZone,
    records_max: usize,
    metrics: Metrics,
    now: fn() -> UnixMillis,
    stop: CancellationToken,
}

/// What a look came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looked {
    Same,
    Difference,
    Whole,
}

impl Looked {
    fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Difference => "difference",
            Self::Whole => "whole",
        }
    }
}

impl Follower {
    /// A follower of `primary`, which keeps the zone in the gate's folder.
    pub(crate) fn new(
        primary: Arc<Primary>,
        key: Option<ZoneKey>,
        folder: &Path,
        records_max: usize,
        (metrics, now): (Metrics, fn() -> UnixMillis),
        stop: CancellationToken,
    ) -> Self {
        if let Some(ZoneKey(key)) = key {
            let _ = primary.key.set(key);
        }
        let path = file_of(folder, primary.apex.as_str());
        let kept = KeptZone::new(path, primary.apex.clone(), records_max);
        Self { primary, kept, records_max, metrics, now, stop }
    }

    /// Follows until the stop; rings `changed` where there is a new version.
    pub(crate) async fn run(self, changed: Arc<Notify>) {
        let this = Arc::new(self);
        this.begin();
        let (mut wait, mut said) = (Duration::ZERO, String::new());
        loop {
            tokio::select! {
                () = this.stop.cancelled() => return,
                () = this.primary.told.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
            let began = Instant::now();
            let looked = Self::apart(Arc::clone(&this)).await;
            wait = this.note(looked, wait, &mut said, &changed);
            let rest = (began.elapsed() * REST_FACTOR).max(BETWEEN);
            if this.stop.run_until_cancelled(tokio::time::sleep(rest)).await.is_none() {
                return;
            }
        }
    }

    /// What is known before anything was heard in this run.
    fn begin(&self) {
        let Ok(Some(soa)) = self.kept.soa() else { return };
        let mut standing = self.primary.standing();
        standing.serial = Some(soa.serial);
        standing.expire_seconds = soa.expire;
        standing.heard_at = self.kept.heard_at();
    }

    /// Looks in a thread of its own: its low priority must not pass to other work.
    async fn apart(this: Arc<Self>) -> Result<(Looked, Soa), Problem> {
        let (tell, told) = tokio::sync::oneshot::channel();
        let thread = std::thread::Builder::new().name("gate-primary".to_owned());
        let work = move || {
            give_way();
            drop(tell.send(this.look()));
        };
        if let Err(source) = thread.spawn(work) {
            return Err(Problem::Disk { path: "a thread".into(), source });
        }
        told.await.unwrap_or(Err(Problem::Stopping))
    }

    /// One look at the primary, and what has changed taken.
    fn look(&self) -> Result<(Looked, Soa), Problem> {
        let key = self.primary.keys().ok_or(Problem::NoKey)?;
        let asker = Asker {
            address: self.primary.address,
            apex: &self.primary.apex,
            key,
            records_max: self.records_max,
            now: self.now,
            stop: &self.stop,
        };
        let ours = match self.kept.soa() {
            // Somebody's file in the place of ours is written over.
            Err(Problem::NotOurs) => None,
            read => read?,
        };
        let looked = match ours {
            None => self.whole(&asker)?,
            Some(ours) => {
                let Update::Whole { serial: theirs, .. } =
                    asker.ask(Ask::Serial, &mut |_| Ok(()))?
                else {
                    return Err(Problem::NotOurs);
                };
                match theirs.wrapping_sub(ours.serial) {
                    0 => Looked::Same,
                    // Serial arithmetic (RFC 1982).
                    1..0x8000_0000 => self.newer(&asker, ours.serial)?,
                    _ => return Err(self.behind(theirs, ours.serial)),
                }
            }
        };
        let soa = self.kept.soa()?.ok_or(Problem::NotOurs)?;
        Ok((looked, soa))
    }

    /// One look, in words.
    #[cfg(test)]
    pub(super) fn look_now(&self) -> Result<&'static str, String> {
        let looked = self.look().map_err(|problem| problem.to_string())?;
        Ok(looked.0.as_str())
    }

    fn behind(&self, theirs: u32, ours: u32) -> Problem {
        let path = self.kept.path().to_owned();
        Problem::Behind { address: self.primary.address, theirs, ours, path }
    }

    /// By what has changed; where that can't be had, by all of it.
    fn newer(&self, asker: &Asker<'_>, ours: u32) -> Result<Looked, Problem> {
        match self.difference(asker, ours) {
            Err(why) if why.asks_for_whole() => {
                tracing::info!(zone = %self.primary.apex, %why, "no difference: the whole zone then");
                self.whole(asker)
            }
            done => done,
        }
    }

    fn difference(&self, asker: &Asker<'_>, ours: u32) -> Result<Looked, Problem> {
        // A primary may answer with the whole zone.
        let mut whole = None;
        let update = asker.ask(Ask::Since(ours), &mut |records| {
            if records.is_empty() {
                return Ok(());
            }
            if whole.is_none() {
                whole = Some(self.kept.begin()?);
            }
            whole.as_mut().map_or(Ok(()), |whole| whole.take(&records))
        })?;
        match (update, whole) {
            (Update::UpToDate, _) => Ok(Looked::Same),
            (Update::Changes { steps, .. }, _) => {
                self.kept.change(&steps).map(|()| Looked::Difference)
            }
            (Update::Whole { .. }, Some(whole)) => whole.finish().map(|()| Looked::Whole),
            (Update::Whole { .. }, None) => Err(Problem::NotOurs),
        }
    }

    fn whole(&self, asker: &Asker<'_>) -> Result<Looked, Problem> {
        let mut new = self.kept.begin()?;
        asker.ask(Ask::Whole, &mut |records| new.take(&records))?;
        new.finish()?;
        Ok(Looked::Whole)
    }

    /// Notes what came of a look, and says what is new; how long to wait for the next.
    fn note(
        &self,
        looked: Result<(Looked, Soa), Problem>,
        waited: Duration,
        said: &mut String,
        changed: &Notify,
    ) -> Duration {
        let (zone, primary) = (self.primary.apex.as_str(), self.primary.address);
        let now = (self.now)();
        let mut standing = self.primary.standing();
        match looked {
            Ok((looked, soa)) => {
                standing.serial = Some(soa.serial);
                standing.heard_at = Some(now);
                standing.expire_seconds = soa.expire;
                standing.problem = None;
                drop(standing);
                self.kept.note(now);
                self.metrics.zone_looked(zone, looked.as_str());
                self.metrics.zone_heard(zone, now);
                said.clear();
                if looked != Looked::Same {
                    let (serial, by) = (soa.serial, looked.as_str());
                    tracing::info!(zone, serial, by, "a new version of the zone is here");
                    changed.notify_one();
                }
                between(soa.refresh, REFRESH_SECONDS)
            }
            Err(Problem::Stopping) => waited,
            Err(problem) => {
                let text = problem.to_string();
                standing.problem = Some(text.clone());
                let kept = standing.serial.is_some();
                drop(standing);
                self.metrics.zone_looked(zone, "failed");
                // Once for each problem, not at each try.
                if text != *said {
                    tracing::error!(zone, %primary, problem = text, "the zone is not renewed");
                    *said = text;
                }
                match self.kept.soa() {
                    Ok(Some(soa)) if kept => between(soa.retry, RETRY_SECONDS),
                    _ => (waited * 2).clamp(FIRST_RETRY, LAST_RETRY),
                }
            }
        }
    }
}

fn between(seconds: u32, (least, most): (u32, u32)) -> Duration {
    Duration::from_secs(seconds.clamp(least, most).into())
}

#[cfg(test)]
mod tests;
