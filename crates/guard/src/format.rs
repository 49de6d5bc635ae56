//! Reading lists: plain names, Tranco's CSV, MISP's warninglists. A file is taken
//! whole or refused whole, with the line that is wrong.

use belfry_indicator::Domain;
use serde::Deserialize;

use crate::list::NAMES_MAX;
use crate::names::Reach;

/// Octets of one file.
pub const FILE_BYTES_MAX: usize = 64 << 20;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One name a line; `=name` is the name alone, `#` begins a comment.
    Plain,
    /// `rank,name`, the best first.
    Tranco,
    /// A MISP warninglist of type `hostname` or `string`, as JSON.
    Misp,
}

/// What a file holds.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// Its names.
    pub entries: Vec<(Domain, Reach)>,
    /// What it says of its own version.
    pub stated: Option<String>,
}

/// Why a file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct ListError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// A MISP warninglist; what else stands in one does not matter here.
#[derive(Deserialize)]
struct Warninglist {
    #[serde(rename = "type")]
    matching: String,
    version: serde_json::Value,
    list: Vec<String>,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 3] = [Format::Plain, Format::Tranco, Format::Misp];

    /// The name of the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Format::Plain => "plain",
            Format::Tranco => "tranco",
            Format::Misp => "misp",
        }
    }

    /// The format with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// What the first line looks like.
    pub fn guess(bytes: &[u8]) -> Self {
        let first = bytes.trim_ascii_start();
        let digits = first.iter().take_while(|byte| byte.is_ascii_digit()).count();
        match first.first() {
            Some(b'{') => Format::Misp,
            _ if digits > 0 && first.get(digits) == Some(&b',') => Format::Tranco,
            _ => Format::Plain,
        }
    }

    /// Reads a file: all of it, or the first `top` names where it is a ranking.
    ///
    /// # Errors
    /// [`ListError`] at the first line that is not as the format has it. A file without any
    /// name is one too: half a download must not lift a protection.
    pub fn read(self, bytes: &[u8], top: Option<usize>) -> Result<Parsed, ListError> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(at(1, format!("the file is longer than {FILE_BYTES_MAX} octets")));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| not_text(bytes, error))?;
        let parsed = match self {
            Format::Plain => Parsed { entries: plain(text)?, stated: None },
            Format::Tranco => Parsed { entries: tranco(text, top)?, stated: None },
            Format::Misp => misp(text)?,
        };
        match parsed.entries.len() {
            0 => Err(at(1, "the file holds no name".to_owned())),
            1..=NAMES_MAX => Ok(parsed),
            many => Err(at(1, format!("{many} names are more than {NAMES_MAX}"))),
        }
    }
}

fn plain(text: &str) -> Result<Vec<(Domain, Reach)>, ListError> {
    let mut entries = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let entry = line.split('#').next().unwrap_or_default().trim();
        if !entry.is_empty() {
            let (text, reach) = match entry.strip_prefix('=') {
                Some(text) => (text, Reach::Exact),
                None => (entry, Reach::Subtree),
            };
            entries.push((name(index + 1, text)?, reach));
        }
    }
    Ok(entries)
}

/// Ranks must rise: a file whose lines were mixed up is no ranking.
fn tranco(text: &str, top: Option<usize>) -> Result<Vec<(Domain, Reach)>, ListError> {
    let mut entries = Vec::new();
    let mut before = 0;
    for (index, line) in text.lines().enumerate().take(top.unwrap_or(NAMES_MAX + 1)) {
        let wrong = || at(index + 1, format!("{:?} is not `rank,name`", short(line)));
        let (rank, text) = line.trim_end().split_once(',').ok_or_else(wrong)?;
        let rank: u32 = rank.parse().map_err(|_| wrong())?;
        if rank <= before {
            return Err(at(index + 1, format!("rank {rank} comes after rank {before}")));
        }
        before = rank;
        entries.push((name(index + 1, text)?, Reach::Subtree));
    }
    Ok(entries)
}

fn misp(text: &str) -> Result<Parsed, ListError> {
    let list: Warninglist =
        serde_json::from_str(text).map_err(|error| at(error.line(), error.to_string()))?;
    let reach = match list.matching.as_str() {
        "hostname" => Reach::Subtree,
        "string" => Reach::Exact,
        other => {
            let why = format!("a list of type {other:?} holds no names: hostname or string does");
            return Err(at(line_of(text, "\"type\""), why));
        }
    };
    let mut entries = Vec::with_capacity(list.list.len().min(NAMES_MAX));
    for entry in &list.list {
        // MISP writes `.name` for whatever ends so.
        let (text_of, reach) = match entry.strip_prefix('.') {
            Some(rest) => (rest, Reach::Subtree),
            None => (entry.as_str(), reach),
        };
        let line = || line_of(text, &format!("\"{entry}\""));
        entries.push((name(0, text_of).map_err(|error| at(line(), error.why))?, reach));
    }
    Ok(Parsed { entries, stated: Some(list.version.to_string()) })
}

