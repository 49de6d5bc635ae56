//! `belfry sms`: the filter at an operator, and questions about texts.

mod books;
mod matching;
mod shortcode;

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use belfry_follow::{Apply, Follower, Health, HttpSource, SnapshotStore, Status};
use belfry_indicator::OperatorName;
use belfry_sms::{Filter, FilterSettings, Followed, Proxy, ProxySettings, Smsc, Without, http};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

pub(crate) use crate::commands::sms::books::{BasisVerb, HandoverVerb, TemplateVerb};

use crate::cli::{SmsArgs, SmsVerb};
use crate::clock::now;
use crate::commands::gate::hub_source;
use crate::commands::run::{Signals, print_ready, serve_metrics, within_bounds};
use crate::commands::{Failure, print};
use crate::config::{Config, Sms, load};
use crate::telemetry::{Readiness, registry};
use crate::tls::{self, Tls};

/// Connections of peers at once.
const CONNECTIONS_MAX: usize = 1_000;
/// Silence after which a connection ends; peers enquire far more often.
const IDLE: Duration = Duration::from_secs(300);
/// Octets of a text on standard input.
const TEXT_MAX: u64 = 64 << 10;

/// What the command line asks for.
pub(crate) async fn sms(args: &SmsArgs) -> Result<(), Failure> {
    match &args.verb {
        Some(SmsVerb::Match(args)) => matching::matching(args),
        Some(SmsVerb::Explain { text }) => explain(args, text),
        Some(SmsVerb::Basis { verb }) => books::basis(&args.data, verb).await,
        Some(SmsVerb::Handover { verb }) => books::handover(&args.data, verb).await,
        Some(SmsVerb::Template { verb }) => books::template(&args.data, verb).await,
        None => filter(args).await,
    }
}

/// The configuration, with the options over the file.
fn settled(args: &SmsArgs) -> Result<Config, Failure> {
    let mut config = load(&args.data, &[])?.config;
    args.options.over(&mut config)?;
    Ok(config)
}

/// The filter that it asks for, without templates.
fn filter_of(sms: &Sms) -> Result<Filter, Failure> {
    let name = sms.operator.as_deref().ok_or_else(|| {
        let why = "--operator, or sms.operator in the configuration, is wanted: only templates \
                   of this operator are looked for";
        Failure::new(why)
    })?;
    Ok(Filter::new(FilterSettings {
        operator: OperatorName::parse(name)?,
        on_match: sms.on_match.into(),
        templates: sms.actions()?,
        without: if sms.closed { Without::Closed } else { Without::Open },
    }))
}

/// Says which template of the last snapshot a text is like. Nothing is counted.
fn explain(args: &SmsArgs, text: &str) -> Result<(), Failure> {
    let config = settled(args)?;
    let (found, _) = store(&config).load();
    let (_, set) = found.ok_or_else(|| Failure::new("no templates were followed here yet"))?;
    let filter = filter_of(&config.sms)?;
    Followed::new(filter.clone(), now).replace(&set);
    let mut given = String::new();
    if text == "-" {
        std::io::stdin().take(TEXT_MAX).read_to_string(&mut given)?;
    } else {
        given.push_str(text);
    }
    match filter.explain(&given) {
        Some((serial, why)) => print(format!("template {serial}: {why}\n")),
        None => print("no template of this operator is like it\n"),
    }
}

fn store(config: &Config) -> SnapshotStore {
    SnapshotStore::new(config.data.join("sms"))
}

