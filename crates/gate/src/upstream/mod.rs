//! The resolvers that answer what is not blocked: tried in their order, those
//! that failed lately last. Never sees a client's options, and its address only
//! where an upstream is to be told.

mod channel;
mod doubt;
mod flight;
mod health;
mod one;
mod settings;
mod udp;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::base::iana::Rcode;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use self::channel::{Channel, Secure};
use self::doubt::Doubt;
pub(crate) use self::flight::{Flights, Landed};
use self::health::Health;
use self::one::{TryError, Upstream};
pub use self::settings::{UpstreamSettings, UpstreamTransport};
use crate::answer::NoAnswer;
use crate::cookies::Cookies;
use crate::metrics::Metrics;
use crate::query::Query;
use crate::relayed::{Caps, Relayed};
use crate::settings::{GateSettings, SettingError};

/// All upstreams.
#[derive(Debug)]
pub(crate) struct Upstreams {
    all: Vec<Upstream>,
    timeout: Duration,
    caps: Caps,
    metrics: Metrics,
}

impl Upstreams {
    /// The upstreams of `settings`; those inside TLS by `tls`.
    pub(crate) fn new(
        settings: &GateSettings,
        tls: Option<&Arc<ClientConfig>>,
        cookies: &Cookies,
        metrics: Metrics,
    ) -> Result<Self, SettingError> {
        let upstream = |one: &UpstreamSettings| {
            let ip = one.address.ip();
            Ok(Upstream {
                settings: one.clone(),
                health: Health::new(),
                channel: Channel::new(one.address, secure(one, tls)?),
                doubt: Doubt::new(cookies, ip, settings.upstream_letter_case),
            })
        };
        Ok(Self {
            all: settings.upstreams.iter().map(upstream).collect::<Result<_, _>>()?,
            timeout: settings.upstream_timeout(),
            caps: Caps {
                ttl: settings.cache_ttl_seconds_max,
                negative_ttl: settings.cache_negative_ttl_seconds_max,
                trusts_ad: false,
            },
            metrics,
        })
    }

    /// Asks one after the other until one answers; a failure that an upstream
    /// reports itself is passed on only if no other knows better.
    pub(crate) async fn ask(
        &self,
        query: &Query,
        client: Option<IpAddr>,
    ) -> Result<Relayed, NoAnswer> {
        let mut failure = Err(NoAnswer::Unreachable);
        for upstream in self.by_health() {
            let address = upstream.settings.address;
            match upstream.ask(query, client, (self.caps, self.timeout)).await {
                Ok(answer) => {
                    upstream.health.answered();
                    if !matches!(answer.rcode(), Rcode::SERVFAIL | Rcode::REFUSED) {
                        return Ok(answer);
                    }
                    failure = Ok(answer);
                }
                Err(why) => {
                    self.metrics.upstream_failures.inc();
                    tracing::debug!(upstream = %address, %why, "upstream failed");
                    if upstream.health.failed(Instant::now()) {
                        tracing::warn!(upstream = %address, %why, "upstream is down");
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
}

/// How TLS is spoken with an upstream, if it is.
fn secure(
    one: &UpstreamSettings,
    tls: Option<&Arc<ClientConfig>>,
) -> Result<Option<Secure>, SettingError> {
    if one.transport != UpstreamTransport::Tls {
        return Ok(None);
    }
    let wrong = |problem| SettingError { key: "upstreams", problem };
    let tls = tls.ok_or_else(|| wrong("has one inside TLS, and nothing vouches for it"))?;
    let name = one.tls_name.clone().unwrap_or_else(|| one.address.ip().to_string());
    let name = ServerName::try_from(name);
    let name = name.map_err(|_| wrong("has a tls_name that is neither a name nor an address"))?;
    Ok(Some(Secure { connector: TlsConnector::from(Arc::clone(tls)), name }))
}
