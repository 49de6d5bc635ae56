//! Against machines that fill the forms, without a third party: a field that people do
//! not see, a form that was open for a moment, and a puzzle of hashes that the browser
//! solves while a person writes. Without a script the puzzle is left out and the form
//! has to have been open longer; the limits on rates hold for everyone.

use std::sync::{Arc, OnceLock};

use belfry_journal::UnixMillis;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Zero bits that a solution's hash begins with: about 65,000 hashes, a fraction of a second.
pub(super) const BITS: u32 = 16;
/// A person needs longer than this with the puzzle solved, and than that without.
const MOMENT_MILLIS: u64 = 1_500;
const LONGER_MILLIS: u64 = 8_000;
/// A form may lie open for a day.
const LIFE_MILLIS: u64 = 86_400_000;

/// Makes and checks puzzles: a time, under a key that lives as long as the process.
#[derive(Clone, Default)]
pub(crate) struct Puzzles(Arc<OnceLock<[u8; 32]>>);

impl std::fmt::Debug for Puzzles {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Puzzles(..)")
    }
}

/// Why a form is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// The hidden field has text.
    Trap,
    /// It was open too shortly.
    Fast,
    /// It was open too long, or is not ours.
    Old,
    /// The solution is wrong.
    Unsolved,
}

impl Puzzles {
    /// A puzzle for a form opened now.
    pub(in crate::pages) fn make(&self, now: UnixMillis) -> String {
        let seal = BASE64URL_NOPAD.encode(&self.seal(now.0));
        format!("{}.{seal}", now.0)
    }

    /// Whether a form seems to be sent by a person.
    pub(super) fn check(
        &self,
        puzzle: &str,
        solution: &str,
        trap: &str,
        now: UnixMillis,
    ) -> Result<(), Doubt> {
        if !trap.is_empty() {
            return Err(Doubt::Trap);
        }
        let (at, seal) = puzzle.split_once('.').ok_or(Doubt::Old)?;
        let at: u64 = at.parse().map_err(|_| Doubt::Old)?;
        let expected = BASE64URL_NOPAD.encode(&self.seal(at));
        let ours: bool = expected.as_bytes().ct_eq(seal.as_bytes()).into();
        let open_for = now.0.saturating_sub(at);
        if !ours || open_for > LIFE_MILLIS {
            return Err(Doubt::Old);
        }
        let needed = if solution.is_empty() { LONGER_MILLIS } else { MOMENT_MILLIS };
        if open_for < needed {
            return Err(Doubt::Fast);
        }
        if solution.is_empty() || solves(puzzle, solution) { Ok(()) } else { Err(Doubt::Unsolved) }
    }

    fn seal(&self, at: u64) -> [u8; 16] {
        let key = self.0.get_or_init(|| {
            let mut key = [0; 32];
            getrandom::fill(&mut key).expect("the system gives random octets");
            key
        });
        let mut hash = Sha256::new();
        hash.update(key);
        hash.update(at.to_be_bytes());
        let mut seal = [0; 16];
        seal.copy_from_slice(&hash.finalize()[..16]);
        seal
    }
}

fn solves(puzzle: &str, solution: &str) -> bool {
    if solution.len() > 20 {
        return false;
    }
    let mut hash = Sha256::new();
    hash.update(puzzle.as_bytes());
    hash.update(b".");
    hash.update(solution.as_bytes());
    let hash = hash.finalize();
    let head = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
    head.leading_zeros() >= BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_795_510_800_000);

    fn solve(puzzle: &str) -> String {
        (0_u64..).map(|n| n.to_string()).find(|n| solves(puzzle, n)).unwrap()
    }

    #[test]
    fn people_pass_and_machines_in_a_hurry_do_not() {
        let puzzles = Puzzles::default();
        let puzzle = puzzles.make(NOW);
        let solution = solve(&puzzle);
        let after = |millis| UnixMillis(NOW.0 + millis);
        let check = |solution: &str, trap: &str, at| puzzles.check(&puzzle, solution, trap, at);
        assert_eq!(check(&solution, "", after(2_000)), Ok(()));
        assert_eq!(check("", "", after(9_000)), Ok(()), "without a script it takes longer");
        assert_eq!(check("", "", after(2_000)), Err(Doubt::Fast));
        assert_eq!(check(&solution, "", after(100)), Err(Doubt::Fast));
        assert_eq!(check(&solution, "x", after(2_000)), Err(Doubt::Trap));
        assert_eq!(check("x", "", after(2_000)), Err(Doubt::Unsolved));
        assert_eq!(check(&solution, "", after(LIFE_MILLIS + 1)), Err(Doubt::Old));
    }

    #[test]
    fn a_puzzle_of_anyone_else_is_none() {
        let other = Puzzles::default().make(NOW);
        let later = UnixMillis(NOW.0 + 9_000);
        for puzzle in [other.as_str(), "", ".", "x.y", "1795510800000."] {
            assert_eq!(
                Puzzles::default().check(puzzle, "", "", later),
                Err(Doubt::Old),
                "{puzzle}"
            );
        }
    }
}
