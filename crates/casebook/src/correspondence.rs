//! What goes back to reporters: one row a reporter who is to be answered.
//!
//! A row is made once the sender is proven, says "received" if that is asked
//! for, waits for the outcome, and goes with the address once the outcome is
//! sent, or its time is over. Nothing here knows what a letter says.

mod pace;

use belfry_indicator::Domain;
use belfry_journal::UnixMillis;
use sqlx::sqlite::SqliteRow;
use zeroize::Zeroizing;

use crate::column::{Columns, Word, big, millis};
use crate::evidence::{self, ObjectName};
use crate::keys::Key;
use crate::report::{Receipt, ReportId};
use crate::sql::correspondence as sql;
use crate::verdict::Verdict;
use crate::{Casebook, StoreError};

/// Most letters in one read.
const LETTERS_MAX: u32 = 1_000;

/// What a row waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// To say that the report came in.
    Acknowledge,
    /// For the outcome.
    Awaiting,
    /// To tell the outcome.
    Inform,
}

impl Word for Stage {
    const ALL: &'static [Self] = &[Stage::Acknowledge, Stage::Awaiting, Stage::Inform];
    fn word(self) -> &'static str {
        match self {
            Stage::Acknowledge => "acknowledge",
            Stage::Awaiting => "awaiting",
            Stage::Inform => "inform",
        }
    }
}

/// To whom a letter goes. Kept sealed; none of it is in a row in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct Correspondent {
    /// The address.
    pub address: String,
    /// The mail that is answered, without its brackets.
    pub message_id: Option<String>,
    /// The language to write in, as a BCP 47 tag.
    pub language: Option<String>,
}

impl std::fmt::Debug for Correspondent {
    /// Without what it names: it must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Correspondent").finish_non_exhaustive()
    }
}

/// A letter that is due.
#[derive(Clone, Debug)]
pub struct Due {
    /// For which report.
    pub report: ReportId,
    /// Its receipt.
    pub receipt: Receipt,
    /// When it came in.
    pub received_at: UnixMillis,
    /// What is to be said.
    pub stage: Stage,
    /// To whom.
    pub correspondent: Correspondent,
    /// Their pseudonym: letters to one address are counted by it.
    pub pseudonym: Vec<u8>,
    /// How often it was tried.
    pub tries: u64,
}

/// What became of one case of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its state, by its API name.
    pub status: String,
    /// Its latest verdict.
    pub verdict: Option<Verdict>,
    /// The order that blocks it, if one does.
    pub block: Option<Block>,
    /// How many different reporters it has who are proven to be who they say.
    pub reporters: u64,
}

/// The order that blocks a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What is blocked.
    pub name: Domain,
    /// Since when.
    pub issued_at: UnixMillis,
}

/// How many rows are in each stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// To be acknowledged.
    pub acknowledge: u64,
    /// Without an outcome.
    pub awaiting: u64,
    /// To be told the outcome.
    pub inform: u64,
}

impl Casebook {
    /// Letters due by `now`, longest due first, at most `limit` (1 to 1,000). One whose
    /// address can't be opened any more (its report was erased) is deleted instead.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn letters_due(&self, now: UnixMillis, limit: u32) -> Result<Vec<Due>, StoreError> {
        let rows = sqlx::query(sql::DUE)
            .bind(millis(now)?)
            .bind(i64::from(limit.clamp(1, LETTERS_MAX)))
            .fetch_all(self.readers())
            .await?;
        let mut due = Vec::with_capacity(rows.len());
        for row in &rows {
            match self.due_of(row) {
                Ok(letter) => due.push(letter),
                Err(StoreError::Evidence { why, .. }) => {
                    let report = Columns::new("correspondence", row).number("report_id")?;
                    tracing::warn!(report, why, "an address to answer is given up");
                    self.end_correspondence(ReportId(report)).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(due)
    }

    fn due_of(&self, row: &SqliteRow) -> Result<Due, StoreError> {
        let columns = Columns::new("correspondence", row);
        let receipt = columns.text("receipt")?;
        let unusable = |why: &str| StoreError::Evidence {
            receipt: receipt.clone(),
            why: format!("its correspondent: {why}"),
        };
        let object = columns.text("object")?;
        let name =
            ObjectName::parse(&object).ok_or_else(|| columns.unknown("object", object.as_str()))?;
        let key = evidence::unwrap_key(self.keys(), &name, &columns.bytes("wrapped_key")?)
            .map_err(unusable)?;
        let correspondent = Correspondent::open(&key, &object, &columns.bytes("correspondent")?)
            .map_err(unusable)?;
        Ok(Due {
            report: ReportId(columns.number("report_id")?),
            receipt: Receipt::parse(&receipt)
                .ok_or_else(|| columns.unknown("receipt", "no receipt number"))?,
            received_at: columns.time("received_at")?,
            stage: columns.word("stage")?,
            correspondent,
            pseudonym: columns.bytes_maybe("reporter")?.unwrap_or_default(),
            tries: columns.number("tries")?,
        })
    }

    /// A letter was sent or is left out: the row goes on to its outcome, or goes.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn letter_done(&self, letter: &Due, now: UnixMillis) -> Result<(), StoreError> {
        if letter.stage != Stage::Acknowledge {
            return self.end_correspondence(letter.report).await;
        }
        let mut write = self.db().write().await?;
        sqlx::query(sql::MOVE)
            .bind(big(letter.report.0)?)
            .bind(letter.stage.word())
            .bind(Stage::Awaiting.word())
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// A letter is tried again at `due_at`.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn letter_delayed(&self, letter: &Due, due_at: UnixMillis) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        sqlx::query(sql::DELAY)
            .bind(big(letter.report.0)?)
            .bind(letter.stage.word())
            .bind(millis(due_at)?)
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// Deletes the address of one report's sender.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn end_correspondence(&self, report: ReportId) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        sqlx::query(sql::DELETE).bind(big(report.0)?).execute(write.connection()).await?;
        write.commit().await
    }

    /// Deletes every address whose time is over; answers how many.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn end_correspondence_by(&self, now: UnixMillis) -> Result<u64, StoreError> {
        let mut write = self.db().write().await?;
        let ended = sqlx::query(sql::DELETE_ENDED)
            .bind(millis(now)?)
            .execute(write.connection())
            .await?
            .rows_affected();
        write.commit().await?;
        Ok(ended)
    }

