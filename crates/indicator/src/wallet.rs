//! `Wallet`: an address to which crypto money is sent, that its own checksum holds
//! to be one. Most are asked for in extortion and investment fraud.

mod base58;
mod bech32;
mod checksum;

use std::fmt;

use self::checksum::{double_sha256, keccak256};

/// An address of a crypto currency.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wallet {
    currency: Currency,
    /// `currency:address`.
    text: Box<str>,
}

/// The currencies whose addresses are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Currency {
    /// Bitcoin.
    Bitcoin,
    /// Litecoin.
    Litecoin,
    /// Dogecoin.
    Dogecoin,
    /// Ethereum, and the many that use its addresses.
    Ethereum,
    /// Tron, on which most Tether moves.
    Tron,
    /// Monero.
    Monero,
}

impl Currency {
    /// The scheme of its URIs: `bitcoin`.
    pub fn name(self) -> &'static str {
        match self {
            Currency::Bitcoin => "bitcoin",
            Currency::Litecoin => "litecoin",
            Currency::Dogecoin => "dogecoin",
            Currency::Ethereum => "ethereum",
            Currency::Tron => "tron",
            Currency::Monero => "monero",
        }
    }
}

/// Characters of the longest address: one of Monero with a payment's number.
pub const WALLET_CHARS_MAX: usize = 106;

impl Wallet {
    /// Reads an address, with or without the scheme of its currency.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, address) = match text.split_once(':') {
            Some((scheme, address)) => (Some(scheme), address),
            None => (None, text),
        };
        if !(25..=WALLET_CHARS_MAX).contains(&address.len())
            || !address.bytes().all(|b| b.is_ascii_alphanumeric())
        {
            return None;
        }
        let currency = currency(address)?;
        let agrees = scheme.is_none_or(|scheme| scheme.eq_ignore_ascii_case(currency.name()));
        agrees.then(|| Self { currency, text: format!("{}:{address}", currency.name()).into() })
    }

    /// The currency.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The address alone.
    pub fn address(&self) -> &str {
        &self.text[self.currency.name().len() + 1..]
    }

    /// As a URI: `bitcoin:bc1…`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn currency(address: &str) -> Option<Currency> {
    match address.len() {
        95 | 106 if address.starts_with(['4', '8']) => monero(address),
        42 if address.starts_with("0x") => ethereum(address),
        _ if address.get(..4)?.eq_ignore_ascii_case("ltc1") => {
            bech32::holds(address, "ltc").then_some(Currency::Litecoin)
        }
        _ if address.get(..3)?.eq_ignore_ascii_case("bc1") => {
            bech32::holds(address, "bc").then_some(Currency::Bitcoin)
        }
        25..=35 => base58check(address),
        _ => None,
    }
}

/// A version, twenty octets of a key's or script's hash, and four of the checksum.
fn base58check(address: &str) -> Option<Currency> {
    let bytes = base58::decode(address.as_bytes(), 25)?;
    let (body, checksum) = bytes.split_at(21);
    if double_sha256(body)[..4] != *checksum {
        return None;
    }
    match body[0] {
        0x00 | 0x05 => Some(Currency::Bitcoin),
        0x30 | 0x32 => Some(Currency::Litecoin),
        0x1e | 0x16 => Some(Currency::Dogecoin),
        0x41 => Some(Currency::Tron),
        _ => None,
    }
}

/// Letter case is the checksum (EIP-55); an address of one case has none.
fn ethereum(address: &str) -> Option<Currency> {
    let digits = &address[2..];
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let lower = digits.to_ascii_lowercase();
    let mixed = digits != lower && digits != digits.to_ascii_uppercase();
    let hash = keccak256(lower.as_bytes());
    let holds = digits.bytes().enumerate().all(|(at, digit)| {
        let nibble = hash[at / 2] >> (if at % 2 == 0 { 4 } else { 0 }) & 0xf;
        digit.is_ascii_digit() || digit.is_ascii_uppercase() == (nibble >= 8)
    });
    // A pattern such as forty zeros is nobody's.
    let varied = digits.bytes().any(|b| b != digits.as_bytes()[0]);
    (varied && (holds || !mixed)).then_some(Currency::Ethereum)
}

/// Blocks of eleven characters stand for eight octets each.
fn monero(address: &str) -> Option<Currency> {
    let mut bytes = Vec::with_capacity(77);
    for block in address.as_bytes().chunks(11) {
        let length = match block.len() {
            11 => 8,
            7 => 5,
            _ => return None,
        };
        bytes.extend(base58::decode(block, length)?);
    }
    let (body, checksum) = bytes.split_at(bytes.len().checked_sub(4)?);
    (matches!(body[0], 0x12 | 0x13 | 0x2a) && keccak256(body)[..4] == *checksum)
        .then_some(Currency::Monero)
}

impl fmt::Display for Wallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Wallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wallet({})", self.text)
    }
}

crate::text_form!(Wallet, "an address of a crypto currency");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_everybody_knows_are_read() {
        for (address, currency) in [
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", Currency::Bitcoin),
            ("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", Currency::Bitcoin),
            ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", Currency::Bitcoin),
            ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", Currency::Bitcoin),
            ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", Currency::Bitcoin),
            ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", Currency::Ethereum),
            ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", Currency::Ethereum),
            ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", Currency::Tron),
            (
                "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H",
                Currency::Monero,
            ),
        ] {
            let wallet = Wallet::parse(address).unwrap_or_else(|| panic!("{address}"));
            assert_eq!((wallet.currency(), wallet.address()), (currency, address));
            assert_eq!(Wallet::parse(wallet.as_str()), Some(wallet.clone()));
        }
    }

    #[test]
    fn a_changed_character_is_no_address() {
        for address in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            "bc1qW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
            "0x0000000000000000000000000000000000000000",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u",
            "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3G",
            "",
            "1",
            "abcdefghijklmnopqrstuvwxyzabcd",
            "litecoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "ééééééééééééééé",
        ] {
            assert_eq!(Wallet::parse(address), None, "{address}");
        }
    }
}
