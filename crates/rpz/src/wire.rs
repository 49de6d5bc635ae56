//! DNS messages, as far as zone transfer needs them: reading untrusted octets
//! without panic or allocation by a claimed length, and writing short replies.

/// Octets of a header.
/// Octets before the question.
pub const HEADER: usize = 12;
const NAME_MAX: usize = 255;
const LABEL_MAX: u8 = 63;
/// Records that one request may hold; a real one holds three.
const RECORDS_MAX: usize = 16;

/// Record types that are named here.
pub mod kind {
    /// An IPv4 address.
    pub const A: u16 = 1;
    /// Start of authority.
    pub const SOA: u16 = 6;
    /// EDNS.
    pub const OPT: u16 = 41;
    /// A transaction's signature.
    pub const TSIG: u16 = 250;
    /// A zone's changes.
    pub const IXFR: u16 = 251;
    /// A whole zone.
    pub const AXFR: u16 = 252;
}

/// Response codes.
pub mod rcode {
    /// No error.
    pub const NOERROR: u8 = 0;
    /// The request can't be read.
    pub const FORMERR: u8 = 1;
    /// Not this kind of request.
    pub const NOTIMP: u8 = 4;
    /// Not for this one.
    pub const REFUSED: u8 = 5;
    /// Not our zone, or a signature that does not hold.
    pub const NOTAUTH: u8 = 9;
}

/// The class of the Internet.
pub const IN: u16 = 1;
/// The operation that tells of a change.
pub const NOTIFY: u8 = 4;

/// Why octets are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a DNS message: {0}")]
pub struct Malformed(pub &'static str);

/// A header, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What ties an answer to its question.
    pub id: u16,
    /// Whether it is a response.
    pub response: bool,
    /// The operation.
    pub opcode: u8,
    /// Cut short.
    pub truncated: bool,
    /// The response code.
    pub rcode: u8,
    /// Records of the four sections.
    pub counts: [u16; 4],
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The name in lower case, uncompressed.
    pub name: Vec<u8>,
    /// The type asked for.
    pub kind: u16,
    /// The class.
    pub class: u16,
}

/// One record; its data is a range of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it starts.
    pub start: usize,
    /// Its owner in lower case, uncompressed.
    pub name: Vec<u8>,
    /// Its type.
    pub kind: u16,
    /// Its class.
    pub class: u16,
    /// Its time to live.
    pub ttl: u32,
    /// Where its data is.
    pub data: std::ops::Range<usize>,
}

/// A request: one question and a few records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its header.
    pub header: Header,
    /// Its question.
    pub question: Question,
    /// Where the question ends.
    pub question_end: usize,
    /// The serial in the authority section's SOA, where there is one.
    pub serial: Option<u32>,
    /// Whether it speaks EDNS.
    pub edns: bool,
    /// Its signature, the last record of all.
    pub signature: Option<Record>,
}

/// Reads a message from the front.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Header {
    /// Reads the first twelve octets.
    ///
    /// # Errors
    /// [`Malformed`] where there are fewer.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader { bytes, at: 0 };
        let id = reader.u16()?;
        let [high, low] = reader.u16()?.to_be_bytes();
        let mut counts = [0; 4];
        for count in &mut counts {
            *count = reader.u16()?;
        }
        Ok(Self {
            id,
            response: high & 0x80 != 0,
            opcode: high >> 3 & 0x0F,
            truncated: high & 0x02 != 0,
            rcode: low & 0x0F,
            counts,
        })
    }
}

impl Request {
    /// Reads a request, all of it.
    ///
    /// # Errors
    /// [`Malformed`]: not one question, too many records, a signature that is not last, or
    /// octets that are no message.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let header = Header::read(bytes)?;
        let [questions, answers, authority, additional] = header.counts.map(usize::from);
        if questions != 1 || answers + authority + additional > RECORDS_MAX {
            return Err(Malformed("not one question and a few records"));
        }
        let mut reader = Reader { bytes, at: HEADER };
        let question = reader.question()?;
        let question_end = reader.at;
        let (mut serial, mut edns, mut signature) = (None, false, None);
        for number in 0..answers + authority + additional {
            if signature.is_some() {
                return Err(Malformed("a record after the signature"));
            }
            let record = reader.record()?;
            let section = (number >= answers) as u8 + (number >= answers + authority) as u8;
            match (section, record.kind) {
                (1, kind::SOA) => serial = Some(soa_serial(bytes, &record)?),
                (2, kind::OPT) => edns = true,
                (2, kind::TSIG) => signature = Some(record),
                _ => {}
            }
        }
        if reader.at != bytes.len() {
            return Err(Malformed("octets after the message"));
        }
        Ok(Self { header, question, question_end, serial, edns, signature })
    }

    /// The start of a reply: header with `rcode`, question, no records.
    pub(crate) fn reply(&self, bytes: &[u8], rcode: u8) -> Vec<u8> {
        let mut out = reply_header(bytes, rcode);
        out[5] = 1;
        out.extend_from_slice(&bytes[HEADER..self.question_end]);
        out
    }
}

