//! [`Prefix`]: addresses that start with the same bits.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// An address and how many of its bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    address: IpAddr,
    bits: u8,
}

/// Why a text is no prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address, nor an address, `/` and a number of bits")]
pub struct PrefixError;

impl Prefix {
    /// Whether `address` is in it.
    pub fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if self.address.is_ipv4() != address.is_ipv4() {
            return false;
        }
        let whole = if self.address.is_ipv4() { 32 } else { 128 };
        let shift = u32::from(whole - self.bits);
        let top = |address| bits_of(address).checked_shr(shift).unwrap_or(0);
        top(self.address) == top(address)
    }
}

fn bits_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => Ipv6Addr::to_bits(address),
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().map_err(|_| PrefixError)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| PrefixError)?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(whole);
        if bits > whole { Err(PrefixError) } else { Ok(Self { address, bits }) }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(prefix: &str, address: &str, expect: bool) {
        let prefix: Prefix = prefix.parse().unwrap();
        assert_eq!(prefix.holds(address.parse().unwrap()), expect, "{prefix} {address}");
    }

    #[test]
    fn an_address_is_in_a_prefix_by_its_first_bits() {
        check("192.0.2.0/24", "192.0.2.77", true);
        check("192.0.2.0/24", "192.0.3.1", false);
        check("192.0.2.1", "192.0.2.1", true);
        check("192.0.2.1", "192.0.2.2", false);
        check("0.0.0.0/0", "203.0.113.1", true);
        check("0.0.0.0/0", "2001:db8::1", false);
        check("2001:db8::/32", "2001:db8:1::5", true);
        check("::/0", "2001:db8::1", true);
        check("192.0.2.0/24", "::ffff:192.0.2.9", true);
    }

    #[test]
    fn what_is_no_prefix_is_refused() {
        for text in ["", "host.example", "192.0.2.0/33", "192.0.2.0/x", "::/129"] {
            assert_eq!(text.parse::<Prefix>(), Err(PrefixError), "{text}");
        }
    }
}
