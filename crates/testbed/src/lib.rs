//! Development only: what tests need from outside their own crate — corpora,
//! real peers, addresses of their own, child processes and a hub under test.
//!
//! A test that lacks something says so through [`skip`], never in silence:
//! `cargo xtask ci` prints the list at its end. No shipped crate may depend on
//! this one except under `[dev-dependencies]`.

mod archive;
mod browser;
pub mod client;
mod corpus;
pub mod crash;
pub mod dnsload;
pub mod flood;
pub mod followers;
pub mod fuzz;
mod hub;
pub mod kannel;
mod net;
mod peer;
pub mod postfix;
mod process;
mod program;
mod random;
mod skip;
pub mod smsc;
mod wait;

pub use crate::archive::{read_xz, untar_xz};
pub use crate::browser::Browser;
pub use crate::corpus::{corpus, shared, target, workspace};
pub use crate::hub::Hub;
pub use crate::net::{free_addr, free_port, loopback};
pub use crate::peer::peer;
pub use crate::process::Child;
pub use crate::program::Program;
pub use crate::random::{Random, seed};
pub use crate::skip::skip;
pub use crate::wait::{wait_for, wait_until};
