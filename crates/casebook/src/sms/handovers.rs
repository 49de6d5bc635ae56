//! Hand-overs: which message a customer gave to which operator. The text is in the report's
//! evidence; here is only a salted digest of it.

use belfry_indicator::{Handover, OperatorName};
use belfry_journal::UnixMillis;
use sha2::{Digest, Sha256};

use super::operator_of;
use crate::access::{Analyst, Follower};
use crate::audit::Act;
use crate::column::{Columns, big, millis};
use crate::keys::random;
use crate::report::{Receipt, ReportId};
use crate::sql::sms as sql;
use crate::store::Write;
use crate::{Casebook, StoreError};

/// Most hand-overs of one list.
const LIST_MAX: u32 = 1_000;

/// A hand-over in a list, with the report that it came as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// To whom, and when.
    pub handover: Handover,
    /// The report's receipt.
    pub receipt: Receipt,
}

impl Casebook {
    /// Records that a customer of the operator behind this token handed a message over to it.
    /// A report that came in any other way is no hand-over.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] where the token is not that of an operator, or the database's.
    pub async fn hand_over(
        &self,
        by: &Follower,
        report: ReportId,
        text: &str,
        now: UnixMillis,
    ) -> Result<Handover, StoreError> {
        let operator = by.principal().operator().ok_or(StoreError::Invalid {
            what: "hand-over",
            why: "it must come with a token that bears the operator's name",
        })?;
        let salt: [u8; 32] = random();
        let mut write = self.db().write().await?;
        let id = write.draw("handovers").await?;
        sqlx::query(sql::INSERT_HANDOVER)
            .bind(id)
            .bind(operator.as_str())
            .bind(big(report.0)?)
            .bind(salt.to_vec())
            .bind(digest(&salt, text).to_vec())
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        let (who, object) = (&by.principal().name, format!("hand-over {id}"));
        let detail = format!("report {}", report.0);
        write
            .audit(&Act { who, action: "hand-over", object: &object, detail: &detail }, now)
            .await?;
        write.commit().await?;
        Ok(Handover { operator, number: u64::try_from(id).unwrap_or_default(), at: now })
    }

    /// Whether any legal basis of this operator holds.
    ///
    /// # Errors
    /// The database's.
    pub async fn has_legal_basis(
        &self,
        operator: &OperatorName,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let count: i64 = sqlx::query_scalar(sql::BASIS_HOLDS)
            .bind(operator.as_str())
            .bind(millis(now)?)
            .fetch_one(self.readers())
            .await?;
        Ok(count > 0)
    }

    /// Hand-overs before this number, the latest first, at most `limit` (up to 1,000).
    ///
    /// # Errors
    /// The database's.
    pub async fn handovers(&self, before: u64, limit: u32) -> Result<Vec<HandedOver>, StoreError> {
        let rows = sqlx::query(sql::HANDOVERS)
            .bind(i64::try_from(before).unwrap_or(i64::MAX))
            .bind(i64::from(limit.clamp(1, LIST_MAX)))
            .fetch_all(self.readers())
            .await?;
        let handed = |row| {
            let columns = Columns::new("handovers", row);
            let receipt = columns.text("receipt")?;
            let (number, at) = (columns.number("id")?, columns.time("at_ms")?);
            Ok(HandedOver {
                handover: Handover { operator: operator_of(&columns)?, number, at },
                receipt: Receipt::parse(&receipt)
                    .ok_or_else(|| columns.unknown("receipt", receipt))?,
            })
        };
        rows.iter().map(handed).collect()
    }

    /// The text that was handed over, out of the report's evidence. The act is in the audit
    /// log before it is shown.
    ///
    /// # Errors
    /// [`StoreError::Missing`] for a hand-over that there is not, [`StoreError::Evidence`]
    /// where the report was erased, or the database's.
    pub async fn handed_over_text(
        &self,
        by: &Analyst,
        handover: u64,
        now: UnixMillis,
    ) -> Result<String, StoreError> {
        let missing = || StoreError::Missing { what: "hand-over", id: handover.to_string() };
        let row = sqlx::query(sql::HANDED_REPORT)
            .bind(big(handover)?)
            .fetch_optional(self.readers())
            .await?
            .ok_or_else(missing)?;
        let receipt = Columns::new("reports", &row).text("receipt")?;
        let report = Receipt::parse(&receipt).ok_or_else(missing)?;
        let report = self.report(&report).await?.ok_or_else(missing)?;
        let bytes = self.reveal(by, &report, now).await?;
        let whole = String::from_utf8_lossy(&bytes).into_owned();
        let mut write = self.db().write().await?;
        for text in forms(&whole) {
            if write.handover(handover, text).await.is_ok() {
                return Ok(text.to_owned());
            }
        }
        let why = "the report does not hold what was handed over";
        Err(StoreError::Invalid { what: "hand-over", why })
    }
}

/// The text as it may stand in evidence: after the sender's line, or alone.
fn forms(whole: &str) -> impl Iterator<Item = &str> {
    let after = whole.strip_prefix("From: ").and_then(|rest| rest.split_once('\n'));
    after.map(|(_, text)| text).into_iter().chain([whole])
}

impl Write {
    /// The hand-over with this number, if exactly this text was handed over in it.
    pub(super) async fn handover(
        &mut self,
        number: u64,
        text: &str,
    ) -> Result<Handover, StoreError> {
        let asked = sqlx::query(sql::HANDOVER).bind(big(number)?);
        let row = asked.fetch_optional(self.connection()).await?;
        let row =
            row.ok_or_else(|| StoreError::Missing { what: "hand-over", id: number.to_string() })?;
        let columns = Columns::new("handovers", &row);
        let salt: [u8; 32] = columns.array("salt")?;
        let held: [u8; 32] = columns.array("digest")?;
        if held != digest(&salt, text) {
            let why = "it is not the text that was handed over";
            return Err(StoreError::Invalid { what: "template", why });
        }
        Ok(Handover { operator: operator_of(&columns)?, number, at: columns.time("at_ms")? })
    }
}

fn digest(salt: &[u8; 32], text: &str) -> [u8; 32] {
    Sha256::new().chain_update(salt).chain_update(text).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stands_after_its_senders_line_or_alone() {
        let check = |whole, expected: &[&str]| {
            assert_eq!(forms(whole).collect::<Vec<_>>(), expected, "{whole:?}");
        };
        check("hello", &["hello"]);
        check("From: 4444\nhello", &["hello", "From: 4444\nhello"]);
        check("From: 4444\nhello\nyou", &["hello\nyou", "From: 4444\nhello\nyou"]);
        check("From: us, hello", &["From: us, hello"]);
    }

    #[test]
    fn one_text_has_another_digest_under_another_salt() {
        assert_eq!(digest(&[1; 32], "a"), digest(&[1; 32], "a"));
        assert_ne!(digest(&[1; 32], "a"), digest(&[2; 32], "a"));
        assert_ne!(digest(&[1; 32], "a"), digest(&[1; 32], "b"));
    }
}
