//! Makes a model from labelled examples: logistic regression with weight decay by
//! AdaGrad (Duchi, Hazan and Singer, 2011), calibrated on examples held back.
//!
//! The same examples in the same order, settings and seed give the same model.

use crate::assessment::probability;
use crate::feature::Features;
use crate::model::{Calibration, Model, ModelError, norm};

/// A labelled example, already turned into slots.
#[derive(Clone, Debug)]
pub struct Example {
    slots: Vec<u32>,
    phishing: bool,
    /// How much it counts.
    weight: f32,
}

impl Example {
    /// An example with `features` that counts `weight` times.
    pub fn new(features: &Features, phishing: bool, weight: f32) -> Self {
        Self { slots: features.slots().collect(), phishing, weight }
    }

    /// Whether it is phishing.
    pub fn is_phishing(&self) -> bool {
        self.phishing
    }
}

/// How to train.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The table has 2^bits slots.
    pub bits: u8,
    /// How often every example is seen.
    pub epochs: u32,
    /// The first step's length.
    pub rate: f32,
    /// How fast weights that nothing holds up shrink.
    pub decay: f32,
    /// Of the order in which examples are seen.
    pub seed: u64,
    /// The share of benign examples that may be called phishing, for the upper threshold.
    pub false_positives: f64,
    /// The share of phishing that may be called benign, for the lower threshold.
    pub false_negatives: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bits: 19,
            epochs: 15,
            rate: 0.15,
            decay: 1e-5,
            seed: 1,
            false_positives: 0.001,
            false_negatives: 0.02,
        }
    }
}

/// Trains on `examples` and calibrates on `held`, which training must not see.
///
/// # Errors
/// [`ModelError::Damaged`] when the settings ask for an impossible table.
pub fn train(
    examples: &[Example],
    held: &[Example],
    settings: &Settings,
) -> Result<Model, ModelError> {
    let (weights, bias) = fit(examples, settings);
    let raw = Calibration { slope: 1.0, offset: 0.0, phishing: 1.0, benign: 0.0 };
    let sums = |wanted: bool| -> Vec<f64> {
        let chosen = held.iter().filter(|example| example.phishing == wanted);
        chosen.map(|example| f64::from(sum(&weights, bias, &example.slots))).collect()
    };
    let calibration = calibrate(sums(true), sums(false), settings).unwrap_or(raw);
    Model::new(&weights, f64::from(bias), calibration)
}

/// Trains `model` further on `examples`; what its scores mean stays.
pub(crate) fn go_on(
    model: &Model,
    examples: &[Example],
    settings: &Settings,
) -> Result<Model, ModelError> {
    let (weights, bias) = model.trained();
    #[expect(clippy::cast_possible_truncation, reason = "training works in single precision")]
    let (weights, bias) = fit_from((weights, bias as f32), examples, settings);
    Model::new(&weights, f64::from(bias), model.calibration())
}

/// The weights by slot, and what is added to all.
fn fit(examples: &[Example], settings: &Settings) -> (Vec<f32>, f32) {
    fit_from((vec![0f32; 1usize << settings.bits.min(24)], 0.0), examples, settings)
}

/// The same, from weights that are there.
fn fit_from(
    (mut weights, mut bias): (Vec<f32>, f32),
    examples: &[Example],
    settings: &Settings,
) -> (Vec<f32>, f32) {
    let size = weights.len();
    let mut squares = vec![1e-6f32; size];
    let mut bias_square = 1e-6f32;
    let balance = balance(examples);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut random = settings.seed;
    for _ in 0..settings.epochs {
        shuffle(&mut order, &mut random);
        for example in order.iter().filter_map(|at| examples.get(*at)) {
            let wanted = if example.phishing { 1.0 } else { 0.0 };
            let guess = sigmoid(sum(&weights, bias, &example.slots));
            let weight = example.weight * balance[usize::from(example.phishing)];
            let gradient = (guess - wanted) * weight;
            bias_square += gradient * gradient;
            bias -= settings.rate * gradient / bias_square.sqrt();
            let scale = scale(example.slots.len());
            for slot in &example.slots {
                let at = *slot as usize & (size - 1);
                let gradient = gradient * scale + settings.decay * weights[at];
                squares[at] += gradient * gradient;
                weights[at] -= settings.rate * gradient / squares[at].sqrt();
            }
        }
    }
    (weights, bias)
}

fn sum(weights: &[f32], bias: f32, slots: &[u32]) -> f32 {
    let mask = weights.len() - 1;
    let sum: f32 = slots.iter().map(|slot| weights[*slot as usize & mask]).sum();
    sum * scale(slots.len()) + bias
}

