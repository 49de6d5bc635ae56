//! PDUs of SMPP 3.4, as far as a filter must understand them: the header, and the fields
//! of messages. Everything else is passed on as it came.

/// Octets of a header.
pub(crate) const HEADER: usize = 16;
/// Octets of the longest PDU that is taken; a message with 64 KiB of payload fits.
pub(crate) const PDU_MAX: usize = 72 << 10;

pub(crate) const SUBMIT_SM: u32 = 0x0000_0004;
pub(crate) const DELIVER_SM: u32 = 0x0000_0005;
pub(crate) const UNBIND: u32 = 0x0000_0006;
pub(crate) const BIND_TRANSCEIVER: u32 = 0x0000_0009;
pub(crate) const ENQUIRE_LINK: u32 = 0x0000_0015;
pub(crate) const DATA_SM: u32 = 0x0000_0103;
pub(crate) const RESPONSE: u32 = 0x8000_0000;

/// Command status: success.
pub(crate) const ROK: u32 = 0;
/// The message is refused.
pub(crate) const RSUBMITFAIL: u32 = 0x45;
/// A receiver refuses the message for good.
pub(crate) const RX_R_APPN: u32 = 0x66;
/// A receiver can't take the message now.
pub(crate) const RX_T_APPN: u32 = 0x64;
/// Too many messages are under way.
pub(crate) const RTHROTTLED: u32 = 0x58;
/// Nothing can be decided now.
pub(crate) const RSYSERR: u32 = 0x08;

const TAG_PAYLOAD: u16 = 0x0424;
const TAG_SAR_REF: u16 = 0x020c;
const TAG_SAR_TOTAL: u16 = 0x020e;
const TAG_SAR_SEQ: u16 = 0x020f;
const UDH_INDICATOR: u8 = 0x40;
/// Octets of the longest text field that is skipped, over what SMPP allows.
const TEXT_MAX: usize = 256;

/// A header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) length: usize,
    pub(crate) command: u32,
    pub(crate) status: u32,
    pub(crate) sequence: u32,
}

/// The header at the start of these octets, once it is whole. An unlawful length is
/// handed out as it is.
pub(crate) fn header(bytes: &[u8]) -> Option<Header> {
    let word = |at: usize| {
        let word = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes(word.try_into().ok()?))
    };
    let length = usize::try_from(word(0)?).unwrap_or(usize::MAX);
    Some(Header { length, command: word(4)?, status: word(8)?, sequence: word(12)? })
}

/// What of a message matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message<'a> {
    pub(crate) source: &'a [u8],
    pub(crate) destination: &'a [u8],
    pub(crate) coding: u8,
    /// The text's octets, without a user data header.
    pub(crate) text: &'a [u8],
    pub(crate) part: Option<Part>,
    /// It reports on another message, and holds no text of a person.
    pub(crate) is_receipt: bool,
}

/// Which part of a longer message this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Part {
    pub(crate) reference: u16,
    pub(crate) total: u8,
    pub(crate) number: u8,
}

/// The message in a whole PDU of that command; `None` where its fields do not fit.
pub(crate) fn message(command: u32, pdu: &[u8]) -> Option<Message<'_>> {
    let mut fields = Fields { bytes: pdu.get(HEADER..)? };
    fields.text()?;
    fields.take(2)?;
    let source = fields.text()?;
    fields.take(2)?;
    let destination = fields.text()?;
    let class = fields.octet()?;
    let mut message = Message { source, destination, ..Message::default() };
    if command == DATA_SM {
        fields.take(1)?;
        message.coding = fields.octet()?;
    } else {
        fields.take(2)?;
        fields.text()?;
        fields.text()?;
        fields.take(2)?;
        message.coding = fields.octet()?;
        fields.take(1)?;
        let length = fields.octet()?;
        message.text = fields.take(usize::from(length))?;
    }
    message.is_receipt = command == DELIVER_SM && class & 0x3c != 0;
    parameters(&mut fields, &mut message)?;
    if class & UDH_INDICATOR != 0 {
        user_data_header(&mut message);
    }
    message.part = message.part.filter(|part| part.total > 1 && part.number >= 1);
    Some(message)
}

/// Type of number and numbering plan of the source of a message.
pub(crate) fn source_address(pdu: &[u8]) -> Option<(u8, u8)> {
    let mut fields = Fields { bytes: pdu.get(HEADER..)? };
    fields.text()?;
    Some((fields.octet()?, fields.octet()?))
}

/// The optional parameters.
fn parameters<'a>(fields: &mut Fields<'a>, message: &mut Message<'a>) -> Option<()> {
    let mut part = Part { reference: 0, total: 0, number: 0 };
    while !fields.bytes.is_empty() {
        let (tag, length) = (fields.word()?, fields.word()?);
        let value = fields.take(usize::from(length))?;
        match (tag, value) {
            (TAG_PAYLOAD, value) => message.text = value,
            (TAG_SAR_REF, [high, low]) => part.reference = u16::from_be_bytes([*high, *low]),
            (TAG_SAR_TOTAL, [total]) => part.total = *total,
            (TAG_SAR_SEQ, [number]) => part.number = *number,
            _ => {}
        }
    }
    message.part = (part.total > 0).then_some(part);
    Some(())
}

