//! How often clients may ask: by where they come from, by their token, and more
//! strictly once tokens of theirs were wrong.
//!
//! Tables are bounded: where one is full and nobody in it is idle, all who are not in
//! it share one allowance. Neither addresses nor tokens are kept: only keyed hashes,
//! in memory. What has no [`Peer`] (the hub's own socket) is not limited.

mod bucket;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::{LocalUser, Problem};
pub use bucket::{Buckets, Rate};

/// Clients and tokens that each table knows at once.
const ENTRIES_MAX: usize = 50_000;

/// Where a request comes from; put into its extensions by the port that took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// The rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Requests of one IPv4 address or IPv6 /64.
    pub client: Rate,
    /// Requests with one token.
    pub token: Rate,
    /// Wrong tokens of one IPv4 address or IPv6 /64.
    pub failures: Rate,
}

/// The limits, shared by all requests.
#[derive(Clone, Debug)]
pub struct RateLimits {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    begun: Instant,
    clients: Buckets,
    tokens: Buckets,
    failures: Buckets,
    refused: Family<[(&'static str, &'static str); 1], Counter>,
}

impl RateLimits {
    /// Limits that nobody has used up yet.
    pub fn new(rates: Rates) -> Self {
        let inner = Inner {
            begun: Instant::now(),
            clients: Buckets::new(rates.client, ENTRIES_MAX),
            tokens: Buckets::new(rates.token, ENTRIES_MAX),
            failures: Buckets::new(rates.failures, ENTRIES_MAX),
            refused: Family::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Adds what was refused to the one registry.
    pub fn register(&self, registry: &mut Registry) {
        let help = "Requests refused as too many, by what was used up";
        registry.register("http_limited", help, self.inner.refused.clone());
    }

    /// Whether a request of this client may go on.
    fn admit(&self, peer: IpAddr) -> Result<(), Problem> {
        let (inner, now, prefix) = (&self.inner, self.now(), client_prefix(peer));
        inner.failures.peek(&prefix, now).map_err(|wait| self.refuse("failures", wait))?;
        inner.clients.take(&prefix, now).map_err(|wait| self.refuse("client", wait))
    }

    /// Whether the bearer of this name may ask once more; only names of tokens that exist
    /// come here, so that nobody fills the table with guesses.
    pub(crate) fn admit_bearer(&self, name: &str) -> Result<(), Problem> {
        let taken = self.inner.tokens.take(name.as_bytes(), self.now());
        taken.map_err(|wait| self.refuse("token", wait))
    }

    fn refuse(&self, what: &'static str, seconds: u64) -> Problem {
        self.inner.refused.get_or_create(&[("limit", what)]).inc();
        let title = "too many requests";
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many", title)
            .detail(format!("Try again in {seconds} s, as the Retry-After header says."));
        Problem { retry_after_seconds: Some(seconds), ..problem }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.inner.begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// The middleware: [`axum::middleware::from_fn_with_state`] with [`RateLimits`].
pub async fn limit_rates(
    State(limits): State<RateLimits>,
    mut request: Request,
    next: Next,
) -> Response {
    let local = request.extensions().get::<LocalUser>().is_some();
    let peer = request.extensions().get::<Peer>().copied().filter(|_| !local);
    let Some(Peer(peer)) = peer else { return next.run(request).await };
    if let Err(problem) = limits.admit(peer) {
        return problem.into_response();
    }
    request.extensions_mut().insert(limits.clone());
    let response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED {
        // Whether it was one too many shows at the next request.
        let _ = limits.inner.failures.take(&client_prefix(peer), limits.now());
    }
    response
}

/// What counts as one client: an IPv6 host has a whole /64 to itself.
pub fn client_prefix(address: IpAddr) -> [u8; 16] {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => {
            let mut octets = address.octets();
            octets[8..].fill(0);
            octets
        }
    }
}

#[cfg(test)]
mod tests;
