//! Someone who has nothing to do with the flood: asks the API and the gate, in turn.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{BLOCKED, Target};
use crate::client::{Api, ask};

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(50);
/// How long one DNS question waits, and how often it is asked, as a resolver would.
const ANSWER: Duration = Duration::from_secs(2);
const TRIES: usize = 4;

/// What the bystander saw.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) api_served: u64,
    pub(super) api_failed: u64,
    pub(super) dns_served: u64,
    pub(super) dns_failed: u64,
    pub(super) api_longest: Duration,
    pub(super) dns_longest: Duration,
    pub(super) first_failure: Option<String>,
}

impl Seen {
    fn api(&mut self, api: &Api) {
        let begun = Instant::now();
        match api.get_json("/api/v1/statistics") {
            Ok(_) => self.api_served += 1,
            Err(failure) => {
                self.api_failed += 1;
                self.first_failure.get_or_insert_with(|| failure.to_string());
            }
        }
        self.api_longest = self.api_longest.max(begun.elapsed());
    }

    fn dns(&mut self, dns: SocketAddr) {
        let begun = Instant::now();
        if (0..TRIES).any(|_| is_blocked(dns)) {
            self.dns_served += 1;
        } else {
            self.dns_failed += 1;
        }
        self.dns_longest = self.dns_longest.max(begun.elapsed());
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "API {} of {}, longest {} ms; DNS {} of {}, longest {} ms",
            self.api_served,
            self.api_served + self.api_failed,
            self.api_longest.as_millis(),
            self.dns_served,
            self.dns_served + self.dns_failed,
            self.dns_longest.as_millis()
        )?;
        self.first_failure.as_ref().map_or(Ok(()), |failure| write!(f, " ({failure})"))
    }
}

/// A running bystander.
#[derive(Debug)]
pub(super) struct Bystander {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

impl Bystander {
    pub(super) fn start(target: &Target) -> Self {
        let (over, api, dns) = (Arc::default(), target.bystander.clone(), target.address("dns"));
        let told: Arc<AtomicBool> = Arc::clone(&over);
        let thread = thread::spawn(move || {
            let mut seen = Seen::default();
            while !told.load(Ordering::Relaxed) {
                seen.api(&api);
                seen.dns(dns);
                thread::sleep(PAUSE);
            }
            seen
        });
        Self { over, thread }
    }

    pub(super) fn stop(self) -> Seen {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

/// Whether the gate warns of the blocked host.
pub(super) fn is_blocked(dns: SocketAddr) -> bool {
    ask(dns, BLOCKED, ANSWER).is_ok_and(|answer| answer.addresses == [Ipv4Addr::LOCALHOST])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_there_is_a_failure_with_its_reason() {
        let mut seen = Seen::default();
        seen.api(&Api::new("127.0.0.1:1".parse().unwrap(), ""));
        assert_eq!((seen.api_served, seen.api_failed), (0, 1));
        assert!(
            seen.to_string().contains("API 0 of 1") && seen.to_string().contains('('),
            "{seen}"
        );
    }
}
