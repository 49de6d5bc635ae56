//! The usual answers, written over the query that they answer: its id and its
//! question stay where they are. Says octet for octet what `compose` would.

use domain::base::iana::{Class, ExtendedErrorCode, OptionCode, Rcode, Rtype};

use crate::answer::Engine;
use crate::blockset::Hit;
use crate::fast::ask::Ask;
use crate::query::UDP_OCTETS_MAX;
use crate::rpz::{Action, Zone, ZoneHit, ZoneSet};
use crate::settings::AnswerMode;
use crate::zoned::NEGATIVE_TTL_SECONDS_MAX;

/// A compression pointer to the question's name.
const TO_QUESTION: u16 = 0xc000 | 12;
const OPT_OCTETS: usize = 11;

/// An answer being written behind its question.
pub(super) struct Writer<'a> {
    octets: &'a mut [u8],
    at: usize,
    limit: usize,
    answers: u16,
    authority: u16,
    /// Something did not fit: this is no usual answer.
    full: bool,
}

impl<'a> Writer<'a> {
    /// Begins after the question.
    #[inline]
    pub(super) fn new(octets: &'a mut [u8], ask: &Ask) -> Self {
        let room = if ask.edns.is_some() { OPT_OCTETS } else { 0 };
        let limit = ask.limit().saturating_sub(room).min(octets.len());
        Self { octets, at: ask.end, limit, answers: 0, authority: 0, full: false }
    }

    #[inline]
    fn put(&mut self, octets: &[u8]) {
        let end = self.at + octets.len();
        if end > self.limit {
            self.full = true;
        } else if let Some(place) = self.octets.get_mut(self.at..end) {
            place.copy_from_slice(octets);
            self.at = end;
        }
    }

    #[inline]
    fn record(&mut self, owner: &[u8], rtype: Rtype, ttl: u32, data: &[u8]) {
        let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
        let mut head = [0; 10];
        head[..2].copy_from_slice(&rtype.to_int().to_be_bytes());
        head[2..4].copy_from_slice(&Class::IN.to_int().to_be_bytes());
        head[4..8].copy_from_slice(&ttl.to_be_bytes());
        head[8..].copy_from_slice(&length.to_be_bytes());
        self.put(owner);
        self.put(&head);
        self.put(data);
    }

    #[inline]
    fn answer(&mut self, rtype: Rtype, ttl: u32, data: &[u8]) {
        self.record(&TO_QUESTION.to_be_bytes(), rtype, ttl, data);
        self.answers += 1;
    }

    fn negative_soa(&mut self, zone_at: usize, ttl: u32, serial: u32) {
        const NAMES: &[u8; 32] = b"\x06belfry\x07invalid\0\x06nobody\x07invalid\0";
        let mut data = [0; 52];
        data[..32].copy_from_slice(NAMES);
        for (place, number) in data[32..].chunks_exact_mut(4).zip([serial, 3_600, 600, 86_400, ttl])
        {
            place.copy_from_slice(&number.to_be_bytes());
        }
        let owner = TO_QUESTION + u16::try_from(zone_at).unwrap_or_default();
        self.record(&owner.to_be_bytes(), Rtype::SOA, ttl, &data);
        self.authority += 1;
    }

    /// The finished answer's length; `None` where it did not fit, and the packet's
    /// question and header are still the client's.
    #[inline]
    fn finish(
        mut self,
        ask: &Ask,
        rcode: Rcode,
        ede: Option<(ExtendedErrorCode, &[&[u8]])>,
    ) -> Option<usize> {
        if self.full {
            return None;
        }
        let additional = u16::from(ask.edns.is_some());
        if ask.edns.is_some() {
            self.limit = (ask.limit()).min(self.octets.len());
            self.opt(ask, ede);
        }
        let counts = [self.answers, self.authority, additional];
        head(self.octets, ask, rcode, counts);
        (!self.full).then_some(self.at)
    }

    fn opt(&mut self, ask: &Ask, ede: Option<(ExtendedErrorCode, &[&[u8]])>) {
        let room = self.limit.saturating_sub(self.at);
        let mut option = 0;
        let mut words = 0;
        if let Some((_, text)) = ede {
            words = text.iter().map(|part| part.len()).sum();
            if OPT_OCTETS + 6 + words > room {
                words = 0;
            }
            option = if OPT_OCTETS + 6 + words <= room { 6 + words } else { 0 };
        }
        let mut record = [0; OPT_OCTETS];
        record[1..3].copy_from_slice(&Rtype::OPT.to_int().to_be_bytes());
        record[3..5].copy_from_slice(&UDP_OCTETS_MAX.to_be_bytes());
        record[7] = if ask.dnssec_ok() { 0x80 } else { 0 };
        record[9..].copy_from_slice(&u16::try_from(option).unwrap_or_default().to_be_bytes());
        self.put(&record);
        let Some((code, text)) = ede.filter(|_| option > 0) else { return };
        let length = u16::try_from(2 + words).unwrap_or_default();
        self.put(&OptionCode::EXTENDED_ERROR.to_int().to_be_bytes());
        self.put(&length.to_be_bytes());
        self.put(&code.to_int().to_be_bytes());
        if words > 0 {
            text.iter().for_each(|part| self.put(part));
        }
    }
}

