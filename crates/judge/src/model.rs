//! `Model`: a table of weights, one for each slot, and how their sum becomes a
//! probability. Its bytes are checked before they are believed.

use sha2::{Digest, Sha256};

use crate::feature::{Family, Features};

const MAGIC: &[u8; 8] = b"BELFRYJ1";
/// Tables from 2^10 to 2^24 slots.
const BITS: std::ops::RangeInclusive<u8> = 10..=24;
const DIGEST: usize = 32;
const HEADER: usize = 8 + 1 + 6 * 8;
/// How many pieces of a text are named as a family's strongest.
const STRONGEST: usize = 3;

/// How a sum of weights becomes a score, and from where a score is sure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// Log-odds = `slope` × sum + `offset` (Platt, 1999).
    pub slope: f64,
    /// See `slope`.
    pub offset: f64,
    /// From this score on it is phishing.
    pub phishing: f64,
    /// Below this score it is benign.
    pub benign: f64,
}

/// Weights by slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    bits: u8,
    bias: f64,
    /// What one step of a stored weight is worth.
    step: f64,
    weights: Vec<i16>,
    calibration: Calibration,
}

/// Why bytes are not a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Another kind of file, or another version.
    #[error("this is no model of this version of Belfry: train it again")]
    Kind,
    /// Shorter or longer than its header says, or a number in it makes no sense.
    #[error("the model is cut short or damaged: fetch or train it again")]
    Damaged,
    /// The digest at its end does not fit.
    #[error("the model was changed: its checksum does not fit")]
    Digest,
}

/// What a family adds, with its strongest pieces.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Share {
    pub(crate) weight: f64,
    /// (weight, from, to) of pieces with the share's own sign, strongest first.
    pub(crate) strongest: Vec<(f64, u16, u16)>,
}

impl Model {
    /// Makes a model of trained weights; their number must be a power of two.
    ///
    /// # Errors
    /// [`ModelError::Damaged`] for another number of weights, or none that is finite.
    pub fn new(weights: &[f32], bias: f64, calibration: Calibration) -> Result<Self, ModelError> {
        let bits = u8::try_from(weights.len().trailing_zeros()).unwrap_or(u8::MAX);
        if !weights.len().is_power_of_two() || !BITS.contains(&bits) {
            return Err(ModelError::Damaged);
        }
        let most = weights.iter().fold(0f64, |most, weight| most.max(f64::from(weight.abs())));
        let step = if most > 0.0 { most / f64::from(i16::MAX) } else { 1.0 };
        #[expect(clippy::cast_possible_truncation, reason = "rounded, and at most i16::MAX")]
        let weights = weights.iter().map(|weight| (f64::from(*weight) / step).round() as i16);
        Self { bits, bias, step, weights: weights.collect(), calibration }.checked()
    }

    fn checked(self) -> Result<Self, ModelError> {
        let Calibration { slope, offset, phishing, benign } = self.calibration;
        let numbers = [self.bias, self.step, slope, offset, phishing, benign];
        let ordered = (0.0..=1.0).contains(&benign) && benign <= phishing;
        let finite = numbers.iter().all(|number| number.is_finite());
        if finite && ordered && slope > 0.0 { Ok(self) } else { Err(ModelError::Damaged) }
    }

