//! Ceremonies with keys of our own: what a browser would send, and each way in which
//! it may be wrong.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use proptest::prelude::*;

use super::*;

const ORIGIN: &str = "http://localhost:8080";
const CHALLENGE: Challenge = [9; 32];
/// Present, verified.
const FLAGS: u8 = 0x05;

fn party() -> RelyingParty {
    RelyingParty::of(ORIGIN).unwrap()
}

/// An authenticator in software.
pub(crate) enum Key {
    P256(EcdsaKeyPair),
    Ed25519(Box<Ed25519KeyPair>),
}

impl Key {
    pub(crate) fn p256() -> Self {
        Self::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    fn ed25519() -> Self {
        Self::Ed25519(Box::new(Ed25519KeyPair::generate().unwrap()))
    }

    fn cose(&self) -> Vec<u8> {
        let fields: Vec<(i32, Value)> = match self {
            Self::P256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (&point[1..33], &point[33..]);
                vec![
                    (1, 2.into()),
                    (3, (-7).into()),
                    (-1, 1.into()),
                    (-2, Value::Bytes(x.into())),
                    (-3, Value::Bytes(y.into())),
                ]
            }
            Self::Ed25519(pair) => {
                let key = pair.public_key().as_ref();
                vec![
                    (1, 1.into()),
                    (3, (-8).into()),
                    (-1, 6.into()),
                    (-2, Value::Bytes(key.into())),
                ]
            }
        };
        let fields = fields.into_iter().map(|(label, value)| (label.into(), value)).collect();
        cbor(&Value::Map(fields))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// What `credentials.create` gives.
    pub(crate) fn make(&self, origin: &str, challenge: &Challenge) -> (Vec<u8>, Vec<u8>) {
        let mut data = data(origin, FLAGS | 0x40, 0);
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&[0, 4]);
        data.extend_from_slice(b"cred");
        data.extend_from_slice(&self.cose());
        let object = Value::Map(vec![
            ("fmt".into(), "none".into()),
            ("attStmt".into(), Value::Map(Vec::new())),
            ("authData".into(), Value::Bytes(data)),
        ]);
        (client("webauthn.create", origin, challenge), cbor(&object))
    }

    /// What `credentials.get` gives: client data, authenticator data, signature.
    pub(crate) fn assert(&self, origin: &str, challenge: &Challenge, count: u32) -> [Vec<u8>; 3] {
        self.assert_with(client("webauthn.get", origin, challenge), data(origin, FLAGS, count))
    }

    fn assert_with(&self, client: Vec<u8>, data: Vec<u8>) -> [Vec<u8>; 3] {
        let mut signed = data.clone();
        signed.extend_from_slice(&Sha256::digest(&client));
        let signature = self.sign(&signed);
        [client, data, signature]
    }
}

use ciborium::Value;

