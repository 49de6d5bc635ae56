//! Foreign zones from their primaries: the gate as a secondary (RFC 5936, 1995, 1996, 8945).
//! `follow` looks when it is told or its timer rings, `ask` talks to the primary, `kept`
//! holds the last good zone in a file that the loader of zone files reads, `line` writes
//! its records, `key` reads the key that people write.
//!
//! A zone is taken whole or not at all. Nothing that a primary does, or stops doing, takes a
//! zone away: what is kept goes on holding, past its EXPIRE too, with an alarm.

mod ask;
mod follow;
mod kept;
mod key;
mod line;
mod problem;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use belfry_indicator::Domain;
use belfry_journal::UnixMillis;
use belfry_rpz::notify;
use belfry_rpz::tsig::Key;
use tokio::sync::Notify;

pub(crate) use self::follow::Follower;
pub use self::key::{KeyError, ZoneKey};
use crate::settings::ZoneSettings;

/// Where zones of primaries are kept, in the gate's folder.
const FOLDER: &str = "primaries";

/// The file that a zone of a primary is kept in.
pub(crate) fn file_of(folder: &Path, zone: &str) -> PathBuf {
    folder.join(FOLDER).join(format!("{zone}.zone"))
}

/// The zones that have a primary.
#[derive(Debug, Default)]
pub(crate) struct Primaries(Box<[Arc<Primary>]>);

/// A zone that is followed.
#[derive(Debug)]
pub(crate) struct Primary {
    pub(crate) apex: Domain,
    pub(crate) address: SocketAddr,
    /// Where its key is written, if it has one.
    pub(crate) key_file: Option<PathBuf>,
    key: OnceLock<Key>,
    told: Notify,
    standing: Mutex<Standing>,
}

/// How far a zone that is followed is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Standing {
    serial: Option<u32>,
    /// When the primary last said that this is its version.
    heard_at: Option<UnixMillis>,
    expire_seconds: u32,
    problem: Option<String>,
}

/// How a zone that is followed stands, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrimaryStatus {
    /// The zone.
    pub zone: Domain,
    /// Its primary.
    pub primary: SocketAddr,
    /// The version that is kept.
    pub serial: Option<u32>,
    /// How long ago the primary last said that this is its version.
    pub age_seconds: Option<u64>,
    /// Whether that is longer than its SOA's EXPIRE.
    pub expired: bool,
    /// What is wrong.
    pub problem: Option<String>,
}

impl Primaries {
    /// Those of the settings.
    pub(crate) fn new(zones: &[ZoneSettings]) -> Self {
        let primary = |zone: &ZoneSettings| {
            Some(Arc::new(Primary {
                apex: Domain::parse(&zone.name()).ok()?,
                address: zone.primary?,
                key_file: zone.key_file.clone(),
                key: OnceLock::new(),
                told: Notify::new(),
                standing: Mutex::default(),
            }))
        };
        Self(zones.iter().filter_map(primary).collect())
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Primary>> {
        self.0.iter()
    }

    /// Has each primary asked now.
    pub(crate) fn look_now(&self) {
        self.0.iter().for_each(|primary| primary.told.notify_one());
    }

    /// The answer to a NOTIFY; `None` where this is none, or no zone is followed.
    pub(crate) fn heed(&self, bytes: &[u8], from: IpAddr, now: UnixMillis) -> Option<Vec<u8>> {
        if self.0.is_empty() || !notify::is_notify(bytes) {
            return None;
        }
        let mut found = None;
        let heeded = notify::heed(
            bytes,
            |apex| {
                let is_it = |one: &&Arc<Primary>| {
                    one.apex.to_wire() == apex
                        && one.address.ip().to_canonical() == from.to_canonical()
                };
                let primary = self.0.iter().find(is_it)?;
                found = Some(primary);
                primary.keys()
            },
            now.0 / 1_000,
        );
        match (heeded.taken, found) {
            (Ok(()), Some(primary)) => primary.told.notify_one(),
            (Err(why), Some(primary)) => {
                tracing::warn!(zone = %primary.apex, why, "a NOTIFY of the primary is refused");
            }
            (_, None) => tracing::debug!("a NOTIFY from no primary is refused"),
        }
        Some(heeded.reply)
    }

    /// How each stands.
    pub(crate) fn status(&self, now: UnixMillis) -> Vec<PrimaryStatus> {
        self.0.iter().map(|primary| primary.status(now)).collect()
    }

    /// How this zone stands, if it has a primary.
    pub(crate) fn status_of(&self, zone: &str, now: UnixMillis) -> Option<PrimaryStatus> {
        let primary = self.0.iter().find(|primary| primary.apex.as_str() == zone)?;
        Some(primary.status(now))
    }
}

impl Primary {
    /// The key that it must sign by, if any; `None` while a key that it has is not here.
    fn keys(&self) -> Option<Option<&Key>> {
        match &self.key_file {
            None => Some(None),
            Some(_) => self.key.get().map(Some),
        }
    }

