//! `Order`: what a verdict, an expiry or a withdrawal asks every follower to do.

use std::collections::BTreeSet;

use belfry_indicator::Target;

use crate::{Serial, UnixMillis};

/// One instruction about one target in one category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What to do.
    pub action: Action,
    /// About what.
    pub target: Target,
    /// In which category (a zone of its own at operators).
    pub category: Category,
    /// For real, or only counted.
    pub mode: Mode,
    /// When it was ordered.
    pub issued_at: UnixMillis,
    /// Until when; the hub writes the release, followers do not expire by their own clock.
    pub valid_until: UnixMillis,
    /// Who is to follow it.
    pub audience: Audience,
    /// What caused it.
    pub cause: Cause,
    /// What the public may read about it.
    pub reason: PublicReason,
    /// A compromised site: MX and TXT go on being answered.
    pub keeps_mail: bool,
}

/// What an order does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Answer with the warning.
    Block,
    /// Never block, whatever another order says.
    Allow,
    /// Take back the order with this serial.
    Release {
        /// The order taken back.
        of: Serial,
    },
}

/// Why a target is blocked, in the order in which zones take precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// Steals credentials or payments under another's name.
    Phishing,
    /// Distributes malicious software.
    Malware,
    /// Takes money for goods that never come.
    FakeShop,
    /// Any other fraud.
    OtherFraud,
}

/// Whether an order acts or only counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// It acts.
    Live,
    /// It counts what it would have done.
    Shadow,
}

/// Who follows an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Every operator.
    Everyone,
    /// These operators only; never empty.
    Operators(BTreeSet<OperatorName>),
}

/// An operator's name: 1 to 64 of `a-z`, `0-9`, `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperatorName(pub(crate) String);

/// What caused an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A verdict on this case.
    Verdict {
        /// The case.
        case: u64,
    },
    /// Its validity ended.
    Expiry,
    /// Someone with the right withdrew it.
    Withdrawal {
        /// The case.
        case: u64,
    },
    /// The name came onto a never-block list.
    NeverBlock,
}

/// The fixed, translated reasons that the public may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PublicReason {
    /// Imitates an organisation to steal credentials or payment data.
    Impersonation,
    /// Distributes malicious software.
    Malware,
    /// A shop that does not deliver.
    FakeShop,
    /// Another fraud.
    Fraud,
    /// The block ended in time.
    Ended,
    /// The block was a mistake.
    Mistake,
    /// The site is clean again, or the threat is gone.
    Resolved,
}
