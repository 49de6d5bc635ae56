//! The resolvers that answer what is not blocked: tried in their order, those
//! that failed lately last. Never sees a client's address or options.

mod flight;
mod health;
mod tcp;
mod udp;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use domain::base::iana::Rcode;

pub(crate) use self::flight::Flights;
use self::health::Health;
use crate::answer::NoAnswer;
use crate::compose;
use crate::metrics::Metrics;
use crate::query::Query;
use crate::relayed::{Caps, Relayed, Unfit};
use crate::settings::GateSettings;

/// All upstreams.
#[derive(Debug)]
pub(crate) struct Upstreams {
    all: Vec<Upstream>,
    timeout: Duration,
    caps: Caps,
    metrics: Metrics,
}

#[derive(Debug)]
struct Upstream {
    address: SocketAddr,
    health: Health,
}

/// Why one try of one upstream brought nothing.
#[derive(Debug, thiserror::Error)]
enum TryError {
    #[error("no answer in time")]
    Timeout,
    #[error("{0}")]
    Socket(#[from] std::io::Error),
    #[error("an answer that can't be used")]
    Unusable,
}

impl Upstreams {
    /// The upstreams of `settings`.
    pub(crate) fn new(settings: &GateSettings, metrics: Metrics) -> Self {
        let upstream = |address: &SocketAddr| Upstream { address: *address, health: Health::new() };
        Self {
            all: settings.upstreams.iter().map(upstream).collect(),
            timeout: settings.upstream_timeout(),
            caps: Caps {
                ttl: settings.cache_ttl_seconds_max,
                negative_ttl: settings.cache_negative_ttl_seconds_max,
            },
            metrics,
        }
    }

    /// Asks one after the other until one answers; a failure that an upstream
    /// reports itself is passed on only if no other knows better.
    pub(crate) async fn ask(&self, query: &Query) -> Result<Relayed, NoAnswer> {
        let mut failure = Err(NoAnswer::Unreachable);
        for upstream in self.by_health() {
            match self.ask_one(upstream.address, query).await {
                Ok(answer) => {
                    upstream.health.answered();
                    if !matches!(answer.rcode(), Rcode::SERVFAIL | Rcode::REFUSED) {
                        return Ok(answer);
                    }
                    failure = Ok(answer);
                }
                Err(why) => {
                    self.metrics.upstream_failures.inc();
                    tracing::debug!(upstream = %upstream.address, %why, "upstream failed");
                    if upstream.health.failed(Instant::now()) {
                        tracing::warn!(upstream = %upstream.address, %why, "upstream is down");
                    }
                    if matches!(why, TryError::Unusable) && failure.is_err() {
                        failure = Err(NoAnswer::Unusable);
                    }
                }
            }
        }
        failure
    }

    /// Those that answered last, in the operator's order, then the others.
    fn by_health(&self) -> impl Iterator<Item = &Upstream> {
        let now = Instant::now();
        let (up, down): (Vec<_>, Vec<_>) = self.all.iter().partition(|one| one.health.is_up(now));
        up.into_iter().chain(down)
    }

    async fn ask_one(&self, address: SocketAddr, query: &Query) -> Result<Relayed, TryError> {
        let id = random_id().map_err(|_| TryError::Unusable)?;
        let message = compose::ask(query, id);
        let read = |bytes: &[u8]| Relayed::read(id, &query.question, bytes, self.caps);
        let over_udp = udp::exchange(address, &message, read);
        match timed(self.timeout, over_udp).await? {
            Ok(answer) => Ok(answer),
            Err(Unfit::Truncated) => {
                let bytes = timed(self.timeout, tcp::exchange(address, &message)).await?;
                read(&bytes).map_err(|_| TryError::Unusable)
            }
            Err(Unfit::Malformed | Unfit::Stray) => Err(TryError::Unusable),
        }
    }
}

async fn timed<T>(
    limit: Duration,
    work: impl Future<Output = std::io::Result<T>>,
) -> Result<T, TryError> {
    Ok(tokio::time::timeout(limit, work).await.map_err(|_| TryError::Timeout)??)
}

/// An id that a forger can't guess.
fn random_id() -> Result<u16, getrandom::Error> {
    let mut id = [0; 2];
    getrandom::fill(&mut id)?;
    Ok(u16::from_be_bytes(id))
}
