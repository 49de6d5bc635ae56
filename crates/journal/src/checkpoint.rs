//! Checkpoints: the journal's tree at one size, in the text that transparency logs use (C2SP
//! `tlog-checkpoint`), signed as a note (C2SP `signed-note`) so that other people's
//! witnesses and monitors read it.
//!
//! Signing itself is not here: who signs hands in the octets of a signature.

use std::str::FromStr;

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use crate::merkle::Hash;
use crate::{JournalId, hex};

/// Ed25519, as notes number it.
const ED25519: u8 = 1;
/// Octets of a note that is read.
const NOTE_BYTES_MAX: usize = 16_384;
/// Signatures of a note that are read: ours and those of witnesses.
const SIGNATURES_MAX: usize = 32;

/// The tree at one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which journal.
    pub journal: JournalId,
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Whose signature a reader trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    /// Its name: no spaces, no `+`.
    pub name: String,
    /// The public half.
    pub public: [u8; 32],
}

/// A signed text, its signatures not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What is signed, with its last line's end.
    pub text: String,
    signatures: Vec<(String, Vec<u8>)>,
}

/// Why a text is no checkpoint, note or key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Too long, or not in its lines.
    #[error("this is no signed note: a text, an empty line, and lines that begin with —")]
    Note,
    /// Not the three lines.
    #[error("this is no checkpoint of a Belfry journal: its name, its size and its root")]
    Checkpoint,
    /// Not a key.
    #[error("this is no key of a note: NAME+HASH+KEY")]
    Key,
}

impl Checkpoint {
    /// What is signed: whose tree, how many leaves, their root.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", origin(self.journal), self.size, BASE64.encode(&self.root.0))
    }

    /// Reads the text; lines after the third are others' matter.
    ///
    /// # Errors
    /// [`NoteError::Checkpoint`].
    pub fn read(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.lines();
        let mut next = || lines.next().ok_or(NoteError::Checkpoint);
        let (origin, size, root) = (next()?, next()?, next()?);
        let journal = origin.strip_prefix("belfry/").and_then(|hex| hex.parse().ok());
        let root = BASE64.decode(root.as_bytes()).ok().and_then(|root| root.try_into().ok());
        let canonical = size.parse().ok().filter(|number: &u64| number.to_string() == size);
        match (journal, canonical, root) {
            (Some(journal), Some(size), Some(root)) => Ok(Self { journal, size, root: Hash(root) }),
            _ => Err(NoteError::Checkpoint),
        }
    }

    /// The note: the text, and one line of our signature over it.
    pub fn note(&self, key: &VerifierKey, signature: &[u8; 64]) -> String {
        let line = [&key.hash()[..], signature].concat();
        format!("{}\n— {} {}\n", self.text(), key.name, BASE64.encode(&line))
    }
}

/// The name of a journal among all logs.
pub fn origin(journal: JournalId) -> String {
    format!("belfry/{journal}")
}

impl VerifierKey {
    /// The journal's own key: it has the journal's name.
    pub fn of(journal: JournalId, public: [u8; 32]) -> Self {
        Self { name: origin(journal), public }
    }

    fn typed(&self) -> Vec<u8> {
        [&[ED25519], &self.public[..]].concat()
    }

    /// By which its signatures are known.
    fn hash(&self) -> [u8; 4] {
        let named = Sha256::new().chain_update(&self.name).chain_update(b"\n");
        let hash: [u8; 32] = named.chain_update(self.typed()).finalize().into();
        [hash[0], hash[1], hash[2], hash[3]]
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}+", self.name)?;
        hex::write(&self.hash(), f)?;
        write!(f, "+{}", BASE64.encode(&self.typed()))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key);
        };
        let typed = BASE64.decode(key.as_bytes()).map_err(|_| NoteError::Key)?;
        let public = match typed.split_first() {
            Some((&ED25519, public)) => public.try_into().map_err(|_| NoteError::Key)?,
            _ => return Err(NoteError::Key),
        };
        let read = Self { name: name.to_owned(), public };
        let said: [u8; 4] = hex::read(hash).map_err(|_| NoteError::Key)?;
        let plain = !name.is_empty() && !name.contains(char::is_whitespace);
        if plain && said == read.hash() { Ok(read) } else { Err(NoteError::Key) }
    }
}

