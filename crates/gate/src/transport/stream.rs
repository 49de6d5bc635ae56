//! DNS messages behind their length on any stream: many at a time, answered in any
//! order (RFC 7766). Bounded in queries of one connection that wait, in octets of a
//! query, and in silence.

use std::io;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::answer::{Step, Transport};
use crate::forward::Forwarder;
use crate::query::QUERY_OCTETS_MAX;

/// Answers of one connection that wait to be written; reading stops there.
const ANSWERS_MAX: usize = 64;
/// Answers are written together up to here.
const WRITE_OCTETS: usize = 16 << 10;
/// Queries that came together are read together.
const READ_OCTETS: usize = 4 << 10;

/// Answers until the client ends, errs or falls silent, or until `stop`.
pub(super) async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    client: (IpAddr, Transport),
    forwarder: &Forwarder,
    idle: Duration,
    stop: CancellationToken,
) {
    let (reader, writer) = tokio::io::split(stream);
    let reader = BufReader::with_capacity(READ_OCTETS, reader);
    let (answers, queue) = mpsc::channel(ANSWERS_MAX);
    let reading = read(reader, client, forwarder, idle, stop, answers);
    let ((), written) = tokio::join!(reading, write(writer, queue, idle));
    if let Err(problem) = written {
        tracing::debug!(%problem, "writing to a stream failed");
    }
}

async fn read(
    mut reader: impl AsyncRead + Unpin,
    client: (IpAddr, Transport),
    forwarder: &Forwarder,
    idle: Duration,
    stop: CancellationToken,
    answers: mpsc::Sender<Vec<u8>>,
) {
    let mut query = Vec::new();
    loop {
        let came = tokio::select! {
            () = stop.cancelled() => return,
            // The queue is closed once writing failed.
            () = answers.closed() => return,
            came = timeout(idle, read_query(&mut reader, &mut query)) => came,
        };
        let Ok(Ok(())) = came else { return };
        // A place in the queue is taken before the work: an answer never waits unbounded.
        let Ok(place) = answers.reserve().await else { return };
        match forwarder.engine.answer(&query, client.0, client.1, Instant::now()) {
            Step::Drop => return,
            Step::Reply(reply) => place.send(reply),
            Step::Forward(forward) => match forwarder.admit(&forward) {
                Err(reply) => drop(reply.map(|reply| place.send(reply))),
                Ok(waiting) => {
                    drop(place);
                    let Ok(place) = answers.clone().reserve_owned().await else { return };
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

async fn read_query(reader: &mut (impl AsyncRead + Unpin), query: &mut Vec<u8>) -> io::Result<()> {
    let length = usize::from(reader.read_u16().await?);
    if length > QUERY_OCTETS_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a query longer than 4096 octets"));
    }
    query.clear();
    reader.take(length as u64).read_to_end(query).await?;
    if query.len() < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

async fn write(
    mut writer: impl AsyncWrite + Unpin,
    mut queue: mpsc::Receiver<Vec<u8>>,
    idle: Duration,
) -> io::Result<()> {
    let mut framed = Vec::new();
    while let Some(answer) = queue.recv().await {
        framed.clear();
        frame(&mut framed, &answer);
        while framed.len() < WRITE_OCTETS
            && let Ok(answer) = queue.try_recv()
        {
            frame(&mut framed, &answer);
        }
        timeout(idle, async {
            writer.write_all(&framed).await?;
            writer.flush().await
        })
        .await??;
    }
    writer.shutdown().await
}

fn frame(framed: &mut Vec<u8>, answer: &[u8]) {
    let length = u16::try_from(answer.len()).expect("the engine bounds answers to 65535");
    framed.extend(length.to_be_bytes());
    framed.extend_from_slice(answer);
}
