//! What the gate would do about a name, and by which order: for the operator,
//! and for the warning page. Says nothing that the journal does not.

use std::fmt;

use belfry_indicator::{Domain, Target};
use belfry_journal::{Category, PublicReason, Serial, UnixMillis};

use crate::answer::category_name;
use crate::blockset::{Finding, Hit};

/// The order that covers a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockedBy {
    /// Its entry.
    pub serial: Serial,
    /// What it names.
    pub target: Target,
    /// In which category.
    pub category: Category,
    /// What the public may read.
    pub reason: PublicReason,
    /// When it was ordered.
    pub issued_at: UnixMillis,
    /// Until when.
    pub valid_until: UnixMillis,
}

/// What would happen to a query for a name, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The name.
    pub name: Domain,
    /// The order that allows it, over all blocks.
    pub allow: Option<BlockedBy>,
    /// The order that it is blocked by.
    pub block: Option<BlockedBy>,
    /// The order that would block it if it were live.
    pub shadow: Option<BlockedBy>,
}

impl Explanation {
    pub(crate) fn of(name: &Domain, finding: Finding) -> Self {
        let by = |hit: Option<Hit>| hit.and_then(|hit| BlockedBy::of(name, &hit));
        Self {
            name: name.clone(),
            allow: by(finding.allow),
            block: by(finding.block),
            shadow: by(finding.shadow),
        }
    }
}

impl BlockedBy {
    fn of(name: &Domain, hit: &Hit) -> Option<Self> {
        let rule = &hit.rule;
        // A label of the text is as long as on the wire, and so is its dot.
        let covering = Domain::parse(name.as_str().get(hit.at..)?).ok()?;
        let target =
            if rule.slot.subtree { Target::Domain(covering) } else { Target::Host(covering) };
        Some(Self {
            serial: rule.serial,
            target,
            category: rule.slot.category,
            reason: rule.reason,
            issued_at: rule.issued_at,
            valid_until: rule.valid_until,
        })
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match (&self.allow, &self.block, &self.shadow) {
            (Some(by), ..) => write!(f, "{name} is never blocked: {by} allows it"),
            (None, Some(by), _) => write!(f, "{name} is blocked by {by}"),
            (None, None, Some(by)) => {
                write!(f, "{name} is not blocked: {by} is in shadow and only counts")
            }
            (None, None, None) => write!(f, "{name} is not blocked: no order covers it"),
        }
    }
}

impl fmt::Display for BlockedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (level, target) = (self.target.level(), self.target.name());
        let category = category_name(self.category);
        write!(f, "order {} for the {level} {target} ({category})", self.serial)
    }
}
