//! Containers: what holds messages, texts and files, told by its own bytes. Each
//! reader here takes bytes apart and gives what is in them; none looks for links,
//! and none unpacks what [`zip`] lists.

pub(crate) mod calendar;
pub(crate) mod format;
pub(crate) mod mbox;
pub(crate) mod msg;
pub(crate) mod report;
pub(crate) mod rtf;
pub(crate) mod zip;
