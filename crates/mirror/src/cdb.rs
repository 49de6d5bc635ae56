//! A writer of CDB, the constant database of D. J. Bernstein, as dnsdist reads it.
//!
//! 256 pointers, the records one after another, then 256 hash tables of twice as many
//! places as they have records. In memory are eight octets a record and one table; the
//! caller sees to it that no key comes twice. Files end at 4 GiB: more is an error, never a wrap.

use std::io::{self, Seek, SeekFrom, Write};

/// Tables, and pointers at the start of a file.
const TABLES: usize = 256;
/// Octets of all pointers.
const HEADER: u32 = 2_048;

/// Where a record is, with the hash of its key.
type Spot = (u32, u32);

/// A file in the making.
#[derive(Debug)]
pub(crate) struct CdbWriter<W> {
    out: W,
    at: u32,
    tables: Vec<Vec<Spot>>,
}

impl<W: Write + Seek> CdbWriter<W> {
    /// Starts at the beginning of `out`.
    pub(crate) fn new(mut out: W) -> io::Result<Self> {
        out.write_all(&[0; HEADER as usize])?;
        Ok(Self { out, at: HEADER, tables: vec![Vec::new(); TABLES] })
    }

    /// Adds a record.
    pub(crate) fn add(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        let (key_len, value_len) = (length(key.len())?, length(value.len())?);
        self.put(&[&key_len.to_le_bytes(), &value_len.to_le_bytes(), key, value], Some(key))
    }

    /// Writes the tables and pointers; the file is whole when this returns.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let mut header = Vec::with_capacity(HEADER as usize);
        for table in std::mem::take(&mut self.tables) {
            let places = places(&table);
            header.extend_from_slice(&self.at.to_le_bytes());
            header.extend_from_slice(&length(places.len())?.to_le_bytes());
            for (hash, position) in places {
                self.put(&[&hash.to_le_bytes(), &position.to_le_bytes()], None)?;
            }
        }
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&header)?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// Writes pieces one after another; those of a record go into its table.
    fn put(&mut self, pieces: &[&[u8]], key: Option<&[u8]>) -> io::Result<()> {
        let start = self.at;
        for piece in pieces {
            self.out.write_all(piece)?;
            self.at = self.at.checked_add(length(piece.len())?).ok_or_else(too_large)?;
        }
        if let Some(key) = key {
            let hash = hash(key);
            self.tables[usize::from(hash.to_le_bytes()[0])].push((hash, start));
        }
        Ok(())
    }
}

/// The places of a table: twice as many as records, each record at the first free one from
/// where its hash points. A place of position zero is free: no record is there.
fn places(table: &[Spot]) -> Vec<Spot> {
    let mut places = vec![(0, 0); table.len() * 2];
    for (hash, position) in table {
        let mut at = (*hash >> 8) as usize % places.len();
        while places[at].1 != 0 {
            at = (at + 1) % places.len();
        }
        places[at] = (*hash, *position);
    }
    places
}

fn hash(key: &[u8]) -> u32 {
    key.iter().fold(5_381, |hash: u32, octet| hash.wrapping_mul(33) ^ u32::from(*octet))
}

fn length(len: usize) -> io::Result<u32> {
    u32::try_from(len).map_err(|_| too_large())
}

fn too_large() -> io::Error {
    io::Error::other("a CDB file ends at 4 GiB")
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;
    use std::io::Cursor;

    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;

    use super::*;

    fn number(file: &[u8], at: usize) -> usize {
        u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize
    }

    /// Looks a key up as the format's description says it.
    pub(crate) fn get(file: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        let hash = hash(key);
        let pointer = (hash % 256) as usize * 8;
        let (table, places) = (number(file, pointer), number(file, pointer + 4));
        for step in 0..places {
            let place = table + ((hash >> 8) as usize + step) % places * 8;
            let (here, record) = (number(file, place), number(file, place + 4));
            if record == 0 {
                return None;
            }
            let (key_len, value_len) = (number(file, record), number(file, record + 4));
            let start = record + 8 + key_len;
            if here == hash as usize && file[record + 8..start] == *key {
                return Some(file[start..start + value_len].to_vec());
            }
        }
        None
    }

    fn written(records: &BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<u8> {
        let mut cdb = CdbWriter::new(Cursor::new(Vec::new())).unwrap();
        records.iter().for_each(|(key, value)| cdb.add(key, value).unwrap());
        cdb.finish().unwrap().into_inner()
    }

    #[test]
    fn an_empty_file_is_pointers_to_nothing() {
        let file = written(&BTreeMap::new());
        assert_eq!(file.len(), 2_048);
        assert_eq!((number(&file, 0), number(&file, 4)), (2_048, 0));
        assert_eq!(get(&file, b"a"), None);
    }

    #[test]
    fn a_record_is_where_the_format_says() {
        let file = written(&BTreeMap::from([(b"one".to_vec(), b"Hello".to_vec())]));
        assert_eq!(file[2_048..2_064], *b"\x03\0\0\0\x05\0\0\0oneHello");
        assert_eq!(hash(b"one"), 0x0b87_5b81);
        assert_eq!(file.len(), 2_048 + 16 + 2 * 8);
        assert_eq!(number(&file, 0x81 * 8), 2_064);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let mut cdb = CdbWriter::new(Cursor::new(Vec::new())).unwrap();
        cdb.at = u32::MAX - 5;
        assert!(cdb.add(b"k", b"v").is_err());
    }

    proptest! {
        #[test]
        fn every_record_is_found_and_no_other(
            records in btree_map(vec(any::<u8>(), 0..6), vec(any::<u8>(), 0..6), 0..600),
            others in vec(vec(any::<u8>(), 0..6), 0..50),
        ) {
            let file = written(&records);
            for (key, value) in &records {
                prop_assert_eq!(get(&file, key), Some(value.clone()));
            }
            for key in others {
                prop_assert_eq!(get(&file, &key), records.get(&key).cloned());
            }
        }
    }
}
