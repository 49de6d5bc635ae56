//! Names, hosts, URLs, phone numbers, accounts and wallets in one canonical form
//! each, and the target of a URL that DNS can block.
//!
//! Read this crate first: a [`Domain`] in hand is canonical, so no other crate
//! lower-cases, trims or re-checks one. Nothing here does I/O; the public
//! suffix list is an argument ([`Suffixes`]).

mod domain;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod host;
mod iban;
mod mailbox;
mod operator;
mod phone;
mod redacted;
mod secrets;
mod sender;
mod suffix;
mod target;
mod template;
mod text_form;
mod time;
mod url;
mod wallet;

pub use crate::domain::{Domain, NameError};
pub use crate::host::Host;
pub use crate::iban::Iban;
pub use crate::mailbox::Mailbox;
pub use crate::operator::{OperatorName, OperatorNameError};
pub use crate::phone::Phone;
pub use crate::redacted::RedactedUrl;
pub use crate::secrets::{MARK as REDACTED, Secrets};
pub use crate::sender::Sender;
pub use crate::suffix::{EmbeddedSuffixes, SuffixKind, Suffixes, is_public_suffix};
pub use crate::target::{Blockable, NotBlockable, Target, blockable, is_special_use};
pub use crate::template::{
    Confirmation, Handover, LegalBasis, Provenance, ProvenanceError, Scope, TEMPLATE_CHARS_MAX,
    Template, TemplateError,
};
pub use crate::time::UnixMillis;
pub use crate::url::{Url, UrlError};
pub use crate::wallet::{Currency, WALLET_CHARS_MAX, Wallet};

use crate::text_form::text_form;
