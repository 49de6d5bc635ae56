//! The rules by name, so that every refusal can say which one and why.

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
    /// Popular, old, government or bank: two signed-in people.
    TwoPeople,
}

impl Rule {
    /// The stable name that API and records use: `public-suffix`.
    pub fn name(self) -> &'static str {
        todo!()
    }
}

/// A rule and why it holds here, in words for an analyst.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// One sentence: what was refused and what to do.
    pub explanation: String,
}
