//! Who handed a mail in: the envelope until it is checked, and what the check found.
//!
//! An envelope names a machine and a person. It is sealed under the report's own
//! key, and is gone from the row once [`Casebook::record_sender`] has the result.

use std::net::IpAddr;

use belfry_journal::UnixMillis;

use super::sealed::Sealed;
use super::{NewReport, Receipt, ReportId};
use crate::column::{Columns, Word, big, millis};
use crate::correspondence::{Correspondent, Stage};
use crate::evidence;
use crate::sql::{correspondence, reports as sql};
use crate::{Casebook, StoreError};

/// What an SMTP client said of a mail (RFC 5321), and from where.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The client's address.
    pub peer: IpAddr,
    /// What it called itself; without line breaks.
    pub helo: String,
    /// The reverse path; `None` for `<>`. Without line breaks.
    pub sender: Option<String>,
}

impl std::fmt::Debug for Envelope {
    /// Without what it names: it must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Envelope").finish_non_exhaustive()
    }
}

/// How a mail came in by SMTP.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrival<'a> {
    /// The configured reporting address that it came to, if one was named.
    pub mailbox: Option<&'a str>,
    /// Its envelope, where the sender is to be checked before it is read.
    pub envelope: Option<&'a Envelope>,
}

/// One result of a check, by the words of RFC 8601.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CheckResult {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// SPF: probably not.
    SoftFail,
    /// The domain does not say.
    Neutral,
    /// There is nothing to check.
    None,
    /// It could not be found out in time.
    TempError,
    /// What the domain or the mail says can't be understood.
    PermError,
}

/// What was found out of a mail's sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderCheck {
    /// SPF of the reverse path (RFC 7208).
    pub spf: CheckResult,
    /// DKIM: the best of its signatures (RFC 6376).
    pub dkim: CheckResult,
    /// DMARC of the From domain.
    pub dmarc: CheckResult,
    /// Whether the sender is proven: SPF or DKIM passed for the domain in From, and
    /// DMARC does not object.
    pub authentic: bool,
}

/// A reporter who is to be answered, and until when.
#[derive(Clone, Copy, Debug)]
pub struct NewCorrespondence<'a> {
    /// To whom.
    pub correspondent: &'a Correspondent,
    /// Whether the receipt is acknowledged first.
    pub acknowledge: bool,
    /// When the address is deleted, answered or not.
    pub ends_at: UnixMillis,
}

impl Casebook {
    /// As [`Casebook::receive`], for a mail that came by SMTP.
    ///
    /// # Errors
    /// [`StoreError`]: nothing was accepted.
    pub async fn receive_mail(
        &self,
        report: NewReport<'_>,
        arrival: Arrival<'_>,
    ) -> Result<Receipt, StoreError> {
        self.take_in(report, arrival).await
    }

    /// The envelope of a report whose sender is still to be checked.
    ///
    /// # Errors
    /// [`StoreError::Evidence`] where it is damaged or erased.
    pub async fn envelope(&self, id: ReportId) -> Result<Option<Envelope>, StoreError> {
        let sealed = Sealed::load(&mut *self.readers().acquire().await?, id).await?;
        let Some(envelope) = &sealed.envelope else { return Ok(None) };
        let key = sealed.key(self.keys())?;
        let clear = evidence::unseal(&key, &context(sealed.object.as_str()), envelope)
            .map_err(|why| sealed.unusable(format!("its envelope: {why}")))?;
        Envelope::decode(&clear)
            .map(Some)
            .ok_or_else(|| sealed.unusable("its envelope is none that we write".to_owned()))
    }