    /// Makes due the letters of reports whose outcome is known: of cases changed since
    /// `since`, or of all without it; they are given up at `give_up_at`. Answers how many.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn outcomes_known(
        &self,
        since: Option<UnixMillis>,
        now: UnixMillis,
        give_up_at: UnixMillis,
    ) -> Result<u64, StoreError> {
        let mut write = self.db().write().await?;
        let query = match since {
            Some(since) => sqlx::query(sql::INFORM_CHANGED)
                .bind(millis(now)?)
                .bind(millis(give_up_at)?)
                .bind(millis(since)?),
            None => sqlx::query(sql::INFORM_ALL).bind(millis(now)?).bind(millis(give_up_at)?),
        };
        let known = query.execute(write.connection()).await?.rows_affected();
        write.commit().await?;
        Ok(known)
    }

    /// What became of each case of `report`, in the order of its reading.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn findings(&self, report: ReportId) -> Result<Vec<Finding>, StoreError> {
        let rows =
            sqlx::query(sql::FINDINGS).bind(big(report.0)?).fetch_all(self.readers()).await?;
        rows.iter().map(finding_of).collect()
    }

    /// How many reporters wait for what.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn correspondence(&self) -> Result<Waiting, StoreError> {
        let rows = sqlx::query(sql::COUNT).fetch_all(self.readers()).await?;
        let mut waiting = Waiting::default();
        for row in &rows {
            let columns = Columns::new("correspondence", row);
            let letters = columns.number("letters")?;
            match columns.word("stage")? {
                Stage::Acknowledge => waiting.acknowledge = letters,
                Stage::Awaiting => waiting.awaiting = letters,
                Stage::Inform => waiting.inform = letters,
            }
        }
        Ok(waiting)
    }
}

fn finding_of(row: &SqliteRow) -> Result<Finding, StoreError> {
    let columns = Columns::new("cases", row);
    let verdict = match columns.text_maybe("verdict")? {
        None => None,
        Some(_) => Some(columns.word("verdict")?),
    };
    let block = match columns.text_maybe("name")? {
        None => None,
        Some(_) => {
            Some(Block { name: columns.domain("name")?, issued_at: columns.time("issued_at")? })
        }
    };
    let (status, reporters) = (columns.text("status")?, columns.number("reporters")?);
    Ok(Finding { status, verdict, block, reporters })
}

/// What binds a correspondent to its report.
fn context(object: &str) -> String {
    format!("correspondent of {object}")
}

impl Correspondent {
    /// Sealed under the report's own key, as its row holds it.
    pub(crate) fn seal(&self, key: &Key, object: &str) -> Vec<u8> {
        let line = |text: &Option<String>| text.as_deref().unwrap_or_default().replace('\n', " ");
        let address = self.address.replace('\n', " ");
        let text = format!("{address}\n{}\n{}", line(&self.message_id), line(&self.language));
        evidence::seal(key, &context(object), Zeroizing::new(text).as_bytes())
    }

    fn open(key: &Key, object: &str, sealed: &[u8]) -> Result<Self, &'static str> {
        let clear = Zeroizing::new(evidence::unseal(key, &context(object), sealed)?);
        let text = std::str::from_utf8(&clear).map_err(|_| "it is not UTF-8")?;
        let mut lines = text.split('\n');
        let mut line = || lines.next().ok_or("it is cut short");
        let present = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok(Self {
            address: line()?.to_owned(),
            message_id: present(line()?),
            language: present(line()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correspondent_opens_only_with_its_key_and_report() {
        let correspondent = Correspondent {
            address: "an@example.com".into(),
            message_id: None,
            language: Some("fr".into()),
        };
        let key = Key::random();
        let sealed = correspondent.seal(&key, "a");
        assert_eq!(Correspondent::open(&key, "a", &sealed), Ok(correspondent.clone()));
        assert!(Correspondent::open(&key, "b", &sealed).is_err());
        assert!(Correspondent::open(&Key::random(), "a", &sealed).is_err());
        assert_eq!(format!("{correspondent:?}"), "Correspondent { .. }");
    }
}
