//! The effective set as RPZ zones, and the transfer of these zones to the
//! resolvers that operators already run.
//!
//! ```text
//! entry -> holdings -> cover -> zone (serial, published names, log) -> transfer
//! ```
//!
//! [`Zones`] folds journal entries into zones, each a view of what holds: one
//! policy for a name, a narrower block withheld while a wider one stands, an
//! allow above all. A zone's SOA serial is the low 32 bits of the last entry
//! that changed it. [`session::answer`] takes the octets of one request and
//! gives the octets of the answer, or a [`Transfer`] that makes its messages
//! one by one from a view that later changes do not touch.
//!
//! No socket, clock, key file or database is known here: `now`, keys and who
//! may have which zone are arguments.

mod alone;
mod cover;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod holdings;
mod name;
pub mod notify;
mod policy;
mod record;
pub mod secondary;
pub mod session;
mod sorted;
#[cfg(test)]
mod testing;
pub mod text;
pub mod transfer;
pub mod tsig;
pub mod wire;
mod zone;
mod zones;

pub use crate::alone::{Patch, Said, ZoneAlone};
pub use crate::holdings::Holdings;
pub use crate::name::Path;
pub use crate::policy::{Policy, Published};
pub use crate::record::{BlockAnswer, RecordSettings};
pub use crate::transfer::Transfer;
pub use crate::zone::{View, Zone, ZoneFigures};
pub use crate::zones::{OPERATOR_MAX, Selection, ZoneKind, Zones, ZonesError};
