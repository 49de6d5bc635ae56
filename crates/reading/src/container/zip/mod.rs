//! A ZIP archive's list of files: the names, the lengths that it claims and whether a
//! password is needed. Only what is no archive to a reader (an Office document) has its
//! files unpacked, one by one, by [`unpack`].

mod unpack;

use crate::Member;

pub(crate) use self::unpack::unpack;

/// Files listed of one archive.
const MEMBERS_MAX: usize = 1_000;
/// Characters of a name that are kept.
const NAME_CHARS_MAX: usize = 255;
/// The end record and the longest comment after it.
const END_BYTES_MAX: usize = 22 + 0xffff;

/// What an archive lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) entries: Vec<Entry>,
    /// It lists more, or its list is damaged.
    pub(crate) incomplete: bool,
}

/// A file that an archive lists, and where it says that its content is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) member: Member,
    /// How it is packed: 0 not at all, 8 deflated.
    method: u16,
    /// Octets that it takes in the archive; 0 where that is not known.
    packed: usize,
    /// Where its own header begins.
    at: usize,
}

/// Lists `bytes` by the directory at its end, or where that is lost, by the
/// headers before each file.
pub(crate) fn list(bytes: &[u8]) -> Listing {
    let mut listing = Listing::default();
    let found = directory(bytes).is_some_and(|from| walk(bytes, from, &mut listing));
    if !found {
        listing = Listing { entries: Vec::new(), incomplete: true };
        let mut at = 0;
        while let Some(next) = find(&bytes[at.min(bytes.len())..], LOCAL.mark) {
            at += next;
            let Some((entry, length)) = entry(bytes, at, 0, &LOCAL) else { break };
            if listing.entries.len() >= MEMBERS_MAX {
                break;
            }
            listing.entries.push(entry);
            at += length;
        }
    }
    listing
}

/// Where the fields of one kind of header stand.
struct Layout {
    mark: &'static [u8],
    /// The flags; the method and both lengths lie behind them at the same distances.
    flags: usize,
    length: usize,
    /// Extra field and comment, two octets each after the name's length.
    extras: usize,
    /// Where the file's own header is; without, it is this one.
    at: Option<usize>,
}

const CENTRAL: Layout =
    Layout { mark: b"PK\x01\x02", flags: 8, length: 46, extras: 2, at: Some(42) };
const LOCAL: Layout = Layout { mark: b"PK\x03\x04", flags: 6, length: 30, extras: 1, at: None };

/// Where the central directory begins, and by how much the archive stands further back
/// than it says: bytes before it (a self-extractor's program) shift everything.
fn directory(bytes: &[u8]) -> Option<(usize, usize)> {
    let from = bytes.len().saturating_sub(END_BYTES_MAX);
    let end = from + bytes[from..].windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let at = usize::try_from(u32_at(bytes, end + 16)?).ok()?;
    let size = usize::try_from(u32_at(bytes, end + 12)?).ok()?;
    if bytes.get(at..)?.starts_with(CENTRAL.mark) {
        return Some((at, 0));
    }
    let found = end.checked_sub(size)?;
    Some((found, found.checked_sub(at)?))
}

/// Takes the directory's entries one after another; `false` where the first is none.
fn walk(bytes: &[u8], (mut at, shift): (usize, usize), listing: &mut Listing) -> bool {
    while bytes.get(at..).is_some_and(|rest| rest.starts_with(CENTRAL.mark)) {
        if listing.entries.len() >= MEMBERS_MAX {
            listing.incomplete = true;
            break;
        }
        let Some((entry, length)) = entry(bytes, at, shift, &CENTRAL) else {
            listing.incomplete = true;
            break;
        };
        listing.entries.push(entry);
        at += length;
    }
    !listing.entries.is_empty()
}

/// The entry at `at` and its length.
fn entry(bytes: &[u8], at: usize, shift: usize, layout: &Layout) -> Option<(Entry, usize)> {
    let (flags, name_length) = (at + layout.flags, at + layout.flags + 20);
    let mut length = layout.length + usize::from(u16_at(bytes, name_length)?);
    for extra in 1..=layout.extras {
        length += usize::from(u16_at(bytes, name_length + 2 * extra)?);
    }
    let name = at + layout.length;
    let name = bytes.get(name..name + usize::from(u16_at(bytes, name_length)?))?;
    let member = Member {
        name: String::from_utf8_lossy(name).chars().take(NAME_CHARS_MAX).collect(),
        bytes: u64::from(u32_at(bytes, flags + 16)?),
        encrypted: u16_at(bytes, flags)? & 1 != 0,
    };
    let own = match layout.at {
        Some(offset) => usize::try_from(u32_at(bytes, at + offset)?).ok()?.checked_add(shift)?,
        None => at,
    };
    let packed = usize::try_from(u32_at(bytes, flags + 12)?).ok()?;
    Some((Entry { member, method: u16_at(bytes, flags + 2)?, packed, at: own }, length))
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
pub(crate) mod tests;
