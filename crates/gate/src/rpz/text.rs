//! A zone file cut into entries (RFC 1035 section 5.1): each an owner and the
//! rest of its record, as they are written. Streams: a file of any size takes
//! one buffer. Understands neither names nor records.

use std::io::{self, Read};

/// A file is read so much at a time; no entry is longer.
const BUFFER_OCTETS: usize = 1 << 18;

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry<'a> {
    /// `$ORIGIN`, `$TTL`, `$INCLUDE`… and what follows.
    Directive(&'a [u8]),
    /// A record: its owner, empty where it is the one before, and the rest.
    Record {
        /// As written.
        owner: &'a [u8],
        /// As written, from after the owner to before the line's end.
        rest: &'a [u8],
    },
}

/// The measures of an entry.
#[derive(Clone, Copy, Debug)]
struct Cut {
    octets: usize,
    lines: u64,
    /// Octets of the owner, where that is known already.
    owner: Option<usize>,
}

/// Cuts a file into entries.
#[derive(Debug)]
pub(super) struct Entries<R> {
    file: R,
    buffer: Vec<u8>,
    /// What is still to be cut.
    start: usize,
    end: usize,
    ended: bool,
    /// The line on which the next entry starts.
    line: u64,
    /// How many lines it has.
    lines: u64,
    /// The rest of the record before: most records of a zone end alike.
    usual: Vec<u8>,
    read: u64,
}

/// Why a file can't be cut.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// It can't be read.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// An entry does not end.
    #[error("line {0}: an entry longer than {BUFFER_OCTETS} octets: is a quote or bracket open?")]
    Endless(u64),
}

impl<R: Read> Entries<R> {
    /// The entries of `file`.
    pub(super) fn new(file: R) -> Self {
        let buffer = vec![0; BUFFER_OCTETS];
        let usual = Vec::new();
        Self { file, buffer, start: 0, end: 0, ended: false, line: 1, lines: 0, usual, read: 0 }
    }

    /// The line of the entry that came last.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Octets of the entries so far.
    pub(super) fn octets(&self) -> u64 {
        self.read - (self.end - self.start) as u64
    }

    /// The next entry, past blank lines and comments.
    pub(super) fn next(&mut self) -> Result<Option<Entry<'_>>, TextError> {
        loop {
            self.line += std::mem::take(&mut self.lines);
            let Some((from, cut)) = self.cut()? else { return Ok(None) };
            self.lines = cut.lines;
            let whole = from..from + cut.octets;
            let owner = match cut.owner {
                Some(owner) => owner,
                None => match shape(&self.buffer[whole.clone()]) {
                    None => continue,
                    Some(Shape::Directive) => {
                        return Ok(Some(Entry::Directive(&self.buffer[whole])));
                    }
                    Some(Shape::Record { owner_octets }) => owner_octets,
                },
            };
            let (owner, rest) = self.buffer[whole].split_at(owner);
            return Ok(Some(Entry::Record { owner, rest }));
        }
    }

    /// Where the next entry starts in the buffer, and its measures.
    fn cut(&mut self) -> Result<Option<(usize, Cut)>, TextError> {
        loop {
            let waiting = &self.buffer[self.start..self.end];
            let from = self.start;
            if let Some(cut) = self.measure(waiting) {
                self.start += cut.octets;
                return Ok(Some((from, cut)));
            }
            if self.ended {
                let octets = waiting.len();
                self.start = self.end;
                return Ok((octets > 0).then_some((from, Cut { octets, lines: 1, owner: None })));
            }
            self.fill()?;
        }
    }

    /// The measures of the entry at the start, line end included; `None` while its
    /// end is not there.
    #[inline]
    fn measure(&self, waiting: &[u8]) -> Option<Cut> {
        if !self.usual.is_empty()
            && let Some(owner) = plain_owner(waiting)
            && waiting[owner..].starts_with(&self.usual)
        {
            return Some(Cut { octets: owner + self.usual.len(), lines: 1, owner: Some(owner) });
        }
        let octets = waiting.iter().position(|octet| *octet == b'\n')? + 1;
        let plain = |octet: &u8| !matches!(octet, b'(' | b'"' | b'\\' | b')');
        if waiting[..octets].iter().all(plain) {
            return Some(Cut { octets, lines: 1, owner: None });
        }
        whole(waiting)
    }

    /// Says how records usually end, line end included.
    pub(super) fn set_usual(&mut self, rest: Vec<u8>) {
        self.usual = rest;
    }

    fn fill(&mut self) -> Result<(), TextError> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            return Err(TextError::Endless(self.line));
        }
        match self.file.read(&mut self.buffer[self.end..]) {
            Ok(0) => self.ended = true,
            Ok(octets) => {
                self.end += octets;
                self.read += octets as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// Octets of an owner without anything special, if one is there.
#[inline]
fn plain_owner(line: &[u8]) -> Option<usize> {
    let owner = line.iter().position(|octet| !PLAIN[usize::from(*octet)])?;
    (owner > 0).then_some(owner)
}

/// What names are made of where nothing is quoted.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut octet = 0;
    while octet < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "less than 256")]
        let character = octet as u8;
        plain[octet] = character.is_ascii_alphanumeric()
            || matches!(character, b'.' | b'-' | b'_' | b'*' | b'/');
        octet += 1;
    }
    plain
};

