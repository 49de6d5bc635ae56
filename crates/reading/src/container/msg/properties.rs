//! MAPI properties in a compound file. Every octet read counts against one bound,
//! since entries of a hostile file may share their sectors.

use std::io::{Read, Seek};
use std::path::Path;

use cfb::CompoundFile;
use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1252};

use super::codepage;

/// Entries of one storage that are looked at.
const ENTRIES_MAX: usize = 4_096;
/// Octets of a text property other than a body.
const SHORT_BYTES_MAX: usize = 256 << 10;
/// Seconds between 1601 and 1970.
const EPOCH_SECONDS: u64 = 11_644_473_600;

/// What a storage of properties describes; its header's length differs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Message,
    Embedded,
    Attachment,
}

/// A compound file, and what may still be read of it.
pub(super) struct Store<F> {
    file: CompoundFile<F>,
    bytes_max: usize,
    bytes_read: usize,
    problems: Vec<String>,
}

/// The properties of one storage.
#[derive(Debug, Default)]
pub(crate) struct Properties {
    /// Tag, type, and octets of those in streams of their own.
    streams: Vec<(u16, u16, Vec<u8>)>,
    /// Tag, type and value of those that fit in eight octets.
    fixed: Vec<(u16, u16, u64)>,
}

impl<F: Read + Seek> Store<F> {
    pub(super) fn open(inner: F, bytes_max: usize) -> Result<Self, String> {
        let file = CompoundFile::open(inner)
            .map_err(|error| format!("its compound file can't be opened: {error}"))?;
        Ok(Self { file, bytes_max, bytes_read: 0, problems: Vec::new() })
    }

    pub(super) fn bytes_read(&self) -> usize {
        self.bytes_read
    }

    pub(super) fn bytes_left(&self) -> usize {
        self.bytes_max - self.bytes_read
    }

    pub(super) fn spend(&mut self, bytes: usize) {
        self.bytes_read += bytes.min(self.bytes_left());
    }

    pub(super) fn take_problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }

    /// Storages below `path` whose name begins with `prefix`.
    pub(super) fn children(&self, path: &str, prefix: &str, most: usize) -> Vec<String> {
        let Ok(entries) = self.file.read_storage(path) else {
            return Vec::new();
        };
        let own =
            entries.take(ENTRIES_MAX).filter(|e| e.is_storage() && e.name().starts_with(prefix));
        let mut paths: Vec<_> = own.map(|entry| join(path, entry.name())).collect();
        paths.sort();
        paths.truncate(most);
        paths
    }

    pub(super) fn is_message(&self, path: &str) -> bool {
        self.file.is_stream(Path::new(path).join("__properties_version1.0"))
    }

    /// All that matters of the storage at `path`.
    pub(super) fn properties(&mut self, path: &str, kind: Kind) -> Properties {
        let mut found = self.read(path, |_| true);
        let header = match kind {
            Kind::Message => 32,
            Kind::Embedded => 24,
            Kind::Attachment => 8,
        };
        let table = join(path, "__properties_version1.0");
        let table = self.stream(&table, SHORT_BYTES_MAX);
        for entry in table.get(header..).unwrap_or_default().chunks_exact(16) {
            let [t0, t1, i0, i1, _, _, _, _, value @ ..] = entry else { continue };
            let value = <[u8; 8]>::try_from(value).map(u64::from_le_bytes).unwrap_or_default();
            found.fixed.push((
                u16::from_le_bytes([*i0, *i1]),
                u16::from_le_bytes([*t0, *t1]),
                value,
            ));
        }
        found
    }

    /// The short properties only: an attachment's name, not its content.
    pub(super) fn properties_named(&mut self, path: &str) -> Properties {
        self.read(path, |tag| tag != 0x3701)
    }

    fn read(&mut self, path: &str, wanted: impl Fn(u16) -> bool) -> Properties {
        let mut found = Properties::default();
        let Ok(entries) = self.file.read_storage(path) else {
            return found;
        };
        let names: Vec<_> = entries
            .take(ENTRIES_MAX)
            .filter(cfb::Entry::is_stream)
            .map(|e| e.name().to_owned())
            .collect();
        for name in names {
            let Some((tag, kind)) = tag(&name).filter(|(tag, _)| wanted(*tag) && is_known(*tag))
            else {
                continue;
            };
            let large = matches!(tag, 0x1000 | 0x1009 | 0x1013 | 0x3701);
            let bytes =
                self.stream(&join(path, &name), if large { usize::MAX } else { SHORT_BYTES_MAX });
            found.streams.push((tag, kind, bytes));
        }
        found
    }

    fn stream(&mut self, path: &str, bytes_max: usize) -> Vec<u8> {
        let most = bytes_max.min(self.bytes_left());
        let mut bytes = Vec::new();
        let Ok(stream) = self.file.open_stream(path) else {
            return bytes;
        };
        let length = stream.len();
        if let Err(error) = stream.take(most as u64).read_to_end(&mut bytes) {
            self.problems.push(format!("the stream {path} is damaged: {error}"));
        } else if length > bytes.len() as u64 {
            self.problems.push(format!(
                "of the stream {path} only {} of {length} octets are read",
                bytes.len()
            ));
        }
        self.spend(bytes.len());
        bytes
    }
}