impl Note {
    /// The signature that says it is by `key`; whether it is, its reader checks.
    pub fn signature_by(&self, key: &VerifierKey) -> Option<&[u8]> {
        let ours = self.signatures.iter().find(|(name, line)| {
            *name == key.name && line.len() == 68 && line.starts_with(&key.hash())
        });
        ours.map(|(_, line)| &line[4..])
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(NoteError::Note);
        }
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(NoteError::Note)?;
        let lines = signatures.lines().take(SIGNATURES_MAX).map(|line| {
            let (name, octets) = line.strip_prefix("— ")?.split_once(' ')?;
            Some((name.to_owned(), BASE64.decode(octets.as_bytes()).ok()?))
        });
        let signatures: Vec<_> = lines.collect::<Option<_>>().ok_or(NoteError::Note)?;
        if signatures.is_empty() {
            return Err(NoteError::Note);
        }
        Ok(Self { text: format!("{text}\n"), signatures })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const JOURNAL: JournalId = JournalId([0xab; 16]);

    fn checkpoint() -> Checkpoint {
        Checkpoint { journal: JOURNAL, size: 7, root: Hash([1; 32]) }
    }

    fn key() -> VerifierKey {
        VerifierKey::of(JOURNAL, [2; 32])
    }

    #[test]
    fn the_text_and_the_note_never_change() {
        insta::assert_snapshot!(checkpoint().note(&key(), &[3; 64]), @"
        belfry/abababababababababababababababab
        7
        AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=

        — belfry/abababababababababababababababab ppGvcwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=
        ");
        insta::assert_snapshot!(key(), @"belfry/abababababababababababababababab+a691af73+AQICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC");
    }

    /// The key of Go's checksum database, a log of the same kind.
    #[test]
    fn keys_are_those_of_other_peoples_notes() {
        let text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
        let key: VerifierKey = text.parse().unwrap();
        assert_eq!((key.name.as_str(), key.to_string().as_str()), ("sum.golang.org", text));
    }

    #[test]
    fn notes_and_keys_read_back() {
        let note: Note = checkpoint().note(&key(), &[3; 64]).parse().unwrap();
        assert_eq!(Checkpoint::read(&note.text), Ok(checkpoint()));
        assert_eq!(note.signature_by(&key()), Some(&[3; 64][..]));
        assert_eq!(key().to_string().parse(), Ok(key()));
        let other = VerifierKey { public: [4; 32], ..key() };
        assert_eq!(note.signature_by(&other), None);
        let witnessed =
            format!("{}— witness.example AAAAAAA=\n", checkpoint().note(&key(), &[3; 64]));
        let note: Note = witnessed.parse().unwrap();
        assert!(note.signature_by(&key()).is_some());
    }

    #[test]
    fn what_is_no_note_or_checkpoint_is_refused() {
        let good = checkpoint().note(&key(), &[3; 64]);
        for note in ["", "\n\n", "a\n\n— x", "a\n\nx AAAA", &"a\n".repeat(9_000), &good[..80]] {
            assert_eq!(note.parse::<Note>(), Err(NoteError::Note), "{note:?}");
        }
        let text = checkpoint().text();
        for (old, new) in
            [("belfry/ab", "belfry/ax"), ("\n7\n", "\n07\n"), ("AQE", "A"), ("\n7\n", "\n")]
        {
            let text = text.replace(old, new);
            assert_eq!(Checkpoint::read(&text), Err(NoteError::Checkpoint), "{text:?}");
        }
        for text in ["", "a+b", "a+00000000+AQ==", "+00000000+AA=="] {
            assert_eq!(text.parse::<VerifierKey>(), Err(NoteError::Key), "{text:?}");
        }
        let wrong = key().to_string().replace('+', "+0");
        assert_eq!(wrong.parse::<VerifierKey>(), Err(NoteError::Key));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_read_is_written_so(text in "(?s).{0,200}") {
            let _ = text.parse::<Note>();
            if let Ok(key) = text.parse::<VerifierKey>() {
                prop_assert_eq!(key.to_string(), text.trim());
            }
            if let Ok(checkpoint) = Checkpoint::read(&text) {
                prop_assert!(text.starts_with(checkpoint.text().trim_end()));
            }
        }

        #[test]
        fn every_checkpoint_reads_back(
            journal in any::<[u8; 16]>(),
            size in any::<u64>(),
            root in any::<[u8; 32]>(),
            public in any::<[u8; 32]>(),
        ) {
            let checkpoint = Checkpoint { journal: JournalId(journal), size, root: Hash(root) };
            let key = VerifierKey::of(checkpoint.journal, public);
            let note: Note = checkpoint.note(&key, &[5; 64]).parse().unwrap();
            prop_assert_eq!(Checkpoint::read(&note.text), Ok(checkpoint));
            prop_assert_eq!(note.signature_by(&key), Some(&[5; 64][..]));
        }
    }
}
