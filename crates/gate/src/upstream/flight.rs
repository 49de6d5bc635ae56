//! Questions in flight: the same question is asked once, however many wait for
//! it. Bounded in questions; who waits is bounded by the caller.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::answer::NoAnswer;
use crate::cache::Key;
use crate::relayed::Relayed;

/// What came of a question.
pub(crate) type Landed = Result<Arc<Relayed>, NoAnswer>;
type Waiting = HashMap<Key, watch::Receiver<Option<Landed>>>;

/// The questions in flight.
#[derive(Clone, Debug)]
pub(crate) struct Flights {
    waiting: Arc<Mutex<Waiting>>,
    max: usize,
}

/// The duty to bring an answer; without one, dropping it says "busy" to all who wait.
#[derive(Debug)]
pub(crate) struct Lead {
    key: Key,
    sender: watch::Sender<Option<Landed>>,
    flights: Flights,
}

/// A place among those who wait for an answer.
#[derive(Debug)]
pub(crate) struct Seat(watch::Receiver<Option<Landed>>);

impl Flights {
    /// At most `max` different questions at the same time.
    pub(crate) fn new(max: usize) -> Self {
        Self { waiting: Arc::default(), max }
    }

    /// A seat, and the lead if nobody asks this yet; `None` when too many questions are out.
    pub(crate) fn board(&self, key: &Key) -> Option<(Seat, Option<Lead>)> {
        let mut waiting = self.lock();
        if let Some(receiver) = waiting.get(key) {
            return Some((Seat(receiver.clone()), None));
        }
        if waiting.len() >= self.max {
            return None;
        }
        let (sender, receiver) = watch::channel(None);
        waiting.insert(key.clone(), receiver.clone());
        let lead = Lead { key: key.clone(), sender, flights: self.clone() };
        Some((Seat(receiver), Some(lead)))
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lead {
    /// Brings the answer to all who wait.
    pub(crate) fn land(self, landed: Landed) {
        self.sender.send_replace(Some(landed));
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.flights.lock().remove(&self.key);
    }
}

impl Seat {
    /// Waits for the answer.
    pub(crate) async fn wait(mut self) -> Landed {
        match self.0.wait_for(Option::is_some).await {
            Ok(landed) => landed.clone().unwrap_or(Err(NoAnswer::Busy)),
            Err(_) => Err(NoAnswer::Busy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &[u8]) -> Key {
        text.into()
    }

    #[tokio::test]
    async fn the_same_question_is_asked_once_and_all_hear_the_answer() {
        let flights = Flights::new(10);
        let (first, lead) = flights.board(&key(b"a")).unwrap();
        let (second, none) = flights.board(&key(b"a")).unwrap();
        assert!(none.is_none(), "one lead a question");
        lead.unwrap().land(Err(NoAnswer::Unreachable));
        assert_eq!(first.wait().await, Err(NoAnswer::Unreachable));
        assert_eq!(second.wait().await, Err(NoAnswer::Unreachable));
        assert!(flights.board(&key(b"a")).unwrap().1.is_some(), "a later one is asked anew");
    }

    #[tokio::test]
    async fn questions_are_bounded_and_a_lost_lead_frees_its_place() {
        let flights = Flights::new(1);
        let (seat, lead) = flights.board(&key(b"a")).unwrap();
        assert!(flights.board(&key(b"b")).is_none());
        assert!(flights.board(&key(b"a")).is_some(), "waiting costs no place");
        drop(lead);
        assert_eq!(seat.wait().await, Err(NoAnswer::Busy));
        assert!(flights.board(&key(b"b")).is_some());
    }
}
