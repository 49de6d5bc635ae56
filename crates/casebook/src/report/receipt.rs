//! Receipts: what a citizen keeps to ask for the outcome.

use crate::keys::random;

/// Crockford's base32: no I, L, O, U, which people misread or regret.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS: usize = 20;
const GROUP: usize = 5;

/// An unguessable receipt number: 20 characters of Crockford base32 in groups
/// of five (`7K3QF-…`), 100 random bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receipt(String);

impl Receipt {
    /// A fresh receipt.
    pub(crate) fn draw() -> Self {
        let drawn: [u8; CHARACTERS] = random();
        // 32 divides 256: every character is equally likely.
        Self::grouped(drawn.iter().map(|byte| ALPHABET[usize::from(byte % 32)]))
    }

    /// Reads a receipt as people type it: any case, with or without dashes, `I` and `L`
    /// for 1, `O` for 0.
    pub fn parse(text: &str) -> Option<Self> {
        // Longer than any way of writing one: not looked at.
        if text.len() > 64 {
            return None;
        }
        let typed = text.bytes().filter(|byte| !matches!(byte, b'-' | b' '));
        let characters: Vec<u8> = typed.map(canonical).collect::<Option<_>>()?;
        (characters.len() == CHARACTERS).then(|| Self::grouped(characters))
    }

    /// As shown to people.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn grouped(characters: impl IntoIterator<Item = u8>) -> Self {
        let mut text = String::with_capacity(CHARACTERS + CHARACTERS / GROUP - 1);
        for (at, character) in characters.into_iter().enumerate() {
            if at > 0 && at % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(character));
        }
        Self(text)
    }
}

impl std::fmt::Display for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn canonical(typed: u8) -> Option<u8> {
    let upper = match typed.to_ascii_uppercase() {
        b'I' | b'L' => b'1',
        b'O' => b'0',
        other => other,
    };
    ALPHABET.contains(&upper).then_some(upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, expect: Option<&str>) {
        assert_eq!(Receipt::parse(typed).as_ref().map(Receipt::as_str), expect, "{typed:?}");
    }

    #[test]
    fn receipts_are_read_as_people_type_them() {
        let shown = "7K3QF-01ABC-DEFGH-JKMNP";
        check(shown, Some(shown));
        check("7k3qf01abcdefghjkmnp", Some(shown));
        check("7k3qf-OLabc-defgh-jkmnp", Some(shown));
        check(" 7k3qf oIabc defgh jkmnp ", Some(shown));
        check("7K3QF-01ABC-DEFGH-JKMN", None);
        check("7K3QF-01ABC-DEFGH-JKMNPQ", None);
        check("7K3QF-01ABC-DEFGH-JKMNU", None);
        check("7K3QF-01ABC-DEFGH-JKMNé", None);
        check("", None);
        check(&"-".repeat(100), None);
    }

    #[test]
    fn drawn_receipts_differ_and_read_back() {
        let drawn: std::collections::HashSet<_> = (0..1000).map(|_| Receipt::draw()).collect();
        assert_eq!(drawn.len(), 1000);
        for receipt in drawn {
            assert_eq!(Receipt::parse(receipt.as_str()), Some(receipt));
        }
    }
}