    /// The bytes of a model file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Calibration { slope, offset, phishing, benign } = self.calibration;
        let mut bytes = MAGIC.to_vec();
        bytes.push(self.bits);
        for number in [self.bias, self.step, slope, offset, phishing, benign] {
            bytes.extend(number.to_le_bytes());
        }
        for weight in &self.weights {
            bytes.extend(weight.to_le_bytes());
        }
        let digest = Sha256::digest(&bytes);
        bytes.extend(digest);
        bytes
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// A [`ModelError`] that says what is wrong with it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        if !bytes.starts_with(MAGIC) {
            return Err(ModelError::Kind);
        }
        let bits = *bytes.get(MAGIC.len()).ok_or(ModelError::Damaged)?;
        if !BITS.contains(&bits) || bytes.len() != HEADER + (2usize << bits) + DIGEST {
            return Err(ModelError::Damaged);
        }
        let (body, digest) = bytes.split_at(bytes.len() - DIGEST);
        if Sha256::digest(body).as_slice() != digest {
            return Err(ModelError::Digest);
        }
        let (header, weights) = body.split_at(HEADER);
        let mut numbers = header[MAGIC.len() + 1..]
            .chunks_exact(8)
            .map(|eight| f64::from_le_bytes(eight.try_into().expect("chunks of eight octets")));
        let mut next = || numbers.next().ok_or(ModelError::Damaged);
        let (bias, step, slope, offset, phishing, benign) =
            (next()?, next()?, next()?, next()?, next()?, next()?);
        let weights = weights.chunks_exact(2).map(|two| i16::from_le_bytes([two[0], two[1]]));
        let calibration = Calibration { slope, offset, phishing, benign };
        Self { bits, bias, step, weights: weights.collect(), calibration }.checked()
    }

    /// The first octets of its file's digest: which model this is.
    pub fn version(&self) -> String {
        let digest = Sha256::digest(self.to_bytes());
        digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }

    /// How its scores are to be read.
    pub fn calibration(&self) -> Calibration {
        self.calibration
    }

    /// The log-odds of `features`, calibrated, without reasons.
    pub fn log_odds(&self, features: &Features) -> f64 {
        let sum: i64 = features.slots().map(|slot| i64::from(self.weight(slot))).sum();
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let sum = sum as f64 * self.step / norm(features.items.len());
        self.calibration.slope * (sum + self.bias) + self.calibration.offset
    }

    /// What is there without any feature, and what each family adds; together the
    /// calibrated log-odds.
    pub(crate) fn shares(&self, features: &Features) -> (f64, [Share; Family::ALL.len()]) {
        let scale = self.step * self.calibration.slope / norm(features.items.len());
        let mut shares: [Share; Family::ALL.len()] = Default::default();
        for item in &features.items {
            let weight = f64::from(self.weight(item.slot)) * scale;
            let share = &mut shares[item.family as usize];
            share.weight += weight;
            if item.to > item.from {
                keep(&mut share.strongest, (weight, item.from, item.to));
            }
        }
        for share in &mut shares {
            let sign = share.weight.signum();
            share.strongest.retain(|(weight, ..)| weight.signum() == sign);
            share.strongest.truncate(STRONGEST);
        }
        (self.calibration.slope * self.bias + self.calibration.offset, shares)
    }

    /// The weights by slot, and what is added to all, as they were trained.
    pub(crate) fn trained(&self) -> (Vec<f32>, f64) {
        #[expect(clippy::cast_possible_truncation, reason = "training works in single precision")]
        let weights = self.weights.iter().map(|weight| (f64::from(*weight) * self.step) as f32);
        (weights.collect(), self.bias)
    }

    fn weight(&self, slot: u32) -> i16 {
        let mask = self.weights.len() - 1;
        self.weights[slot as usize & mask]
    }
}

/// Long names and paths have more pieces; none of them counts for more by that.
pub(crate) fn norm(features: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a text has at most some 100,000 features")]
    let features = features.max(1) as f64;
    features.sqrt()
}

/// Keeps the strongest of either sign, first the strongest, no piece within another.
fn keep(strongest: &mut Vec<(f64, u16, u16)>, new: (f64, u16, u16)) {
    let weakest = strongest.last().map_or(0.0, |(weight, ..)| weight.abs());
    if strongest.len() == 2 * STRONGEST && new.0.abs() <= weakest {
        return;
    }
    let overlaps =
        |old: &(f64, u16, u16)| old.0.signum() == new.0.signum() && old.1 < new.2 && new.1 < old.2;
    if let Some(old) = strongest.iter_mut().find(|old| overlaps(old)) {
        if new.0.abs() <= old.0.abs() {
            return;
        }
        *old = new;
    } else {
        strongest.push(new);
    }
    strongest.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    strongest.truncate(2 * STRONGEST);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn model() -> Model {
        let weights: Vec<f32> = (0..1024u16).map(|at| f32::from(at) / 100.0 - 5.0).collect();
        let calibration = Calibration { slope: 1.5, offset: 0.2, phishing: 0.9, benign: 0.1 };
        Model::new(&weights, -0.5, calibration).unwrap()
    }

    #[test]
    fn a_model_comes_back_from_its_bytes() {
        let bytes = model().to_bytes();
        assert_eq!(Model::from_bytes(&bytes), Ok(model()));
        assert_eq!(Model::from_bytes(&bytes[1..]), Err(ModelError::Kind));
        assert_eq!(Model::from_bytes(&bytes[..bytes.len() - 1]), Err(ModelError::Damaged));
        let mut changed = bytes;
        changed[100] ^= 1;
        assert_eq!(Model::from_bytes(&changed), Err(ModelError::Digest));
    }

    #[test]
    fn shares_add_up_to_the_log_odds() {
        let mut features = Features::default();
        features.hold("secure-login");
        features.grams(Family::Name, 1, [0, 12], [3, 5]);
        features.fact(Family::Shape, 2, b"1");
        let (rest, shares) = model().shares(&features);
        let sum: f64 = rest + shares.iter().map(|share| share.weight).sum::<f64>();
        assert!((sum - model().log_odds(&features)).abs() < 1e-9);
        assert!(shares[Family::Name as usize].strongest.len() <= STRONGEST);
    }

    #[test]
    fn families_are_numbered_in_their_order() {
        for (at, family) in Family::ALL.into_iter().enumerate() {
            assert_eq!(family as usize, at);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_model_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut named = MAGIC.to_vec();
            named.extend(&bytes);
            prop_assert!(Model::from_bytes(&bytes).is_err());
            prop_assert!(Model::from_bytes(&named).is_err());
        }
    }
}
