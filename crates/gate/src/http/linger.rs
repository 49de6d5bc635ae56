//! A connection that ends gently: when HTTP is done with it, our side is closed and a
//! bounded amount of what the client still sends is thrown away unread. A socket closed
//! with unread octets is reset, and a reset can take the answer from the client.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// The most that is thrown away, and for how long.
const OCTETS_MAX: usize = 16 << 20;
const PATIENCE: Duration = Duration::from_secs(2);
/// Octets at once.
const CHUNK: usize = 8 * 1024;

/// A stream with a gentle end.
pub(super) struct Linger<S> {
    stream: S,
    end: End,
}

/// How far the end is.
enum End {
    Open,
    Throwing { patience: Pin<Box<Sleep>>, octets: usize },
    Over,
}

impl<S> Linger<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, end: End::Open }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Linger<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Linger<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            match &mut this.end {
                End::Open => {
                    std::task::ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
                    let patience = Box::pin(tokio::time::sleep(PATIENCE));
                    this.end = End::Throwing { patience, octets: 0 };
                }
                End::Throwing { patience, octets } => {
                    let mut chunk = [0; CHUNK];
                    let mut buffer = ReadBuf::new(&mut chunk);
                    match Pin::new(&mut this.stream).poll_read(context, &mut buffer) {
                        Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                            *octets += buffer.filled().len();
                            if *octets > OCTETS_MAX {
                                this.end = End::Over;
                            }
                        }
                        // The client is done, or gone.
                        Poll::Ready(_) => this.end = End::Over,
                        Poll::Pending => {
                            std::task::ready!(patience.as_mut().poll(context));
                            this.end = End::Over;
                        }
                    }
                }
                End::Over => return Poll::Ready(Ok(())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (listener.accept().await.unwrap().0, client)
    }

    #[tokio::test]
    async fn what_was_written_arrives_however_much_was_not_read() {
        let (server, mut client) = pair().await;
        let sent = tokio::spawn(async move {
            let mut server = Linger::new(server);
            server.write_all(b"answer").await.unwrap();
            server.shutdown().await.unwrap();
        });
        client.write_all(&vec![b'x'; OCTETS_MAX / 2]).await.unwrap();
        client.shutdown().await.unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, b"answer");
        sent.await.unwrap();
    }

    #[tokio::test]
    async fn who_sends_for_ever_or_nothing_is_let_go() {
        let (server, client) = pair().await;
        let (_, mut writing) = client.into_split();
        let sender =
            tokio::spawn(async move { while writing.write_all(&[b'x'; CHUNK]).await.is_ok() {} });
        Linger::new(server).shutdown().await.unwrap();
        sender.await.unwrap();

        let (silent, _client) = tokio::io::duplex(64);
        Linger::new(silent).shutdown().await.unwrap();
    }
}
