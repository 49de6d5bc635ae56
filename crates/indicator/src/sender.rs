//! `Sender`: what a phone shows as the origin of an SMS.

use std::fmt;

use crate::Phone;

/// The sender of an SMS.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sender {
    /// A telephone number.
    Number(Phone),
    /// A short code: 3 to 8 digits.
    Short(Box<str>),
    /// A name, which anybody can set: at most 11 characters on the network, up to 64
    /// as people report them.
    Name(Box<str>),
}

const NAME_CHARS_MAX: usize = 64;

impl Sender {
    /// Reads a sender as it is shown or reported.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let printable = !text.is_empty()
            && text.chars().count() <= NAME_CHARS_MAX
            && !text.chars().any(char::is_control);
        if !printable {
            return None;
        }
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        if digits && (3..=8).contains(&text.len()) && !text.starts_with('0') {
            return Some(Sender::Short(text.into()));
        }
        let phone =
            Phone::parse(text).or_else(|| digits.then(|| Phone::international(text)).flatten());
        Some(phone.map_or_else(|| Sender::Name(text.into()), Sender::Number))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Sender::Number(phone) => phone.as_str(),
            Sender::Short(text) | Sender::Name(text) => text,
        }
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sender({})", self.as_str())
    }
}

crate::text_form!(Sender, "a sender");

#[cfg(test)]
mod tests {
    use super::Sender;

    #[test]
    fn numbers_short_codes_and_names_are_told_apart() {
        for (text, expect) in [
            ("0470 12 34 56", "+32470123456"),
            ("32470123456", "+32470123456"),
            ("+32470123456", "+32470123456"),
        ] {
            assert!(
                matches!(Sender::parse(text), Some(Sender::Number(phone)) if phone.as_str() == expect),
                "{text}"
            );
        }
        assert!(matches!(Sender::parse("8686"), Some(Sender::Short(code)) if &*code == "8686"));
        assert!(matches!(Sender::parse(" bpost "), Some(Sender::Name(name)) if &*name == "bpost"));
        assert!(matches!(Sender::parse("123456789012345678"), Some(Sender::Name(_))));
        for text in ["", " ", "a\nb", &"x".repeat(65)] {
            assert_eq!(Sender::parse(text), None, "{text:?}");
        }
    }
}
