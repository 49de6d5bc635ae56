//! An upstream's answer, checked and made fit to be sent on: without OPT, with
//! the places of its TTLs and the names that it leads to. Hostile octets are
//! refused whole. Decides how long it may be kept, not where.

use std::net::IpAddr;

use domain::base::iana::{ExtendedErrorCode, Rcode, Rtype};
use domain::base::message::RecordSection;
use domain::base::name::{ParsedName, ToName};
use domain::base::{HeaderCounts, Message};
use domain::rdata::{A, Aaaa, Cname, Soa};

use crate::compose::{Ede, Reply};
use crate::name::end_of_compressed;
use crate::query::{Query, Question};

/// More aliases than this in one answer is an attack or a loop.
const TARGETS_MAX: usize = 32;
/// How long a failure is kept (RFC 2308 section 7.1 allows five minutes).
const FAILURE_SECONDS: u32 = 5;
/// What is said of an answer beyond its lifetime (RFC 8767 section 4).
const STALE_TTL_SECONDS: u32 = 30;

/// Caps on what may be kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caps {
    /// Of records.
    pub(crate) ttl: u32,
    /// Of their absence.
    pub(crate) negative_ttl: u32,
    /// Whether AD is believed.
    pub(crate) trusts_ad: bool,
}

/// An answer fit to be sent on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Relayed {
    message: Box<[u8]>,
    /// Offsets of the TTL of each record.
    ttls: Box<[u16]>,
    /// Where the additional section starts.
    additional_at: usize,
    /// CNAME, HTTPS and SVCB targets, in wire form and lower case.
    pub(crate) targets: Box<[Box<[u8]>]>,
    /// Addresses in the answer.
    pub(crate) addresses: Box<[IpAddr]>,
    /// How long it may be kept; zero is not at all.
    pub(crate) lifetime_seconds: u32,
    rcode: Rcode,
    ttl_cap: u32,
    authentic: bool,
}

/// Why an upstream's answer is not sent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It answers something else: another's, or forged. The right one may yet come.
    Stray,
    /// Cut short: ask again over TCP.
    Truncated,
    /// Ours, and malformed.
    Malformed,
}

impl Relayed {
    /// Checks that `bytes` answers `question` under `id`, and takes it in.
    pub(crate) fn read(
        id: u16,
        question: &Question,
        bytes: &[u8],
        caps: Caps,
    ) -> Result<Self, Unfit> {
        let message = Message::from_slice(bytes).map_err(|_| Unfit::Stray)?;
        let header = message.header();
        let counts = message.header_counts();
        if header.id() != id || !header.qr() || counts.qdcount() != 1 {
            return Err(Unfit::Stray);
        }
        if !Question::read(bytes).is_some_and(|echoed| echoed.same(question)) {
            return Err(Unfit::Stray);
        }
        if header.tc() {
            return Err(Unfit::Truncated);
        }
        let mut walk = Walk::new(caps.ttl);
        walk.message(message).ok_or(Unfit::Malformed)?;
        let mut answer = walk.finish(bytes, header.rcode(), caps);
        answer.authentic = caps.trusts_ad && header.ad();
        Ok(answer)
    }

    /// The message, the places of its TTLs, and the most that one may say.
    pub(crate) fn parts(&self) -> (&[u8], &[u16], u32) {
        (&self.message, &self.ttls, self.ttl_cap)
    }

    /// Whether an upstream that is trusted has found it authentic.
    pub(crate) fn is_authentic(&self) -> bool {
        self.authentic
    }

    /// The answer code.
    pub(crate) fn rcode(&self) -> Rcode {
        self.rcode
    }

    /// Octets held.
    pub(crate) fn octets(&self) -> usize {
        self.message.len()
            + 2 * self.ttls.len()
            + self.targets.iter().map(|t| t.len()).sum::<usize>()
            + size_of_val(&*self.addresses)
    }

    /// The answer for a client, kept for `age_seconds` since it came.
    pub(crate) fn reply(
        &self,
        query: &Query,
        age_seconds: u32,
        ede: Option<&Ede>,
        limit: usize,
    ) -> Vec<u8> {
        self.reply_with(query, ede, limit, |ttl| ttl.min(self.ttl_cap).saturating_sub(age_seconds))
    }

