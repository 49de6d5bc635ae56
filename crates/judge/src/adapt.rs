//! An organisation's own model: the one in use, trained further on cases that its analysts
//! decided, and refused unless it does better on the latest of them.

use std::collections::HashSet;

use belfry_indicator::{Suffixes, Url};

use crate::assessment::probability;
use crate::judge::Judge;
use crate::model::Model;
use crate::train::{Example, Settings, go_on};

/// The part of the cases, the latest, that nothing is learnt from.
const HELD: usize = 5;
/// Fewest of either label to learn from, and to hold back.
const LEARN_MIN: usize = 20;
const HELD_MIN: usize = 5;
/// A model that knows much already takes short steps, and few.
const SETTINGS: Settings = Settings {
    bits: 0,
    epochs: 4,
    rate: 0.02,
    decay: 0.0,
    seed: 1,
    false_positives: 0.001,
    false_negatives: 0.02,
};

/// A decided case.
#[derive(Clone, Debug)]
pub struct Decided {
    /// Its URL.
    pub url: Url,
    /// Whether it was fraud.
    pub fraud: bool,
}

/// A model that does better, and by how much.
#[derive(Clone, Debug)]
pub struct Adapted {
    /// The model.
    pub model: Model,
    /// Cases learnt from.
    pub learnt: usize,
    /// Cases held back.
    pub held: usize,
    /// The mean surprise (log loss, both labels counting the same) at the cases held back,
    /// of the model before.
    pub before: f64,
    /// And of this one.
    pub after: f64,
}

/// Why there is none.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AdaptError {
    /// Too few cases.
    #[error(
        "too few decided cases: {fraud} of fraud and {benign} benign to learn from, \
         {held_fraud} and {held_benign} held back on domains of their own; {LEARN_MIN} and {HELD_MIN} \
         of each are needed"
    )]
    Few {
        /// Fraud to learn from.
        fraud: usize,
        /// Benign ones.
        benign: usize,
        /// Fraud held back.
        held_fraud: usize,
        /// Benign ones.
        held_benign: usize,
    },
    /// It does worse.
    #[error(
        "the new model does no better on the latest {held} cases: log loss {after:.4}, before {before:.4}"
    )]
    Worse {
        /// Cases held back.
        held: usize,
        /// Of the model before.
        before: f64,
        /// Of the new one.
        after: f64,
    },
    /// The model in use can't be trained further.
    #[error("the model in use can't be trained further: {0}")]
    Model(#[from] crate::ModelError),
}

impl Judge {
    /// Trains the model of URLs further on `cases`, oldest first.
    ///
    /// # Errors
    /// An [`AdaptError`] that says what is missing, or by how much it is worse.
    pub fn adapt(
        &self,
        cases: &[Decided],
        suffixes: &impl Suffixes,
    ) -> Result<Adapted, AdaptError> {
        let (learn, latest) = cases.split_at(cases.len() - cases.len() / HELD);
        let known: HashSet<String> = learn.iter().map(|case| domain(&case.url, suffixes)).collect();
        let held: Vec<&Decided> =
            latest.iter().filter(|case| !known.contains(&domain(&case.url, suffixes))).collect();
        enough(learn, &held)?;
        let example =
            |case: &Decided| Example::new(&self.features(&case.url, suffixes), case.fraud, 1.0);
        let examples: Vec<Example> = learn.iter().map(example).collect();
        let model = go_on(self.url_model(), &examples, &SETTINGS)?;
        let before = self.surprise(self.url_model(), &held, suffixes);
        let after = self.surprise(&model, &held, suffixes);
        if after < before {
            Ok(Adapted { model, learnt: learn.len(), held: held.len(), before, after })
        } else {
            Err(AdaptError::Worse { held: held.len(), before, after })
        }
    }

