//! Checking the audit log: each line against the one before, and the whole against
//! what the journal says of it.

use std::collections::HashMap;

use belfry_journal::{Body, Serial, UnixMillis};
use sqlx::SqliteConnection;

use super::chain::{GENESIS, Line, commitment};
use crate::column::{Columns, big};
use crate::journal::audit_anchors;
use crate::sql::{access as sql, journal};
use crate::store::Write;
use crate::{Casebook, StoreError};

/// Lines in one read.
const PAGE: u64 = 1_000;
/// Lines that a start checks.
const LATEST: u64 = 1_000;
/// Anchors that are looked at, the latest.
const ANCHORS_MAX: i64 = 100_000;

/// What a check of the whole audit log found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditVerified {
    /// How many lines there are.
    pub lines: u64,
    /// Of them with an erased detail.
    pub erased: u64,
    /// How many times the journal says how far the log was, and agrees.
    pub anchors: u64,
    /// The hash of the last line.
    pub hash: [u8; 32],
}

/// A walk along the chain.
struct Walk {
    next: u64,
    previous: [u8; 32],
    erased: u64,
    anchors: HashMap<u64, (Serial, [u8; 32])>,
    agreed: u64,
}

impl Casebook {
    /// Reads the whole audit log, recomputes every hash of it, and compares it with what
    /// the journal says of it.
    ///
    /// # Errors
    /// [`StoreError::Audit`] names the first line that is not as it was written.
    pub async fn verify_audit(&self) -> Result<AuditVerified, StoreError> {
        let mut reading = self.readers().begin().await?;
        let anchors = anchors(&mut reading).await?;
        let mut walk = Walk { next: 1, previous: GENESIS, erased: 0, anchors, agreed: 0 };
        while walk.page(&mut reading).await? > 0 {}
        let lines = walk.next - 1;
        check_end(&mut reading, lines).await?;
        if let Some((line, (serial, _))) = walk.anchors.iter().max_by_key(|(line, _)| **line) {
            let why = format!("journal entry {serial} knows it, the log ends at {lines}");
            return Err(StoreError::Audit { line: *line, why });
        }
        Ok(AuditVerified { lines, erased: walk.erased, anchors: walk.agreed, hash: walk.previous })
    }
}

/// Checks the latest lines, for a start; chains what was written before there was a chain.
pub(crate) async fn check_latest(casebook: &Casebook) -> Result<(), StoreError> {
    let (lines, unchained) = counts(&mut *casebook.readers().acquire().await?).await?;
    if lines > 0 && unchained == lines {
        let mut write = casebook.db().write().await?;
        adopt(&mut write).await?;
        return write.commit().await;
    }
    let mut reading = casebook.readers().begin().await?;
    let last = last(&mut reading).await?.map_or(0, |(line, _)| line);
    let first = last.saturating_sub(LATEST).max(1);
    let previous = match first {
        1 => GENESIS,
        _ => hash_of(&mut reading, first - 1).await?,
    };
    let mut walk = Walk { next: first, previous, erased: 0, anchors: HashMap::new(), agreed: 0 };
    while walk.page(&mut reading).await? > 0 {}
    check_end(&mut reading, walk.next - 1).await
}

/// Whether the log ends where the sequence of its numbers does.
async fn check_end(connection: &mut SqliteConnection, last: u64) -> Result<(), StoreError> {
    let row = sqlx::query(journal::COUNTER).bind("audit").fetch_one(connection).await?;
    let drawn = Columns::new("counters", &row).number("value")?;
    if drawn == last {
        return Ok(());
    }
    let why = format!("the log ends at line {last}, {drawn} were written");
    Err(StoreError::Audit { line: last + 1, why })
}

impl Walk {
    /// Checks the next page of lines; answers how many it had.
    async fn page(&mut self, connection: &mut SqliteConnection) -> Result<usize, StoreError> {
        let rows = sqlx::query(sql::AUDIT_CHAIN)
            .bind(big(self.next)?)
            .bind(big(PAGE)?)
            .fetch_all(connection)
            .await?;
        for row in &rows {
            self.line(&Columns::new("audit", row))?;
        }
        Ok(rows.len())
    }

