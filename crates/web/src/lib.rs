//! What every HTTP surface of the hub shares: one error shape (problem+json,
//! RFC 9457), JSON bodies that refuse unknown fields, and bearer tokens as
//! typed roles.
//!
//! `intake`, `console` and `feed` each bring their routes; `belfry` merges them.

mod authority;
mod json;
mod problem;
mod time;

pub use crate::authority::{Authorized, LocalUser};
pub use crate::json::Json;
pub use crate::problem::Problem;
pub use crate::time::Clock;