    /// The answer for a client, beyond its lifetime.
    pub(crate) fn reply_stale(&self, query: &Query, limit: usize) -> Vec<u8> {
        let code = match self.rcode {
            Rcode::NXDOMAIN => ExtendedErrorCode::STALE_NXDOMAIN_ANSWER,
            _ => ExtendedErrorCode::STALE_ANSWER,
        };
        let ede = Ede::new(code);
        self.reply_with(query, Some(&ede), limit, |ttl| ttl.min(STALE_TTL_SECONDS))
    }

    fn reply_with(
        &self,
        query: &Query,
        ede: Option<&Ede>,
        limit: usize,
        ttl_now: impl Fn(u32) -> u32,
    ) -> Vec<u8> {
        let mut reply = Reply::relay(query, &self.message);
        if self.authentic && query.wants_ad() {
            reply.authentic();
        }
        for at in &self.ttls {
            let at = usize::from(*at);
            let place = &mut reply.octets_mut()[at..at + 4];
            let ttl = u32::from_be_bytes([place[0], place[1], place[2], place[3]]);
            place.copy_from_slice(&ttl_now(ttl).to_be_bytes());
        }
        if !reply.fits(query, limit) {
            reply.drop_additional(self.additional_at);
        }
        reply.finish(query, ede, limit)
    }
}

/// What a walk over all records finds.
struct Walk {
    ttls: Vec<u16>,
    targets: Vec<Box<[u8]>>,
    addresses: Vec<IpAddr>,
    answers_min_ttl: Option<u32>,
    negative_ttl: Option<u32>,
    /// The last answer is an alias, or there is none: the rest is denied.
    denied: bool,
    additional_at: usize,
    end: usize,
    additional: u16,
    ttl_cap: u32,
}

impl Walk {
    fn new(ttl_cap: u32) -> Self {
        Self {
            ttls: Vec::new(),
            targets: Vec::new(),
            addresses: Vec::new(),
            answers_min_ttl: None,
            negative_ttl: None,
            denied: true,
            additional_at: 0,
            end: 0,
            additional: 0,
            ttl_cap,
        }
    }

    fn message(&mut self, message: &Message<[u8]>) -> Option<()> {
        let mut answers = message.answer().ok()?;
        let mut at = answers.pos();
        while let Some(record) = answers.next() {
            let record = record.ok()?;
            let ttl = sane(record.ttl().as_secs());
            self.ttl_at(answers.pos(), record.rdlen())?;
            self.names(&message.as_slice()[..answers.pos()], at, record.rtype())?;
            at = answers.pos();
            self.answers_min_ttl = Some(self.answers_min_ttl.map_or(ttl, |least| least.min(ttl)));
            self.denied = record.rtype() == Rtype::CNAME;
            match record.rtype() {
                Rtype::CNAME => {
                    let alias = record.into_record::<Cname<ParsedName<&[u8]>>>().ok()??;
                    self.target(alias.data().cname().to_vec().as_slice())?;
                }
                Rtype::A => {
                    let a = record.into_record::<A>().ok()??;
                    self.addresses.push(a.data().addr().into());
                }
                Rtype::AAAA => {
                    let aaaa = record.into_record::<Aaaa>().ok()??;
                    self.addresses.push(aaaa.data().addr().into());
                }
                Rtype::SVCB | Rtype::HTTPS => {
                    let end = answers.pos();
                    let data = message.as_slice().get(end - usize::from(record.rdlen())..end)?;
                    self.service_target(data)?;
                }
                _ => {}
            }
        }
        let mut authority = answers.next_section().ok()??;
        let mut at = authority.pos();
        while let Some(record) = authority.next() {
            let record = record.ok()?;
            let ttl = sane(record.ttl().as_secs());
            self.ttl_at(authority.pos(), record.rdlen())?;
            self.names(&message.as_slice()[..authority.pos()], at, record.rtype())?;
            at = authority.pos();
            if record.rtype() == Rtype::SOA {
                let soa = record.into_record::<Soa<ParsedName<&[u8]>>>().ok()??;
                self.negative_ttl = Some(ttl.min(soa.data().minimum().as_secs()));
            }
        }
        self.additional(message.as_slice(), authority.next_section().ok()??)
    }

