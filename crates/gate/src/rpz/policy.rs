//! What the records at a trigger mean (RPZ draft, section 4). Knows no names
//! that triggers stand for, and answers nothing.

use domain::base::iana::Rtype;

/// What a zone wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// The name does not exist.
    NxDomain,
    /// It has no such records.
    NoData,
    /// Nothing; zones after this one are not asked.
    Passthru,
    /// No answer at all.
    Drop,
    /// Nothing over TCP; over UDP, to come back over TCP.
    TcpOnly,
    /// Records in place of the name's own.
    Local(Local),
}

/// Records of a zone's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Local {
    /// Each of them.
    pub(crate) records: Box<[PolicyRecord]>,
    /// Another name to answer with; then there are no records.
    pub(crate) alias: Option<Alias>,
}

/// Where a zone leads instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alias {
    /// The target, or what follows its `*`.
    pub(crate) target: Box<[u8]>,
    /// The name asked for goes in place of the `*`.
    pub(crate) wildcard: bool,
    /// How long that holds.
    pub(crate) ttl: u32,
}

/// A record as the zone file has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PolicyRecord {
    /// Its type.
    pub(crate) rtype: Rtype,
    /// Its TTL.
    pub(crate) ttl: u32,
    /// Its data, names uncompressed.
    pub(crate) data: Box<[u8]>,
}

impl Action {
    /// What these records mean together. The first CNAME counts, before all else.
    pub(crate) fn of<'a>(records: impl Iterator<Item = &'a PolicyRecord> + Clone) -> Self {
        let mut aliases = records.clone().filter(|record| record.rtype == Rtype::CNAME);
        if let Some(alias) = aliases.next() {
            return Self::of_cname(&alias.data.to_ascii_lowercase(), alias.ttl);
        }
        Self::Local(Local { records: records.cloned().collect(), alias: None })
    }

    fn of_cname(target: &[u8], ttl: u32) -> Self {
        match target {
            b"\0" => Self::NxDomain,
            b"\x01*\0" => Self::NoData,
            b"\x0crpz-passthru\0" => Self::Passthru,
            b"\x08rpz-drop\0" => Self::Drop,
            b"\x0crpz-tcp-only\0" => Self::TcpOnly,
            _ => {
                let (target, wildcard) = match target.strip_prefix(b"\x01*") {
                    Some(rest) => (rest, true),
                    None => (target, false),
                };
                let alias = Alias { target: target.into(), wildcard, ttl };
                Self::Local(Local { records: Box::default(), alias: Some(alias) })
            }
        }
    }

    /// Whether it takes something away: what the last line looks at.
    pub(crate) fn blocks(&self) -> bool {
        !matches!(self, Self::Passthru)
    }

    /// Its name in explanations.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::NxDomain => "nxdomain",
            Self::NoData => "nodata",
            Self::Passthru => "passthru",
            Self::Drop => "drop",
            Self::TcpOnly => "tcp-only",
            Self::Local(_) => "local-data",
        }
    }
}

impl Alias {
    /// The name to answer with for `name`, if it is not too long; `None` says that
    /// there is none, which an operator's zone can bring about for long names only.
    pub(crate) fn target_for(&self, name: &[u8]) -> Option<Vec<u8>> {
        if !self.wildcard {
            return Some(self.target.to_vec());
        }
        let target = [name.get(..name.len().checked_sub(1)?)?, &self.target].concat();
        (target.len() <= crate::name::NAME_OCTETS_MAX).then_some(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(rtype: Rtype, data: &[u8]) -> PolicyRecord {
        PolicyRecord { rtype, ttl: 60, data: data.into() }
    }

    fn cname(target: &[u8]) -> Action {
        Action::of([record(Rtype::CNAME, target)].iter())
    }

    #[test]
    fn cname_targets_are_actions() {
        assert_eq!(cname(b"\0"), Action::NxDomain);
        assert_eq!(cname(b"\x01*\0"), Action::NoData);
        assert_eq!(cname(b"\x0cRPZ-passthru\0"), Action::Passthru);
        assert_eq!(cname(b"\x08rpz-drop\0"), Action::Drop);
        assert_eq!(cname(b"\x0crpz-tcp-only\0"), Action::TcpOnly);
        assert!(!Action::Passthru.blocks() && Action::Drop.blocks());
    }

    #[test]
    fn other_targets_are_aliases_with_or_without_the_name() {
        let Action::Local(local) = cname(b"\x04warn\x07example\0") else { panic!() };
        assert_eq!(local.alias.unwrap().target_for(b"\x01a\0").unwrap(), b"\x04warn\x07example\0");
        let Action::Local(local) = cname(b"\x01*\x04warn\0") else { panic!() };
        let alias = local.alias.unwrap();
        assert_eq!(alias.target_for(b"\x01a\x01b\0").unwrap(), b"\x01a\x01b\x04warn\0");
        let long = [&b"\x01a".repeat(126)[..], b"\0"].concat();
        assert_eq!(alias.target_for(&long), None);
    }

    #[test]
    fn the_first_cname_counts_and_records_stay_together() {
        let records = [record(Rtype::A, &[1; 4]), record(Rtype::CNAME, b"\0")];
        assert_eq!(Action::of(records.iter()), Action::NxDomain);
        let Action::Local(local) = Action::of(records[..1].iter()) else { panic!() };
        assert_eq!(*local.records, records[..1]);
        assert_eq!(Action::Local(local).as_str(), "local-data");
    }
}
