//! The gate's own last line (DESIGN 2): blocks that it refuses to hold whoever
//! ordered them. Judges targets only; what it refuses is skipped, counted and logged.

use std::fmt;

use belfry_indicator::{Domain, EmbeddedSuffixes, Suffixes, Target};

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
}

impl LastLine {
    /// Protects the warning host and the operator's own list.
    pub(crate) fn new(warning: Option<Domain>, never_block: Vec<Domain>) -> Self {
        Self { warning, never_block }
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

    #[test]
    fn holds_the_rest() {
        check_both("evil.example", None);
        check_both("shop.vercel.app", None);
        check_both("notbank.example", None);
    }
}
