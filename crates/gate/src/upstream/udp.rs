//! One question to one upstream over UDP, from a socket and port of its own:
//! only that upstream's datagrams arrive there, and a forger must guess the port.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::UdpSocket;

use crate::query::UDP_OCTETS_MAX;
use crate::relayed::{Relayed, Unfit};

/// Sends `message` and waits for the datagram that `read` takes for its answer;
/// strays are passed over. The caller bounds the time.
pub(crate) async fn exchange(
    upstream: SocketAddr,
    message: &[u8],
    read: impl Fn(&[u8]) -> Result<Relayed, Unfit>,
) -> io::Result<Result<Relayed, Unfit>> {
    let any: SocketAddr = match upstream {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(upstream).await?;
    socket.send(message).await?;
    // One octet more than was offered tells a longer datagram from a whole one.
    let mut buffer = [0; UDP_OCTETS_MAX as usize + 1];
    loop {
        let length = socket.recv(&mut buffer).await?;
        match read(&buffer[..length]) {
            Err(Unfit::Stray) => {}
            _ if length == buffer.len() => return Ok(Err(Unfit::Truncated)),
            answer => return Ok(answer),
        }
    }
}
