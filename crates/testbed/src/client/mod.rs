//! Plain clients of Belfry's ports: SMTP, HTTP and DNS over blocking sockets.
//!
//! They share no code with the servers, so that a mistake on one side is not
//! mirrored on the other. Every wait has a bound.

mod dns;
mod http;
mod smtp;

pub use dns::{Answer, ask, query};
pub use http::{Api, Reply};
pub use smtp::{Sent, Smtp};
