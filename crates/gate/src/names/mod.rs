//! Many names in little memory, found fast and exactly: what the block set and
//! foreign zones are made of. Knows neither orders nor zones: a name holds some
//! octets, and whoever put them there knows what they mean.
//!
//! A [`Level`] never changes. It is cut into shards by the high bits of a seeded
//! hash, each a table of positions over an arena of entries; an entry holds its
//! full name, so a look-up never takes one name for another.

mod hash;
mod level;
mod packed;
mod shard;

pub(crate) use self::hash::{Labels, Seed};
pub(crate) use self::level::{Builder, Level};
