//! SMTP: the conversation without sockets ([`Session`]) and the server around it ([`SmtpServer`]).
//!
//! [`Session`] turns bytes into [`Event`]s and knows no socket, clock or
//! casebook; `server` and `connection` add those. The final reply to a mail is
//! `250 2.0.0 received as RECEIPT`, sent only once its bytes are durable.

mod address;
mod command;
mod connection;
mod content;
mod line;
mod reply;
mod seats;
mod server;
mod session;
mod settings;

pub use crate::smtp::reply::Reply;
pub use crate::smtp::server::SmtpServer;
pub use crate::smtp::session::{Envelope, Event, Mail, Rules, Session, Undelivered};
pub use crate::smtp::settings::SmtpSettings;
