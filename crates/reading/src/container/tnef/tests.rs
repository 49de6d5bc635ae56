//! Files made here as Outlook and Exchange make them.

use proptest::prelude::*;

use super::{ids, read};
use crate::container::msg::Content;
use crate::container::rtf::compressed::tests::deflate;

/// An attribute with its sum.
fn attribute(id: u32, data: &[u8]) -> Vec<u8> {
    let level =
        if matches!(id, 0x0001_8010 | 0x0006_800f | 0x0006_9002 | 0x0006_9005) { 2 } else { 1 };
    let sum = data.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    [&[level], &id.to_le_bytes()[..], &length, data, &sum.to_le_bytes()].concat()
}

/// A row of properties: type, tag and value, which is a text's or a number's octets.
fn properties(row: &[(u16, u16, &[u8])]) -> Vec<u8> {
    let mut out = u32::try_from(row.len()).unwrap().to_le_bytes().to_vec();
    for (kind, tag, value) in row {
        out.extend([kind.to_le_bytes(), tag.to_le_bytes()].concat());
        if *tag >= 0x8000 {
            out.extend(
                [[0; 16].as_slice(), &[1, 0, 0, 0], &[6, 0, 0, 0], b"a\0b\0\0\0", &[0; 2]].concat(),
            );
        }
        if matches!(kind, 0x1e | 0x1f | 0x102 | 0x0d) {
            out.extend([1_u32, u32::try_from(value.len()).unwrap()].map(u32::to_le_bytes).concat());
        }
        out.extend_from_slice(value);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out
}

fn file(attributes: &[Vec<u8>]) -> Vec<u8> {
    [&b"\x78\x9f\x3e\x22\x01\0"[..], &attributes.concat()].concat()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// What Exchange writes: a body in compressed RTF, a file, and a message within.
pub(crate) fn sample() -> Vec<u8> {
    let rtf = deflate(
        b"{\\rtf1\\ansi{\\field{\\*\\fldinst HYPERLINK \"https://rtf.example.org/\"}{\\fldrslt Pay}}}",
    );
    let inner = file(&[
        attribute(ids::SUBJECT, b"Inner\0"),
        attribute(ids::FROM, b"\x04\0\0\0\x06\0\x10\0Bank\0\0SMTP:in@example.com\0"),
        attribute(ids::SENT, &[0xea, 7, 11, 0, 24, 0, 10, 0, 0, 0, 0, 0, 2, 0]),
        attribute(ids::BODY, b"https://inner.example.org/\0"),
    ]);
    let inner = [&[7, 3, 2, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46][..], &inner].concat();
    let own = properties(&[
        (0x001f, 0x8012, &utf16("named")),
        (0x0003, 0x3fde, &[0xe9, 0xfd, 0, 0]),
        (0x0102, 0x1009, &rtf),
        (0x0040, 0x0039, &134_084_448_000_000_000_u64.to_le_bytes()),
    ]);
    let html = b"<a href=https://att.example.org/>x</a>";
    file(&[
        attribute(0x0008_9006, &[0, 0, 1, 0]),
        attribute(ids::CODEPAGE, &[0xe4, 4, 0, 0, 0, 0, 0, 0]),
        attribute(ids::SUBJECT, b"Caf\xe9\0"),
        attribute(ids::PROPERTIES, &own),
        attribute(ids::ATTACHMENT_BEGINS, &[1, 0]),
        attribute(ids::ATTACHMENT_TITLE, b"PAGE~1.HTM\0"),
        attribute(ids::ATTACHMENT_DATA, html),
        attribute(
            ids::ATTACHMENT_PROPERTIES,
            &properties(&[(0x001f, 0x3707, &utf16("páge.html\0"))]),
        ),
        attribute(ids::ATTACHMENT_BEGINS, &[1, 0]),
        attribute(ids::ATTACHMENT_TITLE, b"Inner\0"),
        attribute(ids::ATTACHMENT_PROPERTIES, &properties(&[(0x000d, 0x3701, &inner)])),
    ])
}

#[test]
fn attributes_become_fields_bodies_and_attachments() {
    let message = read(&sample(), 1 << 20).message;
    let fields = String::from_utf8(message.fields).unwrap();
    assert_eq!(fields, "Subject: Café\r\nDate: Mon, 24 Nov 2025 08:00:00 +0000\r\n");
    let html = String::from_utf8(message.html.unwrap().0).unwrap();
    assert_eq!(html, "<a href=\"https://rtf.example.org/\">Pay</a>");
    assert!(message.problems.is_empty(), "{:?}", message.problems);
    let [page, inner] = &message.attachments[..] else { panic!("two attachments") };
    assert_eq!(page.name.as_deref(), Some("páge.html"));
    assert!(matches!(&page.content, Content::Bytes(bytes) if bytes.starts_with(b"<a href")));
    assert_eq!(inner.name.as_deref(), Some("Inner"));
    let Content::Tnef(inner) = &inner.content else { panic!("a message") };
    let inner = read(inner, 1 << 20).message;
    let fields = String::from_utf8(inner.fields).unwrap();
    assert_eq!(
        fields,
        "From: \"Bank\" <in@example.com>\r\nSubject: Inner\r\n\
         Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
    );
    assert_eq!(inner.text.as_deref(), Some("https://inner.example.org/"));
}

#[test]
fn damage_is_told() {
    let whole = sample();
    let cut = read(&whole[..whole.len() - 40], 1 << 20).message;
    assert_eq!(cut.problems, ["it ends within an attribute: what follows is lost"]);
    assert_eq!(cut.attachments.len(), 2);
    let mut changed = whole.clone();
    let at = whole.windows(4).position(|four| four == b"Caf\xe9").unwrap();
    changed[at] ^= 1;
    let changed = read(&changed, 1 << 20).message;
    assert_eq!(changed.problems, ["an attribute does not have the sum that it should have"]);
    let damaged = file(&[attribute(ids::PROPERTIES, &[9, 0, 0, 0, 0x1f, 0])]);
    let damaged = read(&damaged, 1 << 20).message;
    assert_eq!(damaged.problems, ["its properties are damaged: what follows in them is lost"]);
    assert!(read(b"\x78\x9f", 9).message.problems.is_empty());
}

#[test]
fn what_is_made_of_it_is_bounded_and_told() {
    let unwrapped = read(&sample(), 100);
    assert!(unwrapped.inflated <= 100, "{}", unwrapped.inflated);
    assert!(unwrapped.message.problems.iter().any(|why| why.contains("more would be made")));
    let claims = file(&[attribute(ids::PROPERTIES, &[0xff; 12])]);
    assert_eq!(read(&claims, 100).message.problems.len(), 1);
    let begins = file(&vec![attribute(ids::ATTACHMENT_BEGINS, &[]); 3_000]);
    assert_eq!(read(&begins, 100).message.attachments.len(), 1_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn damage_is_no_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20)) {
        let mut bytes = sample();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for attached in read(&bytes, 1 << 16).message.attachments {
            if let Content::Tnef(inner) = attached.content {
                read(&inner, 1 << 16);
            }
        }
    }
}
