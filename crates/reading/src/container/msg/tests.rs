//! Outlook messages built here: properties written as MS-OXMSG says.

use std::io::{Cursor, Write};

use cfb::CompoundFile;
use proptest::prelude::*;

use super::{Content, Outlook};
use crate::container::rtf::compressed::tests::deflate;

/// A property's value.
pub(crate) enum Value<'a> {
    Unicode(&'a str),
    Ansi(&'a [u8]),
    Binary(&'a [u8]),
    Number(u32),
    Time(u64),
}

/// What is attached.
pub(crate) enum Attach<'a> {
    Bytes(&'a str, &'a [u8]),
    Message(&'a str, Draft<'a>),
}

/// A message to build.
#[derive(Default)]
pub(crate) struct Draft<'a> {
    pub(crate) properties: Vec<(u16, Value<'a>)>,
    pub(crate) attachments: Vec<Attach<'a>>,
}

impl Draft<'_> {
    pub(crate) fn build(&self) -> Vec<u8> {
        let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        self.write(&mut file, "", 32);
        file.flush().unwrap();
        file.into_inner().into_inner()
    }

    fn write(&self, file: &mut CompoundFile<Cursor<Vec<u8>>>, at: &str, header: usize) {
        properties(file, at, header, &self.properties);
        for (n, attach) in self.attachments.iter().enumerate() {
            let storage = format!("{at}/__attach_version1.0_#{n:08X}");
            file.create_storage(&storage).unwrap();
            match attach {
                Attach::Bytes(name, bytes) => {
                    let own = [(0x3707, Value::Unicode(name)), (0x3701, Value::Binary(bytes))];
                    properties(file, &storage, 8, &own);
                }
                Attach::Message(name, draft) => {
                    properties(file, &storage, 8, &[(0x3001, Value::Unicode(name))]);
                    let inner = format!("{storage}/__substg1.0_3701000D");
                    file.create_storage(&inner).unwrap();
                    draft.write(file, &inner, 24);
                }
            }
        }
    }
}

fn properties(
    file: &mut CompoundFile<Cursor<Vec<u8>>>,
    at: &str,
    header: usize,
    properties: &[(u16, Value<'_>)],
) {
    let mut table = vec![0; header];
    for (tag, value) in properties {
        let utf16 =
            |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let (kind, bytes, fixed) = match value {
            Value::Unicode(text) => (0x001f_u16, Some(utf16(text)), 0),
            Value::Ansi(bytes) => (0x001e, Some(bytes.to_vec()), 0),
            Value::Binary(bytes) => (0x0102, Some(bytes.to_vec()), 0),
            Value::Number(number) => (0x0003, None, u64::from(*number)),
            Value::Time(time) => (0x0040, None, *time),
        };
        if let Some(bytes) = bytes {
            let path = format!("{at}/__substg1.0_{tag:04X}{kind:04X}");
            file.create_stream(path).unwrap().write_all(&bytes).unwrap();
        }
        table.extend([kind.to_le_bytes(), tag.to_le_bytes()].concat());
        table.extend([0; 4]);
        table.extend(fixed.to_le_bytes());
    }
    let path = format!("{at}/__properties_version1.0");
    file.create_stream(path).unwrap().write_all(&table).unwrap();
}

/// A message with everything.
pub(crate) fn sample() -> Vec<u8> {
    let rtf = deflate(
        b"{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag84 <a href=\"https://rtf.example.org/\">}klik\
          {\\*\\htmltag92 </a>}}",
    );
    let inner = Draft {
        properties: vec![
            (0x007d, Value::Ansi(b"Received: x\r\nFrom: Inner <in@example.com>\r\nContent-Type: multipart/mixed;\r\n boundary=x\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\n")),
            (0x0037, Value::Unicode("Binnen €")),
            (0x1009, Value::Binary(&rtf)),
        ],
        attachments: vec![Attach::Bytes("a.html", b"<html><a href=https://att.example.org/>x</a>")],
    };
    Draft {
        properties: vec![
            (0x0037, Value::Ansi(b"Caf\xe9 \xcf")),
            (0x3ffd, Value::Number(1253)),
            (0x3fde, Value::Number(65_001)),
            (0x0c1a, Value::Unicode("Bank \"x\"")),
            (0x5d01, Value::Unicode("bank@example.com")),
            (0x0039, Value::Time(134_084_448_000_000_000)),
            (0x1035, Value::Unicode("<1@example.com>")),
            (0x1000, Value::Unicode("Zie https://text.example.org/")),
            (0x1013, Value::Binary("<p>é <a href=\"https://html.example.org/\">x</a>".as_bytes())),
        ],
        attachments: vec![
            Attach::Bytes("invoice.pdf", b"%PDF-1.4"),
            Attach::Message("inner", inner),
        ],
    }
    .build()
}

#[test]
fn properties_become_fields_bodies_and_attachments() {
    let bytes = sample();
    let mut file = Outlook::open(&bytes, 1 << 20).unwrap();
    let message = file.message("/");
    let fields = String::from_utf8(message.fields).unwrap();
    assert_eq!(
        fields,
        "From: \"Bank x\" <bank@example.com>\r\nSubject: Cafι Ο\r\n\
         Date: Mon, 24 Nov 2025 08:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n"
    );
    assert_eq!(message.text.as_deref(), Some("Zie https://text.example.org/"));
    assert_eq!(message.html.unwrap().1, Some("utf-8"));
    assert!(message.problems.is_empty(), "{:?}", message.problems);
    let [pdf, inner] = &message.attachments[..] else { panic!("two attachments") };
    assert_eq!(pdf.name.as_deref(), Some("invoice.pdf"));
    assert!(matches!(&pdf.content, Content::Bytes(bytes) if bytes == b"%PDF-1.4"));
    let Content::Message(path) = &inner.content else { panic!("a message") };
    let inner = file.message(path);
    let fields = String::from_utf8(inner.fields).unwrap();
    assert_eq!(
        fields,
        "Received: x\r\nFrom: Inner <in@example.com>\r\n\
         Date: Tue, 24 Nov 2026 10:00:00 +0100\r\nSubject: Binnen €\r\n"
    );
    let html = String::from_utf8(inner.html.unwrap().0).unwrap();
    assert_eq!(html, "<a href=\"https://rtf.example.org/\">klik</a>");
    assert_eq!(inner.attachments.len(), 1);
}

#[test]
fn what_is_read_is_bounded_and_told() {
    let bytes = sample();
    let mut file = Outlook::open(&bytes, 40).unwrap();
    let message = file.message("/");
    assert!(!message.problems.is_empty());
    assert_eq!(file.bytes_read(), 40);
    assert!(Outlook::open(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 40).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn damage_is_no_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20)) {
        let mut bytes = sample();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(mut file) = Outlook::open(&bytes, 1 << 20) {
            for attached in file.message("/").attachments {
                if let Content::Message(path) = attached.content {
                    file.message(&path);
                }
            }
        }
    }
}