impl Properties {
    /// Keeps a property that is a text or octets.
    pub(in crate::container) fn keep(&mut self, tag: u16, kind: u16, bytes: Vec<u8>) {
        self.streams.push((tag, kind, bytes));
    }

    /// Keeps a property that is a number or a time.
    pub(in crate::container) fn keep_fixed(&mut self, tag: u16, kind: u16, value: u64) {
        self.fixed.push((tag, kind, value));
    }

    /// A text, in whichever of the two forms it is stored.
    pub(in crate::container) fn text(&self, tag: u16) -> Option<String> {
        let (_, kind, bytes) = self
            .streams
            .iter()
            .find(|(own, kind, _)| *own == tag && matches!(kind, 0x001e | 0x001f))?;
        let encoding = if *kind == 0x001f { UTF_16LE } else { self.encoding() };
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        Some(text.trim_end_matches('\0').to_owned()).filter(|text| !text.is_empty())
    }

    pub(in crate::container) fn binary(&self, tag: u16) -> Option<&[u8]> {
        let found = self.streams.iter().find(|(own, kind, _)| *own == tag && *kind == 0x0102)?;
        Some(&found.2)
    }

    /// The octets of an object: its kind's number, and what that makes of it.
    pub(in crate::container) fn object(&self, tag: u16) -> Option<&[u8]> {
        let found = self.streams.iter().find(|(own, kind, _)| *own == tag && *kind == 0x000d)?;
        Some(&found.2)
    }

    /// An 8-bit text in the charset of these properties.
    pub(in crate::container) fn decode(&self, bytes: &[u8]) -> String {
        let (text, _) = self.encoding().decode_without_bom_handling(bytes);
        text.trim_end_matches('\0').to_owned()
    }

    /// Gives the octets of a binary property away.
    pub(in crate::container) fn into_binary(mut self, tag: u16) -> (Self, Option<Vec<u8>>) {
        let at = self.streams.iter().position(|(own, kind, _)| *own == tag && *kind == 0x0102);
        let bytes = at.map(|at| self.streams.swap_remove(at).2);
        (self, bytes)
    }

    pub(in crate::container) fn number(&self, tag: u16) -> Option<u32> {
        let (.., value) =
            self.fixed.iter().find(|(own, kind, _)| *own == tag && *kind == 0x0003)?;
        u32::try_from(value & 0xffff_ffff).ok()
    }

    /// A time, as a `Date` field writes it, in UTC.
    pub(in crate::container) fn time(&self, tag: u16) -> Option<String> {
        let (.., value) =
            self.fixed.iter().find(|(own, kind, _)| *own == tag && *kind == 0x0040)?;
        let seconds = (value / 10_000_000).checked_sub(EPOCH_SECONDS)?;
        let date = mail_parser::DateTime::from_timestamp(i64::try_from(seconds).ok()?);
        Some(date.to_rfc822())
    }

    /// The charset of 8-bit texts.
    fn encoding(&self) -> &'static Encoding {
        let page = self.number(0x3ffd).or_else(|| self.number(0x3fde)).and_then(codepage);
        page.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(WINDOWS_1252)
    }
}

/// `__substg1.0_0037001F`: tag and type. Values of a list have a suffix, and are left.
fn tag(name: &str) -> Option<(u16, u16)> {
    let digits = name.strip_prefix("__substg1.0_").filter(|digits| digits.len() == 8)?;
    let number = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    let [a, b, c, d] = number;
    Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
}

/// Properties that reading asks for.
pub(in crate::container) fn is_known(tag: u16) -> bool {
    matches!(
        tag,
        0x0037
            | 0x0039
            | 0x0042
            | 0x0065
            | 0x007d
            | 0x0c1a
            | 0x0c1f
            | 0x0e06
            | 0x1000
            | 0x1009
            | 0x1013
            | 0x1035
            | 0x3001
            | 0x3701
            | 0x3704
            | 0x3707
            | 0x370e
            | 0x5d01
            | 0x5d02
    )
}

fn join(path: &str, name: &str) -> String {
    if path.ends_with('/') { format!("{path}{name}") } else { format!("{path}/{name}") }
}
