//! One file out of an archive. The length that the archive claims is never believed:
//! what comes out is counted as it comes.

use std::io::Read;

use flate2::read::DeflateDecoder;

use super::{Entry, LOCAL, u16_at};

/// What came out of an archive.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Unpacked {
    pub(crate) bytes: Vec<u8>,
    /// Why that is not all.
    pub(crate) problem: Option<String>,
}

/// Unpacks the file `entry` of `archive`, at most `bytes_max` octets of it.
pub(crate) fn unpack(archive: &[u8], entry: &Entry, bytes_max: usize) -> Unpacked {
    let nothing = |why: &str| Unpacked { bytes: Vec::new(), problem: Some(why.to_owned()) };
    if entry.member.encrypted {
        return nothing("it needs a password");
    }
    let Some(packed) = content(archive, entry) else {
        return nothing("it is not where the archive says");
    };
    let mut reader: Box<dyn Read> = match entry.method {
        0 => Box::new(packed),
        8 => Box::new(DeflateDecoder::new(packed)),
        _ => return nothing("it is packed in a way that is not read"),
    };
    let mut bytes = Vec::new();
    let most = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let done = reader.by_ref().take(most).read_to_end(&mut bytes);
    let problem = match done {
        Err(error) => Some(format!("it is damaged: {error}")),
        Ok(_) if bytes.len() > bytes_max => {
            bytes.truncate(bytes_max);
            Some(format!("more than {bytes_max} octets would come out of it"))
        }
        Ok(_) => None,
    };
    Unpacked { bytes, problem }
}

/// The packed content behind the file's own header.
fn content<'a>(archive: &'a [u8], entry: &Entry) -> Option<&'a [u8]> {
    let header = archive.get(entry.at..)?;
    if !header.starts_with(LOCAL.mark) {
        return None;
    }
    let lengths = [LOCAL.flags + 20, LOCAL.flags + 22].map(|at| u16_at(header, at));
    let start = LOCAL.length + usize::from(lengths[0]?) + usize::from(lengths[1]?);
    let rest = header.get(start..)?;
    // A writer that did not know the length in time left it out of this header.
    Some(if entry.packed == 0 { rest } else { &rest[..rest.len().min(entry.packed)] })
}

#[cfg(test)]
mod tests {
    use super::unpack;
    use crate::container::zip::list;
    use crate::container::zip::tests::{archive, deflated};

    #[test]
    fn what_is_packed_comes_out() {
        let text = b"abc".repeat(1_000);
        for zip in [archive(&[("a", &text)]), deflated(&[("a", &text)])] {
            let shifted = [b"MZ program".as_slice(), &zip].concat();
            let without_list = &zip[..zip.len() - 30];
            for zip in [&zip[..], &shifted, without_list] {
                let entry = &list(zip).entries[0];
                let unpacked = unpack(zip, entry, 3_000);
                assert_eq!((unpacked.bytes, unpacked.problem), (text.clone(), None));
            }
        }
    }

    #[test]
    fn more_than_is_asked_for_never_comes_out() {
        let zip = deflated(&[("bomb", &vec![0; 1 << 20])]);
        let unpacked = unpack(&zip, &list(&zip).entries[0], 1_000);
        assert_eq!(unpacked.bytes.len(), 1_000);
        assert_eq!(unpacked.problem.unwrap(), "more than 1000 octets would come out of it");
    }

    #[test]
    fn what_cannot_be_unpacked_is_said() {
        let zip = archive(&[("!secret", b"x")]);
        let entry = &list(&zip).entries[0];
        assert_eq!(unpack(&zip, entry, 9).problem.unwrap(), "it needs a password");
        let zip = deflated(&[("a", b"abcdefgh")]);
        let mut entry = list(&zip).entries[0].clone();
        entry.method = 99;
        assert!(unpack(&zip, &entry, 9).problem.unwrap().contains("not read"));
        entry.at = 5;
        assert!(unpack(&zip, &entry, 9).problem.unwrap().contains("not where"));
        let mut damaged = zip.clone();
        damaged[31] = 0xff;
        let unpacked = unpack(&damaged, &list(&zip).entries[0], 9);
        assert!(unpacked.problem.unwrap().starts_with("it is damaged"));
    }
}
