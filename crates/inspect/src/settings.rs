//! What a capture may use.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use crate::egress::{Resolve, SystemResolver};

/// How pages are captured and bounded.
#[derive(Clone)]
pub struct InspectSettings {
    /// Chromium.
    pub program: PathBuf,
    /// Whether Chromium's own sandbox is on. Off only where the system can't give it one,
    /// as in most containers; then the process limits and the proxy are what is left.
    pub sandbox: bool,
    /// The user and group that Chromium runs as, where this process may choose: `None` keeps ours.
    pub run_as: Option<(u32, u32)>,
    /// Wall-clock time of one capture.
    pub capture_ms_max: u64,
    /// How long a page has after it loaded to show what its scripts make.
    pub settle_ms: u64,
    /// Memory of Chromium and all its children together.
    pub memory_bytes_max: u64,
    /// Octets that a page may bring in, all its parts together.
    pub traffic_bytes_max: u64,
    /// Connections of one capture.
    pub connections_max: usize,
    /// Captures at the same time; a further one waits.
    pub captures_max: usize,
    /// Addresses that are reached although they are not public: for tests.
    pub reachable: Vec<IpAddr>,
    /// How names become addresses.
    pub resolver: Arc<dyn Resolve>,
}

impl InspectSettings {
    /// Bounds that suit a hub, for the Chromium at `program`.
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            sandbox: true,
            run_as: None,
            capture_ms_max: 30_000,
            settle_ms: 2_000,
            memory_bytes_max: 1 << 30,
            traffic_bytes_max: 32 << 20,
            connections_max: 256,
            captures_max: 1,
            reachable: Vec::new(),
            resolver: Arc::new(SystemResolver),
        }
    }
}

impl std::fmt::Debug for InspectSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InspectSettings")
            .field("program", &self.program)
            .field("sandbox", &self.sandbox)
            .field("capture_ms_max", &self.capture_ms_max)
            .finish_non_exhaustive()
    }
}
