//! The guard: what may be ordered at all, and what needs a second person.
//!
//! [`check`] is the only maker of a [`Cleared`], and `casebook` writes no order
//! without one; decoding never yields one. The guard does no I/O: lists,
//! approvals and `now` are arguments. It can refuse; nothing can overrule it.

mod check;
mod lists;
mod names;
mod refusal;
mod rule;

pub use crate::check::{Approvals, Cleared, Outcome, check};
pub use crate::lists::{Lists, ListsVersion};
pub use crate::rule::{Finding, Rule};
