//! `Assessment`: a score, what it means, and the reasons that add up to it.

use serde::{Deserialize, Serialize};

/// What a score amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opinion {
    /// Surely enough that a rule may act on it.
    Phishing,
    /// Surely enough that nobody need hurry.
    Benign,
    /// A person has to look.
    Undecidable,
}

/// One named part of a score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Its name, the same in every release: `brand`, `ending`.
    pub name: String,
    /// In words. Names and URLs in it are defanged.
    pub why: String,
    /// What it adds to the log-odds; above 0 speaks for phishing.
    pub weight: f64,
}

/// What was found, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// The probability of phishing where half of all things are: 0 to 1.
    pub score: f64,
    /// What that amounts to.
    pub verdict: Opinion,
    /// The reasons, strongest first. They add up to the log-odds of the score.
    pub reasons: Vec<Reason>,
}

/// The logistic function: the probability of log-odds.
pub(crate) fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

impl Assessment {
    /// Adds up `reasons`; from `phishing` on it is phishing, below `benign` benign.
    pub(crate) fn new(mut reasons: Vec<Reason>, phishing: f64, benign: f64) -> Self {
        reasons.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        let score = probability(reasons.iter().map(|reason| reason.weight).sum());
        let verdict = if score >= phishing {
            Opinion::Phishing
        } else if score < benign {
            Opinion::Benign
        } else {
            Opinion::Undecidable
        };
        Self { score, verdict, reasons }
    }

    /// The log-odds of the score.
    pub fn log_odds(&self) -> f64 {
        self.reasons.iter().map(|reason| reason.weight).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_add_up_to_the_score() {
        let reason = |weight| Reason { name: "a".into(), why: "b".into(), weight };
        let assessment = Assessment::new(vec![reason(0.5), reason(-2.0)], 0.9, 0.1);
        assert_eq!(assessment.reasons[0].weight, -2.0);
        assert!((assessment.score - probability(-1.5)).abs() < 1e-12);
        assert_eq!(assessment.verdict, Opinion::Undecidable);
        assert_eq!(Assessment::new(vec![reason(4.0)], 0.9, 0.1).verdict, Opinion::Phishing);
        assert_eq!(Assessment::new(vec![reason(-4.0)], 0.9, 0.1).verdict, Opinion::Benign);
    }
}
