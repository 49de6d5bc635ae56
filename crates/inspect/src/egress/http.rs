//! The proxy's HTTP: tunnels by CONNECT, and plain requests passed on.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HOST, HeaderName, TE, TRAILER, UPGRADE};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::counted::Counted;
use super::outbound::Outbound;

/// Header fields that concern one connection only (RFC 9110 section 7.6.1).
const HOP_BY_HOP: [HeaderName; 6] = [
    CONNECTION,
    TE,
    TRAILER,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

type Body = BoxBody<Bytes, hyper::Error>;

/// Why a request gets no answer; the connection closes, which the browser reports as such.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unanswered(String);

/// Serves one connection of the browser.
pub(super) async fn serve(stream: TcpStream, outbound: Arc<Outbound>) {
    let service = service_fn(|request| {
        let outbound = Arc::clone(&outbound);
        async move {
            if request.method() == Method::CONNECT {
                Ok(tunnel(request, &outbound).await)
            } else {
                forward(request, &outbound).await
            }
        }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    let served = server.max_headers(128).serve_connection(TokioIo::new(stream), service);
    // A browser that goes away, and a site that can't be reached, both end here; the list
    // of addresses has said why.
    let _ended = served.with_upgrades().await;
}

/// Octets back and forth, once the address has been checked.
async fn tunnel(request: Request<Incoming>, outbound: &Arc<Outbound>) -> Response<Body> {
    let Some((host, port)) = destination(request.uri(), 443) else {
        return status(StatusCode::BAD_REQUEST);
    };
    let Ok(mut site) = outbound.connect(&host, port).await else {
        return status(StatusCode::FORBIDDEN);
    };
    tokio::spawn(async move {
        let Ok(upgraded) = hyper::upgrade::on(request).await else { return };
        let mut browser = TokioIo::new(upgraded);
        let _ended = tokio::io::copy_bidirectional(&mut browser, &mut site).await;
    });
    status(StatusCode::OK)
}

/// One plain request, in the form that a site expects.
async fn forward(
    mut request: Request<Incoming>,
    outbound: &Outbound,
) -> Result<Response<Body>, Unanswered> {
    let (host, port) =
        destination(request.uri(), 80).ok_or_else(|| Unanswered("it names no host".to_owned()))?;
    let site: Counted = outbound.connect(&host, port).await.map_err(Unanswered)?;
    let authority = request.uri().authority().map(|authority| authority.as_str().to_owned());
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let path = path.parse::<Uri>().map_err(|error| Unanswered(error.to_string()))?;
    *request.uri_mut() = path;
    for name in HOP_BY_HOP {
        request.headers_mut().remove(name);
    }
    if let Some(Ok(authority)) = authority.map(|authority| authority.parse()) {
        request.headers_mut().insert(HOST, authority);
    }
    let failed = |error: hyper::Error| Unanswered(error.to_string());
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(site)).await.map_err(failed)?;
    tokio::spawn(async move {
        let _ended = connection.await;
    });
    let mut answer = sender.send_request(request).await.map_err(failed)?;
    for name in HOP_BY_HOP {
        answer.headers_mut().remove(name);
    }
    Ok(answer.map(BodyExt::boxed))
}

/// Host and port of a request's target; brackets of an IPv6 literal taken off.
fn destination(uri: &Uri, port: u16) -> Option<(String, u16)> {
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    Some((host.to_owned(), uri.port_u16().unwrap_or(port)))
}

fn status(status: StatusCode) -> Response<Body> {
    let never = |never: Infallible| match never {};
    let mut response = Response::new(Empty::new().map_err(never).boxed());
    *response.status_mut() = status;
    response
}