#[expect(clippy::cast_possible_truncation, reason = "training works in single precision")]
fn scale(features: usize) -> f32 {
    (1.0 / norm(features)) as f32
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// What one example of either label counts, so that both labels count the same.
fn balance(examples: &[Example]) -> [f32; 2] {
    let of = |wanted: bool| -> f32 {
        let chosen = examples.iter().filter(|example| example.phishing == wanted);
        chosen.map(|example| example.weight).sum::<f32>().max(1.0)
    };
    let [benign, phishing] = [of(false), of(true)];
    let mean = (benign + phishing) / 2.0;
    [mean / benign, mean / phishing]
}

/// Fisher and Yates, with numbers of SplitMix64 (Steele, Lea and Flood, 2014).
fn shuffle(order: &mut [usize], random: &mut u64) {
    for last in (1..order.len()).rev() {
        *random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let below = u64::try_from(last + 1).unwrap_or(u64::MAX);
        order.swap(last, usize::try_from((z ^ (z >> 31)) % below).unwrap_or(last));
    }
}

/// Platt's sigmoid by Newton's method, both labels counting the same; then thresholds.
/// `None` without examples of both labels.
fn calibrate(mut yes: Vec<f64>, mut no: Vec<f64>, settings: &Settings) -> Option<Calibration> {
    if yes.is_empty() || no.is_empty() {
        return None;
    }
    let [many, few] =
        [&yes, &no].map(|sums| 1.0 / f64::from(u32::try_from(sums.len()).unwrap_or(u32::MAX)));
    let all =
        || yes.iter().map(move |x| (*x, 1.0, many)).chain(no.iter().map(move |x| (*x, 0.0, few)));
    let (mut slope, mut offset) = (1.0, 0.0);
    for _ in 0..50 {
        let mut g = [0.0; 2];
        let mut h = [1e-9, 0.0, 1e-9];
        for (x, wanted, weight) in all() {
            let p = probability(slope * x + offset);
            let (d, c) = ((p - wanted) * weight, p * (1.0 - p) * weight);
            g = [g[0] + d * x, g[1] + d];
            h = [h[0] + c * x * x, h[1] + c * x, h[2] + c];
        }
        let determinant = h[0] * h[2] - h[1] * h[1];
        slope -= (h[2] * g[0] - h[1] * g[1]) / determinant;
        offset -= (h[0] * g[1] - h[1] * g[0]) / determinant;
    }
    if !(slope.is_finite() && slope > 0.0 && offset.is_finite()) {
        (slope, offset) = (1.0, 0.0);
    }
    yes.sort_by(f64::total_cmp);
    no.sort_by(|a, b| b.total_cmp(a));
    let at = |sums: &[f64], share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a length"
        )]
        let rank = (sums.len() as f64 * share) as usize;
        sums.get(rank).copied().map(|x| probability(slope * x + offset))
    };
    let phishing = at(&no, settings.false_positives)?.next_up().min(1.0);
    let benign = at(&yes, settings.false_negatives)?.min(phishing);
    Some(Calibration { slope, offset, phishing, benign })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::Family;

    fn example(text: &str, phishing: bool) -> Example {
        let mut features = Features::default();
        let start = features.hold(text);
        features.grams(Family::Name, 1, [start, text.len()], [3, 4]);
        Example::new(&features, phishing, 1.0)
    }

    fn examples() -> Vec<Example> {
        let bad = (0..40).map(|at| example(&format!("secure-login-{at}"), true));
        bad.chain((0..40).map(|at| example(&format!("garden-club-{at}"), false))).collect()
    }

    #[test]
    fn what_differs_is_learnt_and_repeats_exactly() {
        let settings = Settings { bits: 12, ..Settings::default() };
        let [all, held] = [examples(), examples()];
        let model = train(&all, &held, &settings).unwrap();
        assert_eq!(model.to_bytes(), train(&all, &held, &settings).unwrap().to_bytes());
        let score = |text: &str| {
            let mut features = Features::default();
            features.hold(text);
            features.grams(Family::Name, 1, [0, text.len()], [3, 4]);
            model.log_odds(&features)
        };
        assert!(score("my-secure-login") > 0.0 && score("the-garden-club") < 0.0);
        assert_eq!(score(""), score(""));
    }

    #[test]
    fn nothing_to_learn_is_no_panic() {
        let model = train(&[], &[], &Settings { bits: 10, ..Settings::default() }).unwrap();
        assert_eq!(model.log_odds(&Features::default()), 0.0);
        assert!(train(&[], &[], &Settings { bits: 3, ..Settings::default() }).is_err());
    }

    #[test]
    fn scores_are_calibrated_for_even_odds() {
        let yes: Vec<f64> = (0..100).map(|x| f64::from(x) / 25.0 - 1.0).collect();
        let no: Vec<f64> = (0..1000).map(|x| 1.0 - f64::from(x) / 250.0).collect();
        let found = calibrate(yes, no, &Settings::default()).unwrap();
        assert!(found.slope > 0.0 && found.offset.abs() < 0.2, "{found:?}");
        assert!(found.benign <= found.phishing);
    }
}
