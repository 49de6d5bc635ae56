//! TSIG (RFC 8945): requests are verified, answers signed, a transfer message by
//! message; and the other way round for a secondary. HMAC-SHA256 and SHA512, whole MACs only.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

use crate::wire::{Malformed, Reader, Record, Request, count, kind, rcode};

/// How far clocks may differ.
const FUDGE_SECONDS: u16 = 300;
const ANY: u16 = 255;
/// Messages of one answer that may come without a signature of their own (RFC 8945 5.3.1).
const UNSIGNED_MAX: u32 = 99;

/// An algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC-SHA256.
    Sha256,
    /// HMAC-SHA512.
    Sha512,
}

/// A shared key.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    name: Vec<u8>,
    algorithm: Algorithm,
    secret: Vec<u8>,
}

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TsigError {
    /// There is none, or it is no TSIG record.
    #[error("there is no signature, or it can't be read")]
    Missing,
    /// The key is not known, or has another algorithm.
    #[error("the key is not known")]
    BadKey,
    /// The MAC is another.
    #[error("the signature is wrong")]
    BadSignature,
    /// The clocks differ by more than 300 seconds.
    #[error("the clocks differ too much, or the message is old")]
    BadTime,
}

/// What a TSIG record says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fields<'a> {
    algorithm: Vec<u8>,
    time: u64,
    fudge: u16,
    mac: &'a [u8],
    original_id: u16,
    error: u16,
    other: &'a [u8],
}

/// Signs the messages of one answer, in order.
#[derive(Clone)]
pub struct Signer {
    key: Key,
    /// The MAC before: the request's, then that of the last message.
    before: Vec<u8>,
    first: bool,
}

/// Verifies the messages of one answer, in order; or the request's own, at a server.
#[derive(Clone)]
pub struct Verifier {
    key: Key,
    before: Vec<u8>,
    /// Messages since the last signature.
    unsigned: Vec<u8>,
    unsigned_count: u32,
    first: bool,
}

impl Algorithm {
    /// Its name, as servers' configurations write it.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Sha256 => "hmac-sha256",
            Algorithm::Sha512 => "hmac-sha512",
        }
    }

    /// The algorithm of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha512].into_iter().find(|algorithm| algorithm.name() == name)
    }

    fn wire(self) -> Vec<u8> {
        let mut wire = vec![11];
        wire.extend_from_slice(self.name().as_bytes());
        wire.push(0);
        wire
    }
}

impl Key {
    /// A key by its name on the wire, in lower case.
    pub fn new(name: Vec<u8>, algorithm: Algorithm, secret: Vec<u8>) -> Self {
        Self { name, algorithm, secret }
    }

    /// Its name on the wire.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    fn mac(&self, parts: &[&[u8]]) -> Vec<u8> {
        fn over<M: Mac + KeyInit>(secret: &[u8], parts: &[&[u8]]) -> Vec<u8> {
            let mut mac =
                <M as KeyInit>::new_from_slice(secret).expect("HMAC takes a key of any length");
            parts.iter().for_each(|part| mac.update(part));
            mac.finalize().into_bytes().to_vec()
        }
        match self.algorithm {
            Algorithm::Sha256 => over::<Hmac<Sha256>>(&self.secret, parts),
            Algorithm::Sha512 => over::<Hmac<Sha512>>(&self.secret, parts),
        }
    }

    /// The part of a record that its MAC covers.
    fn variables(&self, time: u64, fudge: u16, error: u16, other: &[u8]) -> Vec<u8> {
        let mut out = self.name.clone();
        out.extend_from_slice(&ANY.to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.algorithm.wire());
        push_time(&mut out, time, fudge);
        out.extend_from_slice(&error.to_be_bytes());
        push_counted(&mut out, other);
        out
    }

    /// Signs a request; what verifies its answer.
    pub fn sign_request(&self, message: &mut Vec<u8>, now: u64) -> Verifier {
        let variables = self.variables(now, FUDGE_SECONDS, 0, &[]);
        let mac = self.mac(&[message, &variables]);
        push_record(message, self, now, &mac, 0, &[]);
        Verifier {
            key: self.clone(),
            before: mac,
            unsigned: Vec::new(),
            unsigned_count: 0,
            first: true,
        }
    }

    /// Verifies a request's signature; what signs its answer.
    ///
    /// # Errors
    /// [`TsigError`]. The session makes the answer to it.
    pub fn verify_request(
        &self,
        bytes: &[u8],
        request: &Request,
        now: u64,
    ) -> Result<Signer, TsigError> {
        let record = request.signature.as_ref().ok_or(TsigError::Missing)?;
        let fields = Fields::read(bytes, record).map_err(|_| TsigError::Missing)?;
        if record.name != self.name || fields.algorithm != self.algorithm.wire() {
            return Err(TsigError::BadKey);
        }
        let variables = self.variables(fields.time, fields.fudge, fields.error, fields.other);
        let stripped = strip(bytes, record, fields.original_id);
        let mac = self.mac(&[&stripped, &variables]);
        if !bool::from(mac.ct_eq(fields.mac)) {
            return Err(TsigError::BadSignature);
        }
        let signer = Signer { key: self.clone(), before: mac, first: true };
        if now.abs_diff(fields.time) > u64::from(fields.fudge.min(FUDGE_SECONDS)) {
            return Err(TsigError::BadTime);
        }
        Ok(signer)
    }
}

