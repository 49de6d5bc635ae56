//! DNS over HTTPS (RFC 8484): HTTP/2, GET and POST on `/dns-query`. Bounded in
//! connections, in requests of one connection, in octets of a query, and in silence.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use data_encoding::BASE64URL_NOPAD;
use domain::base::Message;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::server::conn::http2::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::BufWriter;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::answer::{Step, Transport};
use crate::forward::Forwarder;
use crate::query::QUERY_OCTETS_MAX;
use crate::transport::accept::{Limits, accept};
use crate::transport::records::Records;

const PATH: &str = "/dns-query";
const MEDIA_TYPE: &str = "application/dns-message";
/// Requests of one connection that are answered at the same time.
const REQUESTS_MAX: u32 = 128;
/// Answers are written together up to here.
const WRITE_OCTETS: usize = 16 << 10;
const HEADERS_OCTETS_MAX: u32 = 16 * 1_024;

/// Accepts and answers until `stop`.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: TlsAcceptor,
    forwarder: Forwarder,
    limits: Limits,
    stop: CancellationToken,
) {
    let (asker, talk) = (forwarder.clone(), (limits.idle, stop.clone()));
    let converse = move |stream, client| {
        let (forwarder, (idle, stop)) = (asker.clone(), talk.clone());
        let tls = tls.clone();
        async move {
            // Records that are ready at the same time leave together.
            let records = BufWriter::with_capacity(WRITE_OCTETS, stream);
            let Ok(Ok(stream)) = timeout(idle, tls.accept(records)).await else { return };
            converse(stream, client, forwarder, idle, stop).await;
        }
    };
    accept(listener, &forwarder, &limits, &stop, converse).await;
}

/// One connection, until its client ends it, is silent for too long, or `stop`.
async fn converse(
    stream: TlsStream<BufWriter<TcpStream>>,
    client: IpAddr,
    forwarder: Forwarder,
    idle: Duration,
    stop: CancellationToken,
) {
    let begun = Arc::new(AtomicUsize::new(0));
    let (counted, ended) = (Arc::clone(&begun), Arc::new(AtomicUsize::new(0)));
    let done = Arc::clone(&ended);
    let service = service_fn(move |request| {
        counted.fetch_add(1, Ordering::Relaxed);
        let (forwarder, done) = (forwarder.clone(), Arc::clone(&done));
        async move {
            let response = respond(request, client, &forwarder).await;
            done.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(response)
        }
    });
    let (work, mut queue) = mpsc::unbounded_channel();
    let connection = Builder::new(Inline(work))
        .timer(TokioTimer::new())
        .max_concurrent_streams(REQUESTS_MAX)
        .max_header_list_size(HEADERS_OCTETS_MAX)
        .serve_connection(TokioIo::new(Records::new(stream)), service);
    let mut connection = std::pin::pin!(connection);
    let mut answering = FuturesUnordered::new();
    let (mut seen, mut ending) = (0, false);
    loop {
        tokio::select! {
            // Answers that are ready are written together: the connection comes last.
            biased;
            Some(work) = queue.recv() => answering.push(work),
            Some(()) = answering.next(), if !answering.is_empty() => {}
            _ = connection.as_mut() => return,
            () = stop.cancelled(), if !ending => {
                connection.as_mut().graceful_shutdown();
                ending = true;
            }
            () = tokio::time::sleep(idle) => {
                let count = begun.load(Ordering::Relaxed);
                if ending {
                    return;
                }
                if count == seen && ended.load(Ordering::Relaxed) == count {
                    connection.as_mut().graceful_shutdown();
                    ending = true;
                }
                seen = count;
            }
        }
    }
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Has the requests of a connection answered in its own task: no other thread is
/// woken, and what is ready at the same time leaves together. Bounded by
/// [`REQUESTS_MAX`].
#[derive(Clone)]
struct Inline(mpsc::UnboundedSender<Work>);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Inline {
    fn execute(&self, work: F) {
        // The connection is gone: so is whoever waits for the answer.
        let _ = self.0.send(Box::pin(work));
    }
}

/// One request.
async fn respond(
    request: Request<Incoming>,
    client: IpAddr,
    forwarder: &Forwarder,
) -> Response<Body> {
    let query = match query(request).await {
        Ok(query) => query,
        Err(status) => return refused(status),
    };
    let step = forwarder.engine.answer(&query, client, Transport::Tls, Instant::now());
    let answer = match step {
        Step::Drop => None,
        Step::Reply(reply) => Some(reply),
        Step::Forward(forward) => match forwarder.admit(&forward) {
            Err(reply) => reply,
            Ok(_place) => forwarder.ask(&forward).await,
        },
    };
    // What gets no answer over UDP gets none here either, but the client is told at once.
    answer.map_or_else(|| refused(StatusCode::BAD_REQUEST), answered)
}

/// The DNS message of a request.
async fn query(request: Request<Incoming>) -> Result<Vec<u8>, StatusCode> {
    if request.uri().path() != PATH {
        return Err(StatusCode::NOT_FOUND);
    }
    match *request.method() {
        Method::GET => from_uri(request.uri().query().unwrap_or_default()),
        Method::POST => {
            let kind = request.headers().get(CONTENT_TYPE);
            if kind.is_none_or(|kind| kind.as_bytes() != MEDIA_TYPE.as_bytes()) {
                return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
            }
            let body = to_bytes(Body::new(request.into_body()), QUERY_OCTETS_MAX).await;
            Ok(body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?.into())
        }
        _ => Err(StatusCode::METHOD_NOT_ALLOWED),
    }
}

/// The message in `dns=`, in base64url without padding.
fn from_uri(parameters: &str) -> Result<Vec<u8>, StatusCode> {
    let text = parameters.split('&').find_map(|one| one.strip_prefix("dns="));
    let text = text.ok_or(StatusCode::BAD_REQUEST)?.trim_end_matches('=');
    if text.len() > QUERY_OCTETS_MAX.div_ceil(3) * 4 {
        return Err(StatusCode::URI_TOO_LONG);
    }
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| StatusCode::BAD_REQUEST)
}

