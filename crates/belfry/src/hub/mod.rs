//! The hub put together: casebook, desk, intake and API in one process, until
//! told to stop.

mod browser;
mod door;
mod figures;
mod hooks;
mod lists;
pub(crate) mod passed;
mod probed;
mod router;
mod socket;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use belfry_casebook::{Casebook, Settings, StoreError};
use belfry_console::Site;
use belfry_desk::Desk;
use belfry_desk::reader::{ReaderPool, ReaderSettings};
use belfry_feed::transfer::{TransferError, Transfers};
use belfry_gate::http::{HttpLimits, HttpMetrics, serve};
use belfry_inspect::Inspector;
use belfry_intake::IntakeMetrics;
use belfry_intake::auth::{SenderChecker, Whom};
use belfry_intake::outgoing;
use belfry_intake::smtp::SmtpServer;
use belfry_web::{BodyTime, Clock, RateLimits, limit_body_time, limit_rates};
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::now;
use crate::config::{Config, ConfigError, Letters, Reader, judge, letters, lists};
use crate::hub::browser::Browser;
use crate::hub::door::Door;
use crate::hub::figures::{AlarmFigures, IntakeFigures, JournalFigures, TransferFigures};
use crate::tls::Tls;

pub(crate) use crate::hub::browser::inspect_settings;
pub(crate) use crate::hub::figures::FollowFigures;
pub(crate) use crate::hub::router::api;
pub(crate) use crate::hub::socket::{path as socket_path, user_name};

