//! One question to one upstream over UDP, from a socket and port of its own:
//! only that upstream's datagrams arrive there, and a forger must guess the port.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::UdpSocket;

use crate::query::UDP_OCTETS_MAX;

/// One octet more than was offered tells a longer datagram from a whole one.
pub(super) type Buffer = [u8; UDP_OCTETS_MAX as usize + 1];

/// Sends `message` and waits for the datagram that `take` makes something of; others
/// are passed over. The caller bounds the time.
pub(super) async fn exchange<T>(
    upstream: SocketAddr,
    message: &[u8],
    take: impl Fn(&[u8]) -> Option<T>,
) -> io::Result<T> {
    let any: SocketAddr = match upstream {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(upstream).await?;
    socket.send(message).await?;
    let mut buffer: Buffer = [0; UDP_OCTETS_MAX as usize + 1];
    loop {
        let length = socket.recv(&mut buffer).await?;
        if let Some(taken) = take(&buffer[..length]) {
            return Ok(taken);
        }
    }
}
