//! One request of a secondary, answered: SOA, AXFR and IXFR, signed or by address,
//! over UDP or a stream.
//!
//! Whoever is not known gets nothing: not whether a zone exists, nor its serial.

use std::net::IpAddr;
use std::sync::{Arc, RwLock};

use belfry_indicator::Domain;
use belfry_journal::Serial;

use crate::record::push_soa;
use crate::transfer::{Shape, Transfer};
use crate::tsig::{Key, Signer, refuse};
use crate::wire::{HEADER, IN, Request, count, kind, push_opt, rcode, reply_header};
use crate::zone::Zone;
use crate::zones::read;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// In a datagram: only what fits.
    Udp,
    /// Over TCP or TLS.
    Stream,
}

/// Who asks: an address, and the key whose signature holds.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// Where the request came from.
    pub address: IpAddr,
    /// The name of its key.
    pub key: Option<&'a [u8]>,
}

/// Who may have what.
pub trait Directory {
    /// The key with this name on the wire.
    fn key(&self, name: &[u8]) -> Option<Key>;

    /// The zone of this name, if this one may have it.
    fn zone(&self, asker: Asker<'_>, apex: &Domain) -> Option<Arc<RwLock<Zone>>>;
}

/// What goes back.
#[derive(Debug)]
pub enum Answer {
    /// Nothing: it was no request.
    Silence,
    /// One message.
    Message(Vec<u8>),
    /// As many messages as it takes.
    Transfer(Box<Transfer>),
}

/// What was asked and came of it, for the log and for the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The zone.
    pub zone: Option<Domain>,
    /// The key whose signature held.
    pub key: Option<Vec<u8>>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was refused, for this.
    Refused(&'static str),
    /// It was told the serial.
    Told(Serial),
    /// It said by an IXFR that it has the latest version.
    InStep(Serial),
    /// It takes this version, by all of it or by what changed since its own.
    Takes(Serial, Shape),
    /// It says that it is past us: another history.
    Ahead(u32),
    /// It was told to come by TCP.
    ByTcp,
}

/// Answers one request.
pub fn answer(
    bytes: &[u8],
    over: Transport,
    address: IpAddr,
    directory: &impl Directory,
    now_seconds: u64,
) -> (Answer, Asked) {
    let mut asked = Asked { zone: None, key: None, outcome: Outcome::Refused("no request") };
    // The answer to an answer would be a loop.
    if bytes.len() < HEADER || bytes[2] & 0x80 != 0 {
        return (Answer::Silence, asked);
    }
    let refused = |asked: &mut Asked, why, reply| {
        asked.outcome = Outcome::Refused(why);
        Answer::Message(reply)
    };
    if bytes[2] >> 3 & 0x0F != 0 {
        let reply = reply_header(bytes, rcode::NOTIMP);
        return (refused(&mut asked, "no query", reply), asked);
    }
    let request = match Request::read(bytes) {
        Ok(request) => request,
        Err(malformed) => {
            let reply = reply_header(bytes, rcode::FORMERR);
            return (refused(&mut asked, malformed.0, reply), asked);
        }
    };
    let mut signer = match identify(bytes, &request, directory, now_seconds) {
        Ok(signer) => signer,
        Err((why, reply)) => return (refused(&mut asked, why, reply), asked),
    };
    let key = request.signature.as_ref().map(|record| record.name.clone());
    asked.key.clone_from(&key);
    let apex = Domain::from_wire(&request.question.name).ok();
    let asker = Asker { address, key: key.as_deref() };
    let zone = apex.as_ref().and_then(|apex| directory.zone(asker, apex));
    asked.zone = apex;
    let session = Session { bytes, request: &request, over };
    let (answer, outcome) = match zone {
        Some(zone) => session.serve(&zone, signer.take(), now_seconds),
        None => {
            let reply = session.closed(rcode::REFUSED, signer.as_mut(), now_seconds);
            (reply, Outcome::Refused("not for this one"))
        }
    };
    asked.outcome = outcome;
    (answer, asked)
}

/// What signs the answer, where the request is signed; else why it is refused, and the reply.
fn identify(
    bytes: &[u8],
    request: &Request,
    directory: &impl Directory,
    now: u64,
) -> Result<Option<Signer>, (&'static str, Vec<u8>)> {
    use crate::tsig::TsigError;
    let Some(record) = &request.signature else { return Ok(None) };
    let key = directory.key(&record.name);
    let verified = match &key {
        Some(key) => key.verify_request(bytes, request, now),
        None => Err(TsigError::BadKey),
    };
    verified.map(Some).map_err(|why| {
        let words = match why {
            TsigError::Missing => "a signature that can't be read",
            TsigError::BadKey => "an unknown key",
            TsigError::BadSignature => "a wrong signature",
            TsigError::BadTime => "a signature of another time",
        };
        (words, refuse(bytes, request, key.as_ref(), why, now))
    })
}

/// A request that can be read.
struct Session<'a> {
    bytes: &'a [u8],
    request: &'a Request,
    over: Transport,
}