/// Why the hub does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HubError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{what} can't listen on {address}: {source}")]
    Listen { what: &'static str, address: String, source: std::io::Error },
    #[error(transparent)]
    Transfers(#[from] TransferError),
    #[error("this program's own path is not known: {0}")]
    Program(std::io::Error),
}

/// A hub that is up.
#[derive(Debug)]
pub(crate) struct Hub {
    /// Decides; the API's and the CLI's way in.
    pub(crate) desk: Desk,
    /// Each port by name.
    pub(crate) addresses: Vec<(&'static str, SocketAddr)>,
    /// Who it is to browsers, once its port is taken.
    pub(crate) site: Option<Site>,
    /// What serves the ports by TLS.
    tls: Vec<Tls>,
    /// Has the guard's lists read again.
    hangup: Arc<Notify>,
    /// The zones that are served.
    pub(crate) transfers: Option<Transfers>,
    tasks: JoinSet<()>,
}

/// Opens the data folder and the desk over it, without any port.
pub(crate) async fn open_desk(config: &Config) -> Result<Desk, HubError> {
    let casebook = Casebook::open(&Settings { data: config.data.clone() }, now()).await?;
    casebook.limit_intake(config.intake.limits());
    let readers = ReaderPool::new(reader_settings(&config.reader)?);
    let desk = Desk::open(casebook, lists(config)?, readers, config.desk_settings(), now).await?;
    let desk = desk.with_judge(judge(config)?).with_honest_texts(config.sms.honest()?);
    let desk = match inspect_settings(&config.inspect) {
        Some(settings) => {
            let browser = Arc::new(Browser(Inspector::new(settings)));
            desk.with_browser(browser, config.inspect.unasked_from())
        }
        None => desk,
    };
    Ok(match config.organisation.desk() {
        Some(organisation) => desk.with_organisation(organisation),
        None => desk,
    })
}

/// The reader's child is this program.
pub(crate) fn reader_settings(reader: &Reader) -> Result<ReaderSettings, HubError> {
    let program: PathBuf = std::env::current_exe().map_err(HubError::Program)?;
    let limit = |name: &str, value: u64| [OsString::from(name), OsString::from(value.to_string())];
    let mut arguments = vec![OsString::from("read-worker")];
    arguments.extend(limit("--memory-bytes", reader.memory_bytes_max));
    arguments.extend(limit("--cpu-seconds", reader.cpu_seconds_max));
    if reader.ocr_program.is_file() {
        let program = reader.ocr_program.clone().into_os_string();
        arguments.extend([OsString::from("--ocr-program"), program]);
        let languages = OsString::from(&reader.ocr_languages);
        arguments.extend([OsString::from("--ocr-languages"), languages]);
    }
    Ok(ReaderSettings {
        program,
        arguments,
        children: reader.children,
        job_ms_max: reader.job_ms_max,
        jobs_max: reader.jobs_max,
    })
}

impl Hub {
    /// Takes every port and starts every task; what it counts goes into `registry`.
    pub(crate) async fn start(
        config: &Config,
        registry: &mut Registry,
        stop: &CancellationToken,
    ) -> Result<Self, HubError> {
        let metrics = IntakeMetrics::default();
        metrics.register(registry);
        let letters = letters(config)?;
        let mut desk = open_desk(config).await?;
        desk.metrics().register(registry);
        registry.register_collector(Box::new(JournalFigures(desk.casebook().clone())));
        registry.register_collector(Box::new(AlarmFigures(desk.alarms().clone())));
        registry.register_collector(Box::new(IntakeFigures(desk.casebook().clone())));
        if !config.intake.authentication.resolvers.is_empty() {
            let whom = letters.as_ref().map(|letters| letters.whom.clone());
            desk = desk.with_senders(Arc::new(sender_checker(config, whom, metrics.clone())?));
        }
        let mut hub = Self {
            desk,
            addresses: Vec::new(),
            site: None,
            tls: Vec::new(),
            hangup: Arc::default(),
            transfers: None,
            tasks: JoinSet::new(),
        };
        hub.start_desk(config, stop);
        hub.start_letters(letters, metrics.clone(), stop);
        let rates = RateLimits::new(config.http.rates());
        rates.register(registry);
        let held = HttpMetrics::default();
        held.register(registry, "api");
        let transfers = hub.start_transfers(config, stop).await?;
        registry.register_collector(Box::new(TransferFigures(transfers)));
        hub.start_api(config, metrics.clone(), (rates, held), stop).await?;
        hub.start_smtp(config, metrics, stop).await?;
        Ok(hub)
    }

    fn start_desk(&mut self, config: &Config, stop: &CancellationToken) {
        let casebook = self.desk.casebook().clone();
        self.tasks.spawn(passed::keep(casebook, config.passed_file(), stop.clone()));
        let (desk, hangup) = (self.desk.clone(), Arc::clone(&self.hangup));
        self.tasks.spawn(lists::keep(config.clone(), desk, hangup, stop.clone()));
        let (desk, token) = (self.desk.clone(), stop.clone());
        self.tasks.spawn(async move { desk.run_triage(token).await });
        let (desk, token) = (self.desk.clone(), stop.clone());
        self.tasks.spawn(async move { desk.run_upkeep(token).await });
        let (desk, token) = (self.desk.clone(), stop.clone());
        self.tasks.spawn(async move { desk.run_inspections(token).await });
    }

    fn start_letters(
        &mut self,
        letters: Option<Letters>,
        metrics: IntakeMetrics,
        stop: &CancellationToken,
    ) {
        let Some(Letters { smarthost, settings, .. }) = letters else { return };
        let casebook = self.desk.casebook().clone();
        let worker = outgoing::Letters::new(casebook, Clock(now), smarthost, settings, metrics);
        self.tasks.spawn(worker.run(stop.clone()));
    }

    async fn start_api(
        &mut self,
        config: &Config,
        metrics: IntakeMetrics,
        (limits_on_rates, held): (RateLimits, HttpMetrics),
        stop: &CancellationToken,
    ) -> Result<(), HubError> {
        let listener = listen("http", config.listen.http).await?;
        let port = self.add("http", &listener)?.port();
        let site = config.site(port)?;
        self.site = Some(site.clone());
        let (book, private) = (self.desk.casebook().clone(), config.console.private_hooks);
        self.tasks.spawn(hooks::keep(book, site.clone(), private, stop.clone()));
        let router = api(&self.desk, metrics, site, self.transfers.clone(), stop);
        let socket = socket::bind(&config.data)?;
        self.tasks.spawn(socket::serve(socket, router.clone(), stop.clone()));
        let limits = HttpLimits {
            connections_max: config.http.connections_max,
            connections_per_address_max: config.http.connections_per_address_max,
            header_seconds: config.http.header_seconds,
        };
        let made = config.data.join("http.pem");
        let tls = Tls::of(&config.http_tls, &config.smtp.hostname, &made, Some("http/1.1"))?;
        self.tls.extend(tls.clone());
        let body_time = BodyTime(Duration::from_secs(config.http.body_seconds));
        let timed = axum::middleware::from_fn_with_state(body_time, limit_body_time);
        let limited = axum::middleware::from_fn_with_state(limits_on_rates, limit_rates);
        let door = Door::new(router.layer(timed).layer(limited), tls.as_ref());
        self.tasks.spawn(serve(listener, door, limits, held, stop.clone()));
        Ok(())
    }

    /// Folds the journal into zones, and serves them.
    async fn start_transfers(
        &mut self,
        config: &Config,
        stop: &CancellationToken,
    ) -> Result<Transfers, HubError> {
        let casebook = self.desk.casebook().clone();
        let settings = config.transfer_settings();
        let transfers = Transfers::open(casebook, Clock(now), settings).await?;
        let made = config.data.join("transfers.pem");
        let tls = Tls::of(&config.transfers_tls, &config.smtp.hostname, &made, Some("dot"))?;
        self.tls.extend(tls.clone());
        let tls = tls.map(|tls| tls.config);
        let taken = transfers.start(tls, &mut self.tasks, stop).await?;
        self.addresses.extend(taken);
        self.transfers = Some(transfers.clone());
        let desk = self.desk.clone();
        self.tasks.spawn(probed::keep(desk, transfers.clone(), stop.clone()));
        Ok(transfers)
    }

    async fn start_smtp(
        &mut self,
        config: &Config,
        metrics: IntakeMetrics,
        stop: &CancellationToken,
    ) -> Result<(), HubError> {
        let made = config.data.join("smtp.pem");
        let tls = Tls::of(&config.smtp_tls, &config.smtp.hostname, &made, None)?;
        self.tls.extend(tls.clone());
        let casebook = self.desk.casebook().clone();
        let checks_senders = !config.intake.authentication.resolvers.is_empty();
        let settings = config.smtp.clone();
        let server = SmtpServer::with_envelopes(
            settings,
            casebook,
            Clock(now),
            tls.map(|tls| tls.config),
            metrics,
            checks_senders,
        );
        for address in &config.listen.smtp {
            let listener = listen("smtp", *address).await?;
            self.add("smtp", &listener)?;
            self.tasks.spawn(server.clone().serve(listener, stop.clone()));
        }
        for address in &config.listen.smtps {
            let listener = listen("smtps", *address).await?;
            self.add("smtps", &listener)?;
            self.tasks.spawn(server.clone().serve_implicit(listener, stop.clone()));
        }
        Ok(())
    }

    fn add(&mut self, what: &'static str, listener: &TcpListener) -> Result<SocketAddr, HubError> {
        let address = listener.local_addr().map_err(|source| HubError::Listen {
            what,
            address: "a port of its own".into(),
            source,
        })?;
        self.addresses.push((what, address));
        Ok(address)
    }

    /// Reads certificates again, each that can't be used stays as it was; and has the
    /// guard's lists read again.
    pub(crate) fn reload(&self) -> Result<(), ConfigError> {
        self.hangup.notify_one();
        self.tls.iter().map(Tls::reload).fold(Ok(()), Result::and)
    }

    /// Waits until every task has ended after the stop, and closes the casebook.
    pub(crate) async fn drain(mut self) {
        while self.tasks.join_next().await.is_some() {}
        self.desk.casebook().close().await;
    }
}

/// Asks DNS whether senders are who they say.
fn sender_checker(
    config: &Config,
    whom: Option<Whom>,
    metrics: IntakeMetrics,
) -> Result<SenderChecker, ConfigError> {
    let settings = &config.intake.authentication;
    SenderChecker::new(settings, &config.smtp.hostname, whom, metrics)
        .map_err(|error| ConfigError::value("intake.authentication", error.to_string()))
}

/// Takes one address.
pub(crate) async fn listen(what: &'static str, at: SocketAddr) -> Result<TcpListener, HubError> {
    TcpListener::bind(at).await.map_err(|source| HubError::Listen {
        what,
        address: at.to_string(),
        source,
    })
}
