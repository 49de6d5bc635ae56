//! Probes: whether the resolvers of operators really do what their servers say they have.
//!
//! `watch` is what one resolver is seen to do, without sockets or clock; `ask` a round of
//! questions; `finding` what is wrong, in words. Here is who is asked, when, and for what.
//! A probe is a plain question for A: resolvers see nothing special in it.

mod ask;
mod finding;
mod watch;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::operators::OperatorRecord;
use belfry_indicator::Domain;
use belfry_journal::{Action, Audience, Body, Mode, OperatorName, Serial, UnixMillis};
use belfry_rpz::{BlockAnswer, Policy, ZoneKind};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use self::ask::{Signs, ask};
pub use self::finding::Finding;
use self::watch::{Expected, Heard, Question, Watch};
use crate::transfer::{Transfers, zone_kinds};

/// Orders and releases of late that are looked for.
const ORDERS: u32 = 20;
/// Resolvers that are asked at once.
const AT_ONCE: usize = 64;
/// Resolvers of all operators.
const RESOLVERS_MAX: usize = 10_000;
/// Between two rounds while a change is on its way.
const SOON: Duration = Duration::from_secs(1);
/// How long a journal may say nothing, heartbeats included.
const STILL_MS: u64 = 10 * 60_000;

type Key = (OperatorName, SocketAddr);
/// A resolver's answers.
type Round = (Key, Vec<(Question, Heard)>);

/// All resolvers that are watched.
#[derive(Debug, Default)]
pub(crate) struct Probes(Mutex<BTreeMap<Key, Watch>>);

/// One resolver, as it is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// Where it answers.
    pub resolver: SocketAddr,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Each zone: the version that it enforces, and the newest.
    pub zones: Vec<(Domain, Option<Serial>, Option<Serial>)>,
    /// How many changes were timed, the median and the longest in milliseconds.
    pub latency: Option<(usize, u64, u64)>,
    /// When it was asked last.
    pub asked_at: Option<UnixMillis>,
    /// When it answered last.
    pub heard_at: Option<UnixMillis>,
}

impl Probed {
    /// The worst of it in a word: `in-step`, `unknown`, or that of a finding.
    pub fn state(&self) -> &'static str {
        match (self.findings.first(), self.heard_at) {
            (Some(finding), _) => finding.word(),
            (None, Some(_)) => "in-step",
            (None, None) => "unknown",
        }
    }
}

impl Probes {
    fn watches(&self) -> MutexGuard<'_, BTreeMap<Key, Watch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks until `stop`: soon after a change until it has taken hold, else now and then.
pub(crate) async fn run(transfers: Transfers, stop: CancellationToken) {
    let mut changed = transfers.subscribe();
    let pause = Duration::from_secs(transfers.settings().probe_seconds.max(1));
    loop {
        let now = transfers.now();
        if let Err(error) = transfers.probe(now).await {
            tracing::warn!(%error, "resolvers can't be probed");
        }
        let pause = if transfers.is_waiting() { SOON.min(pause) } else { pause };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
            news = changed.changed() => {
                if news.is_err() { return }
                // Rounds have a rhythm of their own, however fast orders come.
                tokio::time::sleep(SOON).await;
            }
        }
    }
}

