//! Running text: bare links in it, and the visible text of a whole part. What is
//! invisible (zero-width characters, soft hyphens) leaves no trace in it.

use linkify::{LinkFinder, LinkKind as Kind};

use crate::disguise::{is_broken, refang};
use crate::findings::{Cues, Findings, Sighting};
use crate::limits::RUN_BYTES_MAX;
use crate::{LinkKind, Observed};

/// Finds the bare links of `text`, whose first octet is `offset` of `part`.
pub(crate) fn find_links(
    findings: &mut Findings<'_>,
    text: &str,
    part: &str,
    offset: usize,
    message: usize,
) {
    find_links_of(findings, text, LinkKind::Text, (part, offset), message);
}

/// The same, for text that was found elsewhere than in running text; `at` is its
/// part and offset.
pub(crate) fn find_links_of(
    findings: &mut Findings<'_>,
    text: &str,
    kind: LinkKind,
    (part, offset): (&str, usize),
    message: usize,
) {
    let broken = is_broken(text);
    // Nothing can be a link without one of these, and most runs have neither.
    if !broken && !text.contains('.') && !text.contains("://") {
        return;
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[Kind::Url, Kind::Email]).url_must_have_scheme(false);
    let mut seeker = Seeker { findings, finder: &finder, kind, part, offset, message };
    for run in runs(text) {
        if broken {
            run.split_inclusive('\n').for_each(|line| seeker.line(line));
        } else {
            seeker.run(run);
        }
    }
}

/// The search for bare links in one text, run by run.
struct Seeker<'s, 'f> {
    findings: &'s mut Findings<'f>,
    finder: &'s LinkFinder,
    kind: LinkKind,
    part: &'s str,
    /// Where the next run begins in the part.
    offset: usize,
    message: usize,
}

impl Seeker<'_, '_> {
    fn run(&mut self, run: &str) {
        let finder = self.finder;
        let mut read = 0;
        for link in finder.links(run).filter(|link| *link.kind() == Kind::Url) {
            if link.start() < read {
                continue;
            }
            if let Some((whole, end)) = over_lines(run, link.start(), link.end()) {
                self.sight(&whole, link.start());
                read = end;
                continue;
            }
            // The finder takes a no-break space for a letter.
            let shown = link.as_str().split(char::is_whitespace).next().unwrap_or_default();
            if is_link(self.findings, shown) {
                self.sight(shown, link.start());
            } else if has_file_ending(shown)
                && let Some(name) = self.findings.list.bare_host(shown)
            {
                let name = Observed::Host(name);
                self.findings.observe(name, self.part, self.offset + link.start());
            }
        }
        self.offset += run.len();
    }

    /// A line that may hold links written so that they cannot be clicked.
    fn line(&mut self, line: &str) {
        if !is_broken(line) {
            return self.run(line);
        }
        let mended = refang(line);
        let finder = self.finder;
        for link in finder.links(&mended.text).filter(|link| *link.kind() == Kind::Url) {
            if is_link(self.findings, link.as_str()) {
                let origin = mended.origin(link.start(), link.end());
                self.sight(&line[origin.clone()], origin.start);
            }
        }
        self.offset += line.len();
    }

    fn sight(&mut self, raw: &str, start: usize) {
        let offset = self.offset + start;
        self.findings.sight(&Sighting {
            raw,
            base: None,
            part: self.part,
            offset,
            kind: self.kind,
            text: None,
            cues: Cues { message: self.message, at: offset, ..Cues::default() },
        });
    }
}

/// A link between angle brackets that goes on over line ends (RFC 3986, appendix C), and where
/// it ends. `start` and `end` are what was found of it in `run`.
fn over_lines(run: &str, start: usize, end: usize) -> Option<(String, usize)> {
    const LENGTH_MAX: usize = 2_000;
    let within = run[..start].ends_with('<') && run[end..].starts_with(['\r', '\n']);
    let rest = &run[start..run.floor_char_boundary(start + LENGTH_MAX)];
    let close = rest.find('>').filter(|_| within && rest.contains("://"))?;
    let lines: Vec<&str> = rest[..close].lines().collect();
    let whole = lines.concat();
    (!whole.contains(char::is_whitespace) && !whole.contains('<')).then_some((whole, start + close))
}

/// Whether a mail program would make it clickable: with a scheme, or a bare host
/// under a listed suffix.
fn is_link(findings: &Findings<'_>, shown: &str) -> bool {
    match shown.split_once("://") {
        Some((scheme, _)) => {
            scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
        }
        None => {
            let host = shown.split(['/', '?', '#', ':']).next().unwrap_or(shown);
            let bare = host.len() == shown.len();
            !(bare && (has_file_ending(host) || is_sentence_end(host)))
                && findings.list.bare_host(host).is_some()
        }
    }
}

/// Names such as `invoice.zip` are files far more often than hosts.
fn has_file_ending(host: &str) -> bool {
    const ENDINGS: [&str; 10] = ["zip", "mov", "py", "sh", "md", "pl", "rs", "ps", "cc", "so"];
    let ending = host.rsplit('.').next().unwrap_or(host).to_ascii_lowercase();
    !host.to_ascii_lowercase().starts_with("www.") && ENDINGS.contains(&ending.as_str())
}

/// `end.Next`: a full stop without the space after it.
fn is_sentence_end(host: &str) -> bool {
    let ending = host.rsplit('.').next().unwrap_or(host);
    ending.starts_with(char::is_uppercase) && host.contains(char::is_lowercase)
}

/// Pieces of at most [`RUN_BYTES_MAX`] octets, cut at white space where there is
/// some: the link finder looks back, and must not look back over megabytes.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.floor_char_boundary(RUN_BYTES_MAX);
        if end < rest.len() {
            end = match rest[..end].rfind(char::is_whitespace) {
                Some(space) if space > 0 => space,
                _ => end,
            };
        }
        let (run, tail) = rest.split_at(end);
        rest = tail;
        Some(run)
    })
}

/// Visible text as it grows: white space folded, blocks on lines of their own.
#[derive(Debug, Default)]
pub(crate) struct VisibleText {
    text: String,
    gap: Gap,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
}

impl VisibleText {
    /// Adds text, folding white space and dropping what is invisible.
    pub(crate) fn push(&mut self, text: &str) {
        for c in text.chars() {
            if is_invisible(c) {
                continue;
            }
            if c.is_whitespace() {
                self.gap = self.gap.max(Gap::Space);
            } else {
                self.close_gap();
                self.text.push(c);
            }
        }
    }

    /// Adds plain text, keeping its lines.
    pub(crate) fn push_lines(&mut self, text: &str) {
        for line in text.lines() {
            self.push(line);
            self.break_line();
        }
    }

    /// What follows stands on a line of its own.
    pub(crate) fn break_line(&mut self) {
        self.gap = Gap::Line;
    }

    /// What follows stands apart.
    pub(crate) fn space(&mut self) {
        self.gap = self.gap.max(Gap::Space);
    }

    /// Octets so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    fn close_gap(&mut self) {
        if !self.text.is_empty() {
            match self.gap {
                Gap::None => {}
                Gap::Space => self.text.push(' '),
                Gap::Line => self.text.push('\n'),
            }
        }
        self.gap = Gap::None;
    }
}

/// Characters without a width, by which texts are made to differ unseen.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0000}'..='\u{e007f}')
        || (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{85}'))
}

#[cfg(test)]
mod tests;
