//! What bytes are, by the marks that they carry. A name or a declared type is
//! never asked: both lie.

use super::{office, zip};
use crate::{Format, html};

/// Octets at the start that are looked at.
const HEAD_BYTES: usize = 4 << 10;
/// Octets in which programs look for `%PDF-`.
const PDF_HEAD_BYTES: usize = 1_024;

/// Marks at the very start.
const MARKS: [(&[u8], Format); 24] = [
    (b"\x89PNG\r\n\x1a\n", Format::Png),
    (b"\xff\xd8\xff", Format::Jpeg),
    (b"GIF87a", Format::Gif),
    (b"GIF89a", Format::Gif),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format::Compound),
    (b"PK\x03\x04", Format::Zip),
    (b"PK\x05\x06", Format::Zip),
    (b"{\\rtf", Format::Rtf),
    (b"%PDF-", Format::Pdf),
    (b"BEGIN:VCALENDAR", Format::Calendar),
    (b"Rar!\x1a\x07", Format::Archive),
    (b"7z\xbc\xaf\x27\x1c", Format::Archive),
    (b"\x1f\x8b\x08", Format::Archive),
    (b"BZh", Format::Archive),
    (b"\xfd7zXZ\0", Format::Archive),
    (b"\x28\xb5\x2f\xfd", Format::Archive),
    (b"MSCF\0\0\0\0", Format::Archive),
    (b"\x60\xea", Format::Archive),
    (b"\x7fELF", Format::Program),
    (b"\xcf\xfa\xed\xfe", Format::Program),
    (b"\xca\xfe\xba\xbe", Format::Program),
    (b"L\0\0\0\x01\x14\x02\0", Format::Program),
    (b"#!/", Format::Program),
    (b"\x78\x9f\x3e\x22", Format::Tnef),
];

/// What `bytes` are.
pub(crate) fn sniff(bytes: &[u8]) -> Format {
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    if let Some((_, format)) = MARKS.iter().find(|(mark, _)| head.starts_with(mark)) {
        return match format {
            Format::Compound => compound(bytes),
            Format::Zip if office::is_office(&zip::list(bytes)) => Format::Office,
            format => *format,
        };
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Format::Webp;
    }
    if head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4]) {
        return Format::Bmp;
    }
    if head.starts_with(b"MZ") && head.contains(&0) {
        return Format::Program;
    }
    textual(head)
}

/// Formats whose marks may stand behind others' bytes, and texts.
fn textual(head: &[u8]) -> Format {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if text.starts_with(b"BEGIN:VCALENDAR") {
        return Format::Calendar;
    }
    if text.starts_with(b"{\\rtf") {
        return Format::Rtf;
    }
    let start = &head[..head.len().min(PDF_HEAD_BYTES)];
    if start.windows(5).any(|five| five == b"%PDF-") && !looks_like_message(text) {
        return Format::Pdf;
    }
    if html::looks_like_html(&String::from_utf8_lossy(&text[..text.len().min(64)])) {
        return Format::Html;
    }
    if text.starts_with(b"<svg") || (text.starts_with(b"<?xml") && holds_markup(text)) {
        return Format::Html;
    }
    if super::mbox::looks_like_mbox(head) {
        return Format::Mbox;
    }
    if looks_like_message(text) {
        return Format::Message;
    }
    // UTF-16 has zeros and a mark; other texts have none.
    let utf16 = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    if utf16 || !head.contains(&0) { Format::Text } else { Format::Unknown }
}

/// SVG and XHTML are shown by browsers, with their links and scripts.
fn holds_markup(text: &[u8]) -> bool {
    let text = text.to_ascii_lowercase();
    [&b"<svg"[..], b"<html"].iter().any(|tag| text.windows(tag.len()).any(|part| part == *tag))
}

/// An Outlook message holds a stream of properties whose name says so; other
/// compound files do not. Names are in UTF-16.
fn compound(bytes: &[u8]) -> Format {
    let mark: Vec<u8> =
        "__properties_version1.0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    // A directory entry is 128 octets long and so aligned.
    let outlook = bytes.chunks(128).any(|entry| entry.starts_with(&mark));
    if outlook { Format::Outlook } else { Format::Compound }
}

/// Whether it begins with the header fields of a mail: two of those that every
/// mail has, before the first line that is no field.
pub(crate) fn looks_like_message(text: &[u8]) -> bool {
    const KNOWN: [&[u8]; 12] = [
        b"from",
        b"to",
        b"subject",
        b"date",
        b"received",
        b"return-path",
        b"message-id",
        b"mime-version",
        b"delivered-to",
        b"content-type",
        b"dkim-signature",
        b"x-received",
    ];
    // Fields that a mail's parts do not have.
    const OWN: [&[u8]; 5] = [b"from", b"subject", b"received", b"return-path", b"delivered-to"];
    let (mut known, mut own) = (0, false);
    for line in text.split(|b| *b == b'\n').take(60) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        let Some(colon) = line.iter().position(|b| *b == b':') else {
            break;
        };
        let name = &line[..colon];
        if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
            break;
        }
        own |= OWN.iter().any(|known| known.eq_ignore_ascii_case(name));
        known += usize::from(KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name)));
    }
    own && known >= 2
}

#[cfg(test)]
mod tests {
    use super::sniff;
    use crate::Format;

    #[test]
    fn bytes_tell_what_they_are() {
        for (bytes, expect) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], Format::Png),
            (b"\xff\xd8\xff\xe0", Format::Jpeg),
            (b"GIF89a", Format::Gif),
            (b"BM\x10\0\0\0\0\0\0\0", Format::Bmp),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Format::Webp),
            (b"PK\x03\x04\x14\0", Format::Zip),
            (b"\x78\x9f\x3e\x22\x01\0", Format::Tnef),
            (b"%PDF-1.7\n", Format::Pdf),
            (b"\n\njunk %PDF-1.4", Format::Pdf),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format::Compound),
            (b"{\\rtf1\\ansi}", Format::Rtf),
            (b"\xef\xbb\xbfBEGIN:VCALENDAR\r\n", Format::Calendar),
            (b"<!DOCTYPE html><p>", Format::Html),
            (b"From: a@example.com\r\nSubject: x\r\n\r\nbody", Format::Message),
            (b"MZ\x90\0\x03", Format::Program),
            (b"MZ is a text", Format::Text),
            (b"BM is a text too", Format::Text),
            (b"From: here to there, it is a text", Format::Text),
            (b"From: a@example.com\nno field\nSubject: x", Format::Text),
            (b"\xff\xfea\0", Format::Text),
            (b"a\0b", Format::Unknown),
            (b"", Format::Text),
        ] {
            assert_eq!(sniff(bytes), expect, "{:?}", String::from_utf8_lossy(bytes));
        }
    }
}
