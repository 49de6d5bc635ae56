//! The way into the HTTP API: in clear or inside TLS, each request with the client's
//! address, for the limits on rates. The address is kept nowhere else.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use belfry_gate::http::Open;
use belfry_web::Peer;
use hyper::body::Incoming;
use hyper::service::Service;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt;

use crate::tls::Tls;

/// The door of one port.
#[derive(Clone)]
pub(super) struct Door {
    router: Router,
    acceptor: Option<TlsAcceptor>,
}

impl Door {
    /// To `router`, in clear without `tls`.
    pub(super) fn new(router: Router, tls: Option<&Tls>) -> Self {
        Self { router, acceptor: tls.map(|tls| TlsAcceptor::from(tls.config.clone())) }
    }
}

impl Open for Door {
    type Stream = Stream;
    type Service = Asked;

    fn is_clear(&self) -> bool {
        self.acceptor.is_none()
    }

    async fn open(self, stream: TcpStream, peer: SocketAddr) -> Option<(Stream, Asked)> {
        let stream = match self.acceptor {
            None => Stream::Clear(stream),
            // Why a handshake fails is the client's affair.
            Some(acceptor) => Stream::Tls(Box::new(acceptor.accept(stream).await.ok()?)),
        };
        Some((stream, Asked { router: self.router, peer: Peer(peer.ip()) }))
    }
}

/// The router, told who asks.
#[derive(Clone)]
pub(super) struct Asked {
    router: Router,
    peer: Peer,
}

impl Service<Request<Incoming>> for Asked {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(self.peer);
        Box::pin(self.router.clone().oneshot(request))
    }
}

/// A connection in clear or inside TLS.
pub(super) enum Stream {
    Clear(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Stream::Clear(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        match self.get_mut() {
            Stream::Clear(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Stream::Clear(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Stream::Clear(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
