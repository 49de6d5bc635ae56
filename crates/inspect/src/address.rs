//! Which addresses a page may be fetched from: the public ones, and no other.
//!
//! The table is that of the IANA special-purpose registries (RFC 6890 and its updates).
//! An IPv6 address that carries an IPv4 one is judged by what it carries.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not fetched from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPublic(&'static str);

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Blocks of IPv4 that are not the public Internet: first address, prefix length, what.
const V4: [(Ipv4Addr, u32, &str); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private network"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "an operator's shared space"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "this machine"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local, where clouds keep their metadata"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private network"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "a protocol assignment"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "a 6to4 relay"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private network"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "a benchmark network"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

/// Blocks of IPv6 inside 2000::/3 that are not the public Internet.
const V6: [(Ipv6Addr, u32, &str); 3] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "a protocol assignment"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "documentation"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation"),
];

/// Whether `address` is one of the public Internet.
///
/// # Errors
/// [`NotPublic`] with what it is instead.
pub fn public(address: IpAddr) -> Result<(), NotPublic> {
    match address {
        IpAddr::V4(address) => public_v4(address),
        IpAddr::V6(address) => public_v6(address),
    }
}

fn public_v4(address: Ipv4Addr) -> Result<(), NotPublic> {
    let within = |block: &&(Ipv4Addr, u32, &str)| {
        (address.to_bits() ^ block.0.to_bits()).checked_shr(32 - block.1) == Some(0)
    };
    V4.iter().find(within).map_or(Ok(()), |block| Err(NotPublic(block.2)))
}

fn public_v6(address: Ipv6Addr) -> Result<(), NotPublic> {
    if let Some(carried) = carried(address) {
        return public_v4(carried);
    }
    if address.to_bits() >> 125 != 1 {
        return Err(NotPublic(if address.is_loopback() {
            "this machine"
        } else {
            "no global IPv6 address"
        }));
    }
    let within = |block: &&(Ipv6Addr, u32, &str)| {
        (address.to_bits() ^ block.0.to_bits()).checked_shr(128 - block.1) == Some(0)
    };
    V6.iter().find(within).map_or(Ok(()), |block| Err(NotPublic(block.2)))
}

/// The IPv4 address that an IPv6 one stands for: mapped and compatible (RFC 4291), NAT64
/// (RFC 6052), 6to4 (RFC 3056).
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let low = |bits: u128| Ipv4Addr::from_bits(u32::try_from(bits & 0xffff_ffff).unwrap_or(0));
    let bits = address.to_bits();
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(low(bits)),
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => Some(low(bits)),
        [0x2002, ..] => Some(low(bits >> 80)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, expect: Option<&str>) {
        let found = public(address.parse().unwrap()).err().map(|why| why.to_string());
        assert_eq!(found.as_deref(), expect, "{address}");
    }

    #[test]
    fn the_public_internet_is_reached() {
        for address in ["1.1.1.1", "9.255.255.255", "11.0.0.0", "172.32.0.1", "100.63.0.1"] {
            check(address, None);
        }
        for address in ["2606:4700::1111", "2a00:1450::1", "::ffff:9.9.9.9", "64:ff9b::909:909"] {
            check(address, None);
        }
    }

    #[test]
    fn nothing_else_is() {
        check("127.0.0.1", Some("this machine"));
        check("127.255.1.2", Some("this machine"));
        check("0.0.0.0", Some("this network"));
        check("10.1.2.3", Some("a private network"));
        check("172.31.255.255", Some("a private network"));
        check("192.168.1.1", Some("a private network"));
        check("100.127.255.255", Some("an operator's shared space"));
        check("169.254.169.254", Some("link-local, where clouds keep their metadata"));
        check("198.19.0.1", Some("a benchmark network"));
        check("255.255.255.255", Some("reserved"));
        check("::1", Some("this machine"));
        check("::", Some("no global IPv6 address"));
        check("fe80::1", Some("no global IPv6 address"));
        check("fd00:ec2::254", Some("no global IPv6 address"));
        check("ff02::1", Some("no global IPv6 address"));
        check("2001:db8::1", Some("documentation"));
        check("2001::1", Some("a protocol assignment"));
    }

    #[test]
    fn an_address_inside_an_address_is_judged_by_what_it_carries() {
        check("::ffff:127.0.0.1", Some("this machine"));
        check("::127.0.0.1", Some("this machine"));
        check("64:ff9b::a00:1", Some("a private network"));
        check("2002:7f00:1::", Some("this machine"));
        check("2002:c0a8:101::1", Some("a private network"));
        check("2002:909:909::1", None);
    }
}