    fn standing(&self) -> std::sync::MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn status(&self, now: UnixMillis) -> PrimaryStatus {
        let Standing { serial, heard_at, expire_seconds, problem } = self.standing().clone();
        let age_seconds = heard_at.map(|at| now.0.saturating_sub(at.0) / 1_000);
        let past = |age| age > u64::from(expire_seconds);
        PrimaryStatus {
            zone: self.apex.clone(),
            primary: self.address,
            serial,
            age_seconds,
            expired: serial.is_some() && age_seconds.is_some_and(past),
            problem,
        }
    }
}

impl PrimaryStatus {
    /// What somebody must look at: the zone is not there at all, or past its EXPIRE.
    pub fn alarm(&self) -> Option<String> {
        let problem = self.problem.as_deref().unwrap_or("the primary has not been heard yet");
        match (self.serial, self.expired) {
            (None, _) => Some(format!("zone {} is not there: {problem}", self.zone)),
            (Some(serial), true) => Some(format!(
                "zone {} is past its EXPIRE; serial {serial} goes on holding: {problem}",
                self.zone
            )),
            (Some(_), false) => None,
        }
    }
}

impl fmt::Display for PrimaryStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.serial, self.age_seconds) {
            (Some(serial), Some(age)) => {
                write!(f, "zone {}: serial {serial}, heard from {} ", self.zone, self.primary)?;
                write!(f, "{} ago", Age(age))?;
            }
            (Some(serial), None) => {
                write!(f, "zone {}: serial {serial}, {} not heard", self.zone, self.primary)?;
            }
            (None, _) => write!(f, "zone {}: not there yet from {}", self.zone, self.primary)?,
        }
        if self.expired {
            write!(f, ", past its EXPIRE")?;
        }
        self.problem.as_ref().map_or(Ok(()), |problem| write!(f, "; {problem}"))
    }
}

/// One look of a new follower at a primary without a key: in which way the zone came, or why
/// it did not.
#[cfg(test)]
pub(crate) fn look_once(
    address: SocketAddr,
    zone: &str,
    folder: &Path,
) -> Result<&'static str, String> {
    let apex = Domain::parse(zone).map_err(|error| error.to_string())?;
    let primaries = Primaries::new(&[ZoneSettings::of_primary(address, &apex)]);
    let primary = primaries.iter().next().map(Arc::clone).ok_or("no zone")?;
    let parts: (crate::metrics::Metrics, fn() -> UnixMillis) =
        (Default::default(), || UnixMillis(1));
    let stop = tokio_util::sync::CancellationToken::new();
    Follower::new(primary, None, folder, 1_000, parts, stop).look_now()
}

/// Seconds in words.
pub(crate) struct Age(pub(crate) u64);

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            seconds @ 0..=119 => write!(f, "{seconds} s"),
            seconds @ 120..=7_199 => write!(f, "{} min", seconds / 60),
            seconds => write!(f, "{} h", seconds / 3_600),
        }
    }
}

#[cfg(test)]
mod tests;
