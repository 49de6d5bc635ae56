//! Evidence: one encrypted object a report (XChaCha20-Poly1305, a key of its
//! own, wrapped by the master key), named by keyed hash.
//!
//! The key of an object exists only in its report's row, wrapped: an object
//! without a row (a crash came between the two) can't be opened by anyone.
//! Nothing here is ever written in clear.
//!
//! | to find | look in |
//! |---|---|
//! | where an object lies first, many a sync of the disk | [`spool`], its bytes in [`segment`] |
//! | where it lies then, a file each | [`folder`] |
//! | the two as one, and the way from one to the other | [`depot`] |

mod depot;
mod folder;
mod segment;
mod spool;

pub(crate) use self::depot::{Depot, Left};
pub(crate) use self::spool::{SealedObject, Spool, Writer};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use data_encoding::HEXLOWER;

use crate::keys::{Key, Keys, random};

/// First byte of every sealed run of bytes: how it is sealed.
const SEAL_VERSION: u8 = 1;
const NONCE_LEN: usize = 24;

/// The name of an object: 64 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ObjectName(String);

impl ObjectName {
    /// The name of a report's evidence. Receipts are random, so two equal mails have two names.
    pub(crate) fn of_receipt(keys: &Keys, receipt: &str) -> Self {
        Self(HEXLOWER.encode(&keys.names.hmac(receipt.as_bytes())))
    }

    /// A name as a row holds it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 64 && text.bytes().all(hex)).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The same as bytes.
    fn bytes(&self) -> [u8; 32] {
        let decoded = HEXLOWER.decode(self.0.as_bytes()).ok();
        decoded
            .and_then(|bytes| bytes.try_into().ok())
            .expect("a name is 64 hex digits however it was made")
    }

    fn of_bytes(bytes: &[u8; 32]) -> Self {
        Self(HEXLOWER.encode(bytes))
    }
}

/// Encrypts `clear`; `context` says what it is, and must be the same to open it.
pub(crate) fn seal(key: &Key, context: &str, clear: &[u8]) -> Vec<u8> {
    let nonce: [u8; NONCE_LEN] = random();
    let sealed = cipher(key)
        .encrypt(&XNonce::from(nonce), Payload { msg: clear, aad: context.as_bytes() })
        .expect("evidence is far below the cipher's limit of 256 GiB");
    let mut bytes = Vec::with_capacity(1 + NONCE_LEN + sealed.len());
    bytes.push(SEAL_VERSION);
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&sealed);
    bytes
}

/// Opens what [`seal`] made, or says why not.
pub(crate) fn unseal(key: &Key, context: &str, sealed: &[u8]) -> Result<Vec<u8>, &'static str> {
    let (&version, rest) = sealed.split_first().ok_or("it is empty")?;
    if version != SEAL_VERSION {
        return Err("it is sealed in a way that this version does not know");
    }
    let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or("it is cut short")?;
    let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| "it is cut short")?;
    cipher(key)
        .decrypt(&XNonce::from(nonce), Payload { msg: body, aad: context.as_bytes() })
        .map_err(|_| "it was changed or its key is another one")
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(*key.bytes()).into())
}

/// A data key as its row holds it.
pub(crate) fn wrap(keys: &Keys, object: &ObjectName, key: &Key) -> Vec<u8> {
    seal(&keys.evidence, &wrap_context(object), key.bytes())
}

/// The data key of a row.
pub(crate) fn unwrap_key(
    keys: &Keys,
    object: &ObjectName,
    wrapped: &[u8],
) -> Result<Key, &'static str> {
    let clear = zeroize::Zeroizing::new(unseal(&keys.evidence, &wrap_context(object), wrapped)?);
    let bytes = clear.as_slice().try_into().map_err(|_| "its key is not 32 bytes long")?;
    Ok(Key::from_bytes(bytes))
}

fn wrap_context(object: &ObjectName) -> String {
    format!("key of {}", object.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_with_its_key_and_context() {
        let (key, other) = (Key::random(), Key::random());
        let sealed = seal(&key, "here", b"clear text");
        assert_eq!(unseal(&key, "here", &sealed).unwrap(), b"clear text");
        assert!(unseal(&key, "there", &sealed).is_err());
        assert!(unseal(&other, "here", &sealed).is_err());
        for cut in 0..sealed.len() {
            assert!(unseal(&key, "here", &sealed[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(unseal(&key, "here", &changed).is_err(), "changed at {at}");
        }
    }

    #[test]
    fn a_name_that_could_leave_the_folder_is_refused() {
        for bad in ["", "../../../etc/passwd", &"A1".repeat(32), &"a1".repeat(33)] {
            assert_eq!(ObjectName::parse(bad), None);
        }
    }

    #[test]
    fn a_name_is_the_same_as_bytes() {
        let name = ObjectName::parse(&"a1".repeat(32)).unwrap();
        assert_eq!(name.bytes(), [0xa1; 32]);
        assert_eq!(ObjectName::of_bytes(&name.bytes()), name);
    }
}
