//! Containers: what holds messages, texts and files, told by its own bytes. Each
//! reader here takes bytes apart and gives what is in them; none looks for links,
//! and no archive that [`zip`] lists is unpacked.

pub(crate) mod calendar;
pub(crate) mod format;
pub(crate) mod mbox;
pub(crate) mod msg;
pub(crate) mod office;
pub(crate) mod report;
pub(crate) mod rtf;
pub(crate) mod tnef;
pub(crate) mod zip;
