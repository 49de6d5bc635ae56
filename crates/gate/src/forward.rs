//! From a query that the engine can't answer to its answer: one question in
//! flight for all who ask it, kept when it lands. Bounded in questions and in
//! clients that wait; past a bound a client hears SERVFAIL at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::base::iana::Rcode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::rustls::ClientConfig;
use tokio_util::task::TaskTracker;

use crate::answer::{Engine, Forward, NoAnswer, Relay};
use crate::settings::{GateSettings, SettingError};
use crate::upstream::{Flights, Landed, Upstreams};

/// What transports share to get queries answered.
#[derive(Clone, Debug)]
pub(crate) struct Forwarder {
    pub(crate) engine: Arc<Engine>,
    upstreams: Arc<Upstreams>,
    flights: Flights,
    waiting: Arc<Semaphore>,
    tasks: TaskTracker,
    /// How long clients wait where an old answer could do.
    patience: Duration,
}

impl Forwarder {
    /// A forwarder to the upstreams of `settings`; those inside TLS by `tls`.
    pub(crate) fn new(
        engine: Arc<Engine>,
        settings: &GateSettings,
        tls: Option<&Arc<ClientConfig>>,
    ) -> Result<Self, SettingError> {
        let metrics = engine.metrics.clone();
        let upstreams = Upstreams::new(settings, tls, &engine.cookies, metrics)?;
        Ok(Self {
            engine,
            upstreams: Arc::new(upstreams),
            flights: Flights::new(settings.upstream_queries_max),
            waiting: Arc::new(Semaphore::new(settings.clients_waiting_max)),
            tasks: TaskTracker::new(),
            patience: Duration::from_millis(settings.stale_after_ms),
        })
    }

    /// A place among the clients that wait, or the answer to those that get none.
    pub(crate) fn admit(&self, forward: &Forward) -> Result<OwnedSemaphorePermit, Option<Vec<u8>>> {
        let place = Arc::clone(&self.waiting).try_acquire_owned();
        place.map_err(|_| self.engine.finish(forward, Err(NoAnswer::Busy)).reply())
    }

    /// Asks, or waits for who asks already; an old answer does where that takes too long or
    /// fails (RFC 8767 section 5).
    pub(crate) async fn ask(&self, forward: &Forward) -> Option<Vec<u8>> {
        let began = Instant::now();
        let reply = match self.ask_in_time(forward).await {
            Relay::Reply(reply) => reply,
            // A zone wants another name's answer: where that leads is not looked at again.
            Relay::Again(next) => self.ask_in_time(&next).await.reply(),
        };
        self.engine.metrics.forward_seconds.observe(began.elapsed().as_secs_f64());
        reply
    }

    async fn ask_in_time(&self, forward: &Forward) -> Relay {
        let mut asking = std::pin::pin!(self.land(forward));
        let landed = match tokio::time::timeout(self.patience, asking.as_mut()).await {
            Ok(landed) => landed,
            Err(_) => match self.engine.stale(forward, Instant::now()) {
                Some(reply) => return reply,
                None => asking.await,
            },
        };
        let failed = match &landed {
            Ok(answer) => matches!(answer.rcode(), Rcode::SERVFAIL | Rcode::REFUSED),
            Err(_) => true,
        };
        if failed && let Some(reply) = self.engine.stale(forward, Instant::now()) {
            return reply;
        }
        match landed {
            Ok(answer) => self.engine.finish(forward, Ok(&answer)),
            Err(why) => self.engine.finish(forward, Err(why)),
        }
    }

    async fn land(&self, forward: &Forward) -> Landed {
        match self.flights.board(&forward.key) {
            None => Err(NoAnswer::Busy),
            Some((seat, None)) => seat.wait().await,
            Some((seat, Some(lead))) => {
                let (this, query) = (self.clone(), forward.asked().clone());
                let (key, client) = (forward.key.clone(), forward.client);
                // A task of its own: the first who asks may hang up, the others still wait.
                self.tasks.spawn(async move {
                    let landed = this.upstreams.ask(&query, client).await.map(Arc::new);
                    if let Ok(answer) = &landed {
                        this.engine.keep(key, answer, Instant::now());
                    }
                    lead.land(landed);
                });
                seat.wait().await
            }
        }
    }

    /// Waits for questions in flight, once no transport brings new ones.
    pub(crate) async fn drain(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Runs the answering of one query beside the receiving of others.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(work);
    }
}
