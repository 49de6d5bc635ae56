//! Names, hosts and URLs in one canonical form each, and the target of a URL
//! that DNS can block.
//!
//! Read this crate first: a [`Domain`] in hand is canonical, so no other crate
//! lower-cases, trims or re-checks one. Nothing here does I/O; the public
//! suffix list is an argument ([`Suffixes`]).

mod domain;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod host;
mod redacted;
mod secrets;
mod suffix;
mod target;
mod url;

pub use crate::domain::{Domain, NameError};
pub use crate::host::Host;
pub use crate::redacted::RedactedUrl;
pub use crate::secrets::{MARK as REDACTED, Secrets};
pub use crate::suffix::{EmbeddedSuffixes, SuffixKind, Suffixes, is_public_suffix};
pub use crate::target::{Blockable, NotBlockable, Target, blockable, is_special_use};
pub use crate::url::{Url, UrlError};