/// The header of an answer, over that of its query.
#[inline]
pub(super) fn head(octets: &mut [u8], ask: &Ask, rcode: Rcode, counts: [u16; 3]) {
    let [answers, authority, additional] = counts.map(u16::to_be_bytes);
    octets[2] = 0x80 | u8::from(ask.rd);
    octets[3] = 0x80 | u8::from(ask.cd) << 4 | rcode.to_int();
    octets[6..8].copy_from_slice(&answers);
    octets[8..10].copy_from_slice(&authority);
    octets[10..12].copy_from_slice(&additional);
}

/// A plain OPT record at `at`, where the query has one; the answer's new length.
#[inline]
pub(super) fn plain_opt(octets: &mut [u8], ask: &Ask, at: usize) -> usize {
    if ask.edns.is_none() {
        return at;
    }
    let [size0, size1] = UDP_OCTETS_MAX.to_be_bytes();
    let flags = if ask.dnssec_ok() { 0x80 } else { 0 };
    octets[at..at + OPT_OCTETS].copy_from_slice(&[0, 0, 41, size0, size1, 0, 0, flags, 0, 0, 0]);
    at + OPT_OCTETS
}

/// The warning that an order asks for.
#[inline]
pub(super) fn warning(octets: &mut [u8], ask: &Ask, engine: &Engine, hit: &Hit) -> Option<usize> {
    let category = hit.rule.slot.category;
    let warning = &engine.warning;
    let exists = engine.answers.of(category) == AnswerMode::Redirect
        && (warning.ipv4.is_some() || warning.ipv6.is_some());
    let rcode = if exists { Rcode::NOERROR } else { Rcode::NXDOMAIN };
    let mut writer = Writer::new(octets, ask);
    let code = match (exists, ask.qtype, warning.ipv4, warning.ipv6) {
        (true, Rtype::A, Some(ip), _) => {
            writer.answer(Rtype::A, engine.block_ttl, &ip.octets());
            ExtendedErrorCode::FORGED_ANSWER
        }
        (true, Rtype::AAAA, _, Some(ip)) => {
            writer.answer(Rtype::AAAA, engine.block_ttl, &ip.octets());
            ExtendedErrorCode::FORGED_ANSWER
        }
        _ => {
            let [.., a, b, c, d] = hit.rule.serial.0.to_be_bytes();
            writer.negative_soa(hit.at, engine.block_ttl, u32::from_be_bytes([a, b, c, d]));
            engine.errors.of(category).code()
        }
    };
    let mut digits = [0; 20];
    let number = decimal(hit.rule.serial.0, &mut digits);
    let words = engine.errors.of(category).words_of(category).as_bytes();
    let text: [&[u8]; 3] = [words, b"; order ", number];
    writer.finish(ask, rcode, Some((code, &text)))
}

/// What a zone asks for; `None` leaves it to the slow path.
#[inline]
pub(super) fn zoned(
    octets: &mut [u8],
    ask: &Ask,
    engine: &Engine,
    zones: &ZoneSet,
    hit: ZoneHit,
) -> Option<usize> {
    let zone = zones.zone(hit);
    let mut writer = Writer::new(octets, ask);
    let mut rcode = Rcode::NOERROR;
    match zones.action(hit) {
        Action::Local(local) if local.alias.is_none() => {
            for record in local.records.iter().filter(|record| record.rtype == ask.qtype) {
                writer.answer(record.rtype, record.ttl, &record.data);
            }
        }
        Action::NxDomain => rcode = Rcode::NXDOMAIN,
        Action::NoData => {}
        _ => return None,
    }
    let code = if writer.answers > 0 {
        ExtendedErrorCode::FORGED_ANSWER
    } else {
        denied(&mut writer, zone, usize::from(hit.at), engine.block_ttl);
        ExtendedErrorCode::BLOCKED
    };
    writer.finish(ask, rcode, Some((code, &[zone.name.as_bytes()])))
}

fn denied(writer: &mut Writer<'_>, zone: &Zone, at: usize, ttl: u32) {
    match &zone.soa {
        Some((data, ttl)) => {
            let ttl = (*ttl).min(NEGATIVE_TTL_SECONDS_MAX);
            writer.record(&zone.apex, Rtype::SOA, ttl, data);
            writer.authority += 1;
        }
        None => writer.negative_soa(at, ttl, 1),
    }
}

/// A number in decimal digits.
fn decimal(mut number: u64, digits: &mut [u8; 20]) -> &[u8] {
    let mut at = digits.len();
    loop {
        at -= 1;
        let [digit, ..] = (number % 10).to_le_bytes();
        digits[at] = b'0' + digit;
        number /= 10;
        if number == 0 {
            return &digits[at..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_digits() {
        for number in [0, 9, 10, 4_294_967_296, u64::MAX] {
            assert_eq!(decimal(number, &mut [0; 20]), number.to_string().as_bytes());
        }
    }
}
