//! The gate's own last line (DESIGN 2): blocks that it refuses to hold whoever
//! ordered them. Judges targets only; what it refuses is skipped, counted and logged.

use std::fmt;

use std::collections::HashSet;

use belfry_indicator::{Domain, EmbeddedSuffixes, Suffixes, Target, is_public_suffix};

use crate::name::ancestors;

/// Why a block is not held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Skipped {
    /// One label: a whole top-level domain, or a name of the local network.
    SingleLabel,
    /// A public suffix: it belongs to everybody.
    PublicSuffix,
    /// `arpa`, `localhost`, `local` and the like: machines depend on them.
    SpecialUse,
    /// It would take the warning host away.
    WarningHost,
    /// On this operator's never-block list, or it covers a name on it.
    NeverBlock,
    /// For other operators.
    Audience,
}

/// Zones whose names are never for people: reverse look-ups and RFC 6761.
const SPECIAL: [&str; 6] = ["arpa", "localhost", "local", "invalid", "onion", "alt"];

/// What must stay reachable.
#[derive(Clone, Debug)]
pub(crate) struct LastLine {
    warning: Option<Domain>,
    never_block: Vec<Domain>,
    /// The same on the wire.
    kept: HashSet<Vec<u8>>,
    /// What is above them, and above the warning host.
    above: HashSet<Vec<u8>>,
    /// Refuses nothing: for conversations about names that only tests have.
    #[cfg(test)]
    lax: bool,
}

/// What of a foreign zone's policy for a name is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refused {
    /// A block of the name itself.
    pub(crate) exact: bool,
    /// A block of all names below it.
    pub(crate) below: bool,
}

impl Refused {
    const ALL: Self = Self { exact: true, below: true };
}

impl LastLine {
    /// Protects the warning host and the operator's own list.
    pub(crate) fn new(warning: Option<Domain>, never_block: Vec<Domain>) -> Self {
        let kept: HashSet<_> = never_block.iter().map(Domain::to_wire).collect();
        let all = never_block.iter().chain(&warning);
        let above = all.flat_map(Domain::ancestors).map(|name| name.to_wire()).collect();
        Self {
            warning,
            never_block,
            kept,
            above,
            #[cfg(test)]
            lax: false,
        }
    }

    /// Refuses nothing of foreign zones.
    #[cfg(test)]
    pub(crate) fn lax() -> Self {
        Self { lax: true, ..Self::new(None, Vec::new()) }
    }

    /// Why a block of `target` is not held; `None` when it is.
    pub(crate) fn refuses(&self, target: &Target) -> Option<Skipped> {
        let name = target.name();
        let last = name.labels().next_back().unwrap_or_default();
        if SPECIAL.contains(&last) {
            return Some(Skipped::SpecialUse);
        }
        if name.labels().nth(1).is_none() {
            return Some(Skipped::SingleLabel);
        }
        if EmbeddedSuffixes.is_suffix(name) {
            return Some(Skipped::PublicSuffix);
        }
        if self.warning.as_ref().is_some_and(|warning| target.covers(warning)) {
            return Some(Skipped::WarningHost);
        }
        let kept = |kept: &Domain| target.covers(kept) || name.is_within(kept);
        self.never_block.iter().any(kept).then_some(Skipped::NeverBlock)
    }
}

impl LastLine {
    /// What is refused of a foreign zone's policy for a name in wire form: the same
    /// as for orders, a block of the name and one of all below it apart.
    pub(crate) fn refuses_wire(&self, wire: &[u8]) -> Refused {
        #[cfg(test)]
        if self.lax {
            return Refused::default();
        }
        let mut text = [0; crate::name::NAME_OCTETS_MAX];
        let Some(text) = text_of(wire, &mut text) else { return Refused::ALL };
        let last = text.rsplit(|octet| *octet == b'.').next().unwrap_or_default();
        let special = SPECIAL.iter().any(|special| special.as_bytes() == last);
        if special || last.len() == text.len() || is_public_suffix(text) {
            return Refused::ALL;
        }
        if !self.kept.is_empty() && ancestors(wire).any(|(_, name)| self.kept.contains(name)) {
            return Refused::ALL;
        }
        let is_warning =
            self.warning.as_ref().is_some_and(|warning| warning.as_str().as_bytes() == text);
        Refused { exact: is_warning, below: is_warning || self.above.contains(wire) }
    }

