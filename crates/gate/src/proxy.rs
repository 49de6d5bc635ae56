//! The PROXY protocol, version 2: who really asks, said by the load balancer before
//! us, or by us to an upstream. Read only from prefixes that are trusted to say it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Signature, version and command, family, length.
pub(crate) const FIXED_OCTETS: usize = 16;
/// More than any balancer puts behind the addresses.
const REST_OCTETS_MAX: usize = 512;

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Proxied {
    /// Octets that it takes.
    pub(crate) octets: usize,
    /// Who asks; `None` where the balancer speaks for itself, such as for its checks.
    pub(crate) client: Option<IpAddr>,
}

/// How long a header is, by its first [`FIXED_OCTETS`].
pub(crate) fn header_octets(fixed: &[u8; FIXED_OCTETS]) -> Option<usize> {
    let rest = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    let is_one = fixed.starts_with(SIGNATURE) && fixed[12] >> 4 == 2 && fixed[12] & 15 <= 1;
    (is_one && rest <= REST_OCTETS_MAX).then_some(FIXED_OCTETS + rest)
}

/// The header that `bytes` begin with.
pub(crate) fn read(bytes: &[u8]) -> Option<Proxied> {
    let fixed = bytes.first_chunk::<FIXED_OCTETS>()?;
    let octets = header_octets(fixed)?;
    let rest = bytes.get(FIXED_OCTETS..octets)?;
    let is_local = fixed[12] & 15 == 0;
    let client = match fixed[13] >> 4 {
        _ if is_local => None,
        1 => Some(Ipv4Addr::from(*rest.first_chunk::<4>().filter(|_| rest.len() >= 12)?).into()),
        2 => Some(Ipv6Addr::from(*rest.first_chunk::<16>().filter(|_| rest.len() >= 36)?).into()),
        _ => None,
    };
    Some(Proxied { octets, client })
}

/// A header that says `client` to `upstream`.
pub(crate) fn header(client: IpAddr, upstream: SocketAddr, is_stream: bool) -> Vec<u8> {
    let mut header = SIGNATURE.to_vec();
    let transport = if is_stream { 1 } else { 2 };
    let port = upstream.port().to_be_bytes();
    // Both addresses in one family: an IPv4 one has its place in IPv6.
    match (client.to_canonical(), upstream.ip()) {
        (IpAddr::V4(client), IpAddr::V4(upstream)) => {
            header.extend([0x21, 0x10 | transport, 0, 12]);
            header.extend(client.octets());
            header.extend(upstream.octets());
        }
        (client, upstream) => {
            let wide = |address| match address {
                IpAddr::V4(v4) => v4.to_ipv6_mapped(),
                IpAddr::V6(v6) => v6,
            };
            header.extend([0x21, 0x20 | transport, 0, 36]);
            header.extend(wide(client).octets());
            header.extend(wide(upstream).octets());
        }
    }
    header.extend([0, 0]);
    header.extend(port);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        for (client, upstream) in [
            ("192.0.2.7", "198.51.100.1:53"),
            ("2001:db8::7", "[2001:db8::1]:53"),
            ("2001:db8::7", "198.51.100.1:53"),
        ] {
            let mut bytes = header(ip(client), upstream.parse().unwrap(), false);
            let octets = bytes.len();
            bytes.extend(b"the query");
            let expect = Proxied { octets, client: Some(ip(client)) };
            assert_eq!(read(&bytes), Some(expect), "{client}");
            for cut in 0..octets {
                assert_eq!(read(&bytes[..cut]), None, "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_balancers_own_check_has_no_client() {
        let mut check = header(ip("192.0.2.7"), "198.51.100.1:53".parse().unwrap(), true);
        check[12] = 0x20;
        assert_eq!(read(&check).unwrap().client, None);
        check[12..16].copy_from_slice(&[0x21, 0, 0, 0]);
        assert_eq!(read(&check), Some(Proxied { octets: 16, client: None }));
    }

    #[test]
    fn what_is_no_header_is_none() {
        let good = header(ip("192.0.2.7"), "198.51.100.1:53".parse().unwrap(), false);
        for (at, octet) in [(0, b'x'), (12, 0x11), (12, 0x22), (14, 0xff), (15, 3)] {
            let mut bad = good.clone();
            bad[at] = octet;
            assert_eq!(read(&bad), None, "octet {at}");
        }
    }
}
