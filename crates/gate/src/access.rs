//! Who may ask: client prefixes. Knows addresses only, and keeps none.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// Addresses with the same leading bits: `192.0.2.0/24`, `2001:db8::/32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prefix {
    address: IpAddr,
    bits: u8,
}

/// Why a text is not a [`Prefix`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrefixError {
    /// No address before the slash.
    #[error("{0:?} is not an address or ADDRESS/BITS, such as 192.0.2.0/24")]
    Form(String),
    /// More bits than the address has.
    #[error("{0:?} has more bits than its address")]
    Bits(String),
    /// Bits are set after the prefix: probably not what was meant.
    #[error("{text:?} sets bits beyond its prefix; write {meant} if that is meant")]
    HostBits {
        /// What was written.
        text: String,
        /// The same prefix without those bits.
        meant: String,
    },
}

impl Prefix {
    /// This machine, over IPv4 and IPv6.
    pub fn loopback() -> Vec<Self> {
        vec![
            Self { address: Ipv4Addr::new(127, 0, 0, 0).into(), bits: 8 },
            Self { address: Ipv6Addr::LOCALHOST.into(), bits: 128 },
        ]
    }

    /// Whether `address` is in it; an IPv4-mapped IPv6 address counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4()
            && masked(address, self.bits) == masked(self.address, self.bits)
    }
}

/// The leading `bits` of an address, in the high bits of the number.
fn masked(address: IpAddr, bits: u8) -> u128 {
    let number = match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
        IpAddr::V6(v6) => v6.to_bits(),
    };
    number & u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0)
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let form = || PrefixError::Form(text.to_owned());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| form())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| form())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(width);
        if bits > width {
            return Err(PrefixError::Bits(text.to_owned()));
        }
        let kept = masked(address, bits);
        if kept != masked(address, width) {
            let meant = match address {
                IpAddr::V4(_) => {
                    Ipv4Addr::from_bits(u32::try_from(kept >> 96).unwrap_or(0)).to_string()
                }
                IpAddr::V6(_) => Ipv6Addr::from_bits(kept).to_string(),
            };
            return Err(PrefixError::HostBits {
                text: text.to_owned(),
                meant: format!("{meant}/{bits}"),
            });
        }
        Ok(Self { address, bits })
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl serde::Serialize for Prefix {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Prefix {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(prefix: &str, inside: &[&str], outside: &[&str]) {
        let prefix: Prefix = prefix.parse().unwrap();
        for address in inside {
            assert!(prefix.contains(address.parse().unwrap()), "{address} in {prefix}");
        }
        for address in outside {
            assert!(!prefix.contains(address.parse().unwrap()), "{address} not in {prefix}");
        }
    }

    #[test]
    fn holds_the_addresses_with_its_leading_bits() {
        check(
            "192.0.2.0/24",
            &["192.0.2.0", "192.0.2.255", "::ffff:192.0.2.1"],
            &["192.0.3.0", "::1"],
        );
        check("0.0.0.0/0", &["203.0.113.1"], &["2001:db8::1"]);
        check("::/0", &["2001:db8::1"], &["203.0.113.1"]);
        check("2001:db8::/33", &["2001:db8:7fff::1"], &["2001:db8:8000::1"]);
        check("192.0.2.7", &["192.0.2.7"], &["192.0.2.6"]);
        check("2001:db8::1", &["2001:db8::1"], &["2001:db8::2"]);
    }

    #[test]
    fn refuses_what_is_no_prefix_and_says_what_was_meant() {
        let error = |text: &str| text.parse::<Prefix>().unwrap_err().to_string();
        assert!(error("example.com/8").contains("is not an address"));
        assert!(error("192.0.2.0/x").contains("is not an address"));
        assert!(error("192.0.2.0/33").contains("more bits"));
        assert!(error("192.0.2.1/24").contains("write 192.0.2.0/24"));
        assert!(error("2001:db8::1/64").contains("write 2001:db8::/64"));
    }
}
