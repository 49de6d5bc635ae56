//! The only way out of a capture: an HTTP proxy on a port of its own.
//!
//! A name is resolved once a capture, each address is checked, and the connection goes to
//! the very address that was checked: a name that changes under way (DNS rebinding) changes
//! nothing. It bounds connections and octets, and keeps a list of what was asked for.
//! It never looks into TLS.

mod counted;
mod http;
mod outbound;
mod resolve;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::{Address, InspectSettings};
use outbound::Outbound;
pub use resolve::{Resolve, Resolving, SystemResolver};

/// A running proxy; it and all its connections end when it is dropped.
pub(crate) struct Egress {
    address: SocketAddr,
    outbound: Arc<Outbound>,
    _tasks: JoinSet<()>,
}

impl Egress {
    /// Opens a port on loopback for one capture.
    pub(crate) async fn start(settings: &InspectSettings) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let outbound = Arc::new(Outbound::new(settings));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&outbound)));
        Ok(Self { address, outbound, _tasks: tasks })
    }

    /// Where the browser finds it.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From here on what is asked for is the page's, and goes out.
    pub(crate) fn open(&self) {
        self.outbound.open();
    }

    /// What was asked for so far.
    pub(crate) fn addresses(&self) -> Vec<Address> {
        self.outbound.addresses()
    }

    /// Octets that came in so far.
    pub(crate) fn traffic_bytes(&self) -> u64 {
        self.outbound.traffic.bytes()
    }

    /// Which bound was passed, if one was.
    pub(crate) fn exceeded(&self) -> Option<&'static str> {
        self.outbound.exceeded()
    }
}

/// Serves connections; each task ends with the set that holds it.
async fn accept(listener: TcpListener, outbound: Arc<Outbound>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else { return };
        if outbound.takes_another(connections.len()) {
            connections.spawn(http::serve(stream, Arc::clone(&outbound)));
        }
    }
}

#[cfg(test)]
mod tests;
