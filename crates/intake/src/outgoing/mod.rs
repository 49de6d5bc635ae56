//! Letters to reporters: that their mail came in, and later its outcome.
//!
//! Only proven senders get one ([`crate::auth`]), never a machine, at most a few an
//! hour. A letter quotes nothing of the report: its words are ours, its names are
//! defanged, it has no link but our own look-up page. It goes out with a null
//! sender, so that no bounce comes back, and the address is deleted with it.
//! No log line names an address, nor what a mail server answered, which may name one.

mod compose;
mod outcome;
mod settings;
mod smarthost;
mod texts;
mod worker;

pub use crate::outgoing::settings::{LetterSettings, Sender, SenderError};
pub use crate::outgoing::smarthost::{Encryption, Smarthost, SmarthostError};
pub use crate::outgoing::worker::Letters;
