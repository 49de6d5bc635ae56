//! The SMS filter at the operator.
//!
//! A message's way: a peer's connection (`proxy`) feeds octets to a `session`, which cuts
//! them into `pdu`s, reads the text of a message (`message`, with parts put together) and
//! asks the [`Filter`]. What passes goes on octet for octet under the peer's own sequence
//! number; what is refused is answered here and goes nowhere.
//! A template's way: the follower hands the journal's templates to `live`, which keeps
//! those of this operator and no others.
//!
//! A customer's way: what is sent to the operator's short code is handed over to the hub
//! ([`shortcode`]).
//!
//! No text, no number and no sender is stored, logged or counted here, matched or not.
//! The filter acknowledges nothing that it has not refused itself: when either side goes
//! away the other connection ends too, and the peer sends again what was not answered.

mod filter;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod http;
mod live;
mod message;
mod pdu;
mod proxy;
mod session;
pub mod shortcode;
mod smsc;

pub use crate::filter::{Decision, Filter, FilterSettings, OnMatch, Without};
pub use crate::live::Followed;
pub use crate::proxy::{Proxy, ProxySettings};
pub use crate::smsc::{Smsc, SmscNameError};
