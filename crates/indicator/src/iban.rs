//! `Iban`: an account number that its own check digits hold to be one (ISO 13616).

use std::fmt;

/// An IBAN: upper case, without spaces, of its country's length, with check digits
/// that hold (ISO 7064, mod 97-10).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Iban(Box<str>);

/// Countries of the IBAN registry with the lengths of their numbers.
const LENGTHS: [(&str, usize); 89] = [
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
    ("YE", 30),
];

impl Iban {
    /// Reads an IBAN with or without spaces.
    pub fn parse(text: &str) -> Option<Self> {
        let (iban, length) = Self::at_start(text.trim_start())?;
        (length == text.trim().len()).then_some(iban)
    }

    /// The IBAN that `text` begins with, and the octets that it takes. Spaces, dots
    /// and hyphens stand between its groups.
    pub fn at_start(text: &str) -> Option<(Self, usize)> {
        let country = text.get(..2)?.to_ascii_uppercase();
        let (_, length) = LENGTHS.iter().find(|(known, _)| *known == country)?;
        let mut iban = String::with_capacity(*length);
        let mut end = 0;
        let mut gap = false;
        for (at, c) in text.char_indices() {
            if c.is_ascii_alphanumeric() {
                iban.push(c.to_ascii_uppercase());
                gap = false;
            } else if gap || !matches!(c, ' ' | '\u{a0}' | '.' | '-') {
                return None;
            } else {
                gap = true;
            }
            if iban.len() == *length {
                end = at + 1;
                break;
            }
        }
        let digits = iban.get(2..4)?.bytes().all(|b| b.is_ascii_digit());
        let whole =
            iban.len() == *length && !text[end..].starts_with(|c: char| c.is_alphanumeric());
        (digits && whole && remainder(&iban) == 1).then(|| (Self(iban.into()), end))
    }

    /// Without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country that keeps the account.
    pub fn country(&self) -> &str {
        &self.0[..2]
    }
}

/// The number that an IBAN stands for, modulo 97.
fn remainder(iban: &str) -> u32 {
    let (head, tail) = iban.split_at(4);
    tail.chars()
        .chain(head.chars())
        .filter_map(|c| c.to_digit(36))
        .fold(0, |rest, digit| (rest * if digit > 9 { 100 } else { 10 } + digit) % 97)
}

impl fmt::Display for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iban({})", self.0)
    }
}

crate::text_form!(Iban, "an IBAN");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ibans_of_the_registrys_examples_are_read() {
        for text in [
            "BE68 5390 0754 7034",
            "BE68539007547034",
            "be68-5390-0754-7034",
            "NL91ABNA0417164300",
            "FR14 2004 1010 0505 0001 3M02 606",
            "DE89 3704 0044 0532 0130 00",
            "LU28 0019 4006 4475 0000",
            "GB29 NWBK 6016 1331 9268 19",
            "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
            "NO93 8601 1117 947",
        ] {
            let iban = Iban::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(Iban::parse(iban.as_str()), Some(iban.clone()));
            assert!(text.to_uppercase().starts_with(iban.country()));
        }
    }

    #[test]
    fn what_its_digits_do_not_hold_is_none() {
        for text in [
            "",
            "BE",
            "BE68 5390 0754 7035",
            "BE68 5390 0754 703",
            "BE68 5390 0754 70341",
            "XX68539007547034",
            "BE6A539007547034",
            "BE68  5390 0754 7034",
            "BÉ68539007547034",
        ] {
            assert_eq!(Iban::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_iban_is_found_at_the_start_of_a_text() {
        let (iban, length) = Iban::at_start("BE68 5390 0754 7034, thank you").unwrap();
        assert_eq!((iban.as_str(), length), ("BE68539007547034", 19));
    }
}
