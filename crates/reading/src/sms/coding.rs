//! The codings of an SMS (3GPP TS 23.038): GSM's own seven bits, and UCS-2.

use serde::{Deserialize, Serialize};

use super::gsm7;

/// How the octets of an SMS stand for its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SmsCoding {
    /// GSM 7 bit, a character in each octet, as SMPP carries it.
    Gsm7,
    /// GSM 7 bit, eight characters in seven octets, as the air interface carries it.
    Gsm7Packed,
    /// Sixteen bits, the high octet first. Surrogate pairs are read as phones do.
    Ucs2,
    /// ISO 8859-1.
    Latin1,
}

/// The text of `bytes`, and whether all of them were in that coding. What is not
/// becomes U+FFFD.
pub fn decode_sms(bytes: &[u8], coding: SmsCoding) -> (String, bool) {
    match coding {
        SmsCoding::Gsm7 => gsm7::decode(bytes.iter().copied()),
        SmsCoding::Gsm7Packed => gsm7::decode(gsm7::unpack(bytes)),
        SmsCoding::Latin1 => (bytes.iter().copied().map(char::from).collect(), true),
        SmsCoding::Ucs2 => {
            let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            let mut sound = bytes.len().is_multiple_of(2);
            let text = char::decode_utf16(units).map(|c| {
                c.unwrap_or_else(|_| {
                    sound = false;
                    '\u{fffd}'
                })
            });
            let text = text.collect();
            (text, sound)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SmsCoding, decode_sms};

    fn check(bytes: &[u8], coding: SmsCoding, text: &str, sound: bool) {
        assert_eq!(decode_sms(bytes, coding), (text.to_owned(), sound), "{bytes:x?}");
    }

    #[test]
    fn ucs_2_is_read_with_its_pairs() {
        check(b"\x00H\x00i\x20\xac\xd8\x3d\xdc\x96", SmsCoding::Ucs2, "Hi€💖", true);
        check(b"\x00H\xdc\x96\x00", SmsCoding::Ucs2, "H\u{fffd}", false);
        check(b"", SmsCoding::Ucs2, "", true);
    }

    #[test]
    fn gsm_7_bit_is_read_packed_and_not() {
        check(
            b"\x00Pay\x02 5\x1b\x65 \x0f\x1b\x3c1\x1b\x3e",
            SmsCoding::Gsm7,
            "@Pay$ 5€ å[1]",
            true,
        );
        check(b"\xe8\x32\x9b\xfd\x46\x97\xd9\xec\x37", SmsCoding::Gsm7Packed, "hellohello", true);
        check(b"caf\xe9", SmsCoding::Latin1, "café", true);
        check(b"a\xff", SmsCoding::Gsm7, "a\u{fffd}", false);
    }
}