impl std::fmt::Debug for Key {
    /// Without the secret: it must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("first", &self.first).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").field("first", &self.first).finish_non_exhaustive()
    }
}

impl Signer {
    /// Signs the next message of the answer.
    pub fn sign(&mut self, message: &mut Vec<u8>, now: u64) {
        self.sign_with(message, now, 0, &[]);
    }

    fn sign_with(&mut self, message: &mut Vec<u8>, now: u64, error: u16, other: &[u8]) {
        let covered = if self.first {
            self.key.variables(now, FUDGE_SECONDS, error, other)
        } else {
            timers(now, FUDGE_SECONDS)
        };
        let length = length_of(&self.before);
        let mac = self.key.mac(&[&length, &self.before, message, &covered]);
        push_record(message, &self.key, now, &mac, error, other);
        self.before = mac;
        self.first = false;
    }
}

impl Verifier {
    /// Verifies the next message of the answer. A message between the first and the last may
    /// come without a signature; the next one covers it.
    ///
    /// # Errors
    /// [`TsigError`].
    pub fn verify(&mut self, bytes: &[u8], now: u64) -> Result<(), TsigError> {
        let Some(record) = last_record(bytes).filter(|record| record.kind == kind::TSIG) else {
            self.unsigned_count += 1;
            if self.first || self.unsigned_count > UNSIGNED_MAX {
                return Err(TsigError::Missing);
            }
            self.unsigned.extend_from_slice(bytes);
            return Ok(());
        };
        let fields = Fields::read(bytes, &record).map_err(|_| TsigError::Missing)?;
        if record.name != self.key.name || fields.algorithm != self.key.algorithm.wire() {
            return Err(TsigError::BadKey);
        }
        let covered = if self.first {
            self.key.variables(fields.time, fields.fudge, fields.error, fields.other)
        } else {
            timers(fields.time, fields.fudge)
        };
        let stripped = strip(bytes, &record, fields.original_id);
        let length = length_of(&self.before);
        let parts: [&[u8]; 5] = [&length, &self.before, &self.unsigned, &stripped, &covered];
        let mac = self.key.mac(&parts);
        if !bool::from(mac.ct_eq(fields.mac)) {
            return Err(TsigError::BadSignature);
        }
        if now.abs_diff(fields.time) > u64::from(FUDGE_SECONDS) {
            return Err(TsigError::BadTime);
        }
        self.before = mac;
        self.first = false;
        self.unsigned.clear();
        self.unsigned_count = 0;
        Ok(())
    }

    /// Whether the last message verified had a signature of its own: an answer must end so.
    pub fn is_closed(&self) -> bool {
        !self.first && self.unsigned_count == 0
    }
}

/// The answer to a request whose signature does not hold: NOTAUTH, unsigned, but for a clock
/// that is off, which is told by a signed answer with our time.
pub(crate) fn refuse(
    bytes: &[u8],
    request: &Request,
    key: Option<&Key>,
    why: TsigError,
    now: u64,
) -> Vec<u8> {
    let error = match why {
        TsigError::Missing => {
            return request.reply(bytes, rcode::FORMERR);
        }
        TsigError::BadSignature => 16,
        TsigError::BadKey => 17,
        TsigError::BadTime => 18,
    };
    let mut reply = request.reply(bytes, rcode::NOTAUTH);
    let Some(record) = &request.signature else { return reply };
    let Ok(fields) = Fields::read(bytes, record) else { return reply };
    match key {
        Some(key) if why == TsigError::BadTime => {
            let mut signer = Signer { key: key.clone(), before: fields.mac.to_vec(), first: true };
            let mut other = Vec::new();
            push_time(&mut other, now, 0);
            other.truncate(6);
            signer.sign_with(&mut reply, fields.time, error, &other);
        }
        _ => {
            reply.extend_from_slice(&record.name);
            push_rest(&mut reply, &fields.algorithm, fields.time, &[], error, &[]);
        }
    }
    reply
}