/// The header of a reply to a message that may not be readable past its own.
pub(crate) fn reply_header(bytes: &[u8], rcode: u8) -> Vec<u8> {
    let mut out = vec![0; HEADER];
    out[..2].copy_from_slice(&bytes[..2]);
    // Response, authoritative, the operation and "recursion desired" as they came.
    out[2] = 0x84 | bytes[2] & 0x79;
    out[3] = rcode;
    out
}

/// Adds to a count of the header: 1 answers, 3 additional.
pub(crate) fn count(out: &mut [u8], section: usize, more: u16) {
    let at = 4 + 2 * section;
    let now = u16::from_be_bytes([out[at], out[at + 1]]).saturating_add(more);
    out[at..at + 2].copy_from_slice(&now.to_be_bytes());
}

/// Adds an empty OPT record: EDNS is spoken here, with 1,232 octets.
pub(crate) fn push_opt(out: &mut Vec<u8>) {
    out.extend_from_slice(&[0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0]);
    count(out, 3, 1);
}

/// The serial in the data of an SOA record.
///
/// # Errors
/// [`Malformed`].
pub fn soa_serial(bytes: &[u8], record: &Record) -> Result<u32, Malformed> {
    let mut reader = Reader { bytes, at: record.data.start };
    reader.name()?;
    reader.name()?;
    let serial = reader.u32()?;
    if reader.at + 16 != record.data.end {
        return Err(Malformed("an SOA of another length"));
    }
    Ok(serial)
}

impl<'a> Reader<'a> {
    /// After the header of `bytes`.
    pub fn after_header(bytes: &'a [u8]) -> Self {
        Self { bytes, at: HEADER }
    }

    /// At this octet of `bytes`.
    pub fn at(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Where it stands.
    pub fn position(&self) -> usize {
        self.at
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(Malformed("cut short"))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    /// One octet.
    ///
    /// # Errors
    /// [`Malformed`] at the end.
    pub fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }

    /// Two octets.
    ///
    /// # Errors
    /// [`Malformed`] at the end.
    pub fn u16(&mut self) -> Result<u16, Malformed> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// Four octets.
    ///
    /// # Errors
    /// [`Malformed`] at the end.
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        let bytes = self.take(4)?;
        Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// As many octets as two octets before them say.
    pub(crate) fn counted(&mut self) -> Result<&'a [u8], Malformed> {
        let count = usize::from(self.u16()?);
        self.take(count)
    }

