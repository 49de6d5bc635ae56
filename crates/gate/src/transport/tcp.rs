//! DNS over TCP (RFC 7766): messages behind their length, many at a time,
//! answered in any order. Bounded in connections, in queries of one connection
//! that wait, in octets of a query, and in silence.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::answer::{Step, Transport};
use crate::forward::Forwarder;
use crate::query::QUERY_OCTETS_MAX;

/// Answers of one connection that wait to be written; reading stops there.
const ANSWERS_MAX: usize = 64;
/// A pause after accepting failed (no more descriptors), so that it does not spin.
const PAUSE: Duration = Duration::from_millis(50);

/// Bounds of all connections.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// How long a connection may say nothing, or leave an answer unread.
    pub(crate) idle: Duration,
    /// Places for connections.
    pub(crate) connections: Arc<Semaphore>,
}

/// Accepts and answers until `stop`.
pub(crate) async fn serve(
    listener: TcpListener,
    forwarder: Forwarder,
    limits: Limits,
    stop: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, client)) => {
                // Past the bound the stream is closed here: the client goes on over UDP.
                let Ok(place) = Arc::clone(&limits.connections).try_acquire_owned() else {
                    continue;
                };
                let (forwarder, stop) = (forwarder.clone(), stop.clone());
                let (asker, idle) = (forwarder.clone(), limits.idle);
                forwarder.spawn(async move {
                    connection(stream, client, &asker, idle, stop).await;
                    drop(place);
                });
            }
            Err(problem) => {
                tracing::debug!(%problem, "accepting over TCP failed");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn connection(
    mut stream: TcpStream,
    client: SocketAddr,
    forwarder: &Forwarder,
    idle: Duration,
    stop: CancellationToken,
) {
    let (reader, writer) = stream.split();
    let (answers, queue) = mpsc::channel(ANSWERS_MAX);
    let reading = read(reader, client, forwarder, idle, stop, answers);
    let ((), written) = tokio::join!(reading, write(writer, queue, idle));
    if let Err(problem) = written {
        tracing::debug!(%problem, "writing over TCP failed");
    }
}

/// Reads queries until the client ends, errs or falls silent.
async fn read(
    mut reader: impl AsyncRead + Unpin,
    client: SocketAddr,
    forwarder: &Forwarder,
    idle: Duration,
    stop: CancellationToken,
    answers: mpsc::Sender<Vec<u8>>,
) {
    loop {
        let query = tokio::select! {
            () = stop.cancelled() => return,
            // The queue is closed once writing failed.
            () = answers.closed() => return,
            query = timeout(idle, read_query(&mut reader)) => query,
        };
        let Ok(Ok(query)) = query else { return };
        // A place in the queue is taken before the work: an answer never waits unbounded.
        let Ok(place) = answers.clone().reserve_owned().await else { return };
        match forwarder.engine.answer(&query, client.ip(), Transport::Tcp, Instant::now()) {
            Step::Drop => return,
            Step::Reply(reply) => drop(place.send(reply)),
            Step::Forward(forward) => match forwarder.admit(&forward) {
                Err(reply) => drop(reply.map(|reply| place.send(reply))),
                Ok(waiting) => {
                    let asker = forwarder.clone();
                    forwarder.spawn(async move {
                        if let Some(reply) = asker.ask(&forward).await {
                            place.send(reply);
                        }
                        drop(waiting);
                    });
                }
            },
        }
    }
}

async fn read_query(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let length = usize::from(reader.read_u16().await?);
    if length > QUERY_OCTETS_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a query longer than 4096 octets"));
    }
    let mut query = Vec::new();
    reader.take(length as u64).read_to_end(&mut query).await?;
    if query.len() < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(query) }
}

async fn write(
    mut writer: impl AsyncWrite + Unpin,
    mut queue: mpsc::Receiver<Vec<u8>>,
    idle: Duration,
) -> io::Result<()> {
    while let Some(answer) = queue.recv().await {
        let length = u16::try_from(answer.len()).expect("the engine bounds answers to 65535");
        let framed = [&length.to_be_bytes(), &answer[..]].concat();
        timeout(idle, writer.write_all(&framed)).await??;
    }
    writer.shutdown().await
}
