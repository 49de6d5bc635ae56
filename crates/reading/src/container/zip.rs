//! A ZIP archive's list of files. Nothing is unpacked: the names, the lengths
//! that it claims and whether a password is needed are all that is read.

use crate::Member;

/// Files listed of one archive.
const MEMBERS_MAX: usize = 1_000;
/// Characters of a name that are kept.
const NAME_CHARS_MAX: usize = 255;
/// The end record and the longest comment after it.
const END_BYTES_MAX: usize = 22 + 0xffff;

/// What an archive lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) members: Vec<Member>,
    /// It lists more, or its list is damaged.
    pub(crate) incomplete: bool,
}

/// Lists `bytes` by the directory at its end, or where that is lost, by the
/// headers before each file.
pub(crate) fn list(bytes: &[u8]) -> Listing {
    let mut listing = Listing::default();
    let found = directory(bytes).is_some_and(|at| walk(bytes, at, &CENTRAL, &mut listing));
    if !found || listing.members.is_empty() {
        listing = Listing { members: Vec::new(), incomplete: true };
        let mut at = 0;
        while let Some(next) = find(&bytes[at.min(bytes.len())..], LOCAL.mark) {
            at += next;
            let Some((member, length)) = entry(bytes, at, &LOCAL) else { break };
            if listing.members.len() >= MEMBERS_MAX {
                break;
            }
            listing.members.push(member);
            at += length;
        }
    }
    listing
}

/// Where the fields of one kind of header stand.
struct Layout {
    mark: &'static [u8],
    flags: usize,
    size: usize,
    name_length: usize,
    length: usize,
    /// Extra field and comment, two octets each after the name's length.
    extras: usize,
}

const CENTRAL: Layout =
    Layout { mark: b"PK\x01\x02", flags: 8, size: 24, name_length: 28, length: 46, extras: 2 };
const LOCAL: Layout =
    Layout { mark: b"PK\x03\x04", flags: 6, size: 22, name_length: 26, length: 30, extras: 1 };

/// Where the central directory begins, by the end record.
fn directory(bytes: &[u8]) -> Option<usize> {
    let from = bytes.len().saturating_sub(END_BYTES_MAX);
    let end = from + bytes[from..].windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let at = usize::try_from(u32_at(bytes, end + 16)?).ok()?;
    let size = usize::try_from(u32_at(bytes, end + 12)?).ok()?;
    // Bytes before the archive (a self-extractor's program) shift everything.
    if bytes.get(at..)?.starts_with(CENTRAL.mark) { Some(at) } else { end.checked_sub(size) }
}

/// Takes entries one after another; `false` where the first is none.
fn walk(bytes: &[u8], mut at: usize, layout: &Layout, listing: &mut Listing) -> bool {
    while bytes.get(at..).is_some_and(|rest| rest.starts_with(layout.mark)) {
        if listing.members.len() >= MEMBERS_MAX {
            listing.incomplete = true;
            break;
        }
        let Some((member, length)) = entry(bytes, at, layout) else {
            listing.incomplete = true;
            break;
        };
        listing.members.push(member);
        at += length;
    }
    !listing.members.is_empty()
}

/// The entry at `at` and its length.
fn entry(bytes: &[u8], at: usize, layout: &Layout) -> Option<(Member, usize)> {
    let flags = u16_at(bytes, at + layout.flags)?;
    let name_length = usize::from(u16_at(bytes, at + layout.name_length)?);
    let mut length = layout.length + name_length;
    for extra in 1..=layout.extras {
        length += usize::from(u16_at(bytes, at + layout.name_length + 2 * extra)?);
    }
    let name = at + layout.length;
    let name = String::from_utf8_lossy(bytes.get(name..name + name_length)?);
    let member = Member {
        name: name.chars().take(NAME_CHARS_MAX).collect(),
        bytes: u64::from(u32_at(bytes, at + layout.size)?),
        encrypted: flags & 1 != 0,
    };
    Some((member, length))
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::list;

    /// An archive of stored files; a name that begins with `!` is encrypted.
    pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut out, mut central) = (Vec::new(), Vec::new());
        for (name, content) in files {
            let at = u32::try_from(out.len()).unwrap();
            let fields = |mark: &[u8], made_by: bool| {
                let mut head = mark.to_vec();
                if made_by {
                    head.extend([20, 0]);
                }
                head.extend([
                    20,
                    0,
                    u8::from(name.starts_with('!')),
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                ]);
                let size = u32::try_from(content.len()).unwrap().to_le_bytes();
                head.extend([size, size].concat());
                head.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
                head.extend([0, 0]);
                head
            };
            out.extend(fields(b"PK\x03\x04", false));
            out.extend([name.as_bytes(), content].concat());
            central.extend(fields(b"PK\x01\x02", true));
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

    fn names(bytes: &[u8]) -> (Vec<String>, bool) {
        let listing = list(bytes);
        let lock = |encrypted| if encrypted { " locked" } else { "" };
        let names = listing.members.iter();
        let names = names.map(|m| format!("{} {}{}", m.name, m.bytes, lock(m.encrypted)));
        (names.collect(), listing.incomplete)
    }

    #[test]
    fn files_are_listed_with_length_and_lock() {
        let zip = archive(&[("invoice.pdf.exe", b"MZ"), ("!secret.html", b"12345")]);
        let expect = ["invoice.pdf.exe 2", "!secret.html 5 locked"].map(str::to_owned).to_vec();
        assert_eq!(names(&zip), (expect.clone(), false));
        assert_eq!(
            names(&[b"MZ self-extractor", zip.as_slice()].concat()),
            (expect.clone(), false)
        );
        let cut = &zip[..zip.len() - 60];
        assert_eq!(names(cut), (expect, true));
    }

    #[test]
    fn their_number_is_bounded() {
        let names: Vec<_> = (0..3_000).map(|n| format!("{n}")).collect();
        let files: Vec<_> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        let listing = list(&archive(&files));
        assert_eq!(listing.members.len(), 1_000);
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
}
