//! Who handed a report in: the question that triage asks between a mail's
//! acceptance and its reading. What answers it is handed in, since the look-ups
//! are the intake's.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::correspondence::Correspondent;
use belfry_casebook::report::{Content, Envelope, NewCorrespondence, Report, SenderCheck};

use crate::Desk;

/// Checks senders, within a time of its own: it never fails and never waits long.
pub trait CheckSender: Debug + Send + Sync {
    /// What is known of the sender of `mail`, and whom to answer.
    fn check(
        &self,
        envelope: Envelope,
        mail: Arc<Vec<u8>>,
    ) -> Pin<Box<dyn Future<Output = Checked> + Send + '_>>;
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The results.
    pub check: SenderCheck,
    /// Whom to answer, if anyone.
    pub answer: Option<Answer>,
}

/// A reporter who is to be answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// To whom.
    pub correspondent: Correspondent,
    /// Whether the receipt is acknowledged before the outcome.
    pub acknowledge: bool,
    /// How long their address is kept, answered or not.
    pub days: u32,
}

impl Desk {
    /// This desk, asking `senders` of every mail that came by SMTP.
    #[must_use]
    pub fn with_senders(self, senders: Arc<dyn CheckSender>) -> Self {
        Self { senders: Some(senders), ..self }
    }

    /// Has the sender of `report` checked, once; the bytes come back as they were.
    pub(crate) async fn check_sender(
        &self,
        report: &Report,
        bytes: Vec<u8>,
    ) -> Result<Vec<u8>, StoreError> {
        let Some(senders) = &self.senders else { return Ok(bytes) };
        if report.sender.is_some() || report.content != Content::Mail {
            return Ok(bytes);
        }
        let Some(envelope) = self.casebook.envelope(report.id).await? else { return Ok(bytes) };
        let bytes = Arc::new(bytes);
        let checked = senders.check(envelope, Arc::clone(&bytes)).await;
        let now = (self.now)();
        let answer = checked.answer.as_ref().map(|answer| NewCorrespondence {
            correspondent: &answer.correspondent,
            acknowledge: answer.acknowledge,
            ends_at: now.plus(Duration::from_secs(u64::from(answer.days) * 86_400)),
        });
        self.casebook.record_sender(report.id, &checked.check, answer, now).await?;
        Ok(Arc::try_unwrap(bytes).unwrap_or_else(|shared| shared.as_ref().clone()))
    }
}
