//! Back-pressure: when a report is refused, for the sender to try again, rather than
//! taken in and lost, or taken in faster than anyone reads.
//!
//! Nothing is latched: each report is judged by how things stand, so that the intake
//! recovers by itself as soon as there is room.

use std::io::{Error, ErrorKind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::evidence::Spool;
use crate::{Casebook, StoreError};

/// Octets that may lie in the spool: further ones wait until some are moved.
const SPOOL_BYTES_MAX: u64 = 1 << 30;
/// For how long after a report the next one is expected at once.
const BUSY: Duration = Duration::from_millis(20);
/// An error of the device, the same on every system that we run on.
const EIO: i32 = 5;

/// Why no report is taken in just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pressure {
    /// The disk took no more.
    DiskFull,
    /// Less of the disk is free than is kept free.
    DiskLow,
    /// The disk can't be written.
    ReadOnly,
    /// Too many reports wait to be read.
    Unread,
    /// Too many wait to be moved from the spool to the evidence store.
    Spool,
}

impl Pressure {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::DiskFull, Self::DiskLow, Self::ReadOnly, Self::Unread, Self::Spool];

    /// In a word, for metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::DiskFull => "disk-full",
            Self::DiskLow => "disk-low",
            Self::ReadOnly => "read-only",
            Self::Unread => "unread",
            Self::Spool => "spool",
        }
    }

    /// In words, for whoever keeps the hub.
    pub fn explain(self) -> &'static str {
        match self {
            Self::DiskFull => "the disk of the data folder is full: make room",
            Self::DiskLow => {
                "less of the data folder's disk is free than intake.free_bytes_min: make room"
            }
            Self::ReadOnly => {
                "the data folder can't be written: see what its disk says, mount it for writing"
            }
            Self::Unread => "more reports wait to be read than intake.unread_max",
            Self::Spool => "the spool holds 1 GiB that could not be moved to the evidence store",
        }
    }

    pub(crate) fn of_io(error: &Error) -> Option<Self> {
        match error.kind() {
            // RLIMIT_FSIZE says it as a file that is too large.
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Some(Self::DiskFull)
            }
            ErrorKind::ReadOnlyFilesystem => Some(Self::ReadOnly),
            // A file that was open when the disk turned read-only says EIO.
            _ if error.raw_os_error() == Some(EIO) => Some(Self::ReadOnly),
            _ => None,
        }
    }

    /// What an error of the database says of the disk, by SQLite's result codes.
    fn of_sql(error: &sqlx::Error) -> Option<Self> {
        const READONLY: u32 = 8;
        const IOERR_WRITE: u32 = 778;
        const FULL: u32 = 13;
        const IOERR: u32 = 10;
        const CANTOPEN: u32 = 14;
        let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
        match code {
            IOERR_WRITE => Some(Self::DiskFull),
            _ if code & 0xff == FULL => Some(Self::DiskFull),
            _ if matches!(code & 0xff, READONLY | IOERR | CANTOPEN) => Some(Self::ReadOnly),
            _ => None,
        }
    }

    /// What an error says of the disk, if it does.
    pub fn of(error: &StoreError) -> Option<Self> {
        match error {
            StoreError::Busy(pressure) => Some(*pressure),
            StoreError::File { source, .. } => Self::of_io(source),
            StoreError::Sql(error) => Self::of_sql(error),
            StoreError::Together(error) => Self::of(error),
            _ => None,
        }
    }
}

/// What the intake is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntakeLimits {
    /// Octets of the disk that are kept free.
    pub free_bytes_min: u64,
    /// Reports that may wait to be read.
    pub unread_max: u64,
}

impl Default for IntakeLimits {
    fn default() -> Self {
        Self { free_bytes_min: 256 << 20, unread_max: 50_000 }
    }
}

/// How the intake stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntakeFigures {
    /// Reports that wait to be read.
    pub unread: u64,
    /// Octets in the spool.
    pub spool_bytes: u64,
    /// Octets of the disk that are free, where the system says.
    pub free_bytes: Option<u64>,
    /// What holds it up.
    pub pressure: Option<Pressure>,
}

/// What the pressure is read from.
#[derive(Debug)]
pub(crate) struct Gauge {
    data: PathBuf,
    spool: Spool,
    limits: Mutex<IntakeLimits>,
    unread: AtomicU64,
    /// When reports came last, since this process began.
    came_at: Mutex<Option<Instant>>,
}

impl Gauge {
    pub(crate) fn new(data: PathBuf, spool: Spool, unread: u64) -> Self {
        Self {
            data,
            spool,
            limits: Mutex::default(),
            unread: AtomicU64::new(unread),
            came_at: Mutex::default(),
        }
    }

