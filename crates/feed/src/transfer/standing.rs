//! How far each secondary is, as far as zone transfer shows it: what it took, what
//! it said that it has, what it was told and heard. What its resolver *answers* is
//! another matter, which probes look at.

use std::collections::BTreeMap;
use std::net::IpAddr;

use belfry_indicator::Domain;
use belfry_journal::{OperatorName, Serial, UnixMillis};

/// Secondaries that are remembered of all operators.
const STANDINGS_MAX: usize = 50_000;

/// One zone at one secondary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// From where it asks.
    pub address: IpAddr,
    /// Which zone.
    pub zone: Domain,
    /// The version that it took last, all of it.
    pub transferred: Option<Serial>,
    /// When it had taken it.
    pub transferred_at: Option<UnixMillis>,
    /// The version that it said it has, by an IXFR.
    pub acknowledged: Option<Serial>,
    /// The SOA serial past ours that it said it has: another history.
    pub ahead: Option<u32>,
    /// The version of the last NOTIFY that it heard.
    pub notified: Option<Serial>,
    /// When it asked last.
    pub asked_at: Option<UnixMillis>,
    /// Whether it asks with a key.
    pub signed: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Standings {
    by: BTreeMap<(OperatorName, IpAddr, Domain), Standing>,
}

impl Standings {
    /// Those of one operator.
    pub fn of(&self, operator: &OperatorName) -> Vec<Standing> {
        let of_it = self.by.iter().filter(|((name, ..), _)| name == operator);
        of_it.map(|(_, standing)| standing.clone()).collect()
    }

    /// That of one zone at one secondary.
    pub(super) fn find(
        &self,
        operator: &OperatorName,
        address: IpAddr,
        zone: &Domain,
    ) -> Option<&Standing> {
        self.by.get(&(operator.clone(), address, zone.clone()))
    }

    /// Notes something of a secondary; a new one only while there is room.
    pub(super) fn note(
        &mut self,
        operator: &OperatorName,
        address: IpAddr,
        zone: &Domain,
        change: impl FnOnce(&mut Standing),
    ) {
        let key = (operator.clone(), address, zone.clone());
        if self.by.len() >= STANDINGS_MAX && !self.by.contains_key(&key) {
            return;
        }
        let new = || Standing {
            address,
            zone: zone.clone(),
            transferred: None,
            transferred_at: None,
            acknowledged: None,
            ahead: None,
            notified: None,
            asked_at: None,
            signed: false,
        };
        change(self.by.entry(key).or_insert_with(new));
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn each_operator_has_its_own() {
        let mut standings = Standings::default();
        let name = |text| OperatorName::parse(text).unwrap();
        let zone = Domain::parse("phishing.rpz.test").unwrap();
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        standings.note(&name("a"), here, &zone, |standing| standing.notified = Some(Serial(3)));
        standings.note(&name("a"), here, &zone, |standing| standing.signed = true);
        let [one] = &standings.of(&name("a"))[..] else { panic!("one") };
        assert_eq!((one.notified, one.signed), (Some(Serial(3)), true));
        assert_eq!(standings.of(&name("b")), []);
        assert!(standings.find(&name("a"), here, &zone).is_some());
    }
}
