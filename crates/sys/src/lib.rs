//! The few system calls that no safe crate offers: receiving and sending many
//! datagrams at once, and a hint to the processor. All unsafe code of the workspace is here, each block with
//! the invariant that makes it sound; nothing here knows what a datagram means.

mod ahead;
mod batch;
mod memory;
mod socket;

pub use crate::ahead::fetch_ahead;
pub use crate::batch::{Batch, DATAGRAM_OCTETS_MAX, SLOTS};
pub use crate::memory::ReturnPath;
pub use crate::socket::listen;
