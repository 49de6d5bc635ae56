//! Archives made here: whole, shifted, cut, damaged.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use proptest::prelude::*;

use super::list;

/// An archive of stored files; a name that begins with `!` is encrypted.
pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    build(files, false)
}

/// The same with each file deflated.
pub(crate) fn deflated(files: &[(&str, &[u8])]) -> Vec<u8> {
    build(files, true)
}

fn build(files: &[(&str, &[u8])], deflate: bool) -> Vec<u8> {
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let at = u32::try_from(out.len()).unwrap();
        let packed = if deflate { self::deflate(content) } else { content.to_vec() };
        let fields = |mark: &[u8], made_by: &[u8]| {
            let lock = u16::from(name.starts_with('!'));
            let words = [20, lock, if deflate { 8 } else { 0 }, 0, 0, 0, 0];
            let words: Vec<u8> = words.into_iter().flat_map(u16::to_le_bytes).collect();
            let sizes = [packed.len(), content.len()];
            let sizes = sizes.map(|size| u32::try_from(size).unwrap().to_le_bytes()).concat();
            let name_length = u16::try_from(name.len()).unwrap().to_le_bytes();
            [mark, made_by, &words, &sizes, &name_length, &[0, 0]].concat()
        };
        out.extend(fields(b"PK\x03\x04", &[]));
        out.extend([name.as_bytes(), &packed].concat());
        central.extend(fields(b"PK\x01\x02", &[20, 0]));
        central.extend([0; 10]);
        central.extend(at.to_le_bytes());
        central.extend(name.as_bytes());
    }
    let (at, size) = (out.len(), central.len());
    out.extend(central);
    out.extend(b"PK\x05\x06\0\0\0\0");
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    out.extend([count, count].concat());
    out.extend(u32::try_from(size).unwrap().to_le_bytes());
    out.extend(u32::try_from(at).unwrap().to_le_bytes());
    out.extend([0, 0]);
    out
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::default());
    packer.write_all(content).unwrap();
    packer.finish().unwrap()
}

fn names(bytes: &[u8]) -> (Vec<String>, bool) {
    let listing = list(bytes);
    let lock = |encrypted| if encrypted { " locked" } else { "" };
    let names = listing.entries.iter();
    let names = names.map(|entry| &entry.member);
    let names = names.map(|m| format!("{} {}{}", m.name, m.bytes, lock(m.encrypted)));
    (names.collect(), listing.incomplete)
}

#[test]
fn files_are_listed_with_length_and_lock() {
    let zip = archive(&[("invoice.pdf.exe", b"MZ"), ("!secret.html", b"12345")]);
    let expect = ["invoice.pdf.exe 2", "!secret.html 5 locked"].map(str::to_owned).to_vec();
    assert_eq!(names(&zip), (expect.clone(), false));
    assert_eq!(names(&[b"MZ self-extractor", zip.as_slice()].concat()), (expect.clone(), false));
    let cut = &zip[..zip.len() - 60];
    assert_eq!(names(cut), (expect, true));
}

#[test]
fn their_number_is_bounded() {
    let names: Vec<_> = (0..3_000).map(|n| format!("{n}")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let listing = list(&archive(&files));
    assert_eq!(listing.entries.len(), 1_000);
    assert!(listing.incomplete);
}

proptest! {
    #[test]
    fn damage_is_no_panic(edits in prop::collection::vec((0..200_usize, any::<u8>()), 1..10)) {
        let mut zip = archive(&[("a", b"1"), ("b", b"2"), ("c", b"3")]);
        for (at, byte) in edits {
            let at = at % zip.len();
            zip[at] = byte;
        }
        list(&zip);
    }
}
