//! From the bytes of a report to what is in it: observables, each with its place
//! and role, and defects for whatever could not be read.
//!
//! Reading never fails and never panics: broken input becomes a [`Defect`].
//! It does no I/O and follows no link.

mod defect;
mod limits;
mod link;
mod reading;

pub use crate::defect::{Defect, DefectKind};
pub use crate::limits::Limits;
pub use crate::link::{Link, LinkKind, Place, Role};
pub use crate::reading::{Address, Reading, Summary};

use belfry_indicator::Suffixes;

/// Reads an RFC 5322 message that a citizen forwarded.
pub fn read_mail(bytes: &[u8], suffixes: &impl Suffixes, limits: &Limits) -> Reading {
    let _ = (bytes, suffixes, limits);
    todo!()
}

/// Reads the text of an SMS; a first line `From: SENDER` names its sender.
pub fn read_sms(text: &[u8], suffixes: &impl Suffixes, limits: &Limits) -> Reading {
    let _ = (text, suffixes, limits);
    todo!()
}

/// Reads a single reported URL.
pub fn read_url(text: &[u8], suffixes: &impl Suffixes, limits: &Limits) -> Reading {
    let _ = (text, suffixes, limits);
    todo!()
}
