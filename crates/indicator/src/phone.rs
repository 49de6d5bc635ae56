//! `Phone`: a telephone number as the whole world dials it (E.164).

mod plan;

use std::fmt;

/// A telephone number: `+`, country code and national number, 7 to 15 digits that
/// the numbering plan of their country allows, as far as we know it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(Box<str>);

/// Digits of the longest number (E.164).
const DIGITS_MAX: usize = 15;

impl Phone {
    /// Reads a number as people write it: `+32 470 12 34 56`, `0032(0)470/12.34.56`,
    /// `0470 12 34 56`. A national number is Belgian where it can be, else Dutch,
    /// French, German or British, by its form.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let lawful = |c: char| c.is_ascii_digit() || "+ \u{a0}.-/()–".contains(c);
        if text.len() > 40 || !text.chars().all(lawful) {
            return None;
        }
        // `+32 (0)470`: the trunk prefix is for those who dial within the country.
        let written = text.replace("(0)", "");
        let digits: String = written.chars().filter(char::is_ascii_digit).collect();
        if written.trim_start_matches(['(', ' ']).starts_with('+') {
            return Self::international(&digits);
        }
        if let Some(digits) = digits.strip_prefix("00") {
            return Self::international(digits);
        }
        let national = digits.strip_prefix('0').and_then(|rest| plan::national(rest, &written));
        national.map(|(country, rest)| Self(format!("+{country}{rest}").into()))
    }

    /// Reads a number that is written without `+` and with its country code, as
    /// networks do: `32470123456`.
    pub fn international(digits: &str) -> Option<Self> {
        let lawful =
            (7..=DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        (lawful && plan::is_lawful(digits)).then(|| Self(format!("+{digits}").into()))
    }

    /// `+32470123456`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.0)
    }
}

crate::text_form!(Phone, "a telephone number");

#[cfg(test)]
mod tests {
    use super::Phone;

    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(Phone::parse(text).as_ref().map(Phone::as_str), expect, "{text:?}");
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for text in [
            "+32 470 12 34 56",
            "0032 470/12.34.56",
            "+32(0)470 12 34 56",
            "0470 12 34 56",
            "0470/12.34.56",
            "0470123456",
            "(+32) 470-123456",
        ] {
            check(text, Some("+32470123456"));
        }
        for (text, expect) in [
            ("02 123 45 67", "+3221234567"),
            ("03/234.56.78", "+3232345678"),
            ("0800 12 345", "+3280012345"),
            ("06-12345678", "+31612345678"),
            ("010-1234567", "+31101234567"),
            ("+31 6 12345678", "+31612345678"),
            ("06 12 34 56 78", "+33612345678"),
            ("01.23.45.67.89", "+33123456789"),
            ("+33 6 12 34 56 78", "+33612345678"),
            ("0151 23456789", "+4915123456789"),
            ("0049 30 123456", "+4930123456"),
            ("+352 621 123 456", "+352621123456"),
            ("07700 900123", "+447700900123"),
            ("020 7946 0123", "+442079460123"),
            ("+1 202-555-0123", "+12025550123"),
        ] {
            check(text, Some(expect));
        }
    }

    #[test]
    fn what_no_plan_allows_is_none() {
        for text in [
            "",
            "+",
            "12345",
            "2026-11-24",
            "24/11/2026",
            "+32 470 12 34",
            "+32 470 12 34 56 78",
            "+1 102 555 0123",
            "+999 123456789",
            "0000000000",
            "00000000000000",
            "1234 5678 9012 3456",
            "+3247012345a",
            "01 234",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn json_is_checked() {
        let phone: Phone = serde_json::from_str("\"+32470123456\"").unwrap();
        assert_eq!(serde_json::to_string(&phone).unwrap(), "\"+32470123456\"");
        assert!(serde_json::from_str::<Phone>("\"+32\"").is_err());
    }
}
