//! Whether a mail's sender is who it says: SPF, DKIM and DMARC of whoever
//! forwarded it, and whether they may be answered.
//!
//! It is asked after the mail is accepted and before it is read, so that no
//! look-up ever delays a `250`. Look-ups go to the configured resolvers only, and
//! have one time limit a mail; what is not found out by then is `temperror`.
//! Of the mail, only the header block is looked into here (its body is hashed,
//! and its first octets are searched for words that tell a language): all other
//! reading happens in the reader's child.

mod answerable;
mod head;
mod language;
mod settings;
mod verify;

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use belfry_casebook::report::{CheckResult, Envelope, SenderCheck};
use belfry_desk::sender::{Answer, CheckSender, Checked};
use futures_util::FutureExt;
use mail_auth::MessageAuthenticator;
use tokio::runtime::Handle;

pub(crate) use crate::auth::answerable::is_plain_address;
pub use crate::auth::answerable::{Unanswerable, Whom};
pub use crate::auth::settings::AuthenticationSettings;
use crate::auth::verify::Verifier;
use crate::metrics::IntakeMetrics;

/// Nothing could be found out in time.
const UNKNOWN: SenderCheck = SenderCheck {
    spf: CheckResult::TempError,
    dkim: CheckResult::TempError,
    dmarc: CheckResult::TempError,
    authentic: false,
};

/// The look-ups could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the resolvers of [intake.authentication] can't be used: {0}")]
pub struct ResolverError(String);

/// Checks senders; cheap to clone.
#[derive(Clone)]
pub struct SenderChecker {
    inner: Arc<Inner>,
}

struct Inner {
    verifier: Verifier,
    whom: Option<Whom>,
    limit: Duration,
    metrics: IntakeMetrics,
}

impl SenderChecker {
    /// Asks the resolvers of `settings`; `whom` says who is answered, and without it nobody is.
    ///
    /// # Errors
    /// [`ResolverError`].
    pub fn new(
        settings: &AuthenticationSettings,
        hostname: &str,
        whom: Option<Whom>,
        metrics: IntakeMetrics,
    ) -> Result<Self, ResolverError> {
        let (config, options) = verify::resolver(settings);
        let dns = MessageAuthenticator::new(config, options)
            .map_err(|error| ResolverError(error.to_string()))?;
        let verifier = Verifier::new(dns, hostname, settings.relays.clone());
        let limit = Duration::from_secs(settings.seconds_max);
        Ok(Self { inner: Arc::new(Inner { verifier, whom, limit, metrics }) })
    }
}

impl CheckSender for SenderChecker {
    fn check(
        &self,
        envelope: Envelope,
        mail: Arc<Vec<u8>>,
    ) -> Pin<Box<dyn Future<Output = Checked> + Send + '_>> {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            // Hashing 50 MiB is no work for a thread that others wait for; and a parser
            // that panics costs this one check.
            let (runtime, counted) = (Handle::current(), inner.metrics.clone());
            let done = tokio::task::spawn_blocking(move || {
                runtime.block_on(AssertUnwindSafe(inner.run(&envelope, &mail)).catch_unwind())
            });
            let checked = done.await.ok().and_then(Result::ok).unwrap_or_else(|| {
                tracing::error!("the check of a sender failed");
                Checked { check: UNKNOWN, answer: None }
            });
            counted.sender(&checked.check);
            checked
        })
    }
}

impl Inner {
    async fn run(&self, envelope: &Envelope, mail: &[u8]) -> Checked {
        let verified = self.verifier.verify(envelope, mail);
        let check = tokio::time::timeout(self.limit, verified).await.unwrap_or(UNKNOWN);
        let Some(whom) = &self.whom else { return Checked { check, answer: None } };
        let answer = match whom.answerable(envelope, mail, &check) {
            Ok(correspondent) => {
                Some(Answer { correspondent, acknowledge: whom.acknowledge, days: whom.days })
            }
            Err(why) => {
                self.metrics.unanswered(why);
                None
            }
        };
        Checked { check, answer }
    }
}

impl std::fmt::Debug for SenderChecker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SenderChecker").finish_non_exhaustive()
    }
}