/// The line on which `piece` first stands; 1 where it is written otherwise.
fn line_of(text: &str, piece: &str) -> usize {
    text.find(piece).map_or(1, |offset| text[..offset].matches('\n').count() + 1)
}

fn name(line: usize, text: &str) -> Result<Domain, ListError> {
    Domain::parse(text).map_err(|error| at(line, format!("{:?}: {error}", short(text))))
}

fn not_text(bytes: &[u8], error: std::str::Utf8Error) -> ListError {
    let good = &bytes[..error.valid_up_to()];
    let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
    at(line, "it is not UTF-8".to_owned())
}

fn short(text: &str) -> String {
    text.chars().take(100).collect()
}

fn at(line: usize, why: String) -> ListError {
    ListError { line, why }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(format: Format, text: &str) -> String {
        match format.read(text.as_bytes(), None) {
            Ok(parsed) => {
                let entries = parsed.entries.iter().map(|(name, reach)| match reach {
                    Reach::Exact => format!("={name}"),
                    Reach::Subtree => name.to_string(),
                });
                let stated = parsed.stated.map(|stated| format!("v{stated}"));
                stated.into_iter().chain(entries).collect::<Vec<_>>().join(" ")
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn plain_lists() {
        let check =
            |text: &str, expect: &str| assert_eq!(read(Format::Plain, text), expect, "{text}");
        check("a.example\n\n# words\n=B.example # more\r\n", "a.example =b.example");
        check("münchen.example", "xn--mnchen-3ya.example");
        check(
            "a.example\nno name\n",
            r#"line 2: "no name": the name holds ' ', which no domain name may"#,
        );
        check("# nothing\n", "line 1: the file holds no name");
        check("a.example\n192.0.2.1", r#"line 2: "192.0.2.1": an IP address is not a domain name"#);
    }

    #[test]
    fn rankings() {
        let check =
            |text: &str, expect: &str| assert_eq!(read(Format::Tranco, text), expect, "{text}");
        check("1,a.example\r\n2,b.example\r\n", "a.example b.example");
        check("1,a.example\nb.example\n", r#"line 2: "b.example" is not `rank,name`"#);
        check("1,a.example\n1,b.example\n", "line 2: rank 1 comes after rank 1");
        check("1,a.example\n2,", r#"line 2: "": the name is empty"#);
        check("", "line 1: the file holds no name");
        let top = Format::Tranco.read(b"1,a.example\n2,b.example\n3,c d\n", Some(2));
        assert_eq!(top.map(|parsed| parsed.entries.len()), Ok(2));
    }

    #[test]
    fn warninglists() {
        let check =
            |text: &str, expect: &str| assert_eq!(read(Format::Misp, text), expect, "{text}");
        let list = |matching: &str, entries: &str| {
            format!(
                "{{\"name\":\"x\",\n\"version\":20260811,\n\"type\":\"{matching}\",\n\
                 \"matching_attributes\":[\"domain\"],\n\"list\":[\n{entries}]}}"
            )
        };
        check(&list("hostname", "\"a.example\",\n\".b.example\""), "v20260811 a.example b.example");
        check(&list("string", "\"a.example\",\n\".b.example\""), "v20260811 =a.example b.example");
        check(
            &list("cidr", "\"192.0.2.0/24\""),
            "line 3: a list of type \"cidr\" holds no names: hostname or string does",
        );
        check(
            &list("string", "\"a.example\",\n\"a b\""),
            "line 7: \"a b\": the name holds ' ', which no domain name may",
        );
        let cut = list("string", "\"a.example\",\n\"b.exam");
        assert!(read(Format::Misp, &cut[..cut.len() - 2]).starts_with("line 7: "));
    }

    #[test]
    fn a_format_is_known_by_its_first_line() {
        let check =
            |text: &str, expect| assert_eq!(Format::guess(text.as_bytes()), expect, "{text}");
        check(" {\"list\":[]}", Format::Misp);
        check("1,a.example", Format::Tranco);
        check("1.example", Format::Plain);
        check("# words", Format::Plain);
        check("", Format::Plain);
        for format in Format::ALL {
            assert_eq!(Format::from_name(format.name()), Some(format));
        }
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_line() {
        let error = Format::Plain.read(b"a.example\n\xff\n", None).map(drop);
        assert_eq!(error.unwrap_err().to_string(), "line 2: it is not UTF-8");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for format in Format::ALL {
                let _ = format.read(&bytes, None);
            }
            let _ = Format::guess(&bytes).read(&bytes, Some(3));
        }
    }
}
