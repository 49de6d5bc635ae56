//! Addresses as people write them, and the system's resolvers.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use belfry_gate::ZoneSettings;
use belfry_indicator::Domain;

const DNS_PORT: u16 = 53;
/// More upstreams than this are never asked.
const UPSTREAMS_MAX: usize = 8;

/// Reads `ADDRESS` or `ADDRESS:PORT`, port 53 unless given.
pub(crate) fn upstream(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok(address);
    }
    text.trim_matches(['[', ']'])
        .parse::<IpAddr>()
        .map(|address| SocketAddr::new(address, DNS_PORT))
        .map_err(|_| "an IP address is needed, with `:PORT` if it is not 53".to_owned())
}

/// Reads a zone of RPZ: a primary as `ADDRESS#ZONE`, else a file.
pub(crate) fn zone(text: &str) -> Result<ZoneSettings, String> {
    let primary = text.split_once('#').map(|(address, name)| (upstream(address), name));
    let Some((Ok(address), name)) = primary else {
        return Ok(ZoneSettings::of_file(text.into()));
    };
    let name = Domain::parse(name).map_err(|error| format!("the zone {name:?}: {error}"))?;
    Ok(ZoneSettings::of_primary(address, &name))
}

/// The system's resolvers, as `resolv.conf` names them; where it names none, the
/// one on this machine, as resolv.conf(5) has it.
pub(crate) fn system_resolvers(file: &Path) -> Vec<SocketAddr> {
    let mut found = resolvers(&std::fs::read_to_string(file).unwrap_or_default());
    if found.is_empty() {
        found.push(SocketAddr::from(([127, 0, 0, 1], DNS_PORT)));
    }
    found
}

fn resolvers(text: &str) -> Vec<SocketAddr> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("nameserver"))
        .filter(|rest| rest.starts_with([' ', '\t']))
        .filter_map(|rest| rest.trim().parse::<IpAddr>().ok())
        .map(|address| SocketAddr::new(address, DNS_PORT))
        .take(UPSTREAMS_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_are_read_with_and_without_port() {
        let check = |text, expected: &str| {
            assert_eq!(upstream(text), Ok(expected.parse().unwrap()), "{text}");
        };
        check("9.9.9.9", "9.9.9.9:53");
        check("127.0.0.1:5300", "127.0.0.1:5300");
        check("2620:fe::fe", "[2620:fe::fe]:53");
        check("[2620:fe::fe]", "[2620:fe::fe]:53");
        check("[2620:fe::fe]:853", "[2620:fe::fe]:853");
        assert!(upstream("dns.example").is_err());
    }

    #[test]
    fn a_zone_is_a_file_or_an_address_and_a_name() {
        let check = |text, expected: &str| {
            let primary = ZoneSettings::of_primary(
                expected.parse().unwrap(),
                &Domain::parse("rpz.example").unwrap(),
            );
            assert_eq!(zone(text), Ok(primary), "{text}");
        };
        check("192.0.2.1#rpz.example", "192.0.2.1:53");
        check("192.0.2.1:5300#RPZ.example.", "192.0.2.1:5300");
        check("[2001:db8::1]:5300#rpz.example", "[2001:db8::1]:5300");
        for file in ["rpz.zone", "/etc/a#b.zone", "192.0.2.1", "#"] {
            assert_eq!(zone(file), Ok(ZoneSettings::of_file(file.into())), "{file}");
        }
        assert!(zone("192.0.2.1#").unwrap_err().contains("the zone"));
    }

    #[test]
    fn resolv_conf_is_read_and_its_oddities_passed_over() {
        let text = "# nameserver 1.1.1.1\nsearch example\nnameserver 9.9.9.9\nnameserver\tfd00::1\n\
                    nameservers 8.8.8.8\nnameserver nonsense\n";
        let expected: Vec<SocketAddr> =
            vec!["9.9.9.9:53".parse().unwrap(), "[fd00::1]:53".parse().unwrap()];
        assert_eq!(resolvers(text), expected);
        let here: SocketAddr = "127.0.0.1:53".parse().unwrap();
        assert_eq!(system_resolvers(Path::new("/nonexistent/resolv.conf")), [here]);
    }
}
