//! Who signs checkpoints, and whether a note is signed by whom it says. Ed25519, by the key
//! that also signs bundles of evidence: its public half is announced once.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use belfry_journal::JournalId;
use belfry_journal::checkpoint::{Checkpoint, Note, NoteError, VerifierKey};

/// The signing key, opened.
#[derive(Debug)]
pub struct Signer {
    pair: Ed25519KeyPair,
    public: [u8; 32],
}

/// Why a note is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It can't be read.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// It has no signature by the key.
    #[error("the checkpoint is not signed by this key")]
    Stranger,
    /// The signature is another text's.
    #[error("the checkpoint's signature is not that of its text: it was changed")]
    Signature,
}

impl Signer {
    /// By the seed of the data folder; `None` where it makes no key.
    pub fn new(seed: &[u8; 32]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        let public = pair.public_key().as_ref().try_into().ok()?;
        Some(Self { pair, public })
    }

    /// What a reader checks by.
    pub fn key(&self, journal: JournalId) -> VerifierKey {
        VerifierKey::of(journal, self.public)
    }

    /// The signed note.
    pub fn note(&self, checkpoint: &Checkpoint) -> String {
        let signature = self.pair.sign(checkpoint.text().as_bytes());
        let octets = signature.as_ref().try_into().expect("Ed25519 signs in 64 octets");
        checkpoint.note(&self.key(checkpoint.journal), octets)
    }
}

/// The checkpoint of a note that `key` has signed.
///
/// # Errors
/// [`VerifyError`].
pub fn verify(note: &str, key: &VerifierKey) -> Result<Checkpoint, VerifyError> {
    let note: Note = note.parse()?;
    let signature = note.signature_by(key).ok_or(VerifyError::Stranger)?;
    UnparsedPublicKey::new(&ED25519, key.public)
        .verify(note.text.as_bytes(), signature)
        .map_err(|_| VerifyError::Signature)?;
    Ok(Checkpoint::read(&note.text)?)
}

#[cfg(test)]
mod tests {
    use belfry_journal::merkle::Hash;

    use super::*;

    #[test]
    fn a_note_is_its_signers_and_no_others() {
        let checkpoint = Checkpoint { journal: JournalId([9; 16]), size: 3, root: Hash([1; 32]) };
        let signer = Signer::new(&[7; 32]).unwrap();
        let (note, key) = (signer.note(&checkpoint), signer.key(checkpoint.journal));
        assert_eq!(verify(&note, &key), Ok(checkpoint));
        assert_eq!(verify(&note.replace("\n3\n", "\n4\n"), &key), Err(VerifyError::Signature));
        let other = Signer::new(&[8; 32]).unwrap().key(checkpoint.journal);
        assert_eq!(verify(&note, &other), Err(VerifyError::Stranger));
        assert_eq!(verify("", &key), Err(VerifyError::Note(NoteError::Note)));
    }
}
