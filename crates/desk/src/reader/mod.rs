//! The bounded reader: hostile bytes are read in a child process with limits on
//! memory, CPU and files, so that whatever they do there, the hub goes on.
//!
//! The child is `belfry read-worker`: one job a frame on standard input, one
//! reading a frame on standard output (`protocol`). It is started again after
//! a death, a time-out, or [`ReaderSettings::jobs_max`] jobs. A mail on which it
//! died is read once more without its documents, so that an attachment can't
//! hide the rest. Text in pictures is recognised by a grandchild ([`Recogniser`]); such
//! mails have a child of their own, so that they hold no others up.

mod child;
mod ocr;
mod page;
mod pool;
mod protocol;

pub use crate::reader::child::{ChildLimits, serve};
pub use crate::reader::ocr::{Recogniser, RecogniserLimits};
pub use crate::reader::pool::{ReadError, ReaderPool, ReaderSettings, Survived};
pub use crate::reader::protocol::ReadJob;