fn cbor(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn data(origin: &str, flags: u8, count: u32) -> Vec<u8> {
    let id = RelyingParty::of(origin).unwrap().id;
    let mut data = Sha256::digest(id.as_bytes()).to_vec();
    data.push(flags);
    data.extend_from_slice(&count.to_be_bytes());
    data
}

fn client(act: &str, origin: &str, challenge: &Challenge) -> Vec<u8> {
    let challenge = BASE64URL_NOPAD.encode(challenge);
    let data = serde_json::json!({ "type": act, "challenge": challenge, "origin": origin,
        "crossOrigin": false, "other_keys_can_be_added_here": "yes" });
    data.to_string().into_bytes()
}

fn try_assertion(parts: &[Vec<u8>; 3], key: &[u8], count: u64) -> Result<u32, PasskeyError> {
    let [client_data, authenticator_data, signature] = parts;
    let assertion = Assertion { client_data, authenticator_data, signature };
    let (challenge, count) = check_assertion(&party(), assertion, key, count)?;
    assert_eq!(challenge, CHALLENGE);
    Ok(count)
}

#[test]
fn a_passkey_is_made_and_signs() {
    for key in [Key::p256(), Key::ed25519()] {
        let (client_data, attestation) = key.make(ORIGIN, &CHALLENGE);
        let (challenge, made) = check_made(&party(), &client_data, &attestation).unwrap();
        assert_eq!((challenge, made.credential.as_slice()), (CHALLENGE, b"cred".as_slice()));
        assert_eq!(made.cose_key, key.cose());
        let parts = key.assert(ORIGIN, &CHALLENGE, 0);
        assert_eq!(try_assertion(&parts, &made.cose_key, 0), Ok(0));
    }
}

#[test]
fn what_is_not_ours_is_refused() {
    let key = Key::p256();
    let cose = key.cose();
    let check = |parts: [Vec<u8>; 3], count: u64, why: &str| {
        let refused = try_assertion(&parts, &cose, count).unwrap_err();
        assert!(refused.0.contains(why), "{why}: {refused}");
    };
    check(key.assert("http://localhost:9090", &CHALLENGE, 0), 0, "another address");
    let ours = || client("webauthn.get", ORIGIN, &CHALLENGE);
    check(
        key.assert_with(client("webauthn.create", ORIGIN, &CHALLENGE), data(ORIGIN, 5, 0)),
        0,
        "another act",
    );
    check(key.assert_with(ours(), data("http://evil.example", 5, 0)), 0, "another site");
    check(key.assert_with(ours(), data(ORIGIN, 0x01, 0)), 0, "that it is you");
    check(key.assert_with(ours(), data(ORIGIN, 0x04, 0)), 0, "that it is you");
    check(key.assert(ORIGIN, &CHALLENGE, 7), 7, "copied");
    check(key.assert(ORIGIN, &CHALLENGE, 0), 7, "copied");
    check(Key::p256().assert(ORIGIN, &CHALLENGE, 8), 7, "signature is wrong");
    check(key.assert_with(ours(), vec![1; 20]), 0, "cut short");
    check(key.assert_with(b"{}".to_vec(), data(ORIGIN, 5, 0)), 0, "not JSON");
    check(key.assert_with(vec![b' '; FIELD_MAX + 1], data(ORIGIN, 5, 0)), 0, "too long");
    assert_eq!(try_assertion(&key.assert(ORIGIN, &CHALLENGE, 8), &cose, 7), Ok(8));
}

#[test]
fn a_page_within_another_is_refused() {
    let key = Key::p256();
    let data_ = String::from_utf8(client("webauthn.get", ORIGIN, &CHALLENGE)).unwrap();
    let framed = data_.replace("\"crossOrigin\":false", "\"crossOrigin\":true");
    let parts = key.assert_with(framed.into_bytes(), data(ORIGIN, 5, 0));
    assert!(try_assertion(&parts, &key.cose(), 0).is_err());
}

#[test]
fn parties_are_read_from_origins() {
    let id = |origin| RelyingParty::of(origin).map(|party| party.id);
    assert_eq!(id("http://localhost:8080").as_deref(), Some("localhost"));
    assert_eq!(id("https://belfry.example").as_deref(), Some("belfry.example"));
    for bad in ["", "localhost", "ftp://x", "https://", "https://a.example/path", "https://a b"] {
        assert_eq!(id(bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn no_octets_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = AuthenticatorData::read(&bytes);
        let _ = authenticator::of_attestation(&bytes);
        let _ = PublicKey::read(&bytes);
        let _ = ClientData::read(&bytes);
    }

    #[test]
    fn a_changed_octet_is_no_assertion(at in 0_usize..37, bit in 0_u8..8) {
        let key = Key::ed25519();
        let mut parts = key.assert(ORIGIN, &CHALLENGE, 1);
        parts[1][at] ^= 1 << bit;
        prop_assert!(try_assertion(&parts, &key.cose(), 0).is_err());
    }
}
