//! Public keys as authenticators write them (RFC 9053), and their signatures: ES256,
//! EdDSA and RS256, which every authenticator of today has one of.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use ciborium::Value;

use super::PasskeyError;

/// What we take, the one that we like best first: EdDSA, ES256, RS256.
pub(crate) const ALGORITHMS: [i32; 3] = [EDDSA, ES256, RS256];
const ES256: i32 = -7;
const EDDSA: i32 = -8;
const RS256: i32 = -257;

const KEY_TYPE: i32 = 1;
const ALGORITHM: i32 = 3;
const OKP: i32 = 1;
const EC2: i32 = 2;
const RSA: i32 = 3;
const P256: i32 = 1;
const ED25519_CURVE: i32 = 6;

/// A key that signatures can be checked with.
#[derive(Debug)]
pub(super) enum PublicKey {
    /// An uncompressed point.
    P256([u8; 65]),
    Ed25519([u8; 32]),
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
}

impl PublicKey {
    pub(super) fn read(cose: &[u8]) -> Result<Self, PasskeyError> {
        let value: Value =
            ciborium::from_reader(cose).map_err(|_| PasskeyError("its key is not CBOR"))?;
        let fields = Fields(value.into_map().map_err(|_| PasskeyError("its key is no map"))?);
        match (fields.number(KEY_TYPE)?, fields.number(ALGORITHM)?) {
            (EC2, ES256) if fields.number(-1)? == P256 => {
                let mut point = [4; 65];
                point[1..33].copy_from_slice(&fields.octets::<32>(-2)?);
                point[33..].copy_from_slice(&fields.octets::<32>(-3)?);
                Ok(Self::P256(point))
            }
            (OKP, EDDSA) if fields.number(-1)? == ED25519_CURVE => {
                Ok(Self::Ed25519(fields.octets::<32>(-2)?))
            }
            (RSA, RS256) => Ok(Self::Rsa(RsaPublicKeyComponents {
                n: fields.bytes(-1)?.to_vec(),
                e: fields.bytes(-2)?.to_vec(),
            })),
            _ => Err(PasskeyError("its key is of a kind that we do not take")),
        }
    }

    pub(super) fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<(), PasskeyError> {
        let verified = match self {
            Self::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(signed, signature)
            }
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(signed, signature),
            Self::Rsa(key) => key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature),
        };
        verified.map_err(|_| PasskeyError("its signature is wrong"))
    }
}

struct Fields(Vec<(Value, Value)>);

impl Fields {
    fn value(&self, label: i32) -> Result<&Value, PasskeyError> {
        let label = Value::from(label);
        let found = self.0.iter().find(|(key, _)| *key == label);
        found.map(|(_, value)| value).ok_or(PasskeyError("its key lacks a part"))
    }

    fn number(&self, label: i32) -> Result<i32, PasskeyError> {
        let number = self.value(label)?.as_integer().and_then(|number| number.try_into().ok());
        number.ok_or(PasskeyError("a part of its key is no number"))
    }

    fn bytes(&self, label: i32) -> Result<&[u8], PasskeyError> {
        let bytes = self.value(label)?.as_bytes().map(Vec::as_slice);
        bytes.ok_or(PasskeyError("a part of its key is no octets"))
    }

    fn octets<const N: usize>(&self, label: i32) -> Result<[u8; N], PasskeyError> {
        let bytes = self.bytes(label)?;
        bytes.try_into().map_err(|_| PasskeyError("a part of its key has a wrong length"))
    }
}
