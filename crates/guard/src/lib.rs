//! The guard: what may be ordered at all, and what needs a second person.
//!
//! [`check`] is the only maker of a [`Cleared`], and `casebook` writes no order
//! without one; decoding never yields one. The guard does no I/O: lists,
//! approvals and `now` are arguments. It can refuse; nothing can overrule it.

//! | to find | look in |
//! |---|---|
//! | the check, and who counts as two people | `check` |
//! | what nobody may block | `refusal` |
//! | what two people may block | `second` |
//! | the lists, their kinds and versions | `lists`, `list` |
//! | files of lists | `format` |
//! | a million names in memory | `names` |

mod check;
mod format;
mod list;
mod lists;
mod names;
mod refusal;
mod rule;
mod second;
mod template;

pub use crate::check::{Approvals, Cleared, Outcome, check};
pub use crate::format::{FILE_BYTES_MAX, Format, ListError, Parsed};
pub use crate::list::{Kind, List, ListName, NAMES_MAX};
pub use crate::lists::{Lists, ListsVersion, Opinion};
pub use crate::names::Reach;
pub use crate::rule::{Finding, Rule};
pub use crate::template::{ClearedTemplate, TemplateOutcome, check_template};