/// Runs until a signal; with the hub gone, it goes on by its last snapshot.
async fn filter(args: &SmsArgs) -> Result<(), Failure> {
    let config = settled(args)?;
    let sms = &config.sms;
    let (filter, smsc) = (filter_of(sms)?, smsc(sms)?);
    let stop = CancellationToken::new();
    let mut registry = registry();
    filter.register(&mut registry);
    let (mut tasks, mut addresses) = (JoinSet::new(), Vec::new());
    let status = follow(&config, &filter, &stop, &mut tasks)?;
    let hub = source(sms)?;
    shortcode::start(&sms.short_code, smsc.clone(), hub, &mut registry, &stop, &mut tasks)?;
    let tls = tls(&config)?;
    let settings = ProxySettings {
        smsc,
        window_max: sms.window,
        connections_max: CONNECTIONS_MAX,
        idle: IDLE,
    };
    let acceptor = tls.as_ref().map(|(_, acceptor)| acceptor.clone());
    let proxy = Proxy::bind(sms.listen, settings, filter.clone(), acceptor).await?;
    proxy.register(&mut registry);
    addresses.push(("smpp", proxy.address()?));
    tasks.spawn(proxy.run(stop.clone()));
    if let Some(listen) = sms.decide {
        let listener = tokio::net::TcpListener::bind(listen).await?;
        addresses.push(("decide", listener.local_addr()?));
        let ended = stop.clone().cancelled_owned();
        let serving = axum::serve(listener, http::routes(filter)).with_graceful_shutdown(ended);
        tasks.spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the decision API ended");
            }
        });
    }
    let readiness = Arc::new(Probe(status));
    match serve_metrics(config.listen.metrics, registry, readiness, &stop).await {
        Ok((address, serving)) => {
            addresses.push(("metrics", address));
            tasks.spawn(async move {
                let _ = serving.await;
            });
        }
        // Beside a hub or gate on one machine: figures are not worth a refusal.
        Err(problem) => tracing::warn!(?problem, "no metrics are served"),
    }
    let signals = Signals::catch()?;
    print_ready(&addresses)?;
    signals.stopped(|| tls.as_ref().map_or(Ok(()), |(tls, _)| tls.reload())).await;
    stop.cancel();
    within_bounds(async { while tasks.join_next().await.is_some() {} }).await
}

/// Follows the hub, if one is named; the last snapshot holds when this returns.
fn follow(
    config: &Config,
    filter: &Filter,
    stop: &CancellationToken,
    tasks: &mut JoinSet<()>,
) -> Result<Option<watch::Receiver<Status>>, Failure> {
    let followed = Arc::new(Followed::new(filter.clone(), now));
    let Some(source) = source(&config.sms)? else {
        if let (Some((_, set)), _) = store(config).load() {
            followed.replace(&set);
        }
        return Ok(None);
    };
    let report_every = Duration::from_secs(config.follow.report_seconds);
    let save_every = Duration::from_secs(config.follow.save_seconds);
    let follower = Follower::new(source, followed, store(config), now, report_every, save_every);
    let (told, status) = watch::channel(follower.restore());
    tasks.spawn(follower.run(told, stop.clone()));
    Ok(Some(status))
}

fn source(sms: &Sms) -> Result<Option<HttpSource>, Failure> {
    let (Some(hub), Some(token_file)) = (&sms.hub, &sms.token_file) else { return Ok(None) };
    hub_source(hub, token_file, sms.ca_file.as_deref()).map(Some)
}

/// Where the SMSC is, and within what.
fn smsc(sms: &Sms) -> Result<Smsc, Failure> {
    let missing = "--smsc, or sms.smsc in the configuration, is wanted, or a verb";
    let address = sms.smsc.as_deref().ok_or_else(|| Failure::new(missing))?;
    if !sms.smsc_tls {
        return Ok(Smsc::plain(address));
    }
    let config = tls::client(sms.smsc_ca_file.as_deref())?;
    Ok(Smsc::within_tls(address, config, sms.smsc_name.as_deref())?)
}

/// What peers are served by within TLS, if they are.
fn tls(config: &Config) -> Result<Option<(Tls, TlsAcceptor)>, Failure> {
    let made = config.data.join("sms.pem");
    if config.sms_tls.self_signed {
        std::fs::create_dir_all(&config.data)?;
    }
    let peers = config.sms.peers_ca_file.as_deref();
    let Some(tls) = Tls::of(&config.sms_tls, &config.smtp.hostname, &made, None)? else {
        let why = "sms.peers_ca_file needs a certificate of our own, in [sms_tls]";
        return if peers.is_some() { Err(Failure::new(why)) } else { Ok(None) };
    };
    let config = peers.map(|file| tls.asking(file)).transpose()?;
    let acceptor = TlsAcceptor::from(config.unwrap_or_else(|| Arc::clone(&tls.config)));
    Ok(Some((tls, acceptor)))
}

struct Probe(Option<watch::Receiver<Status>>);

impl Probe {
    fn status(&self) -> Option<Status> {
        self.0.as_ref().map(|status| status.borrow().clone())
    }
}

impl Readiness for Probe {
    async fn waiting_for(&self) -> Vec<String> {
        let empty = self.status().filter(|status| status.health == Health::Empty);
        empty.map(|_| "sms: no templates are known yet".to_owned()).into_iter().collect()
    }

    fn alarms(&self) -> Vec<String> {
        let ahead = self.status().filter(|status| status.health == Health::Ahead);
        ahead.map(|_| "sms: ahead of the hub".to_owned()).into_iter().collect()
    }
}
