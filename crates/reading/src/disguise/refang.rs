//! Makes links of what was written so that it cannot be clicked: `hxxp`, `[.]`,
//! `(at)`, `evil-dot-example`, `http ://`. One pass, with the origin of each octet.

/// A text with its links mended.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Refanged {
    pub(crate) text: String,
    /// For each octet of `text`, where it stood in the original.
    origin: Vec<usize>,
}

impl Refanged {
    /// The octets of the original behind `start..end` of the text.
    pub(crate) fn origin(&self, start: usize, end: usize) -> std::ops::Range<usize> {
        let from = self.origin.get(start).copied().unwrap_or_default();
        let last = self.origin.get(end.wrapping_sub(1)).copied().unwrap_or(from);
        from..last + 1
    }

    fn push(&mut self, text: &str, at: usize) {
        self.text.push_str(text);
        self.origin.extend(std::iter::repeat_n(at, text.len()));
    }

    fn pop_spaces(&mut self) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        self.origin.truncate(self.text.len());
    }

    /// Takes back a bracket that was opened just before.
    fn pop_bracket(&mut self) {
        if self.text.ends_with(['(', '[', '{']) {
            self.text.pop();
            self.origin.pop();
        }
    }
}

/// What is written for a dot, and for an `@`, between brackets.
const DOTS: [&str; 6] = ["punkt", "punto", "point", "punt", "dot", "."];
const ATS: [&str; 4] = ["arroba", "at", "et", "@"];
/// What is written for `http`, the longest first.
const SCHEMES: [(&str, &str); 14] = [
    ("https", "https"),
    ("http", "http"),
    ("hxxps", "https"),
    ("hxxp", "http"),
    ("hxtps", "https"),
    ("hxtp", "http"),
    ("htxps", "https"),
    ("htxp", "http"),
    ("h**ps", "https"),
    ("h**p", "http"),
    ("xxxxs", "https"),
    ("xxxxx", "https"),
    ("xxxx", "http"),
    ("meow", "http"),
];

/// Mends the links of `text`.
pub(crate) fn refang(text: &str) -> Refanged {
    let mut out = Refanged::default();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let before = text[..at].chars().next_back();
        let step = scheme(rest, before, &mut out, at)
            .or_else(|| bracketed(rest, &mut out, at))
            .or_else(|| word(rest, before, &mut out, at))
            .or_else(|| address(rest, before, &mut out, at));
        at += step.unwrap_or_else(|| {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            out.text.push_str(&rest[..length]);
            out.origin.extend(at..at + length);
            length
        });
    }
    out
}

/// `hxxps[:]//`, `[http]://`, `https ://`, `http//`: octets taken.
fn scheme(rest: &str, before: Option<char>, out: &mut Refanged, at: usize) -> Option<usize> {
    if !rest.starts_with(['h', 'H', 'x', 'X', 'm', 'M', '[', '(', '{']) {
        return None;
    }
    let opened = rest.starts_with(['[', '(', '{']);
    let name = &rest[usize::from(opened)..];
    let (written, meant) = SCHEMES.iter().find(|(written, _)| {
        starts(name, written) && !name[written.len()..].starts_with(char::is_alphanumeric)
    })?;
    if !opened && before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let mut tail = &name[written.len()..];
    tail = tail.strip_prefix([']', ')', '}']).unwrap_or(tail).trim_start_matches(' ');
    let slashes = ["[://]", "(://)", "[:]", "(:)", ":", ""];
    let colon = slashes.into_iter().find(|colon| tail.starts_with(colon))?;
    tail = &tail[colon.len()..];
    if !colon.contains('/') {
        tail = tail.strip_prefix("[//]").or_else(|| tail.strip_prefix("//"))?;
    }
    tail = tail.trim_start_matches('/').trim_start_matches(' ');
    if !tail.starts_with(|c: char| c.is_alphanumeric() || "[({".contains(c)) {
        return None;
    }
    out.pop_bracket();
    out.push(meant, at);
    out.push("://", at);
    // A bracketed `www` or address follows; it is read next.
    Some(rest.len() - tail.len())
}

/// `[.]`, `(dot)`, `].[`, `[at]`, `[-]`, `[www]`: octets taken.
fn bracketed(rest: &str, out: &mut Refanged, at: usize) -> Option<usize> {
    if let Some(step) = spaced(rest, out, at) {
        return Some(step);
    }
    let first = rest.chars().next()?;
    let is_open = "[({<".contains(first);
    let is_close = "])}>".contains(first);
    if !is_open && !is_close {
        return None;
    }
    let inner = &rest[1..];
    if is_open {
        for (written, meant) in [
            ("-]", "-"),
            ("-)", "-"),
            ("/]", "/"),
            (":]", ":"),
            ("://]", "://"),
            ("www]", "www"),
            ("www)", "www"),
            ("www}", "www"),
        ] {
            if starts(inner, written) {
                out.push(meant, at);
                return Some(1 + written.len());
            }
        }
    }
    let (meant, length) = sign(inner.trim_start_matches(' '))?;
    let padding = inner.len() - inner.trim_start_matches(' ').len();
    let after = inner[padding + length..].trim_start_matches(' ');
    let closed = after.starts_with(|c| "])}>[({".contains(c));
    if !closed || (first == '<' && !after.starts_with('>')) {
        return None;
    }
    out.pop_spaces();
    out.push(meant, at);
    let tail = &after[1..];
    Some(
        rest.len()
            - if meant == "@" || padding > 0 { tail.trim_start_matches(' ') } else { tail }.len(),
    )
}

