//! One question to one upstream over TCP, where an answer does not fit a
//! datagram. The caller bounds the time.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends `message` and reads one answer. Memory grows with what arrives, not
/// with the length that is claimed.
pub(crate) async fn exchange(upstream: SocketAddr, message: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(upstream).await?;
    let length = u16::try_from(message.len()).expect("a question is short");
    stream.write_all(&[&length.to_be_bytes(), message].concat()).await?;
    let length = stream.read_u16().await?;
    let mut answer = Vec::new();
    stream.take(length.into()).read_to_end(&mut answer).await?;
    if answer.len() < usize::from(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(answer)
}
