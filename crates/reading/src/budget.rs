//! `Budget`: the work that one report may cause, counted where it is about to be
//! done. What a file claims of itself is charged before anything is allocated.

use serde::{Deserialize, Serialize};

use crate::Limits;

/// The work that reading took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Octets of text looked at.
    pub text_bytes: usize,
    /// Octets that compressed content became.
    pub inflated_bytes: usize,
    /// Pixels of pictures looked at.
    pub pixels: usize,
}

/// What is left of it.
#[derive(Debug)]
pub(crate) struct Budget {
    spent: Work,
    max: Work,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        let max = Work {
            text_bytes: limits.text_bytes_max,
            inflated_bytes: limits.inflated_bytes_max,
            pixels: limits.pixels_max,
        };
        Self { spent: Work::default(), max }
    }

    pub(crate) fn spent(&self) -> Work {
        self.spent
    }

    /// Takes as much of `bytes` of text as is left.
    pub(crate) fn text(&mut self, bytes: usize) -> usize {
        let taken = bytes.min(self.max.text_bytes - self.spent.text_bytes);
        self.spent.text_bytes += taken;
        taken
    }

    /// How many octets may still come out of compressed content.
    pub(crate) fn inflatable(&self) -> usize {
        self.max.inflated_bytes - self.spent.inflated_bytes
    }

    /// Counts what came out; more than is left counts as all of it.
    pub(crate) fn inflated(&mut self, bytes: usize) {
        self.spent.inflated_bytes += bytes.min(self.inflatable());
    }

    /// Takes the pixels of a picture, all or none.
    pub(crate) fn picture(&mut self, width: u32, height: u32) -> bool {
        let pixels = u64::from(width) * u64::from(height);
        let left = self.max.pixels - self.spent.pixels;
        match usize::try_from(pixels) {
            Ok(pixels) if pixels <= left => {
                self.spent.pixels += pixels;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;
    use crate::Limits;

    #[test]
    fn what_is_spent_is_gone_and_never_more_than_the_limit() {
        let limits = Limits {
            text_bytes_max: 10,
            inflated_bytes_max: 10,
            pixels_max: 10,
            ..Limits::default()
        };
        let mut budget = Budget::new(&limits);
        assert_eq!([budget.text(8), budget.text(8), budget.text(8)], [8, 2, 0]);
        budget.inflated(8);
        assert_eq!(budget.inflatable(), 2);
        budget.inflated(8);
        assert_eq!(budget.inflatable(), 0);
        assert!(budget.picture(2, 3));
        assert!(!budget.picture(u32::MAX, u32::MAX) && !budget.picture(1, 5));
        assert!(budget.picture(1, 4));
        let spent = budget.spent();
        assert_eq!([spent.text_bytes, spent.inflated_bytes, spent.pixels], [10; 3]);
    }
}
