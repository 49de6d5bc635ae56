//! `belfry sms`: the filter at an operator, and questions about texts.

mod books;
mod matching;
mod shortcode;

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use belfry_follow::{Apply, Follower, Health, HttpSource, SnapshotStore, Status};
use belfry_indicator::OperatorName;
use belfry_sms::{Filter, FilterSettings, Followed, OnMatch, Proxy, ProxySettings, Without, http};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

pub(crate) use crate::commands::sms::books::{BasisVerb, HandoverVerb, TemplateVerb};
pub(crate) use crate::commands::sms::shortcode::ShortCodeArgs;

use crate::cli::{SmsArgs, SmsOnMatch, SmsVerb};
use crate::clock::now;
use crate::commands::gate::hub_source;
use crate::commands::run::{Signals, print_ready, serve_metrics, within_bounds};
use crate::commands::{Failure, print};
use crate::config::{Config, TlsKeys, load};
use crate::telemetry::{Readiness, registry};
use crate::tls::Tls;

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

/// The filter that the flags ask for, without templates.
fn settled(args: &SmsArgs) -> Result<Filter, Failure> {
    let name = args.operator.as_deref().ok_or_else(|| {
        Failure::new("--operator is wanted: only templates of this operator are looked for")
    })?;
    let templates = args.templates.iter().map(|(serial, action)| (*serial, on_match(*action)));
    Ok(Filter::new(FilterSettings {
        operator: OperatorName::parse(name)?,
        on_match: on_match(args.on_match),
        templates: templates.collect(),
        without: if args.closed { Without::Closed } else { Without::Open },
    }))
}

fn on_match(action: SmsOnMatch) -> OnMatch {
    match action {
        SmsOnMatch::Reject => OnMatch::Reject,
        SmsOnMatch::Drop => OnMatch::Drop,
        SmsOnMatch::Count => OnMatch::Count,
    }
}

/// Says which template of the last snapshot a text is like. Nothing is counted.
fn explain(args: &SmsArgs, text: &str) -> Result<(), Failure> {
    let config = load(&args.data, &[])?.config;
    let (found, _) = store(&config).load();
    let (_, set) = found.ok_or_else(|| Failure::new("no templates were followed here yet"))?;
    let filter = settled(args)?;
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
    let config = load(&args.data, &[])?.config;
    let smsc = args.smsc.clone().ok_or_else(|| Failure::new("--smsc is wanted, or a verb"))?;
    let filter = settled(args)?;
    let stop = CancellationToken::new();
    let mut registry = registry();
    filter.register(&mut registry);
    let (mut tasks, mut addresses) = (JoinSet::new(), Vec::new());
    let status = follow(args, &config, &filter, &stop, &mut tasks)?;
    let hub = source(args)?;
    shortcode::start(&args.short_code, &smsc, hub, &mut registry, &stop, &mut tasks)?;
    let settings = ProxySettings {
        smsc,
        window_max: args.window,
        connections_max: CONNECTIONS_MAX,
        idle: IDLE,
    };
    let proxy = Proxy::bind(args.listen, settings, filter.clone(), tls(args, &config)?).await?;
    addresses.push(("smpp", proxy.address()?));
    tasks.spawn(proxy.run(stop.clone()));
    if let Some(listen) = args.decide {
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
    signals.stopped(|| Ok(())).await;
    stop.cancel();
    within_bounds(async { while tasks.join_next().await.is_some() {} }).await
}

/// Follows the hub, if one is named; the last snapshot holds when this returns.
fn follow(
    args: &SmsArgs,
    config: &Config,
    filter: &Filter,
    stop: &CancellationToken,
    tasks: &mut JoinSet<()>,
) -> Result<Option<watch::Receiver<Status>>, Failure> {
    let followed = Arc::new(Followed::new(filter.clone(), now));
    let Some(source) = source(args)? else {
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

fn source(args: &SmsArgs) -> Result<Option<HttpSource>, Failure> {
    let (Some(hub), Some(token_file)) = (&args.hub, &args.token_file) else { return Ok(None) };
    hub_source(hub, token_file, args.ca_file.as_deref()).map(Some)
}

fn tls(args: &SmsArgs, config: &Config) -> Result<Option<TlsAcceptor>, Failure> {
    let keys = TlsKeys {
        certificate: args.tls_certificate.clone(),
        key: args.tls_key.clone(),
        ..TlsKeys::default()
    };
    let tls = Tls::of(&keys, &config.smtp.hostname, &config.data.join("sms.pem"), None)?;
    Ok(tls.map(|tls| TlsAcceptor::from(tls.config)))
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