/// The measures of an entry with quotes or brackets.
fn whole(text: &[u8]) -> Option<Cut> {
    let (mut quoted, mut comment, mut depth, mut lines) = (false, false, 0_u32, 0);
    let mut at = 0;
    while let Some(octet) = text.get(at) {
        at += 1;
        match octet {
            b'\n' => {
                lines += 1;
                comment = false;
                if depth == 0 && !quoted {
                    return Some(Cut { octets: at, lines, owner: None });
                }
            }
            _ if comment => {}
            b'\\' => at += 1,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b';' => comment = true,
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

enum Shape {
    Directive,
    Record { owner_octets: usize },
}

/// What an entry is; `None` for one without anything in it.
fn shape(entry: &[u8]) -> Option<Shape> {
    let content = entry.iter().position(|octet| !octet.is_ascii_whitespace())?;
    match entry[content] {
        b';' => None,
        b'$' if content == 0 => Some(Shape::Directive),
        _ if content > 0 => Some(Shape::Record { owner_octets: 0 }),
        _ => Some(Shape::Record { owner_octets: owner_octets(entry) }),
    }
}

/// Where an owner ends: at a blank that is not escaped.
fn owner_octets(entry: &[u8]) -> usize {
    let mut at = 0;
    while let Some(octet) = entry.get(at) {
        match octet {
            b'\\' => at += 2,
            octet if octet.is_ascii_whitespace() || matches!(octet, b';' | b'(') => return at,
            _ => at += 1,
        }
    }
    entry.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<(String, String, u64)> {
        let mut entries = Entries::new(text.as_bytes());
        let mut all = Vec::new();
        loop {
            let (owner, rest) = match entries.next().unwrap() {
                None => return all,
                Some(Entry::Directive(text)) => (b"$".to_vec(), text.to_vec()),
                Some(Entry::Record { owner, rest }) => (owner.to_vec(), rest.to_vec()),
            };
            let [owner, rest] = [owner, rest].map(|octets| String::from_utf8(octets).unwrap());
            all.push((owner, rest.trim().to_owned(), entries.line()));
        }
    }

    fn check(text: &str, expect: &[(&str, &str)]) {
        let found = entries(text);
        let found: Vec<_> = found.iter().map(|(owner, rest, _)| (&owner[..], &rest[..])).collect();
        assert_eq!(found, expect, "{text:?}");
    }

    #[test]
    fn lines_are_entries() {
        check("a A 192.0.2.1\n\tTXT x\n", &[("a", "A 192.0.2.1"), ("", "TXT x")]);
        check("$TTL 60\n@ NS localhost.", &[("$", "$TTL 60"), ("@", "NS localhost.")]);
        check("; words\n\n  ; more\r\na A 192.0.2.1 ; why\n", &[("a", "A 192.0.2.1 ; why")]);
        check("*.a\tCNAME\t.\n", &[("*.a", "CNAME\t.")]);
        check("", &[]);
    }

    #[test]
    fn brackets_and_quotes_hold_lines_together() {
        check(
            "@ SOA a b (1 2 ; (\n 3 )\nb A 192.0.2.1\n",
            &[("@", "SOA a b (1 2 ; (\n 3 )"), ("b", "A 192.0.2.1")],
        );
        check(
            "a TXT \"x ; (y\nz\"\nb A 192.0.2.1\n",
            &[("a", "TXT \"x ; (y\nz\""), ("b", "A 192.0.2.1")],
        );
        check(
            "a\\ b\\; TXT \\\"\nc A 192.0.2.1\n",
            &[("a\\ b\\;", "TXT \\\""), ("c", "A 192.0.2.1")],
        );
    }

    #[test]
    fn the_usual_rest_is_taken_in_one_step_and_only_where_it_stands() {
        let text = "a A 1\nb A 1\nc A 12\n d A 1\ne A 1";
        let mut entries = Entries::new(text.as_bytes());
        entries.set_usual(b" A 1\n".to_vec());
        let mut owners = Vec::new();
        while let Some(entry) = entries.next().unwrap() {
            let Entry::Record { owner, rest } = entry else { panic!() };
            owners.push((String::from_utf8_lossy(owner).into_owned(), rest.len()));
        }
        let expect = [("a", 5), ("b", 5), ("c", 6), ("", 7), ("e", 4)];
        assert_eq!(owners, expect.map(|(owner, rest)| (owner.to_owned(), rest)));
        assert_eq!(entries.octets(), text.len() as u64);
    }

    #[test]
    fn an_entry_that_does_not_end_is_refused_with_its_line() {
        let text = format!("a A 192.0.2.1\nb TXT (\n{}", "x\n".repeat(BUFFER_OCTETS));
        let mut entries = Entries::new(text.as_bytes());
        entries.next().unwrap();
        assert!(entries.next().unwrap_err().to_string().starts_with("line 2:"));
        check("b TXT (\nx\n", &[("b", "TXT (\nx")]);
    }

    #[test]
    fn entries_cross_the_ends_of_the_buffer() {
        let line = "some-name.example A 192.0.2.1\n";
        let count = 3 * BUFFER_OCTETS / line.len();
        assert_eq!(entries(&line.repeat(count)).len(), count);
    }
}