    /// What its answers depend on, for whoever keeps them.
    pub(crate) fn settings(&self) -> (Option<&Domain>, &[Domain]) {
        (self.warning.as_ref(), &self.never_block)
    }
}

/// A name as text, without its root; `None` for the root itself.
fn text_of<'a>(wire: &[u8], into: &'a mut [u8; crate::name::NAME_OCTETS_MAX]) -> Option<&'a [u8]> {
    let count = wire.len().checked_sub(2)?;
    let text = into.get_mut(..count)?;
    text.copy_from_slice(wire.get(1..=count)?);
    let mut at = usize::from(*wire.first()?);
    while let Some(octet) = text.get_mut(at) {
        at += 1 + usize::from(*octet);
        *octet = b'.';
    }
    Some(text)
}

impl Skipped {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [
        Self::SingleLabel,
        Self::PublicSuffix,
        Self::SpecialUse,
        Self::WarningHost,
        Self::NeverBlock,
        Self::Audience,
    ];

    /// Its name in metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SingleLabel => "single-label",
            Self::PublicSuffix => "public-suffix",
            Self::SpecialUse => "special-use",
            Self::WarningHost => "warning-host",
            Self::NeverBlock => "never-block",
            Self::Audience => "audience",
        }
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(text: &str) -> Domain {
        Domain::parse(text).unwrap()
    }

    fn check(target: &Target, expect: Option<Skipped>) {
        let line = LastLine::new(
            Some(domain("warning.belfry.example")),
            vec![domain("bank.example"), domain("good.host.example")],
        );
        assert_eq!(line.refuses(target), expect, "{target:?}");
    }

    fn check_both(name: &str, expect: Option<Skipped>) {
        check(&Target::Host(domain(name)), expect);
        check(&Target::Domain(domain(name)), expect);
    }

    #[test]
    fn refuses_what_belongs_to_everybody() {
        check_both("com", Some(Skipped::SingleLabel));
        check_both("co.uk", Some(Skipped::PublicSuffix));
        check_both("vercel.app", Some(Skipped::PublicSuffix));
        check_both("2.0.192.in-addr.arpa", Some(Skipped::SpecialUse));
        check_both("printer.local", Some(Skipped::SpecialUse));
        check_both("localhost", Some(Skipped::SpecialUse));
    }

    #[test]
    fn refuses_what_would_take_a_protected_name_away() {
        check_both("warning.belfry.example", Some(Skipped::WarningHost));
        check(&Target::Domain(domain("belfry.example")), Some(Skipped::WarningHost));
        check(&Target::Host(domain("belfry.example")), None);
        check_both("bank.example", Some(Skipped::NeverBlock));
        check_both("www.bank.example", Some(Skipped::NeverBlock));
        check(&Target::Domain(domain("host.example")), Some(Skipped::NeverBlock));
        check(&Target::Host(domain("host.example")), None);
    }

    fn check_wire(name: &str, exact: bool, below: bool) {
        let never = vec![domain("bank.example"), domain("good.host.example")];
        let line = LastLine::new(Some(domain("warning.belfry.example")), never);
        assert_eq!(line.refuses_wire(&domain(name).to_wire()), Refused { exact, below }, "{name}");
    }

    #[test]
    fn refuses_of_foreign_zones_what_it_refuses_of_orders() {
        for name in ["com", "co.uk", "vercel.app", "2.0.192.in-addr.arpa", "localhost"] {
            check_wire(name, true, true);
        }
        for name in ["bank.example", "www.bank.example", "warning.belfry.example"] {
            check_wire(name, true, true);
        }
        check_wire("host.example", false, true);
        check_wire("belfry.example", false, true);
        check_wire("evil.example", false, false);
        check_wire("x.vercel.app", false, false);
        let line = LastLine::new(None, Vec::new());
        assert_eq!(line.refuses_wire(b"\0"), Refused::ALL);
        assert_eq!(line.refuses_wire(b""), Refused::ALL);
    }

    #[test]
    fn holds_the_rest() {
        check_both("evil.example", None);
        check_both("shop.vercel.app", None);
        check_both("notbank.example", None);
    }
}
