//! Passkeys (Web Authentication Level 2): what a browser sends when one is made and
//! when one signs, checked. No attestation is asked for: which maker's key a person
//! holds is nobody's affair, and the one-time link says who they are.
//!
//! Cryptography is aws-lc-rs, the one library of that kind here; the crates that do
//! all of Web Authentication bring a second one. `client` reads what the browser says,
//! `authenticator` what the key says, `cose` checks signatures, `challenges` keeps
//! what was asked. No I/O.

mod authenticator;
mod challenges;
mod client;
mod cose;
#[cfg(test)]
pub(crate) mod tests;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

pub(crate) use self::authenticator::AuthenticatorData;
pub(crate) use self::challenges::{Challenge, Challenges};
use self::client::{Ceremony, ClientData};
pub(crate) use self::cose::ALGORITHMS;
use self::cose::PublicKey;

/// Octets of any one field that a browser sends: attestation "none" has under 1 KiB.
const FIELD_MAX: usize = 16 << 10;
/// Octets of a credential's id, by the standard.
const CREDENTIAL_MAX: usize = 1_023;

/// Why a passkey is not taken. It is told to the person, who can only try again: what
/// went wrong in detail goes to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the passkey is not accepted: {0}")]
pub(crate) struct PasskeyError(pub(crate) &'static str);

/// Who we are to a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RelyingParty {
    /// `https://belfry.example`, as the address bar has it.
    pub(crate) origin: String,
    /// Its host: what passkeys are bound to.
    pub(crate) id: String,
}

impl RelyingParty {
    /// The party of an origin: scheme, host, perhaps a port, nothing behind it.
    pub(crate) fn of(origin: &str) -> Option<Self> {
        let (scheme, rest) = origin.split_once("://")?;
        let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
        let known = matches!(scheme, "https" | "http") && !host.is_empty();
        (known && rest.chars().all(plain)).then(|| Self { origin: origin.into(), id: host.into() })
    }

    /// Whether browsers reach us by TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

/// A passkey that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) credential: Vec<u8>,
    pub(crate) cose_key: Vec<u8>,
    pub(crate) sign_count: u32,
}

/// Checks what `navigator.credentials.create` gave; answers the passkey, and the challenge
/// that it answers: whether that was ours is the caller's to check.
pub(crate) fn check_made(
    party: &RelyingParty,
    client_data: &[u8],
    attestation: &[u8],
) -> Result<(Challenge, Made), PasskeyError> {
    bounded(&[client_data, attestation])?;
    let challenge = ClientData::read(client_data)?.check(Ceremony::Create, &party.origin)?;
    let data = authenticator::of_attestation(attestation)?;
    let data = AuthenticatorData::read(&data)?;
    check_data(&data, party)?;
    let attested = data.attested.ok_or(PasskeyError("it has no key"))?;
    if attested.credential.is_empty() || attested.credential.len() > CREDENTIAL_MAX {
        return Err(PasskeyError("its id has a length that none has"));
    }
    PublicKey::read(&attested.cose_key)?;
    Ok((
        challenge,
        Made {
            credential: attested.credential,
            cose_key: attested.cose_key,
            sign_count: data.sign_count,
        },
    ))
}

/// What `navigator.credentials.get` gave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assertion<'a> {
    pub(crate) client_data: &'a [u8],
    pub(crate) authenticator_data: &'a [u8],
    pub(crate) signature: &'a [u8],
}

/// Checks a signature by the key as it is kept, which had signed `sign_count` times;
/// answers the new count and the challenge, as [`check_made`].
pub(crate) fn check_assertion(
    party: &RelyingParty,
    assertion: Assertion<'_>,
    cose_key: &[u8],
    sign_count: u64,
) -> Result<(Challenge, u32), PasskeyError> {
    let Assertion { client_data, authenticator_data, signature } = assertion;
    bounded(&[client_data, authenticator_data, signature])?;
    let challenge = ClientData::read(client_data)?.check(Ceremony::Get, &party.origin)?;
    let data = AuthenticatorData::read(authenticator_data)?;
    check_data(&data, party)?;
    let mut signed = authenticator_data.to_vec();
    signed.extend_from_slice(&Sha256::digest(client_data));
    PublicKey::read(cose_key)?.verify(&signed, signature)?;
    let counts = sign_count != 0 || data.sign_count != 0;
    if counts && u64::from(data.sign_count) <= sign_count {
        return Err(PasskeyError("its counter went back: it may have been copied"));
    }
    Ok((challenge, data.sign_count))
}

fn check_data(data: &AuthenticatorData, party: &RelyingParty) -> Result<(), PasskeyError> {
    if data.party_hash != *Sha256::digest(party.id.as_bytes()) {
        return Err(PasskeyError("it is for another site"));
    }
    if !(data.person_present && data.person_verified) {
        return Err(PasskeyError("it did not check that it is you (PIN, finger or face)"));
    }
    Ok(())
}

fn bounded(fields: &[&[u8]]) -> Result<(), PasskeyError> {
    let fits = fields.iter().all(|field| field.len() <= FIELD_MAX);
    if fits { Ok(()) } else { Err(PasskeyError("a part of it is too long")) }
}

/// Reads what scripts send as base64url.
pub(crate) fn unpack(text: &str) -> Result<Vec<u8>, PasskeyError> {
    // One bound more than the octets', before anything is allocated.
    if text.len() > FIELD_MAX * 4 / 3 + 4 {
        return Err(PasskeyError("a part of it is too long"));
    }
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| PasskeyError("a part is not base64url"))
}