impl Transfers {
    /// One round with every resolver, at `now`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn probe(&self, now: UnixMillis) -> Result<(), StoreError> {
        let Some(signs) = self.signs() else { return Ok(()) };
        let of_late = self.names_of_late().await?;
        let mut rounds = JoinSet::new();
        for (key, questions) in self.questions(&of_late, signs, now) {
            if rounds.len() >= AT_ONCE {
                self.hear(rounds.join_next().await, now);
            }
            let first_id = u16::try_from(now.0 & 0x7FFF).unwrap_or_default();
            rounds.spawn(async move {
                let heard = ask(key.1, questions, signs, first_id).await;
                (key, heard)
            });
        }
        while let Some(round) = rounds.join_next().await {
            self.hear(Some(round), now);
        }
        Ok(())
    }

    fn hear(&self, round: Option<Result<Round, JoinError>>, started: UnixMillis) {
        let Some(Ok((key, heard))) = round else { return };
        if let Some(watch) = self.probes().watches().get_mut(&key) {
            watch.hear(&heard, started);
        }
    }

    /// Brings every watch up to date, and says what each is to be asked.
    fn questions(
        &self,
        of_late: &[(Serial, Domain)],
        signs: Signs,
        now: UnixMillis,
    ) -> Vec<(Key, Vec<Question>)> {
        let mut watches = self.probes().watches();
        let mut wanted: BTreeMap<Key, Watch> = BTreeMap::new();
        for record in self.active_operators() {
            for resolver in record.settings.probes.iter().filter_map(|text| text.parse().ok()) {
                if wanted.len() >= RESOLVERS_MAX {
                    break;
                }
                let key = (record.name.clone(), resolver);
                let mut watch = watches.remove(&key).unwrap_or_default();
                self.tell(&mut watch, &record, of_late, signs, now);
                wanted.insert(key, watch);
            }
        }
        *watches = wanted;
        watches.iter().map(|(key, watch)| (key.clone(), watch.questions())).collect()
    }

    /// Tells a watch what is served and what should hold.
    fn tell(
        &self,
        watch: &mut Watch,
        record: &OperatorRecord,
        of_late: &[(Serial, Domain)],
        signs: Signs,
        now: UnixMillis,
    ) {
        self.with_zones(|zones| {
            let origin = &zones.settings().origin;
            let kinds = zone_kinds(record);
            let served = kinds.iter().filter_map(|kind| zones.find(&kind.apex(origin)));
            let served: Vec<_> =
                served.map(|zone| zone.read().unwrap_or_else(PoisonError::into_inner)).collect();
            watch.keep_zones(&served.iter().map(|zone| zone.apex().clone()).collect::<Vec<_>>());
            for zone in &served {
                watch.publish(zone.apex(), zone.serial(), zone.canary(zone.serial()), now);
            }
            let blocked = |name: &Domain| {
                let acting = served.iter().filter(|zone| *zone.kind() != ZoneKind::Shadow);
                let policy = acting.map(|zone| zone.says(name)).find(|says| *says != Policy::None);
                policy == Some(Policy::Block)
            };
            let expected = of_late.iter().map(|(order, name)| Expected {
                order: *order,
                name: name.clone(),
                blocked: blocked(name),
            });
            // Without a warning host, "no such name" may be the truth about a released name.
            let known = expected.filter(|one| one.blocked || signs.warning.is_some());
            watch.expect(&known.collect::<Vec<_>>(), now);
        });
    }

    /// The names of the latest orders that act for everyone, each once.
    async fn names_of_late(&self) -> Result<Vec<(Serial, Domain)>, StoreError> {
        let records = self.casebook().record_orders(Serial(u64::MAX), ORDERS).await?;
        let mut names: Vec<(Serial, Domain)> = Vec::new();
        for record in records {
            let Ok(Body::Order(order)) = record.entry.decode() else { continue };
            let acts = order.mode == Mode::Live && order.audience == Audience::Everyone;
            let known = names.iter().any(|(_, name)| name == order.target.name());
            if acts && !known && !matches!(order.action, Action::Allow) {
                names.push((record.entry.serial, order.target.name().clone()));
            }
        }
        Ok(names)
    }

    /// How a block is known; `None` where A tells nothing of it.
    fn signs(&self) -> Option<Signs> {
        let records = self.settings().records().ok()?;
        let warning = match &records.block {
            BlockAnswer::Redirect { ipv4, .. } => Some((*ipv4)?),
            BlockAnswer::NxDomain => None,
        };
        Some(Signs { canary: records.canary_address(), warning })
    }

    fn is_waiting(&self) -> bool {
        self.probes().watches().values().any(Watch::is_waiting)
    }

    /// The resolvers of one operator, as they are seen at `now`.
    pub fn probed(&self, operator: &OperatorName, now: UnixMillis) -> Vec<Probed> {
        let standings = self.standings(operator);
        let claims = |zone: &Domain| {
            let of_zone = standings.iter().filter(|standing| standing.zone == *zone);
            of_zone.filter_map(|one| one.transferred.max(one.acknowledged)).max()
        };
        let patience_ms = self.settings().behind_seconds.saturating_mul(1_000);
        let watches = self.probes().watches();
        let of_it = watches.iter().filter(|((name, _), _)| name == operator);
        of_it
            .map(|((_, resolver), watch)| {
                let (asked_at, heard_at) = watch.times();
                let zones = watch.zones().map(|(zone, has, newest)| (zone.clone(), has, newest));
                Probed {
                    resolver: *resolver,
                    findings: watch.findings(claims, patience_ms, now),
                    zones: zones.collect(),
                    latency: watch.latency().figures(),
                    asked_at,
                    heard_at,
                }
            })
            .collect()
    }

    /// What someone must look at: what about, and the words.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn alarms(&self, now: UnixMillis) -> Result<Vec<(String, String)>, StoreError> {
        let mut alarms = Vec::new();
        let last = self.casebook().last_entry_at().await?;
        if let Some(words) = self.alarm() {
            alarms.push(("feed".to_owned(), words));
        } else if last.is_some_and(|last| now.0.saturating_sub(last.0) > STILL_MS) {
            let words = "the journal stands still: no entry for 10 minutes, not even a heartbeat";
            alarms.push(("feed".to_owned(), words.to_owned()));
        }
        for record in self.active_operators() {
            for standing in self.standings(&record.name) {
                if let Some(serial) = standing.ahead {
                    let about = format!("operator {} {}", record.name, standing.address);
                    let zone = standing.zone;
                    alarms.push((about, format!("{zone} is ahead: it says it has {serial}")));
                }
            }
            for probed in self.probed(&record.name, now) {
                if let Some(finding) = probed.findings.first() {
                    let about = format!("operator {} {}", record.name, probed.resolver);
                    let more = match probed.findings.len() {
                        1 => String::new(),
                        count => format!(", and {} more", count - 1),
                    };
                    alarms.push((about, format!("{finding}{more}")));
                }
            }
        }
        Ok(alarms)
    }
}

#[cfg(test)]
mod tests;