impl Session<'_> {
    fn serve(
        &self,
        zone: &RwLock<Zone>,
        mut signer: Option<Signer>,
        now: u64,
    ) -> (Answer, Outcome) {
        let question = &self.request.question;
        let refused = |session: &Self, code, mut signer: Option<Signer>, why| {
            (session.closed(code, signer.as_mut(), now), Outcome::Refused(why))
        };
        match (question.class, question.kind, self.request.serial) {
            (IN, kind::SOA, _) => {
                let serial = read(zone).serial();
                (self.soa(zone, signer.as_mut(), now), Outcome::Told(serial))
            }
            (IN, kind::AXFR | kind::IXFR, _) if self.over == Transport::Udp => {
                self.over_udp(zone, signer, now)
            }
            (IN, kind::AXFR, _) => self.whole(zone, signer),
            (IN, kind::IXFR, Some(serial)) => self.since(zone, serial, signer, now),
            (IN, kind::IXFR, None) => {
                refused(self, rcode::FORMERR, signer, "an IXFR without a serial")
            }
            _ => refused(self, rcode::REFUSED, signer, "neither SOA, AXFR nor IXFR"),
        }
    }

    fn whole(&self, zone: &RwLock<Zone>, signer: Option<Signer>) -> (Answer, Outcome) {
        let view = read(zone).view();
        let serial = view.serial;
        let transfer = Transfer::whole(view, self.request.reply(self.bytes, 0), signer);
        (Answer::Transfer(Box::new(transfer)), Outcome::Takes(serial, Shape::Whole))
    }

    fn since(
        &self,
        zone: &RwLock<Zone>,
        theirs: u32,
        mut signer: Option<Signer>,
        now: u64,
    ) -> (Answer, Outcome) {
        let (view, difference) = {
            let zone = read(zone);
            (zone.view(), zone.since(theirs))
        };
        let ours = view.soa_serial();
        if theirs == ours {
            return (self.soa(zone, signer.as_mut(), now), Outcome::InStep(view.serial));
        }
        let Some(difference) = difference else {
            let (answer, outcome) = self.whole(zone, signer);
            // Serial arithmetic (RFC 1982): less than half the circle before them.
            let ahead = theirs.wrapping_sub(ours) < 1 << 31;
            return (answer, if ahead { Outcome::Ahead(theirs) } else { outcome });
        };
        let serial = view.serial;
        let head = self.request.reply(self.bytes, 0);
        let transfer = Transfer::since(view, head, &difference, signer);
        let shape = transfer.shape();
        (Answer::Transfer(Box::new(transfer)), Outcome::Takes(serial, shape))
    }

    fn over_udp(
        &self,
        zone: &RwLock<Zone>,
        mut signer: Option<Signer>,
        now: u64,
    ) -> (Answer, Outcome) {
        let (serial, soa) = {
            let zone = read(zone);
            (zone.serial(), zone.view().soa_serial())
        };
        if self.request.question.kind == kind::IXFR && self.request.serial == Some(soa) {
            return (self.soa(zone, signer.as_mut(), now), Outcome::InStep(serial));
        }
        let mut reply = self.request.reply(self.bytes, 0);
        reply[2] |= 0x02;
        (self.finish(reply, signer.as_mut(), now), Outcome::ByTcp)
    }

    fn soa(&self, zone: &RwLock<Zone>, signer: Option<&mut Signer>, now: u64) -> Answer {
        let view = read(zone).view();
        let mut reply = self.request.reply(self.bytes, 0);
        push_soa(&mut reply, &view.settings, view.soa_serial());
        count(&mut reply, 1, 1);
        self.finish(reply, signer, now)
    }

    fn closed(&self, code: u8, signer: Option<&mut Signer>, now: u64) -> Answer {
        self.finish(self.request.reply(self.bytes, code), signer, now)
    }

    fn finish(&self, mut reply: Vec<u8>, signer: Option<&mut Signer>, now: u64) -> Answer {
        if self.request.edns {
            push_opt(&mut reply);
        }
        if let Some(signer) = signer {
            signer.sign(&mut reply, now);
        }
        Answer::Message(reply)
    }
}

#[cfg(test)]
mod tests;