    /// The next `count` octets.
    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        self.take(count)
    }

    /// A name, in lower case and uncompressed. Pointers go back only.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn name(&mut self) -> Result<Vec<u8>, Malformed> {
        let mut name = Vec::new();
        let mut reader = *self;
        let mut end = None;
        let mut floor = self.at;
        loop {
            let length = reader.u8()?;
            match length {
                0 => break,
                1..=LABEL_MAX => {
                    let label = reader.take(usize::from(length))?;
                    name.push(length);
                    name.extend(label.iter().map(u8::to_ascii_lowercase));
                    if name.len() >= NAME_MAX {
                        return Err(Malformed("a name too long"));
                    }
                }
                0xC0..=0xFF => {
                    let low = reader.u8()?;
                    let target = usize::from(u16::from_be_bytes([length & 0x3F, low]));
                    end.get_or_insert(reader.at);
                    if target >= floor {
                        return Err(Malformed("a pointer that does not go back"));
                    }
                    floor = target;
                    reader.at = target;
                }
                _ => return Err(Malformed("a label of no known kind")),
            }
        }
        name.push(0);
        self.at = end.unwrap_or(reader.at);
        Ok(name)
    }

    /// A question.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn question(&mut self) -> Result<Question, Malformed> {
        Ok(Question { name: self.name()?, kind: self.u16()?, class: self.u16()? })
    }

    /// A record.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn record(&mut self) -> Result<Record, Malformed> {
        let start = self.at;
        let (name, kind, class, ttl) = (self.name()?, self.u16()?, self.u16()?, self.u32()?);
        let length = self.counted()?.len();
        Ok(Record { start, name, kind, class, ttl, data: self.at - length..self.at })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// An IXFR request for `rpz.test` at serial 7, with EDNS.
    pub(crate) fn ixfr() -> Vec<u8> {
        let mut bytes = b"\x12\x34\0\0\0\x01\0\0\0\x01\0\x01\x03RPZ\x04test\0\0\xfb\0\x01".to_vec();
        bytes.extend_from_slice(b"\xc0\x0c\0\x06\0\x01\0\0\0\0\0\x16\0\0\0\0\0\x07");
        bytes.extend_from_slice(&[0; 16]);
        bytes.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    #[test]
    fn a_request_is_read() {
        let request = Request::read(&ixfr()).unwrap();
        assert_eq!(request.question.name, b"\x03rpz\x04test\0");
        assert_eq!((request.question.kind, request.serial), (kind::IXFR, Some(7)));
        assert!(request.edns && request.signature.is_none());
        let reply = request.reply(&ixfr(), rcode::REFUSED);
        assert_eq!(reply[..12], *b"\x12\x34\x84\x05\0\x01\0\0\0\0\0\0");
        assert_eq!(reply[12..], ixfr()[12..request.question_end]);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for cut in 0..ixfr().len() {
            assert!(Request::read(&ixfr()[..cut]).is_err(), "{cut}");
        }
        let check = |at: usize, octet: u8, why: &'static str| {
            let mut bytes = ixfr();
            bytes[at] = octet;
            assert_eq!(Request::read(&bytes), Err(Malformed(why)));
        };
        check(5, 2, "not one question and a few records");
        check(7, 15, "not one question and a few records");
        check(12, 0x80, "a label of no known kind");
        check(12, 0xC0, "a pointer that does not go back");
        let mut longer = ixfr();
        longer.push(0);
        assert_eq!(Request::read(&longer), Err(Malformed("octets after the message")));
    }

    #[test]
    fn pointers_are_followed_back_and_no_further() {
        let check = |bytes: &[u8], at: usize, expected: Result<(&[u8], usize), &'static str>| {
            let mut reader = Reader::at(bytes, at);
            let read = reader.name().map(|name| (name, reader.position()));
            let expected = expected.map(|(name, end)| (name.to_vec(), end)).map_err(Malformed);
            assert_eq!(read, expected, "{bytes:?} at {at}");
        };
        let bytes = b"\x04test\0\x03RPZ\xc0\0\x01a\xc0\x06";
        check(bytes, 0, Ok((b"\x04test\0", 6)));
        check(bytes, 6, Ok((b"\x03rpz\x04test\0", 12)));
        check(bytes, 12, Ok((b"\x01a\x03rpz\x04test\0", 16)));
        check(b"\xc0\0", 0, Err("a pointer that does not go back"));
        check(b"\x01a\xc0\x02", 0, Err("a pointer that does not go back"));
        check(b"\x01a\xc0\0", 2, Ok((b"\x01a", 4)).and(Err("a pointer that does not go back")));
        check(b"\x01a\xc0", 0, Err("cut short"));
        check(b"\x40", 0, Err("a label of no known kind"));
        check(b"\x05ab", 0, Err("cut short"));
    }

    #[test]
    fn a_name_has_at_most_255_octets() {
        let of = |labels: usize, last: u8| {
            let mut bytes = Vec::new();
            for _ in 0..labels {
                bytes.push(63);
                bytes.extend_from_slice(&[b'a'; 63]);
            }
            bytes.push(last);
            bytes.extend(std::iter::repeat_n(b'b', usize::from(last)));
            bytes.push(0);
            bytes
        };
        let longest = of(3, 61);
        assert_eq!(Reader::at(&longest, 0).name().unwrap().len(), NAME_MAX);
        let longer = of(3, 62);
        assert_eq!(Reader::at(&longer, 0).name(), Err(Malformed("a name too long")));
    }

    #[test]
    fn a_signature_must_be_last_and_an_soa_of_its_length() {
        let mut signed = ixfr();
        let opt = signed.len() - 11;
        let tsig = [0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 0];
        signed.splice(opt..opt, tsig);
        signed[11] = 2;
        assert_eq!(Request::read(&signed), Err(Malformed("a record after the signature")));
        let mut last = ixfr();
        last.extend_from_slice(&tsig);
        last[11] = 2;
        assert!(Request::read(&last).unwrap().signature.is_some());
        let mut short = ixfr();
        let length = short.iter().position(|octet| *octet == 22).unwrap();
        short[length] = 21;
        short.remove(length + 22);
        assert_eq!(Request::read(&short), Err(Malformed("an SOA of another length")));
    }

    proptest! {
        #[test]
        fn random_octets_do_no_harm(bytes in vec(any::<u8>(), 0..200)) {
            let _ = Request::read(&bytes);
        }

        #[test]
        fn changed_requests_do_no_harm(changes in vec((0_usize..66, any::<u8>()), 1..4)) {
            let mut bytes = ixfr();
            for (at, octet) in changes {
                let last = bytes.len() - 1;
                bytes[at.min(last)] = octet;
            }
            if let Ok(request) = Request::read(&bytes) {
                prop_assert!(request.question.name.len() <= NAME_MAX);
                prop_assert!(request.question_end <= bytes.len());
            }
        }
    }
}
