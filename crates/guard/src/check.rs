//! The check itself.

use belfry_indicator::Suffixes;
use belfry_journal::{Action, Order, UnixMillis};

use crate::{Finding, Lists, ListsVersion, refusal};

/// An order that the guard let through, under one version of the lists.
/// Only [`check`] makes one:
///
/// ```compile_fail,E0451
/// fn forge(order: belfry_journal::Order, lists: belfry_guard::ListsVersion) {
///     let _ = belfry_guard::Cleared { order, lists };
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Cleared {
    order: Order,
    lists: ListsVersion,
}

impl Cleared {
    /// The order.
    pub fn order(&self) -> &Order {
        &self.order
    }
    /// The lists it was checked against; `casebook` compares again in its transaction.
    pub fn lists(&self) -> ListsVersion {
        self.lists
    }
}

/// Who has approved the draft so far: names of different signed-in people.
/// Tokens never count.
#[derive(Clone, Debug, Default)]
pub struct Approvals {
    signed_in: std::collections::BTreeSet<String>,
}

impl Approvals {
    /// Nobody yet.
    pub fn none() -> Self {
        Self::default()
    }
    /// Adds a person who is signed in.
    pub fn with_signed_in(mut self, person: &str) -> Self {
        self.signed_in.insert(person.to_owned());
        self
    }

    fn are_two(&self) -> bool {
        self.signed_in.len() >= 2
    }
}

/// The guard's answer.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It may be written.
    Cleared(Cleared),
    /// It may once a second signed-in person agrees.
    NeedsSecond(Finding),
    /// Never.
    Refused(Finding),
}

/// Checks a draft. A release is always cleared: unblocking is never dangerous.
///
/// An allow may name what no block may: our own names and the never-block list;
/// it needs one person. A block in shadow meets the same rules as a live one,
/// since it is made to become live.
pub fn check(
    draft: Order,
    lists: &Lists,
    suffixes: &impl Suffixes,
    approvals: &Approvals,
    now: UnixMillis,
) -> Outcome {
    let refused = match draft.action {
        Action::Release { .. } => None,
        Action::Allow => {
            refusal::of_name(&draft.target, suffixes).or_else(|| refusal::of_validity(&draft, now))
        }
        Action::Block => {
            lists.refusal(&draft.target, suffixes).or_else(|| refusal::of_validity(&draft, now))
        }
    };
    if let Some(finding) = refused {
        return Outcome::Refused(finding);
    }
    let second = match draft.action {
        Action::Block => lists.second(&draft.target, suffixes),
        Action::Allow | Action::Release { .. } => None,
    };
    match second {
        Some(finding) if !approvals.are_two() => Outcome::NeedsSecond(finding),
        _ => Outcome::Cleared(Cleared { order: draft, lists: lists.version() }),
    }
}

#[cfg(test)]
mod tests;
