//! The check itself.

use belfry_indicator::Suffixes;
use belfry_journal::{Order, UnixMillis};

use crate::{Finding, Lists, ListsVersion};

/// An order that the guard let through, under one version of the lists.
/// Only [`check`] makes one.
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
pub fn check(
    draft: Order,
    lists: &Lists,
    suffixes: &impl Suffixes,
    approvals: &Approvals,
    now: UnixMillis,
) -> Outcome {
    let _ = (draft, lists, suffixes, approvals, now);
    todo!()
}