    /// The additional section up to the OPT record. What follows it is left out:
    /// it is optional by nature, and its pointers would have to be moved.
    fn additional(&mut self, message: &[u8], mut section: RecordSection<'_, [u8]>) -> Option<()> {
        self.additional_at = section.pos();
        self.end = section.pos();
        let mut kept = true;
        let mut at = section.pos();
        while let Some(record) = section.next() {
            let record = record.ok()?;
            kept &= record.rtype() != Rtype::OPT;
            if kept {
                self.ttl_at(section.pos(), record.rdlen())?;
                self.names(&message[..section.pos()], at, record.rtype())?;
                self.end = section.pos();
                self.additional += 1;
            }
            at = section.pos();
        }
        Some(())
    }

    /// Checks the record at `at`, the last of `message`: its owner, and the names in
    /// its data that clients decompress. Each means the same under another header and
    /// TTL, and the data is as long as its type says.
    fn names(&self, message: &[u8], at: usize, rtype: Rtype) -> Option<()> {
        const FIXED_OCTETS: usize = 10;
        let mut at = end_of_compressed(message, at, &self.ttls)? + FIXED_OCTETS;
        let (octets_before, count, octets_behind) = match rtype {
            Rtype::CNAME | Rtype::NS | Rtype::PTR | Rtype::DNAME => (0, 1, 0),
            Rtype::MX => (2, 1, 0),
            Rtype::SOA => (0, 2, 20),
            _ => return Some(()),
        };
        at += octets_before;
        for _ in 0..count {
            at = end_of_compressed(message, at, &self.ttls)?;
        }
        (at + octets_behind == message.len()).then_some(())
    }

    /// Notes where the TTL of the record is that ends at `end`.
    fn ttl_at(&mut self, end: usize, data_octets: u16) -> Option<()> {
        let at = end.checked_sub(usize::from(data_octets) + 6)?;
        self.ttls.push(u16::try_from(at).ok()?);
        Some(())
    }

    fn target(&mut self, wire: &[u8]) -> Option<()> {
        if self.targets.len() == TARGETS_MAX {
            return None;
        }
        self.targets.push(wire.to_ascii_lowercase().into());
        Some(())
    }

    /// Priority, then the target uncompressed (RFC 9460 section 2.2).
    fn service_target(&mut self, data: &[u8]) -> Option<()> {
        let end = crate::name::end_of_name(data, 2)?;
        let target = data.get(2..end)?;
        if target.len() > 1 { self.target(target) } else { Some(()) }
    }

    fn finish(self, bytes: &[u8], rcode: Rcode, caps: Caps) -> Relayed {
        let mut message: Box<[u8]> = bytes[..self.end].into();
        HeaderCounts::for_message_slice_mut(&mut message).set_arcount(self.additional);
        let negative = rcode == Rcode::NXDOMAIN || self.denied;
        let lifetime_seconds = match rcode {
            Rcode::NOERROR | Rcode::NXDOMAIN if negative => self
                .negative_ttl
                .map_or(0, |ttl| ttl.min(self.answers_min_ttl.unwrap_or(ttl)))
                .min(caps.negative_ttl),
            Rcode::NOERROR => self.answers_min_ttl.unwrap_or(0).min(caps.ttl),
            Rcode::SERVFAIL => FAILURE_SECONDS,
            _ => 0,
        };
        // A client must not keep "no" longer than the gate does.
        let ttl_cap = if negative { self.ttl_cap.min(lifetime_seconds) } else { self.ttl_cap };
        Relayed {
            message,
            ttls: self.ttls.into(),
            additional_at: self.additional_at,
            targets: self.targets.into(),
            addresses: self.addresses.into(),
            lifetime_seconds,
            rcode,
            ttl_cap,
            authentic: false,
        }
    }
}

/// A TTL with its highest bit set means zero (RFC 2181 section 8).
fn sane(ttl: u32) -> u32 {
    if ttl > i32::MAX.unsigned_abs() { 0 } else { ttl }
}
