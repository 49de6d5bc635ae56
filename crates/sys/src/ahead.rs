//! A hint to the processor: what will be read soon. Changes nothing but how long that
//! takes.

#![allow(unsafe_code, reason = "the hint takes a raw pointer")]

/// Has the line of the cache that `place` is in fetched, if the processor likes to.
#[inline]
pub fn fetch_ahead<T>(place: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let place: *const T = place;
        // SAFETY: the hint reads nothing that a program can see, and never faults.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_changes() {
        let numbers = vec![7_u64; 1_000];
        numbers.iter().for_each(fetch_ahead);
        assert!(numbers.iter().all(|number| *number == 7));
    }
}
