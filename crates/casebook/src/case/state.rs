//! The states of a case: a type each, with what exists in it and who may touch it.

use belfry_guard::Rule;
use belfry_journal::{Category, Serial, UnixMillis};

/// An open case.
///
/// # Data
/// Reports and their readings; earlier verdicts, if it was reopened. No order of
/// it holds.
///
/// # Access
/// Anyone who may judge decides it; filing a reading adds reports to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open;

/// A case that waits for a second person.
///
/// # Data
/// A first verdict, and the guard's rule that asks for two people. No order holds.
///
/// # Access
/// Anyone who may judge decides it; whether an approval counts is the guard's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitingSecond {
    /// Who was first.
    pub first: String,
    /// For which category.
    pub category: Category,
    /// The guard's rule that asks for two.
    pub rule: Rule,
}

/// A blocked case.
///
/// # Data
/// An order that holds and covers its subject: its own, or one for the same
/// domain that came from another case.
///
/// # Access
/// Nobody decides it. It is released by a person, or with its order by the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// The order that blocks.
    pub order: Serial,
}

/// A case found benign, until it expires or new evidence comes.
///
/// # Data
/// A verdict and its term. No order holds.
///
/// # Access
/// Anyone who may judge decides it again; the hub reopens it when its term ends.
/// New reports are counted and change nothing before that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Benign {
    /// Until when.
    pub until: UnixMillis,
}

/// A block that ended or was taken back.
///
/// # Data
/// Its orders, each with the entry that released it.
///
/// # Access
/// Anyone who may judge decides it again; a new report reopens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// The releasing entry.
    pub by: Serial,
}

/// A block that was wrong.
///
/// # Data
/// As [`Released`]; the public record says that it was a mistake.
///
/// # Access
/// As [`Released`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reversed {
    /// The releasing entry.
    pub by: Serial,
}

/// A block that the guard refused.
///
/// # Data
/// The verdict and the rule. No order holds.
///
/// # Access
/// Anyone who may judge decides it again; new reports are counted only, since the
/// rule would refuse the next block too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// By which rule.
    pub rule: Rule,
}

/// Judged without an order: spam, undecidable, or fraud that DNS can't block.
///
/// # Data
/// A verdict. No order holds.
///
/// # Access
/// Anyone who may judge decides it again; a new report reopens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed;

/// A case that waits for a day, not for a person.
///
/// # Data
/// As [`Open`].
///
/// # Access
/// Anyone who may judge decides or wakes it; the hub opens it when its time comes. New
/// reports are counted and change nothing before that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// Until when.
    pub until: UnixMillis,
}

/// A case that is judged together with another.
///
/// # Data
/// As [`Open`], and its leader.
///
/// # Access
/// What its leader gets, it gets: each with an order of its own, through the guard. Anyone
/// who may judge takes it out again. New reports are counted and change nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// With which case.
    pub into: u64,
}

/// The state of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseState {
    /// See [`Open`].
    Open(Open),
    /// See [`AwaitingSecond`].
    AwaitingSecond(AwaitingSecond),
    /// See [`Blocked`].
    Blocked(Blocked),
    /// See [`Benign`].
    Benign(Benign),
    /// See [`Released`].
    Released(Released),
    /// See [`Reversed`].
    Reversed(Reversed),
    /// See [`Refused`].
    Refused(Refused),
    /// See [`Closed`].
    Closed(Closed),
    /// See [`Parked`].
    Parked(Parked),
    /// See [`Merged`].
    Merged(Merged),
}

impl CaseState {
    /// The names of all states.
    pub const NAMES: &'static [&'static str] = &[
        "open",
        "awaiting-second",
        "blocked",
        "benign",
        "released",
        "reversed",
        "refused",
        "closed",
        "parked",
        "merged",
    ];

    /// The name of the API: `open`, `awaiting-second`, `blocked`, `benign`,
    /// `released`, `reversed`, `refused`, `closed`, `parked`, `merged`.
    pub fn name(&self) -> &'static str {
        match self {
            CaseState::Open(_) => "open",
            CaseState::AwaitingSecond(_) => "awaiting-second",
            CaseState::Blocked(_) => "blocked",
            CaseState::Benign(_) => "benign",
            CaseState::Released(_) => "released",
            CaseState::Reversed(_) => "reversed",
            CaseState::Refused(_) => "refused",
            CaseState::Closed(_) => "closed",
            CaseState::Parked(_) => "parked",
            CaseState::Merged(_) => "merged",
        }
    }
}
