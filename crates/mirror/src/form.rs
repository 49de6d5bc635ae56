//! What is in a file: the lines of a zone, or the records of a table.
//!
//! A table has two kinds of keys, which never meet: a name as text says what holds at
//! itself, a name on the wire what holds below it. Values are `b` (block) and `p` (pass).

use std::fs::File;
use std::io::{self, BufWriter, Write};

use belfry_rpz::{Patch, Path, Policy, Published, RecordSettings, Said, View, text};

use crate::cdb::CdbWriter;
use crate::settings::Writes;

/// Lines gathered before they are written.
const LINES_BYTES: usize = 64 << 10;

/// A zone's name and records.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) writes: Writes,
    pub(crate) apex: belfry_indicator::Domain,
    pub(crate) records: RecordSettings,
}

impl Form {
    /// Writes a whole view.
    pub(crate) fn base(&self, out: BufWriter<File>, view: &View) -> io::Result<BufWriter<File>> {
        let names = view.names().map(|(path, Published { exact, below })| {
            let there = |policy| (policy != Policy::None).then_some(policy);
            (path, Said { exact: there(exact), below: there(below) })
        });
        self.write(out, names, view.soa_serial())
    }

    /// Writes what goes before a view.
    pub(crate) fn recent(
        &self,
        out: BufWriter<File>,
        patch: &Patch,
    ) -> io::Result<BufWriter<File>> {
        self.write(out, patch.iter().map(|(path, said)| (path, *said)), 1)
    }

    fn write<'a>(
        &self,
        out: BufWriter<File>,
        names: impl Iterator<Item = (&'a Path, Said)>,
        serial: u32,
    ) -> io::Result<BufWriter<File>> {
        match self.writes {
            Writes::Rpz => self.zone(out, names, serial),
            Writes::Cdb => table(out, names),
        }
    }

    fn zone<'a>(
        &self,
        mut out: BufWriter<File>,
        names: impl Iterator<Item = (&'a Path, Said)>,
        serial: u32,
    ) -> io::Result<BufWriter<File>> {
        let mut lines = text::head(&self.apex, &self.records, serial);
        for (path, said) in names {
            for (wildcard, policy) in [(false, said.exact), (true, said.below)] {
                if let Some(policy) = policy {
                    text::push_policy(&mut lines, &self.records, path, wildcard, policy);
                }
            }
            if lines.len() >= LINES_BYTES {
                out.write_all(lines.as_bytes())?;
                lines.clear();
            }
        }
        out.write_all(lines.as_bytes())?;
        Ok(out)
    }
}

fn table<'a>(
    out: BufWriter<File>,
    names: impl Iterator<Item = (&'a Path, Said)>,
) -> io::Result<BufWriter<File>> {
    let mut cdb = CdbWriter::new(out)?;
    for (path, said) in names {
        if let Some(policy) = said.exact {
            cdb.add(path.to_text().as_bytes(), value(policy))?;
        }
        if let Some(policy) = said.below {
            cdb.add(&path.to_wire(), value(policy))?;
        }
    }
    cdb.finish()
}

fn value(policy: Policy) -> &'static [u8] {
    match policy {
        Policy::Block => b"b",
        Policy::Pass | Policy::None => b"p",
    }
}
