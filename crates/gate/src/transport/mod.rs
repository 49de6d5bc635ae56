//! Sockets and connections around the engine: one short file each. None of them
//! decides about a query.

mod accept;
pub(crate) mod doh;
pub(crate) mod dot;
mod records;
mod stream;
pub(crate) mod tcp;

pub(crate) use self::accept::Limits;
