//! DNS Cookies (RFC 7873) in the form that servers share (RFC 9018): ours to
//! clients, and what we send to upstreams. A cookie proves an address, not a person;
//! nothing is kept for a client.

use std::net::IpAddr;

use siphasher::sip::SipHasher24;
use std::hash::Hasher;

/// Octets of a client's part.
const CLIENT_OCTETS: usize = 8;
/// Octets of ours.
const SERVER_OCTETS: usize = 16;
/// How old one may be, and how far in the future (RFC 9018 section 4.3).
const AGE_SECONDS_MAX: u32 = 3_600;
const AHEAD_SECONDS_MAX: u32 = 300;

/// What a client's cookie option is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Of no length that one has.
    Malformed,
    /// The option for the answer; `proven` says that the client has had one from us
    /// lately, at this address.
    Answer { option: Box<[u8]>, proven: bool },
}

/// What makes and checks cookies.
#[derive(Clone, Copy)]
pub(crate) struct Cookies {
    secret: [u8; 16],
}

impl Cookies {
    /// With a secret of this process: another's cookies prove nothing here.
    pub(crate) fn new(secret: [u8; 16]) -> Self {
        Self { secret }
    }

    /// Reads a client's option and makes its answer; `now` is in seconds.
    pub(crate) fn answer(&self, option: &[u8], client: IpAddr, now: u32) -> Cookie {
        let Some(own) = option.first_chunk::<CLIENT_OCTETS>() else { return Cookie::Malformed };
        let server = &option[CLIENT_OCTETS..];
        if !(server.is_empty() || (8..=32).contains(&server.len())) {
            return Cookie::Malformed;
        }
        let proven = server.first_chunk::<SERVER_OCTETS>().is_some_and(|server| {
            let made = u32::from_be_bytes([server[4], server[5], server[6], server[7]]);
            let age = now.wrapping_sub(made);
            let fresh = age <= AGE_SECONDS_MAX || age.wrapping_neg() <= AHEAD_SECONDS_MAX;
            fresh && *server == self.server(own, client, made)
        });
        let option = [&own[..], &self.server(own, client, now)].concat().into();
        Cookie::Answer { option, proven }
    }

    fn server(&self, own: &[u8; CLIENT_OCTETS], client: IpAddr, made: u32) -> [u8; SERVER_OCTETS] {
        let mut cookie = [0; SERVER_OCTETS];
        cookie[0] = 1;
        cookie[4..8].copy_from_slice(&made.to_be_bytes());
        let mut hasher = SipHasher24::new_with_key(&self.secret);
        hasher.write(own);
        hasher.write(&cookie[..8]);
        match client.to_canonical() {
            IpAddr::V4(v4) => hasher.write(&v4.octets()),
            IpAddr::V6(v6) => hasher.write(&v6.octets()),
        }
        cookie[8..].copy_from_slice(&hasher.finish().to_le_bytes());
        cookie
    }

    /// Our own part towards an upstream: another for each, so that none can use what
    /// it hears elsewhere.
    pub(crate) fn towards(&self, upstream: IpAddr) -> [u8; CLIENT_OCTETS] {
        let mut hasher = SipHasher24::new_with_key(&self.secret);
        hasher.write(b"upstream");
        match upstream {
            IpAddr::V4(v4) => hasher.write(&v4.octets()),
            IpAddr::V6(v6) => hasher.write(&v6.octets()),
        }
        hasher.finish().to_le_bytes()
    }
}

impl std::fmt::Debug for Cookies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cookies")
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        HEXLOWER.decode(text.as_bytes()).unwrap()
    }

    fn cookies() -> Cookies {
        Cookies::new(hex("e5e973e5a6b2a43f48e7dc849e37bfcf").try_into().unwrap())
    }

    /// RFC 9018, appendix A.
    #[test]
    fn ours_are_those_of_the_standard() {
        let check = |own: &str, client: &str, made: u32, expect: &str| {
            let own = hex(own).try_into().unwrap();
            let made = cookies().server(&own, client.parse().unwrap(), made);
            assert_eq!(HEXLOWER.encode(&made), expect);
        };
        check(
            "2464c4abcf10c957",
            "198.51.100.100",
            1_559_731_985,
            "010000005cf79f111f8130c3eee29480",
        );
    }

    #[test]
    fn a_cookie_proves_its_address_for_an_hour() {
        let (client, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let first = cookies().answer(b"12345678", client, 1_000_000);
        let Cookie::Answer { option, proven: false } = first else { panic!("{first:?}") };
        assert_eq!(option.len(), 24);
        let proven = |client, now| match cookies().answer(&option, client, now) {
            Cookie::Answer { proven, .. } => proven,
            Cookie::Malformed => panic!("it is well formed"),
        };
        assert!(proven(client, 1_000_000) && proven(client, 1_003_600) && proven(client, 999_800));
        assert!(
            !proven(other, 1_000_000) && !proven(client, 1_003_601) && !proven(client, 999_000)
        );
        let another = Cookies::new([1; 16]).answer(&option, client, 1_000_000);
        assert!(matches!(another, Cookie::Answer { proven: false, .. }));
    }

    #[test]
    fn other_lengths_are_malformed() {
        let client = "192.0.2.1".parse().unwrap();
        for length in [0, 7, 9, 15, 41] {
            assert_eq!(cookies().answer(&vec![1; length], client, 1), Cookie::Malformed);
        }
        for length in [8, 16, 24, 40] {
            let answer = cookies().answer(&vec![1; length], client, 1);
            assert!(matches!(answer, Cookie::Answer { proven: false, .. }), "{length}");
        }
        let [one, two] =
            ["192.0.2.1", "192.0.2.2"].map(|ip| cookies().towards(ip.parse().unwrap()));
        assert_ne!(one, two);
    }
}