/// Takes the user data header off the text; one that lies about its length is text.
fn user_data_header(message: &mut Message<'_>) {
    let Some((length, rest)) = message.text.split_first() else { return };
    let Some((mut elements, text)) = rest.split_at_checked(usize::from(*length)) else { return };
    while let [kind, length, rest @ ..] = elements {
        let Some((value, rest)) = rest.split_at_checked(usize::from(*length)) else { break };
        match (kind, value) {
            (0, [reference, total, number]) => {
                let reference = u16::from(*reference);
                message.part = Some(Part { reference, total: *total, number: *number });
            }
            (8, [high, low, total, number]) => {
                let reference = u16::from_be_bytes([*high, *low]);
                message.part = Some(Part { reference, total: *total, number: *number });
            }
            _ => {}
        }
        elements = rest;
    }
    message.text = text;
}

/// A response of ours; a success to a message carries an id, as SMPP asks.
pub(crate) fn respond(request: &Header, status: u32, out: &mut Vec<u8>) {
    let body: &[u8] = match (request.command, status) {
        // A receipt for a message that is dropped: an id that no SMSC gave.
        (SUBMIT_SM | DATA_SM, ROK) => b"0\0",
        (DELIVER_SM, ROK) => b"\0",
        _ => b"",
    };
    let length = u32::try_from(HEADER + body.len()).expect("a response is some twenty octets");
    for word in [length, request.command | RESPONSE, status, request.sequence] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    out.extend_from_slice(body);
}

struct Fields<'a> {
    bytes: &'a [u8],
}

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }

    fn octet(&mut self) -> Option<u8> {
        self.take(1).map(|taken| taken[0])
    }

    fn word(&mut self) -> Option<u16> {
        self.take(2).map(|taken| u16::from_be_bytes([taken[0], taken[1]]))
    }

    /// A text that ends in a zero.
    fn text(&mut self) -> Option<&'a [u8]> {
        let end = self.bytes.iter().take(TEXT_MAX).position(|octet| *octet == 0)?;
        let text = self.take(end)?;
        self.take(1)?;
        Some(text)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A submit_sm or deliver_sm.
    pub(crate) fn submit(
        command: u32,
        sequence: u32,
        class: u8,
        coding: u8,
        text: &[u8],
        parameters: &[u8],
    ) -> Vec<u8> {
        let mut body = b"\0\x01\x0132470000001\0\x01\x0132470000002\0".to_vec();
        body.push(class);
        body.extend_from_slice(&[0, 0, 0, 0, 0, 0, coding, 0]);
        body.push(u8::try_from(text.len()).unwrap());
        body.extend_from_slice(text);
        body.extend_from_slice(parameters);
        let mut pdu = Vec::new();
        for word in [u32::try_from(HEADER + body.len()).unwrap(), command, 0, sequence] {
            pdu.extend_from_slice(&word.to_be_bytes());
        }
        pdu.extend(body);
        pdu
    }

    #[test]
    fn a_message_is_read() {
        let pdu = submit(SUBMIT_SM, 7, 0, 8, b"\0a\0b", &[]);
        let read = header(&pdu).unwrap();
        assert_eq!((read.length, read.command, read.sequence), (pdu.len(), SUBMIT_SM, 7));
        let message = message(SUBMIT_SM, &pdu).unwrap();
        assert_eq!(message.source, b"32470000001");
        assert_eq!(message.destination, b"32470000002");
        assert_eq!((message.coding, message.text, message.part), (8, &b"\0a\0b"[..], None));
    }

    #[test]
    fn parts_are_told_by_header_and_by_parameters() {
        let check = |class, text: &[u8], parameters: &[u8], expect: Option<(u16, u8, u8)>, rest| {
            let pdu = submit(SUBMIT_SM, 1, class, 0, text, parameters);
            let message = message(SUBMIT_SM, &pdu).unwrap();
            let part = message.part.map(|part| (part.reference, part.total, part.number));
            assert_eq!((part, message.text), (expect, rest));
        };
        check(0x40, b"\x05\x00\x03\x09\x02\x01hi", &[], Some((9, 2, 1)), &b"hi"[..]);
        check(0x40, b"\x06\x08\x04\x01\x02\x03\x02hi", &[], Some((0x102, 3, 2)), &b"hi"[..]);
        let sar = [2, 0x0c, 0, 2, 0, 5, 2, 0x0e, 0, 1, 2, 2, 0x0f, 0, 1, 2];
        check(0, b"hi", &sar, Some((5, 2, 2)), &b"hi"[..]);
        check(0, b"", &[4, 0x24, 0, 3, b'a', b'b', b'c'], None, &b"abc"[..]);
        check(0x40, b"\x09hi", &[], None, &b"\x09hi"[..]);
        check(0x40, b"\x05\x00\x03\x09\x01\x01hi", &[], None, &b"hi"[..]);
    }

    #[test]
    fn receipts_are_told_from_messages() {
        let of = |class| {
            let pdu = submit(DELIVER_SM, 1, class, 0, b"id:1 stat:DELIVRD", &[]);
            message(DELIVER_SM, &pdu).unwrap().is_receipt
        };
        assert!(of(0x04) && !of(0x00) && !of(0x40));
    }

    #[test]
    fn cut_fields_are_none_and_responses_are_whole() {
        let pdu = submit(SUBMIT_SM, 1, 0, 0, b"hello", &[4, 0x24, 0, 1, b'x']);
        for cut in HEADER..pdu.len() - 5 {
            assert_eq!(message(SUBMIT_SM, &pdu[..cut]), None, "{cut}");
        }
        let mut out = Vec::new();
        respond(&header(&pdu).unwrap(), RSUBMITFAIL, &mut out);
        respond(&header(&pdu).unwrap(), ROK, &mut out);
        let first = header(&out).unwrap();
        assert_eq!((first.length, first.command, first.status), (16, 0x8000_0004, 0x45));
        assert_eq!(header(&out[16..]).unwrap().length, 18);
        assert_eq!(out.len(), 34);
    }
}
