//! Signatures in both directions, over every kind of change.

use super::*;

const NOW: u64 = 1_800_000_000;

fn key(algorithm: Algorithm) -> Key {
    Key::new(b"\x03isp\x06belfry\0".to_vec(), algorithm, vec![7; 32])
}

fn query() -> Vec<u8> {
    b"\x12\x34\0\0\0\x01\0\0\0\0\0\0\x03rpz\x04test\0\0\xfc\0\x01".to_vec()
}

/// A signed request, what it is read as, and what verifies the answer.
fn signed(algorithm: Algorithm) -> (Vec<u8>, Request, Verifier) {
    let mut bytes = query();
    let verifier = key(algorithm).sign_request(&mut bytes, NOW);
    let request = Request::read(&bytes).unwrap();
    (bytes, request, verifier)
}

#[test]
fn a_conversation_is_signed_from_end_to_end() {
    for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
        let (bytes, request, mut verifier) = signed(algorithm);
        let mut signer = key(algorithm).verify_request(&bytes, &request, NOW + 299).unwrap();
        for _ in 0..3 {
            let mut message = request.reply(&bytes, 0);
            signer.sign(&mut message, NOW);
            verifier.verify(&message, NOW + 1).unwrap();
        }
        assert!(verifier.is_closed());
    }
}

/// As RFC 8945 lays it out; the MAC was made with Python's hmac over the same octets.
#[test]
fn the_mac_is_that_of_others() {
    let (bytes, ..) = signed(Algorithm::Sha256);
    let mut expected = query();
    expected[11] = 0;
    let mut covered = expected.clone();
    covered.extend_from_slice(b"\x03isp\x06belfry\0\0\xff\0\0\0\0\x0bhmac-sha256\0");
    covered.extend_from_slice(b"\0\0\x6b\x49\xd2\0\x01\x2c\0\0\0\0");
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&[7; 32]).unwrap();
    mac.update(&covered);
    let mac = mac.finalize().into_bytes();
    let at = bytes.len() - 6 - 32;
    assert_eq!(bytes[at..at + 32], mac[..]);
}

#[test]
fn another_octet_key_or_time_is_refused() {
    let (bytes, request, _) = signed(Algorithm::Sha256);
    let ours = key(Algorithm::Sha256);
    let refused = |key: &Key, bytes: &[u8], now| {
        key.verify_request(bytes, &Request::read(bytes).unwrap(), now).unwrap_err()
    };
    let mut other = bytes.clone();
    other[3] ^= 0x10;
    assert_eq!(refused(&ours, &other, NOW), TsigError::BadSignature);
    let stranger = Key::new(b"\x03isp\x06belfry\0".to_vec(), Algorithm::Sha256, vec![8; 32]);
    assert_eq!(refused(&stranger, &bytes, NOW), TsigError::BadSignature);
    assert_eq!(refused(&key(Algorithm::Sha512), &bytes, NOW), TsigError::BadKey);
    assert_eq!(refused(&ours, &bytes, NOW + 301), TsigError::BadTime);
    assert_eq!(refused(&ours, &bytes, NOW - 301), TsigError::BadTime);
    let plain = query();
    assert_eq!(refused(&ours, &plain, NOW), TsigError::Missing);
    let reply = refuse(&bytes, &request, Some(&ours), TsigError::BadTime, NOW + 1_000);
    // NOTAUTH, error 18, and our own clock.
    assert_eq!(reply[3] & 0x0F, rcode::NOTAUTH);
    assert_eq!(reply[reply.len() - 10..reply.len() - 6], [0, 18, 0, 6]);
    let unsigned = refuse(&bytes, &request, None, TsigError::BadKey, NOW);
    assert_eq!(unsigned[unsigned.len() - 4..], [0, 17, 0, 0]);
    let complaints = [&reply, &unsigned, &bytes, &plain].map(|message| complaint(message));
    assert_eq!(complaints, [Some(TsigError::BadTime), Some(TsigError::BadKey), None, None]);
}

#[test]
fn a_transfer_may_leave_messages_unsigned_in_between_but_not_at_the_ends() {
    let (bytes, request, mut verifier) = signed(Algorithm::Sha256);
    let mut signer = key(Algorithm::Sha256).verify_request(&bytes, &request, NOW).unwrap();
    let plain = request.reply(&bytes, 0);
    assert_eq!(verifier.verify(&plain, NOW), Err(TsigError::Missing));
    let mut first = plain.clone();
    signer.sign(&mut first, NOW);
    let (_, _, mut verifier) = {
        let fresh = signed(Algorithm::Sha256);
        assert_eq!(fresh.0, bytes);
        fresh
    };
    verifier.verify(&first, NOW).unwrap();
    verifier.verify(&plain, NOW).unwrap();
    assert!(!verifier.is_closed());
    // The next signature covers the message without one.
    let mut last = plain.clone();
    let covered = timers(NOW, FUDGE_SECONDS);
    let mac =
        signer.key.mac(&[&length_of(&signer.before), &signer.before, &plain, &plain, &covered]);
    push_record(&mut last, &signer.key, NOW, &mac, 0, &[]);
    verifier.verify(&last, NOW).unwrap();
    assert!(verifier.is_closed());
}
