//! Chromium as a child that may do little, and what it is told to do.

mod collect;
mod drive;
mod process;
mod story;

#[cfg(test)]
pub(crate) use collect::Collected;
pub(crate) use collect::forms;
pub(crate) use drive::{Driven, PAGE_HOPS_MAX, drive};
pub(crate) use process::Process;
#[cfg(test)]
pub(crate) use story::Story;