    /// The mean log loss, both labels counting the same.
    fn surprise(&self, model: &Model, held: &[&Decided], suffixes: &impl Suffixes) -> f64 {
        let of = |fraud: bool| {
            let chosen = held.iter().filter(|case| case.fraud == fraud);
            let losses: Vec<f64> = chosen
                .map(|case| {
                    let found = probability(model.log_odds(&self.features(&case.url, suffixes)));
                    let right = if fraud { found } else { 1.0 - found };
                    -right.max(1e-9).ln()
                })
                .collect();
            losses.iter().sum::<f64>()
                / f64::from(u32::try_from(losses.len().max(1)).unwrap_or(u32::MAX))
        };
        f64::midpoint(of(true), of(false))
    }
}

fn enough(learn: &[Decided], held: &[&Decided]) -> Result<(), AdaptError> {
    let count = |fraud: bool| learn.iter().filter(|case| case.fraud == fraud).count();
    let back = |fraud: bool| held.iter().filter(|case| case.fraud == fraud).count();
    let [fraud, benign] = [count(true), count(false)];
    let [held_fraud, held_benign] = [back(true), back(false)];
    if fraud.min(benign) < LEARN_MIN || held_fraud.min(held_benign) < HELD_MIN {
        return Err(AdaptError::Few { fraud, benign, held_fraud, held_benign });
    }
    Ok(())
}

/// The registrable domain, or the host where there is none.
fn domain(url: &Url, suffixes: &impl Suffixes) -> String {
    let registrable = url.host().domain().and_then(|domain| suffixes.registrable(domain));
    registrable.map_or_else(|| url.host().to_string(), |domain| domain.to_string())
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;

    use super::*;

    fn case(url: &str, fraud: bool) -> Decided {
        Decided { url: Url::parse(url).unwrap(), fraud }
    }

    /// Cases as this town decides them: what it calls fraud has `groen` in its name.
    fn cases(count: usize) -> Vec<Decided> {
        let pair = |at: usize| {
            let bad = case(&format!("https://groen-tuin{at}.example/a"), true);
            let good = case(&format!("https://blauw-huis{at}.example/a"), false);
            [bad, good]
        };
        (0..count).flat_map(pair).collect()
    }

    #[test]
    fn what_this_organisation_decides_is_learnt() {
        let judge = Judge::built_in();
        let adapted = judge.adapt(&cases(60), &EmbeddedSuffixes).unwrap();
        assert!(adapted.after < adapted.before, "{} {}", adapted.after, adapted.before);
        assert_eq!((adapted.learnt, adapted.held), (96, 24));
        let odds = |judge: &Judge, name: &str| {
            judge.url(&Url::parse(name).unwrap(), &EmbeddedSuffixes).log_odds()
        };
        let apart = |judge: &Judge| {
            odds(judge, "https://groen-tuin999.example/a")
                - odds(judge, "https://blauw-huis999.example/a")
        };
        let own = judge.clone().with_url_model(adapted.model.clone());
        assert!(apart(&own) > apart(&judge) + 1.0, "{} {}", apart(&own), apart(&judge));
        assert_ne!(own.models(), judge.models());
        let again = judge.adapt(&cases(60), &EmbeddedSuffixes).unwrap();
        assert_eq!(again.model.to_bytes(), adapted.model.to_bytes());
    }

    #[test]
    fn too_few_cases_are_refused_with_their_numbers() {
        let problem = Judge::built_in().adapt(&cases(5), &EmbeddedSuffixes).unwrap_err();
        assert!(matches!(problem, AdaptError::Few { fraud: 4, benign: 4, .. }), "{problem:?}");
        assert!(Judge::built_in().adapt(&[], &EmbeddedSuffixes).is_err());
    }

    #[test]
    fn a_model_that_does_worse_is_refused_and_says_by_how_much() {
        // First the town calls one thing fraud, at the end the other.
        let mut all = cases(60);
        let late = all.len() - all.len() / HELD;
        for case in &mut all[late..] {
            case.fraud = !case.fraud;
        }
        let problem = Judge::built_in().adapt(&all, &EmbeddedSuffixes).unwrap_err();
        assert!(matches!(problem, AdaptError::Worse { before, after, .. } if after > before));
        assert!(problem.to_string().contains("log loss"), "{problem}");
    }
}
