//! Waiting for something that another process or thread does.

use std::thread;
use std::time::{Duration, Instant};

/// How long to sleep between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until `condition` holds; false when `timeout` has passed before it did.
#[must_use = "a wait that timed out is a failed test"]
pub fn wait_until(mut condition: impl FnMut() -> bool, timeout: Duration) -> bool {
    wait_for(|| condition().then_some(()), timeout).is_some()
}

/// Waits until `look` finds something; `None` when `timeout` has passed before.
/// `look` is called at least once.
#[must_use = "a wait that timed out is a failed test"]
pub fn wait_for<T>(mut look: impl FnMut() -> Option<T>, timeout: Duration) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if start.elapsed() >= timeout {
            return None;
        }
        thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_again_until_the_condition_holds() {
        let mut looks = 0;
        assert!(wait_until(
            || {
                looks += 1;
                looks == 3
            },
            Duration::from_secs(60)
        ));
        assert_eq!(looks, 3);
    }

    #[test]
    fn gives_up_after_a_last_look() {
        let mut looks = 0;
        let found = wait_for(
            || {
                looks += 1;
                None::<()>
            },
            Duration::ZERO,
        );
        assert_eq!((found, looks), (None, 1));
    }
}
