//! The rules by name, so that every refusal can say which one and why.

use crate::list::ListName;

/// A rule of the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// A single label (a whole top-level domain).
    SingleLabel,
    /// A public suffix, ICANN or private.
    PublicSuffix,
    /// `in-addr.arpa`, `ip6.arpa` and below.
    ReverseZone,
    /// A special-use name (RFC 6761): `localhost`, `local`, `onion`, `arpa`…
    SpecialUse,
    /// One of our own names: hub, warning host, mail.
    OwnName,
    /// On the never-block list, or above a name on it.
    NeverBlock,
    /// A validity in the past, of zero length, or longer than 366 days.
    Validity,
    /// Government, bank and the like: two signed-in people.
    TwoPeople,
    /// Many people use it: two signed-in people.
    Popular,
    /// It has been in use for long: two signed-in people.
    Old,
    /// Strangers have sites below it: two signed-in people for the name itself.
    SharedParent,
    /// A text too short, too common, or like an honest one.
    Template,
    /// An order that its legal basis does not carry.
    LegalBasis,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Rule; 13] = [
        Rule::SingleLabel,
        Rule::PublicSuffix,
        Rule::ReverseZone,
        Rule::SpecialUse,
        Rule::OwnName,
        Rule::NeverBlock,
        Rule::Validity,
        Rule::TwoPeople,
        Rule::Popular,
        Rule::Old,
        Rule::SharedParent,
        Rule::Template,
        Rule::LegalBasis,
    ];

    /// The stable name that API and records use: `public-suffix`.
    pub fn name(self) -> &'static str {
        match self {
            Rule::SingleLabel => "single-label",
            Rule::PublicSuffix => "public-suffix",
            Rule::ReverseZone => "reverse-zone",
            Rule::SpecialUse => "special-use",
            Rule::OwnName => "own-name",
            Rule::NeverBlock => "never-block",
            Rule::Validity => "validity",
            Rule::TwoPeople => "two-people",
            Rule::Popular => "popular",
            Rule::Old => "old",
            Rule::SharedParent => "shared-parent",
            Rule::Template => "template",
            Rule::LegalBasis => "legal-basis",
        }
    }

    /// The rule with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A rule and why it holds here, in words for an analyst.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Full sentences: what was refused, why, and what to do.
    pub explanation: String,
    /// The list that says so, where it is one.
    pub list: Option<ListName>,
}

impl Finding {
    pub(crate) fn new(rule: Rule, explanation: String) -> Self {
        Self { rule, explanation, list: None }
    }

    pub(crate) fn listed(rule: Rule, explanation: String, list: ListName) -> Self {
        Self { rule, explanation, list: Some(list) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_stay() {
        let names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        insta::assert_snapshot!(
            names.join(" "),
            @"single-label public-suffix reverse-zone special-use own-name never-block validity two-people popular old shared-parent template legal-basis"
        );
        for rule in Rule::ALL {
            assert_eq!(Rule::from_name(rule.name()), Some(rule));
        }
        assert_eq!(Rule::from_name("Two-People"), None);
    }
}
