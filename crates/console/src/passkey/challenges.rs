//! What was asked of browsers and is not answered yet: each challenge once, for minutes.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use belfry_journal::UnixMillis;

/// 32 random octets.
pub(crate) type Challenge = [u8; 32];

const LIFE: Duration = Duration::from_secs(5 * 60);
/// Open at once; the oldest goes first. A flood of sign-in pages makes people try again.
const OPEN_MAX: usize = 10_000;

/// The open challenges, shared by all requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Challenges(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    ends: HashMap<Challenge, UnixMillis>,
    order: VecDeque<Challenge>,
}

impl Challenges {
    /// A new one.
    pub(crate) fn ask(&self, now: UnixMillis) -> Challenge {
        let mut challenge = Challenge::default();
        getrandom::fill(&mut challenge).expect("the system gives random octets");
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while open.order.len() >= OPEN_MAX {
            if let Some(oldest) = open.order.pop_front() {
                open.ends.remove(&oldest);
            }
        }
        open.ends.insert(challenge, now.plus(LIFE));
        open.order.push_back(challenge);
        challenge
    }

    /// Whether it was asked and is answered for the first time, in time.
    pub(crate) fn take(&self, challenge: &Challenge, now: UnixMillis) -> bool {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = open.ends.remove(challenge).is_some_and(|end| now < end);
        // Those taken or ended leave the order from its front.
        while let Some(first) = open.order.front().copied() {
            match open.ends.get(&first) {
                Some(end) if now < *end => break,
                _ => {
                    open.ends.remove(&first);
                    open.order.pop_front();
                }
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000);

    #[test]
    fn each_is_answered_once_and_in_time() {
        let challenges = Challenges::default();
        let (one, two) = (challenges.ask(NOW), challenges.ask(NOW));
        assert_ne!(one, two);
        assert!(challenges.take(&one, NOW));
        assert!(!challenges.take(&one, NOW), "a second time");
        assert!(!challenges.take(&[7; 32], NOW), "never asked");
        assert!(!challenges.take(&two, NOW.plus(LIFE)), "too late");
        assert!(challenges.0.lock().unwrap().order.is_empty());
    }

    #[test]
    fn a_flood_takes_the_oldest() {
        let challenges = Challenges::default();
        let first = challenges.ask(NOW);
        for _ in 0..OPEN_MAX {
            challenges.ask(NOW);
        }
        assert!(!challenges.take(&first, NOW));
        let open = challenges.0.lock().unwrap();
        assert_eq!((open.order.len(), open.ends.len()), (OPEN_MAX, OPEN_MAX));
    }
}