fn answered(answer: Vec<u8>) -> Response<Body> {
    let fresh = format!("max-age={}", least_ttl(&answer));
    let mut response = Response::new(Body::from(answer));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    if let Ok(fresh) = HeaderValue::from_str(&fresh) {
        headers.insert(CACHE_CONTROL, fresh);
    }
    response
}

/// How long HTTP may keep the answer: no longer than any of its records (section 5.1).
fn least_ttl(answer: &[u8]) -> u32 {
    let least = || {
        let message = Message::from_slice(answer).ok()?;
        let answers = message.answer().ok()?;
        let authority = message.authority().ok()?;
        answers.chain(authority).map_while(Result::ok).map(|record| record.ttl().as_secs()).min()
    };
    least().unwrap_or(0)
}

fn refused(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_in_the_uri() {
        let check = |text: &str, expect: Result<&[u8], StatusCode>| {
            assert_eq!(from_uri(text).as_deref().map_err(|status| *status), expect, "{text}");
        };
        check("dns=AAABAA", Ok(&[0, 0, 1, 0]));
        check("a=b&dns=AAABAA==", Ok(&[0, 0, 1, 0]));
        check("dns=-_8", Ok(&[0xfb, 0xff]));
        check("dns=", Ok(&[]));
        check("dns=+/8", Err(StatusCode::BAD_REQUEST));
        check("", Err(StatusCode::BAD_REQUEST));
        check(&format!("dns={}", "A".repeat(9_000)), Err(StatusCode::URI_TOO_LONG));
    }

    #[test]
    fn http_keeps_an_answer_as_long_as_its_shortest_record() {
        let mut answer = b"\x12\x34\x81\x80\0\x01\0\x02\0\0\0\0\x01a\0\0\x01\0\x01".to_vec();
        answer.extend(b"\xc0\x0c\0\x01\0\x01\0\0\x01\x2c\0\x04\xc0\0\x02\x01");
        answer.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x02");
        assert_eq!(least_ttl(&answer), 60);
        assert_eq!(least_ttl(&answer[..12]), 0);
        assert_eq!(least_ttl(b""), 0);
    }
}
