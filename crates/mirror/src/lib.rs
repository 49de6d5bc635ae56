//! Files for servers that read what they block from files: Knot Resolver a zone,
//! dnsdist a table.
//!
//! ```text
//! follower -> keeper (one zone) -> writer -> base file, and what changed since
//! ```
//!
//! A server takes ten seconds to read a zone of a million names, and answers nobody
//! meanwhile. So there are two files: the *base*, which is written seldom, and *what
//! changed since*, which is small, goes before the base, and is written within a second.
//! Each is replaced whole: temporary file, fsync, rename, fsync of the folder.
//!
//! Nothing is written before a verified state is known, so that what a server has is never
//! replaced by less. A hub that is gone leaves the last files in place.

mod cdb;
mod files;
mod form;
mod keeper;
mod settings;
mod writer;

pub use crate::keeper::Keeper;
pub use crate::settings::{MirrorSettings, SettingsError, Writes};
pub use crate::writer::{MirrorMetrics, Writer, WriterStatus};