    /// Records what was found of a report's sender and forgets its envelope; keeps the
    /// address to answer, if it is to be answered. One transaction; a second time changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_sender(
        &self,
        id: ReportId,
        check: &SenderCheck,
        answer: Option<NewCorrespondence<'_>>,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write_together().await?;
        let sealed = Sealed::load(write.connection(), id).await?;
        let recorded = sqlx::query(sql::RECORD_SENDER)
            .bind(big(id.0)?)
            .bind(check.spf.word())
            .bind(check.dkim.word())
            .bind(check.dmarc.word())
            .bind(i64::from(check.authentic))
            .execute(write.connection())
            .await?;
        if let Some(answer) = answer.filter(|_| recorded.rows_affected() == 1) {
            let key = sealed.key(self.keys())?;
            let stage = if answer.acknowledge { Stage::Acknowledge } else { Stage::Awaiting };
            sqlx::query(correspondence::INSERT)
                .bind(big(id.0)?)
                .bind(stage.word())
                .bind(answer.correspondent.seal(&key, sealed.object.as_str()))
                .bind(millis(now)?)
                .bind(millis(answer.ends_at)?)
                .execute(write.connection())
                .await?;
        }
        write.commit_together().await
    }
}

/// What binds an envelope to its report.
fn context(object: &str) -> String {
    format!("envelope of {object}")
}

impl Envelope {
    /// Sealed, as the report's row holds it.
    pub(super) fn seal(&self, key: &crate::keys::Key, object: &str) -> Vec<u8> {
        evidence::seal(key, &context(object), &self.encode())
    }

    fn encode(&self) -> Vec<u8> {
        let line = |text: &str| text.replace(['\r', '\n'], " ");
        let mut text = format!("{}\n{}", self.peer, line(&self.helo));
        if let Some(sender) = &self.sender {
            text.push('\n');
            text.push_str(&line(sender));
        }
        text.into_bytes()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(bytes).ok()?.split('\n');
        Some(Self {
            peer: lines.next()?.parse().ok()?,
            helo: lines.next()?.to_owned(),
            sender: lines.next().map(ToOwned::to_owned),
        })
    }
}

/// What a row says of its sender.
pub(super) fn sender_of(columns: &Columns<'_>) -> Result<Option<SenderCheck>, StoreError> {
    if columns.text_maybe("spf")?.is_none() {
        return Ok(None);
    }
    Ok(Some(SenderCheck {
        spf: columns.word("spf")?,
        dkim: columns.word("dkim")?,
        dmarc: columns.word("dmarc")?,
        authentic: columns.number("authentic")? != 0,
    }))
}

impl CheckResult {
    /// The word of RFC 8601.
    pub fn name(self) -> &'static str {
        match self {
            CheckResult::Pass => "pass",
            CheckResult::Fail => "fail",
            CheckResult::SoftFail => "softfail",
            CheckResult::Neutral => "neutral",
            CheckResult::None => "none",
            CheckResult::TempError => "temperror",
            CheckResult::PermError => "permerror",
        }
    }
}

impl Word for CheckResult {
    const ALL: &'static [Self] = &[
        CheckResult::Pass,
        CheckResult::Fail,
        CheckResult::SoftFail,
        CheckResult::Neutral,
        CheckResult::None,
        CheckResult::TempError,
        CheckResult::PermError,
    ];
    fn word(self) -> &'static str {
        self.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sender: Option<&str>) {
        let envelope = Envelope {
            peer: "2001:db8::1".parse().unwrap(),
            helo: "mail.example".into(),
            sender: sender.map(ToOwned::to_owned),
        };
        assert_eq!(Envelope::decode(&envelope.encode()), Some(envelope));
    }

    #[test]
    fn an_envelope_reads_back() {
        check(None);
        check(Some("an@example.com"));
        assert_eq!(Envelope::decode(b"not an address\nx"), None);
    }

    #[test]
    fn a_line_break_makes_no_second_line_and_debug_names_nobody() {
        let envelope = Envelope {
            peer: "192.0.2.1".parse().unwrap(),
            helo: "a\nb".into(),
            sender: Some("x@example.com".into()),
        };
        let read = Envelope::decode(&envelope.encode()).unwrap();
        assert_eq!((read.helo.as_str(), read.sender.as_deref()), ("a b", Some("x@example.com")));
        assert_eq!(format!("{envelope:?}"), "Envelope { .. }");
    }
}
