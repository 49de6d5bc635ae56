//! Recall at a share of false positives, precision at a base rate, calibration.

/// The scores of phishing and of benign things.
pub(crate) struct Scores {
    yes: Vec<f64>,
    /// Highest first.
    no: Vec<f64>,
}

impl Scores {
    pub(crate) fn new(yes: Vec<f64>, mut no: Vec<f64>) -> Self {
        no.sort_by(|a, b| b.total_cmp(a));
        Self { yes, no }
    }

    /// The score that only `share` of benign things exceed.
    pub(crate) fn threshold(&self, share: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a length"
        )]
        let rank = (self.no.len() as f64 * share) as usize;
        self.no.get(rank).copied().unwrap_or(1.0)
    }

    /// The share of phishing above the threshold for `share` of benign things.
    pub(crate) fn recall(&self, share: f64) -> f64 {
        above(&self.yes, self.threshold(share))
    }

    /// The share of what is above the threshold that is phishing, where one thing in
    /// `rate` is.
    pub(crate) fn precision(&self, share: f64, rate: f64) -> f64 {
        let threshold = self.threshold(share);
        let caught = above(&self.yes, threshold) / rate;
        let wrong = above(&self.no, threshold) * (1.0 - 1.0 / rate);
        caught / (caught + wrong).max(f64::MIN_POSITIVE)
    }

    /// Ten steps of score: the mean score, and the share of phishing where both labels
    /// are as frequent.
    pub(crate) fn calibration(&self) -> Vec<(f64, f64)> {
        let step = |score: &f64| (score * 10.0).floor().clamp(0.0, 9.0);
        (0..10u8)
            .filter_map(|bin| {
                let within = |all: &[f64]| -> (f64, f64) {
                    let chosen = all.iter().filter(|score| step(score) == f64::from(bin));
                    let sum: f64 = chosen.clone().sum();
                    let share = 1.0 / count(all);
                    (chosen.map(|_| share).sum(), sum * share)
                };
                let ((yes, yes_sum), (no, no_sum)) = (within(&self.yes), within(&self.no));
                let all = yes + no;
                (all > 0.0).then(|| ((yes_sum + no_sum) / all, yes / all))
            })
            .collect()
    }
}

/// The share of `scores` above `threshold`.
pub(crate) fn above(scores: &[f64], threshold: f64) -> f64 {
    let caught = scores.iter().filter(|score| **score > threshold);
    f64::from(u32::try_from(caught.count()).unwrap_or(u32::MAX)) / count(scores)
}

fn count(scores: &[f64]) -> f64 {
    f64::from(u32::try_from(scores.len().max(1)).unwrap_or(u32::MAX))
}
