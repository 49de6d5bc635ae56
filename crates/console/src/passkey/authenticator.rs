//! What the key says: for whom it is, whether it checked its person, how often it has
//! signed and, when it was just made, its public half. Every length is checked.

use ciborium::Value;

use super::PasskeyError;

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

/// Authenticator data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthenticatorData {
    /// SHA-256 of the relying party's id.
    pub(super) party_hash: [u8; 32],
    /// Someone touched it.
    pub(super) person_present: bool,
    /// It checked who.
    pub(super) person_verified: bool,
    /// How often it has signed, 0 if it does not count.
    pub(super) sign_count: u32,
    /// The key that was just made.
    pub(super) attested: Option<Attested>,
}

/// A new key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attested {
    pub(super) credential: Vec<u8>,
    pub(super) cose_key: Vec<u8>,
}

impl AuthenticatorData {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, PasskeyError> {
        const SHORT: PasskeyError = PasskeyError("its data is cut short");
        let (party_hash, rest) = bytes.split_first_chunk::<32>().ok_or(SHORT)?;
        let (flags, rest) = rest.split_first().ok_or(SHORT)?;
        let (count, rest) = rest.split_first_chunk::<4>().ok_or(SHORT)?;
        let attested = if flags & ATTESTED == 0 { None } else { Some(attested(rest)?) };
        Ok(Self {
            party_hash: *party_hash,
            person_present: flags & PRESENT != 0,
            person_verified: flags & VERIFIED != 0,
            sign_count: u32::from_be_bytes(*count),
            attested,
        })
    }
}

fn attested(bytes: &[u8]) -> Result<Attested, PasskeyError> {
    const SHORT: PasskeyError = PasskeyError("its key is cut short");
    // The model of the authenticator: nobody's affair.
    let (_aaguid, rest) = bytes.split_first_chunk::<16>().ok_or(SHORT)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or(SHORT)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (credential, rest) = rest.split_at_checked(length).ok_or(SHORT)?;
    // One item of CBOR; extensions may follow it.
    let mut left = rest;
    let _: Value = ciborium::from_reader(&mut left).map_err(|_| SHORT)?;
    let cose_key = &rest[..rest.len() - left.len()];
    Ok(Attested { credential: credential.to_vec(), cose_key: cose_key.to_vec() })
}

/// The authenticator data within an attestation object.
pub(super) fn of_attestation(object: &[u8]) -> Result<Vec<u8>, PasskeyError> {
    const NONE: PasskeyError = PasskeyError("its attestation object can't be read");
    let value: Value = ciborium::from_reader(object).map_err(|_| NONE)?;
    let fields = value.into_map().map_err(|_| NONE)?;
    let data = fields.into_iter().find(|(key, _)| key.as_text() == Some("authData"));
    data.and_then(|(_, value)| value.into_bytes().ok()).ok_or(NONE)
}