/// Spaces before and after a bracketed word: `me (at) evil [dot] example`.
fn spaced(rest: &str, out: &mut Refanged, at: usize) -> Option<usize> {
    let inner = rest.trim_start_matches(' ');
    let spaces = rest.len() - inner.len();
    if spaces == 0 || !inner.starts_with(['[', '(', '{']) {
        return None;
    }
    let (meant, length) = sign(&inner[1..])?;
    let tail = inner[1 + length..].strip_prefix([']', ')', '}'])?;
    out.push(meant, at);
    Some(rest.len() - tail.trim_start_matches(' ').len())
}

/// A dot or an `@`, as words or signs write it, with its length. A comma stands for
/// a dot only in an address.
fn sign(text: &str) -> Option<(&'static str, usize)> {
    if let Some(word) = DOTS.into_iter().find(|word| starts(text, word)) {
        return Some((".", word.len()));
    }
    if let Some(word) = ATS.into_iter().find(|word| starts(text, word)) {
        return Some(("@", word.len()));
    }
    let digits = text.strip_prefix(',').and_then(|tail| tail.get(1..))?;
    digits.starts_with(|c: char| c.is_ascii_digit()).then_some((".", 1))
}

/// `example\.com`, `example^.com`, `foo-dot-com`, `fooDOTcom`, `foo AT bar.com`,
/// `foodot]com`, `foo @ bar`: octets taken.
fn word(rest: &str, before: Option<char>, out: &mut Refanged, at: usize) -> Option<usize> {
    let before = before?;
    if let Some(tail) = rest.strip_prefix("\\.").or_else(|| rest.strip_prefix("^.")) {
        let within = before.is_alphanumeric() && tail.starts_with(char::is_alphanumeric);
        return within.then(|| out.push(".", at)).map(|()| 2);
    }
    if rest.starts_with("\\/") {
        out.push("/", at);
        return Some(2);
    }
    if rest.starts_with("-dot-")
        && before.is_alphanumeric()
        && rest[5..].starts_with(char::is_alphanumeric)
    {
        out.push(".", at);
        return Some(5);
    }
    half_closed(rest, before, out, at)
        .or_else(|| capitals(rest, before, out, at))
        .or_else(|| loose_at(rest, before, out, at))
}

/// `foodot]com`: a word that only a closing bracket sets off.
fn half_closed(rest: &str, before: char, out: &mut Refanged, at: usize) -> Option<usize> {
    if !before.is_alphanumeric() || !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let (meant, length) = sign(rest)?;
    let tail = rest[length..].strip_prefix([']', ')', '}'])?;
    tail.starts_with(char::is_alphanumeric).then(|| out.push(meant, at)).map(|()| length + 1)
}

/// `fooDOTcom`, `foo DOT com`, `fooATbar.com`, `foo AT bar.com`.
fn capitals(rest: &str, before: char, out: &mut Refanged, at: usize) -> Option<usize> {
    let inner = rest.trim_start_matches(' ');
    let (meant, length) = if inner.starts_with("DOT") {
        (".", 3)
    } else if inner.starts_with("AT") {
        ("@", 2)
    } else {
        return None;
    };
    let spaced = inner.len() < rest.len();
    let tail = &inner[length..];
    let after = tail.trim_start_matches(' ');
    let lower = |c: char| c.is_lowercase() || c.is_ascii_digit();
    let lawful = if spaced {
        before.is_alphanumeric()
            && after.len() < tail.len()
            && after.starts_with(char::is_alphanumeric)
    } else {
        lower(before) && tail.starts_with(lower)
    };
    lawful
        .then(|| out.push(meant, at))
        .map(|()| rest.len() - if spaced { after } else { tail }.len())
}

/// `foo @ bar.com`.
fn loose_at(rest: &str, before: char, out: &mut Refanged, at: usize) -> Option<usize> {
    let inner = rest.trim_start_matches(' ');
    let tail = inner.strip_prefix('@')?;
    let after = tail.trim_start_matches(' ');
    let spaced = inner.len() < rest.len() || after.len() < tail.len();
    let lawful = spaced && before.is_alphanumeric() && after.starts_with(char::is_alphanumeric);
    lawful.then(|| out.push("@", at)).map(|()| rest.len() - after.len())
}

/// `9,10,11,12`: four numbers of an address and no fifth.
fn address(rest: &str, before: Option<char>, out: &mut Refanged, at: usize) -> Option<usize> {
    let starts_list = !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, ',' | '.'));
    if !starts_list || !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(rest.len());
    let list = &rest[..end];
    let numbers =
        || list.split(',').map(|number| number.len() <= 3 && number.parse::<u8>().is_ok());
    if numbers().count() != 4
        || !numbers().all(|lawful| lawful)
        || rest[end..].starts_with(char::is_alphanumeric)
    {
        return None;
    }
    out.text.push_str(&list.replace(',', "."));
    out.origin.extend(at..at + end);
    Some(end)
}

fn starts(text: &str, lower: &str) -> bool {
    text.get(..lower.len()).is_some_and(|head| head.eq_ignore_ascii_case(lower))
}

#[cfg(test)]
mod tests;
