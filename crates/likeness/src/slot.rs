//! Slots: the parts of a text that change from one copy to the next.

/// What stands in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// A web or mail address.
    Link,
    /// A telephone number, date, time or any other number.
    Number,
    /// A sum of money.
    Amount,
    /// The name of whom the text is written to.
    Name,
    /// A code of letters and digits.
    Code,
}

impl Slot {
    /// Every kind.
    pub const ALL: [Slot; 5] = [Slot::Link, Slot::Number, Slot::Amount, Slot::Name, Slot::Code];

    /// `link`, `number`, `amount`, `name` or `code`.
    pub fn name(self) -> &'static str {
        match self {
            Slot::Link => "link",
            Slot::Number => "number",
            Slot::Amount => "amount",
            Slot::Name => "name",
            Slot::Code => "code",
        }
    }
}

/// Top-level domains under which a dotted run of letters is taken for a link even
/// without a path. Short words that close a sentence (`is`, `in`, `to`) are left out.
const TOPS: [&str; 78] = [
    "app", "asia", "at", "au", "be", "best", "bid", "biz", "br", "buzz", "bz", "ca", "cc", "cf",
    "ch", "click", "cloud", "club", "cn", "co", "com", "cz", "de", "dev", "dk", "es", "eu", "fi",
    "fr", "fun", "fyi", "ga", "gd", "gl", "gq", "gy", "help", "host", "icu", "id", "ie", "info",
    "io", "jp", "kr", "la", "link", "lnk", "loan", "ly", "ml", "mobi", "mx", "net", "ng", "nl",
    "online", "org", "page", "pl", "pt", "pw", "ru", "se", "shop", "site", "sk", "space", "store",
    "support", "test", "tk", "top", "uk", "us", "vip", "website", "xyz",
];

/// Where a link begins in one run without spaces, folded; all that follows is its.
pub(crate) fn link_start(run: &[char]) -> Option<usize> {
    let scheme = (0..run.len()).find(|at| starts_scheme(&run[*at..]));
    if scheme.is_some() {
        return scheme;
    }
    let end = run.iter().position(|c| matches!(c, '/' | '?')).unwrap_or(run.len());
    let host = &run[..end];
    if host.contains(&'@') {
        return is_host(&host[host.iter().position(|c| *c == '@')? + 1..], true).then_some(0);
    }
    is_host(host, end < run.len()).then_some(0)
}

fn starts_scheme(run: &[char]) -> bool {
    let is = |text: &str| text.chars().zip(run).filter(|(a, b)| a == *b).count() == text.len();
    (is("http") || is("hxxp")) && (run[4..].contains(&'/') || run.len() <= 6)
        || is("www.")
        || is("wa.me/")
}

/// Whether these are dotted labels with a plausible top; `leads` where a path follows.
fn is_host(host: &[char], leads: bool) -> bool {
    let cut = host.iter().position(|c| matches!(c, ':')).unwrap_or(host.len());
    let trim = |c: &char| matches!(c, '.' | ',' | ')' | '(' | '!' | '"' | '\'' | '[' | ']' | ';');
    let host = &host[..cut];
    let start = host.iter().position(|c| !trim(c)).unwrap_or(host.len());
    let end = host.iter().rposition(|c| !trim(c)).map_or(start, |last| last + 1);
    let host = &host[start..end];
    let mut labels = host.rsplit(|c| *c == '.');
    let Some(top) = labels.next() else { return false };
    let mut count = 0usize;
    for label in labels {
        let lawful = label.iter().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
        if label.is_empty() || !lawful {
            return false;
        }
        count += 1;
    }
    let letters = top.len() >= 2 && top.iter().all(char::is_ascii_alphabetic);
    count > 0
        && letters
        && (leads || TOPS.iter().any(|known| top.iter().copied().eq(known.chars())))
}

/// The slot that a run without letters, or nearly so, fills.
pub(crate) fn number_slot(run: &[char]) -> Option<Slot> {
    let money = run.iter().any(|c| matches!(c, '€' | '$' | '£' | '¥' | '₹' | '₦'));
    let digits = run.iter().filter(|c| c.is_ascii_digit()).count();
    let masked = run.len() >= 2
        && run.iter().all(|c| matches!(c, 'x' | '*' | '-' | '.' | '/' | '+'))
        && run.iter().filter(|c| **c == 'x').count() >= 2;
    let plain =
        run.iter().all(|c| c.is_ascii_digit() || (!c.is_alphanumeric() && *c != '_') || *c == 'x');
    if masked || (plain && digits > 0) {
        return Some(if money { Slot::Amount } else { Slot::Number });
    }
    None
}

/// The slot that a mixed piece of letters and digits fills; none for a word in leetspeak.
pub(crate) fn mixed_slot(piece: &[char]) -> Option<Slot> {
    let digits = piece.iter().filter(|c| c.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let leading = piece.iter().take_while(|c| c.is_ascii_digit()).count();
    let trailing = piece.iter().rev().take_while(|c| c.is_ascii_digit()).count();
    let letters = piece.len() - digits;
    if leading == digits && letters <= 3 {
        return Some(if is_currency(&piece[leading..]) { Slot::Amount } else { Slot::Number });
    }
    if trailing == digits && is_currency(&piece[..letters]) {
        return Some(Slot::Amount);
    }
    let in_words = letters >= 2 && digits <= letters && digits <= 4;
    (!in_words || trailing >= 3).then_some(Slot::Code)
}

/// Whether a folded word names a currency.
pub(crate) fn is_currency(word: &[char]) -> bool {
    const WORDS: [&str; 13] = [
        "eur", "euro", "euros", "rs", "inr", "usd", "gbp", "rp", "dollar", "dollars", "pounds",
        "chf", "pln",
    ];
    WORDS.iter().any(|known| word.iter().copied().eq(known.chars()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn links_are_found_and_sentences_are_not() {
        for (text, expect) in [
            ("https://a.example/x", Some(0)),
            ("hier:https://a.example", Some(5)),
            ("http", Some(0)),
            ("httpd-server", None),
            ("www.a.example", Some(0)),
            ("bank-login.com", Some(0)),
            ("bit.ly/abc", Some(0)),
            ("x.example/y", Some(0)),
            ("me@mail.example.org", Some(0)),
            ("afgeleverd.betaal", None),
            ("today.update", None),
            ("e.g.", None),
            ("...", None),
            ("-", None),
            ("", None),
        ] {
            assert_eq!(link_start(&chars(text)), expect, "{text}");
        }
    }

    #[test]
    fn numbers_amounts_and_codes_are_told_apart() {
        for (text, expect) in [
            ("0470/12.34.56", Some(Slot::Number)),
            ("xxxx", Some(Slot::Number)),
            ("xx-xx-xxxx", Some(Slot::Number)),
            ("€2,99", Some(Slot::Amount)),
            ("x", None),
            ("-", None),
            ("a1", None),
        ] {
            assert_eq!(number_slot(&chars(text)), expect, "{text}");
        }
        for (text, expect) in [
            ("24h", Some(Slot::Number)),
            ("50eur", Some(Slot::Amount)),
            ("rs500", Some(Slot::Amount)),
            ("p4kk3t", None),
            ("acc0unt", None),
            ("7h3kd92", Some(Slot::Code)),
            ("ab1234", Some(Slot::Code)),
            ("bank", None),
        ] {
            assert_eq!(mixed_slot(&chars(text)), expect, "{text}");
        }
    }
}
