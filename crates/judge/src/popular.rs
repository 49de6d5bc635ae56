//! Which names are used by many: registrable domains of top lists, universities and banks,
//! as a Bloom filter (Bloom, 1970), so that a quarter of a megabyte stands for all of
//! them. A name in it is not harmless by that: sites are hacked. One that is not is not
//! bad: the weights are learnt.

use sha2::{Digest, Sha256};

use crate::hash::slot;
use crate::model::ModelError;

const MAGIC: &[u8; 8] = b"BELFRYP1";
/// Bits of the filter: 12 for each of 170,000 names.
const BITS: usize = 1 << 21;
/// Bits of one name: at this load one unknown name in 300 passes for known.
const PER_NAME: u32 = 6;
const DIGEST: usize = 32;
/// The spaces of the hash that give a name its two numbers.
const SPACES: [u8; 2] = [200, 201];

/// The names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Popular {
    bits: Vec<u8>,
}

impl Popular {
    /// Those that are built in.
    ///
    /// # Panics
    /// Never: a test reads them.
    pub fn built_in() -> Self {
        Self::from_bytes(include_bytes!("../models/popular.bin"))
            .expect("the built-in names are read by a test")
    }

    /// Of registrable domains in canonical form.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut bits = vec![0; BITS / 8];
        for place in names.into_iter().flat_map(places) {
            bits[place / 8] |= 1 << (place % 8);
        }
        Self { bits }
    }

    /// Whether the registrable domain `name` is among them.
    pub fn holds(&self, name: &str) -> bool {
        places(name).all(|place| self.bits[place / 8] >> (place % 8) & 1 == 1)
    }

    /// The bytes of its file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = [MAGIC, &self.bits[..]].concat();
        let digest = Sha256::digest(&bytes);
        bytes.extend(digest);
        bytes
    }

    /// Reads its file.
    ///
    /// # Errors
    /// A [`ModelError`] that says what is wrong with it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        if !bytes.starts_with(MAGIC) {
            return Err(ModelError::Kind);
        }
        if bytes.len() != MAGIC.len() + BITS / 8 + DIGEST {
            return Err(ModelError::Damaged);
        }
        let (body, digest) = bytes.split_at(bytes.len() - DIGEST);
        if Sha256::digest(body).as_slice() != digest {
            return Err(ModelError::Digest);
        }
        Ok(Self { bits: body[MAGIC.len()..].to_vec() })
    }
}

/// Where a name's bits are (Kirsch and Mitzenmacher, 2006).
fn places(name: &str) -> impl Iterator<Item = usize> {
    let [first, second] = SPACES.map(|space| slot(space, name.as_bytes()));
    (0..PER_NAME)
        .map(move |at| first.wrapping_add(at.wrapping_mul(second | 1)) as usize & (BITS - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_were_put_in_are_there_and_few_others() {
        let names: Vec<String> = (0..10_000).map(|at| format!("site{at}.example")).collect();
        let popular = Popular::of(names.iter().map(String::as_str));
        assert!(names.iter().all(|name| popular.holds(name)));
        let others = (0..10_000).filter(|at| popular.holds(&format!("other{at}.example")));
        assert!(others.count() < 50);
        assert!(!Popular::of([]).holds(""));
    }

    #[test]
    fn the_file_comes_back_and_damage_is_seen() {
        let bytes = Popular::of(["a.example"]).to_bytes();
        assert!(Popular::from_bytes(&bytes).unwrap().holds("a.example"));
        assert_eq!(Popular::from_bytes(&bytes[1..]), Err(ModelError::Kind));
        assert_eq!(Popular::from_bytes(&bytes[..bytes.len() - 1]), Err(ModelError::Damaged));
        let mut changed = bytes;
        changed[50] ^= 1;
        assert_eq!(Popular::from_bytes(&changed), Err(ModelError::Digest));
    }

    #[test]
    fn the_built_in_names_are_those_that_everybody_uses() {
        let popular = Popular::built_in();
        assert!(popular.holds("wikipedia.org") && popular.holds("kuleuven.be"));
        assert!(!popular.holds("belfius-login.top"));
    }
}
