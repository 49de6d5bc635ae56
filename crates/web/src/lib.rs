//! What every HTTP surface of the hub shares: one error shape (problem+json,
//! RFC 9457), JSON bodies and queries that refuse unknown fields, times as
//! RFC 3339, and bearer tokens and people as typed roles.
//!
//! `intake`, `console` and `feed` each bring their routes; `belfry` merges them
//! and sets [`not_found`] and [`method_not_allowed`] as the fallbacks. Nothing
//! here knows what a route is for.

mod authority;
mod deadline;
mod extract;
mod json;
mod named;
mod problem;
mod rate;
mod secret;
mod session;
mod time;

pub use crate::authority::{Authorized, AuthorizedAny, Fresh, LocalUser, SignedIn};
pub use crate::deadline::{BodyTime, BodyTooSlow, limit_body_time};
pub use crate::extract::{PageLimit, Path, Query, method_not_allowed, not_found};
pub use crate::json::Json;
pub use crate::named::Named;
pub use crate::problem::Problem;
pub use crate::rate::{Buckets, Peer, Rate, RateLimits, Rates, client_prefix, limit_rates};
pub use crate::secret::Secret;
pub use crate::session::{CSRF_HEADER, Session, is_fresh};
pub use crate::time::{Clock, TimeError, Timestamp, parse_rfc3339, rfc3339};
