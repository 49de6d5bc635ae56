//! Response-IP triggers (RPZ draft, section 3.2): which policy an address in an
//! answer has. The longest prefix counts.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Prefixes of one zone, and the number of each one's action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AddressTriggers {
    /// By how many bits, as IPv6; IPv4 as mapped.
    by_length: BTreeMap<u8, HashMap<u128, u32>>,
}

/// Bits before an IPv4 address where it is mapped.
const MAPPED_BITS: u8 = 96;

impl AddressTriggers {
    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_length.is_empty()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.by_length.values().map(HashMap::len).sum()
    }

    /// Sets the action of a prefix, and returns the one before.
    pub(crate) fn set(&mut self, (address, bits): (u128, u8), action: u32) -> Option<u32> {
        self.by_length.entry(bits).or_default().insert(address, action)
    }

    /// The action of the longest prefix that an address is in.
    pub(crate) fn find(&self, address: IpAddr) -> Option<u32> {
        let address = mapped(address);
        self.by_length
            .iter()
            .rev()
            .find_map(|(bits, prefixes)| prefixes.get(&masked(address, *bits)).copied())
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = ((u128, u8), u32)> {
        self.by_length.iter().flat_map(|(bits, prefixes)| {
            prefixes.iter().map(|(address, action)| ((*address, *bits), *action))
        })
    }
}

fn mapped(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

fn masked(address: u128, bits: u8) -> u128 {
    match u32::from(128 - bits.min(128)) {
        128 => 0,
        free => address >> free << free,
    }
}

/// The prefix that the labels before `rpz-ip` stand for: its length, then the
/// address backwards, `zz` for the longest run of zeros. `None` for anything
/// else, and where bits are set beyond the prefix.
pub(super) fn prefix(labels: &[&[u8]]) -> Option<(u128, u8)> {
    let text = |label: &&[u8]| std::str::from_utf8(label).ok().map(str::to_owned);
    let labels: Vec<String> = labels.iter().map(text).collect::<Option<_>>()?;
    let (length, parts) = labels.split_first()?;
    let length: u8 = length.parse().ok()?;
    let (address, bits) = if parts.len() == 4 && parts.iter().all(|part| part != "zz") {
        let mut octets = [0; 4];
        for (octet, part) in octets.iter_mut().rev().zip(parts) {
            *octet = part.parse().ok()?;
        }
        (mapped(Ipv4Addr::from(octets).into()), length.checked_add(MAPPED_BITS)?)
    } else {
        let colons: Vec<&str> = parts.iter().rev().map(String::as_str).collect();
        (mapped(IpAddr::V6(ipv6(&colons)?)), length)
    };
    (length > 0 && bits <= 128 && masked(address, bits) == address).then_some((address, bits))
}

fn ipv6(parts: &[&str]) -> Option<Ipv6Addr> {
    let number = |part: &&str| u16::from_str_radix(part, 16).ok().filter(|_| part.len() <= 4);
    let mut groups = [0; 8];
    match parts.iter().position(|part| *part == "zz") {
        None if parts.len() == 8 => {
            for (group, part) in groups.iter_mut().zip(parts) {
                *group = number(part)?;
            }
        }
        Some(at) if parts.len() <= 8 => {
            for (group, part) in groups.iter_mut().zip(&parts[..at]) {
                *group = number(part)?;
            }
            for (group, part) in groups.iter_mut().rev().zip(parts[at + 1..].iter().rev()) {
                *group = number(part)?;
            }
        }
        _ => return None,
    }
    Some(groups.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(u128, u8)> {
        prefix(&text.split('.').map(str::as_bytes).collect::<Vec<_>>())
    }

    fn check(text: &str, address: &str, bits: u8) {
        assert_eq!(read(text), Some((mapped(address.parse().unwrap()), bits)), "{text}");
    }

    #[test]
    fn prefixes_are_written_backwards() {
        check("24.0.2.0.192", "192.0.2.0", 120);
        check("32.7.2.0.192", "192.0.2.7", 128);
        check("48.zz.1.2001", "2001:1::", 48);
        check("128.57.zz.101.db8.2001", "2001:db8:101::57", 128);
        check("128.8.7.6.5.4.3.2.1", "1:2:3:4:5:6:7:8", 128);
    }

    #[test]
    fn what_is_no_prefix_is_none() {
        for text in [
            "24.7.2.0.192",
            "33.7.2.0.192",
            "0.0.0.0.0",
            "24.0.2.192",
            "x.zz.1",
            "32.256.2.0.192",
            "64.zz.12345",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_longest_prefix_counts() {
        let mut triggers = AddressTriggers::default();
        for (number, text) in (1..).zip(["24.0.2.0.192", "32.7.2.0.192", "32.zz.db8.2001"]) {
            assert_eq!(triggers.set(read(text).unwrap(), number), None);
        }
        let find = |address: &str| triggers.find(address.parse().unwrap());
        assert_eq!(
            (find("192.0.2.7"), find("192.0.2.8"), find("192.0.3.7")),
            (Some(2), Some(1), None)
        );
        assert_eq!((find("2001:db8::1"), find("2001:db9::1")), (Some(3), None));
        assert_eq!(
            (find("::ffff:192.0.2.7"), triggers.len(), triggers.iter().count()),
            (Some(2), 3, 3)
        );
    }
}