    fn line(&mut self, columns: &Columns<'_>) -> Result<(), StoreError> {
        let id = columns.number("id")?;
        let broken = |why: &str| StoreError::Audit { line: self.next, why: why.to_owned() };
        if id != self.next {
            return Err(broken("it is missing"));
        }
        let kept: [u8; 32] = columns.array("commitment").map_err(|_| broken("it has no hash"))?;
        let hash: [u8; 32] = columns.array("hash").map_err(|_| broken("it has no hash"))?;
        match columns.bytes_maybe("salt")? {
            Some(salt) if commitment(&salt, &columns.text("detail")?) != kept => {
                return Err(broken("its detail was changed"));
            }
            None if !columns.text("detail")?.is_empty() => {
                return Err(broken("its detail was changed"));
            }
            Some(_) => {}
            None => self.erased += 1,
        }
        let (who, action, object) =
            (columns.text("who")?, columns.text("action")?, columns.text("object")?);
        let at = columns.time("at_ms")?;
        let (who, action, object) = (who.as_str(), action.as_str(), object.as_str());
        let line = Line { id, at, who, action, object, commitment: kept };
        if line.hash(self.previous) != hash {
            return Err(broken("it, or a line before it, was changed"));
        }
        if let Some((serial, anchored)) = self.anchors.remove(&id) {
            if anchored != hash {
                let why = format!("journal entry {serial} knows another hash of it");
                return Err(StoreError::Audit { line: id, why });
            }
            self.agreed += 1;
        }
        self.previous = hash;
        self.next = id + 1;
        Ok(())
    }
}

/// What the journal says of the log.
async fn anchors(
    connection: &mut SqliteConnection,
) -> Result<HashMap<u64, (Serial, [u8; 32])>, StoreError> {
    let entries = audit_anchors(connection, ANCHORS_MAX).await?;
    Ok(entries
        .iter()
        .filter_map(|entry| match entry.decode() {
            Ok(Body::Audit(anchor)) => Some((anchor.line, (entry.serial, anchor.hash))),
            _ => None,
        })
        .collect())
}

/// The last line and its hash.
pub(super) async fn last(
    connection: &mut SqliteConnection,
) -> Result<Option<(u64, [u8; 32])>, StoreError> {
    let row = sqlx::query(sql::AUDIT_LAST).fetch_optional(connection).await?;
    row.map(|row| {
        let columns = Columns::new("audit", &row);
        Ok((columns.number("id")?, columns.array("hash")?))
    })
    .transpose()
}

async fn hash_of(connection: &mut SqliteConnection, line: u64) -> Result<[u8; 32], StoreError> {
    let row = sqlx::query(sql::AUDIT_HASH).bind(big(line)?).fetch_optional(connection).await?;
    let broken = || StoreError::Audit { line, why: "it is missing or has no hash".into() };
    Columns::new("audit", &row.ok_or_else(broken)?).array("hash").map_err(|_| broken())
}

async fn counts(connection: &mut SqliteConnection) -> Result<(u64, u64), StoreError> {
    let row = sqlx::query(sql::AUDIT_COUNTS).fetch_one(connection).await?;
    let columns = Columns::new("audit", &row);
    Ok((columns.number("lines")?, columns.number("unchained")?))
}

/// Chains the lines of a log that was written before there was a chain.
async fn adopt(write: &mut Write) -> Result<(), StoreError> {
    let (mut next, mut previous) = (1, GENESIS);
    loop {
        let rows = sqlx::query(sql::AUDIT_CHAIN)
            .bind(big(next)?)
            .bind(big(PAGE)?)
            .fetch_all(write.connection())
            .await?;
        if rows.is_empty() {
            tracing::info!(lines = next - 1, "the audit log was chained");
            return Ok(());
        }
        for row in &rows {
            let columns = Columns::new("audit", row);
            let (who, action, object) =
                (columns.text("who")?, columns.text("action")?, columns.text("object")?);
            let (id, at): (u64, UnixMillis) = (columns.number("id")?, columns.time("at_ms")?);
            let salt: [u8; 32] = crate::keys::random();
            let commitment = commitment(&salt, &columns.text("detail")?);
            let (who, action, object) = (who.as_str(), action.as_str(), object.as_str());
            previous = Line { id, at, who, action, object, commitment }.hash(previous);
            sqlx::query(sql::CHAIN_AUDIT)
                .bind(big(id)?)
                .bind(salt.to_vec())
                .bind(commitment.to_vec())
                .bind(previous.to_vec())
                .execute(write.connection())
                .await?;
            next = id + 1;
        }
    }
}