impl<'a> Fields<'a> {
    fn read(bytes: &'a [u8], record: &Record) -> Result<Self, Malformed> {
        let mut reader = Reader::at(bytes, record.data.start);
        let algorithm = reader.name()?;
        let time = u64::from(reader.u16()?) << 32 | u64::from(reader.u32()?);
        let fields = Self {
            algorithm,
            time,
            fudge: reader.u16()?,
            mac: reader.counted()?,
            original_id: reader.u16()?,
            error: reader.u16()?,
            other: reader.counted()?,
        };
        if reader.position() != record.data.end || record.class != ANY {
            return Err(Malformed("a signature of another length"));
        }
        Ok(fields)
    }
}

/// What a server says of the signature that it was asked with, where it does not hold; an
/// answer to be told to a person, since anybody may have written it.
pub fn complaint(bytes: &[u8]) -> Option<TsigError> {
    let record = last_record(bytes).filter(|record| record.kind == kind::TSIG)?;
    match Fields::read(bytes, &record).ok()?.error {
        16 => Some(TsigError::BadSignature),
        17 => Some(TsigError::BadKey),
        18 => Some(TsigError::BadTime),
        _ => None,
    }
}

/// The message as it was before its signature was put under it.
fn strip(bytes: &[u8], record: &Record, original_id: u16) -> Vec<u8> {
    let mut stripped = bytes[..record.start].to_vec();
    stripped[..2].copy_from_slice(&original_id.to_be_bytes());
    let additional = u16::from_be_bytes([stripped[10], stripped[11]]).saturating_sub(1);
    stripped[10..12].copy_from_slice(&additional.to_be_bytes());
    stripped
}

fn last_record(bytes: &[u8]) -> Option<Record> {
    let header = crate::wire::Header::read(bytes).ok()?;
    if header.counts[3] == 0 {
        return None;
    }
    let mut reader = Reader::after_header(bytes);
    for _ in 0..header.counts[0] {
        reader.question().ok()?;
    }
    let records: u32 = header.counts[1..].iter().map(|count| u32::from(*count)).sum();
    let mut last = None;
    for _ in 0..records {
        last = Some(reader.record().ok()?);
    }
    last
}

fn timers(time: u64, fudge: u16) -> Vec<u8> {
    let mut out = Vec::with_capacity(8);
    push_time(&mut out, time, fudge);
    out
}

/// 48 bits of seconds, and by how much they may differ.
fn push_time(out: &mut Vec<u8>, time: u64, fudge: u16) {
    out.extend_from_slice(&time.to_be_bytes()[2..]);
    out.extend_from_slice(&fudge.to_be_bytes());
}

fn length_of(mac: &[u8]) -> [u8; 2] {
    u16::try_from(mac.len()).expect("a MAC has at most 64 octets").to_be_bytes()
}

fn push_counted(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u16::try_from(bytes.len()).expect("it came in two octets' length, or is ours");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

fn push_record(message: &mut Vec<u8>, key: &Key, time: u64, mac: &[u8], error: u16, other: &[u8]) {
    message.extend_from_slice(&key.name);
    push_rest(message, &key.algorithm.wire(), time, mac, error, other);
}

/// A TSIG record after its owner.
fn push_rest(
    message: &mut Vec<u8>,
    algorithm: &[u8],
    time: u64,
    mac: &[u8],
    error: u16,
    other: &[u8],
) {
    let mut data = algorithm.to_vec();
    push_time(&mut data, time, FUDGE_SECONDS);
    push_counted(&mut data, mac);
    data.extend_from_slice(&message[..2]);
    data.extend_from_slice(&error.to_be_bytes());
    push_counted(&mut data, other);
    message.extend_from_slice(&kind::TSIG.to_be_bytes());
    message.extend_from_slice(&ANY.to_be_bytes());
    message.extend_from_slice(&[0; 4]);
    push_counted(message, &data);
    count(message, 3, 1);
}

#[cfg(test)]
mod tests;
