//! Connections that have asked nothing yet: the first to give way when every
//! place is taken. It knows no socket and no
//! clock; whoever owns a connection ends it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use tokio::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Whoever connects to ask something has begun within this, even on a busy machine.
const GRACE: Duration = Duration::from_millis(250);

/// A connection, as those that come after it see it.
#[derive(Debug)]
pub(crate) struct Guest {
    came: Instant,
    has_asked: AtomicBool,
    gives_way: CancellationToken,
}

impl Guest {
    /// A connection that comes `now`.
    pub(crate) fn new(now: Instant) -> Self {
        Self { came: now, has_asked: AtomicBool::new(false), gives_way: CancellationToken::new() }
    }

    /// It has asked something, and keeps its place from now on.
    pub(crate) fn asks(&self) {
        self.has_asked.store(true, Ordering::Relaxed);
    }

    /// Waits until another needs its place; for ever, once it has asked.
    pub(crate) async fn gives_way(&self) {
        self.gives_way.cancelled().await;
        if !self.is_silent() {
            std::future::pending::<()>().await;
        }
    }

    fn is_silent(&self) -> bool {
        !self.has_asked.load(Ordering::Relaxed)
    }
}

/// Those that were silent when last looked at, the oldest first.
#[derive(Debug)]
pub(crate) struct Silent {
    queue: VecDeque<Weak<Guest>>,
    /// At this length, those that have gone or asked are taken out.
    most: usize,
}

impl Silent {
    /// For a server of `places`.
    pub(crate) fn new(places: usize) -> Self {
        Self { queue: VecDeque::new(), most: places.saturating_mul(2) }
    }

    /// A new connection has come.
    pub(crate) fn came(&mut self, guest: &Arc<Guest>) {
        if self.queue.len() >= self.most {
            self.queue.retain(|guest| guest.upgrade().is_some_and(|guest| guest.is_silent()));
        }
        self.queue.push_back(Arc::downgrade(guest));
    }

    /// Asks those to go that have been silent for too long when there is no place left.
    pub(crate) fn give_way(&mut self, now: Instant) {
        while let Some(guest) = self.queue.front() {
            let guest = guest.upgrade().filter(|guest| guest.is_silent());
            match guest {
                Some(guest) if now < guest.came + GRACE => break,
                Some(guest) => guest.gives_way.cancel(),
                None => {}
            }
            self.queue.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(silent: &mut Silent, now: Instant) -> Arc<Guest> {
        let guest = Arc::new(Guest::new(now));
        silent.came(&guest);
        guest
    }

    fn told(guest: &Guest) -> bool {
        guest.gives_way.is_cancelled()
    }

    #[tokio::test]
    async fn those_silent_for_long_give_way_and_no_others() {
        let (mut silent, now) = (Silent::new(8), Instant::now());
        let [gone, asked, old] = std::array::from_fn(|_| came(&mut silent, now));
        drop(gone);
        asked.asks();
        silent.give_way(now);
        assert!(!told(&old));
        let new = came(&mut silent, now + GRACE);
        silent.give_way(now + GRACE);
        assert_eq!((told(&asked), told(&old), told(&new)), (false, true, false));
        old.gives_way().await;
    }

    #[test]
    fn the_queue_is_bounded_by_the_places() {
        let (mut silent, now) = (Silent::new(4), Instant::now());
        let kept: Vec<_> = (0..4).map(|_| came(&mut silent, now)).collect();
        for _ in 0..1000 {
            came(&mut silent, now);
        }
        assert!(silent.queue.len() <= 8, "{}", silent.queue.len());
        silent.give_way(now + GRACE);
        assert!(kept.iter().all(|guest| told(guest)));
    }
}
