//! The short code: customers forward a suspicious SMS to a number of their operator's, and
//! it is handed over to the hub.
//!
//! One connection to the SMSC as a transceiver (`session`). A message is acknowledged only
//! once the hub has it durably; where the hub can't take it now, the SMSC is told to send it
//! again. The customer's number never leaves the operator: the hub gets the text alone, and
//! the customer a word of thanks with the receipt, at most so often an hour.
//!
//! The earlier parts of a longer message are acknowledged as they come, since an SMSC with a
//! window of one would send no second part otherwise.

mod session;
mod thanks;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

pub use self::thanks::{Thanks, ThanksError};

use self::session::{Event, Session};
use crate::smsc::{BEGIN, Smsc};

/// Octets read at once.
const READ: usize = 16 << 10;
/// Silence after which the SMSC is asked whether it is there, and after twice that it is not.
const SILENCE: Duration = Duration::from_secs(30);
/// The first wait before another connection, and the longest.
const WAITS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// How the short code is served.
#[derive(Clone, Debug)]
pub struct ShortCodeSettings {
    /// The SMSC.
    pub smsc: Smsc,
    /// The short code, which thanks come from.
    pub code: String,
    /// The account at the SMSC.
    pub account: String,
    /// Its password.
    pub password: String,
    /// What customers are told; nothing without.
    pub thanks: Option<Thanks>,
}

/// Why the hub did not take a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// Not now: it is to be sent again.
    Later,
    /// Not this one, or not by this operator.
    Never,
}

/// Where texts go.
pub trait HandOver: Send + Sync + 'static {
    /// Hands one text over; its receipt once it is durable.
    fn hand_over(&self, text: &str) -> impl Future<Output = Result<String, NotTaken>> + Send;
}

/// What came of messages, in numbers.
#[derive(Clone, Debug, Default)]
pub struct ShortCodeMetrics {
    taken: Counter,
    later: Counter,
    refused: Counter,
    thanked: Counter,
    connections: Counter,
}

impl ShortCodeMetrics {
    /// Registers its figures.
    pub fn register(&self, registry: &mut Registry) {
        let figures = registry.sub_registry_with_prefix("sms_short_code");
        for (name, help, counter) in [
            ("taken", "Messages that the hub took", &self.taken),
            ("later", "Messages that the SMSC is to send again", &self.later),
            ("refused", "Messages that the hub takes never, or that hold no text", &self.refused),
            ("thanked", "Customers that were thanked", &self.thanked),
            ("connections", "Connections to the SMSC that were bound", &self.connections),
        ] {
            figures.register(name, help, counter.clone());
        }
    }
}

/// Serves a short code until `stop`; a connection that breaks is made anew.
pub async fn serve(
    mut settings: ShortCodeSettings,
    hub: Arc<impl HandOver>,
    metrics: ShortCodeMetrics,
    stop: CancellationToken,
) {
    let mut wait = WAITS.0;
    loop {
        let begun = Instant::now();
        let ended = tokio::select! {
            ended = connection(&mut settings, &*hub, &metrics) => ended,
            () = stop.cancelled() => return,
        };
        if let Err(error) = ended {
            tracing::warn!(%error, smsc = %settings.smsc, "the short code's connection ended");
        }
        if begun.elapsed() > SILENCE {
            wait = WAITS.0;
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => wait = (wait * 2).min(WAITS.1),
            () = stop.cancelled() => return,
        }
    }
}

/// One connection, from its bind to its end.
async fn connection(
    settings: &mut ShortCodeSettings,
    hub: &impl HandOver,
    metrics: &ShortCodeMetrics,
) -> io::Result<()> {
    let mut smsc = settings.smsc.connect().await.map_err(io::Error::other)?;
    let mut session = Session::bind(settings)?;
    let (mut buffer, mut asked) = (vec![0; READ], false);
    loop {
        if !session.out.is_empty() {
            smsc.write_all(&session.out).await?;
            session.out.clear();
        }
        let patience = if session.is_bound() { SILENCE } else { BEGIN };
        let Ok(read) = tokio::time::timeout(patience, smsc.read(&mut buffer)).await else {
            if asked || !session.is_bound() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            session.enquire();
            asked = true;
            continue;
        };
        asked = false;
        let length = read?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for event in session.receive(&buffer[..length], Instant::now())? {
            take(event, &mut session, settings, hub, metrics).await?;
        }
    }
}

async fn take(
    event: Event,
    session: &mut Session,
    settings: &mut ShortCodeSettings,
    hub: &impl HandOver,
    metrics: &ShortCodeMetrics,
) -> io::Result<()> {
    match event {
        Event::Bound => {
            tracing::info!(smsc = %settings.smsc, "the short code is bound");
            metrics.connections.inc();
        }
        Event::Refused(status) => {
            let why = format!("the SMSC refused the bind: command status 0x{status:08x}");
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        Event::NoText => drop(metrics.refused.inc()),
        Event::Text(message) => {
            let taken = hub.hand_over(&message.text).await;
            match &taken {
                Ok(_) => &metrics.taken,
                Err(NotTaken::Later) => &metrics.later,
                Err(NotTaken::Never) => &metrics.refused,
            }
            .inc();
            session.answer(&message, taken.as_ref().err().copied());
            let thanks = settings.thanks.as_mut().zip(taken.ok());
            let thanks =
                thanks.and_then(|(it, receipt)| it.to(&message.customer, &receipt, Instant::now()));
            if let Some(text) = thanks {
                session.submit(&settings.code, &message.customer, text.as_bytes());
                metrics.thanked.inc();
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