    pub(super) fn limit(&self, limits: IntakeLimits) {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner) = limits;
    }

    pub(super) fn came(&self, reports: usize) {
        self.unread.fetch_add(reports as u64, Ordering::Relaxed);
        *self.came_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn is_busy(&self) -> bool {
        let came_at = *self.came_at.lock().unwrap_or_else(PoisonError::into_inner);
        came_at.is_some_and(|at| at.elapsed() < BUSY)
    }

    pub(super) fn was_read(&self) {
        let less = |unread: u64| Some(unread.saturating_sub(1));
        let _ = self.unread.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// Corrects the count: some are erased before they are read.
    pub(super) fn counted(&self, unread: u64) {
        self.unread.store(unread, Ordering::Relaxed);
    }

    pub(crate) fn figures(&self) -> IntakeFigures {
        let limits = *self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let (unread, spool_bytes) = (self.unread.load(Ordering::Relaxed), self.spool.bytes());
        let (free_bytes, read_only) = match rustix::fs::statvfs(&self.data) {
            Ok(disk) => (
                Some(disk.f_bavail.saturating_mul(disk.f_frsize)),
                disk.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
            ),
            Err(_) => (None, false),
        };
        let pressure = if read_only {
            Some(Pressure::ReadOnly)
        } else if free_bytes.is_some_and(|free| free < limits.free_bytes_min) {
            Some(Pressure::DiskLow)
        } else if spool_bytes > SPOOL_BYTES_MAX {
            Some(Pressure::Spool)
        } else if unread >= limits.unread_max {
            Some(Pressure::Unread)
        } else {
            None
        };
        IntakeFigures { unread, spool_bytes, free_bytes, pressure }
    }
}

impl Casebook {
    /// Holds the intake to `limits` from now on.
    pub fn limit_intake(&self, limits: IntakeLimits) {
        self.gauge().limit(limits);
    }

    /// How the intake stands; asks the disk, waits for nothing.
    pub fn intake_figures(&self) -> IntakeFigures {
        self.gauge().figures()
    }

    /// Whether reports are coming in this very moment: whoever can wait, such as reading them,
    /// leaves the database to them.
    pub fn intake_is_busy(&self) -> bool {
        self.gauge().is_busy()
    }

    /// What keeps a report from being taken in just now.
    pub fn pressure(&self) -> Option<Pressure> {
        self.intake_figures().pressure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_disk_are_told_from_others() {
        // ENOSPC, EDQUOT, EFBIG, EROFS, EIO, EACCES.
        for (code, expected) in [
            (28, Some(Pressure::DiskFull)),
            (122, Some(Pressure::DiskFull)),
            (27, Some(Pressure::DiskFull)),
            (30, Some(Pressure::ReadOnly)),
            (5, Some(Pressure::ReadOnly)),
            (13, None),
        ] {
            let source = Error::from_raw_os_error(code);
            assert_eq!(Pressure::of_io(&source), expected, "{code}");
            let error = StoreError::File { path: "x".into(), source };
            assert_eq!(Pressure::of(&error), expected, "{code}");
        }
        assert_eq!(Pressure::of(&StoreError::Closed), None);
    }

    #[test]
    fn each_has_a_name_of_its_own() {
        let names: std::collections::HashSet<_> = Pressure::ALL.map(Pressure::name).into();
        assert_eq!(names.len(), Pressure::ALL.len());
    }

    fn gauge(data: &std::path::Path, unread: u64) -> Gauge {
        let (depot, _) = crate::evidence::Depot::open(data).unwrap();
        Gauge::new(data.to_owned(), depot.spool().clone(), unread)
    }

    #[test]
    fn reports_that_wait_are_counted_and_put_others_off() {
        let data = tempfile::tempdir().unwrap();
        let gauge = gauge(data.path(), 1);
        gauge.limit(IntakeLimits { free_bytes_min: 0, unread_max: 3 });
        assert_eq!(gauge.figures().pressure, None);
        gauge.came(2);
        assert_eq!(gauge.figures().pressure, Some(Pressure::Unread));
        gauge.was_read();
        assert_eq!((gauge.figures().unread, gauge.figures().pressure), (2, None));
        // Erased before they were read: the next count says so, and none is below none.
        gauge.counted(0);
        gauge.was_read();
        assert_eq!(gauge.figures().unread, 0);
    }

    #[test]
    fn the_intake_is_busy_while_reports_come_and_no_longer() {
        let data = tempfile::tempdir().unwrap();
        let gauge = gauge(data.path(), 10);
        assert!(!gauge.is_busy(), "what waits from before is not coming in");
        gauge.came(1);
        let since = Instant::now();
        assert!(gauge.is_busy() || since.elapsed() >= BUSY);
        std::thread::sleep(BUSY * 2);
        assert!(!gauge.is_busy());
    }

    #[test]
    fn the_floor_comes_before_what_waits() {
        let data = tempfile::tempdir().unwrap();
        let gauge = gauge(data.path(), 10);
        gauge.limit(IntakeLimits { free_bytes_min: u64::MAX, unread_max: 3 });
        let figures = gauge.figures();
        assert!(figures.free_bytes.is_some_and(|free| free > 0), "{figures:?}");
        assert_eq!(figures.pressure, Some(Pressure::DiskLow));
        gauge.limit(IntakeLimits { free_bytes_min: 0, unread_max: 3 });
        assert_eq!(gauge.figures().pressure, Some(Pressure::Unread));
    }

    #[test]
    fn whoever_keeps_the_hub_is_told_what_to_do() {
        for pressure in Pressure::ALL {
            let error = StoreError::Busy(pressure).to_string();
            assert!(error.contains(pressure.explain()), "{error}");
            assert_eq!(Pressure::of(&StoreError::Busy(pressure)), Some(pressure));
        }
    }
}
