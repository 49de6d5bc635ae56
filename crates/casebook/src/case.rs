//! Cases: one thing to be judged each, their states and the moves between them.
//!
//! A state is a type; a move is a method that consumes it. What no method
//! offers can't happen.

mod life;
mod moves;
mod rows;
mod state;

use belfry_indicator::{Domain, RedactedUrl, Target};
use belfry_journal::{Category, Serial, UnixMillis};
use sqlx::SqliteConnection;

use crate::assessment::{AssessmentRecord, assessment_of};
use crate::column::{Columns, big, millis};
use crate::report::{Report, reports_of_case};
use crate::sql::{cases as sql, orders};
use crate::verdict::{Verdict, VerdictRecord, verdicts_of};
use crate::{Casebook, StoreError};

pub use self::life::{Change, MEMBERS_MAX, OpenedCase, Split};
pub(crate) use self::moves::Ruling;
pub use self::moves::{Decidable, Mergeable};
pub(crate) use self::rows::{case_of, order_of};
pub use self::state::{
    AwaitingSecond, Benign, Blocked, CaseState, Closed, Merged, Open, Parked, Refused, Released,
    Reversed,
};

/// Most cases or orders in one read.
pub const CASES_MAX: u32 = 500;
/// Most verdicts and orders of one case that its file shows.
const HISTORY_MAX: i64 = 1_000;
/// Most reports that it shows.
const LATEST_REPORTS: u32 = 100;

/// What a case is about. Two reports with the same subject share a case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A host that DNS can block, and the domain it could be widened to.
    Host {
        /// The exact host.
        host: Domain,
        /// Its registrable domain.
        registrable: Domain,
    },
    /// A URL whose host DNS can't block.
    Url {
        /// The URL.
        url: RedactedUrl,
        /// Why not, in words: "not blockable by DNS, because …".
        why_not_blockable: String,
    },
    /// A message without any link that matters, by the digest of its text.
    Message {
        /// Hex of SHA-256 over the normalised text.
        digest: String,
        /// A line to know it by (its subject or first words).
        title: String,
    },
}

/// A case as lists show it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Number, from 1.
    pub id: u64,
    /// Grows by one at each change of its state; decisions are bound to it. A new report
    /// that changes no state leaves it, else a flood of reports would make every decision stale.
    pub version: u64,
    /// What it is about.
    pub subject: Subject,
    /// Its state.
    pub state: CaseState,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When its state last changed.
    pub changed_at: UnixMillis,
    /// How many reports it has.
    pub reports: u64,
    /// How many different reporters (by pseudonym).
    pub reporters: u64,
    /// What it scored, 0 to 1, once it was weighed.
    pub score: Option<f64>,
    /// The campaign that it belongs to.
    pub campaign: Option<u64>,
}

/// A case with all that belongs to it.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// How many of its reporters are proven to be who they say; known while their
    /// pseudonyms are kept.
    pub proven_reporters: u64,
    /// What it scored, and why; gone with the report that it was weighed by.
    pub assessment: Option<AssessmentRecord>,
    /// Its latest 100 reports, newest first; `case.reports` has their number.
    pub reports: Vec<Report>,
    /// Its verdicts, oldest first.
    pub verdicts: Vec<VerdictRecord>,
    /// Its orders, oldest first.
    pub orders: Vec<OrderRecord>,
    /// Cases that are judged together with it, by their numbers.
    pub members: Vec<u64>,
    /// The case that it is judged together with.
    pub leader: Option<u64>,
    /// What a first person proposed, while a second one is needed.
    pub proposal: Option<crate::verdict::Proposal>,
}

/// An order as the casebook knows it.
#[derive(Clone, Debug)]
pub struct OrderRecord {
    /// Its entry.
    pub serial: Serial,
    /// The case it came from.
    pub case: u64,
    /// What it says.
    pub target: Target,
    /// In which category.
    pub category: Category,
    /// When it was written.
    pub issued_at: UnixMillis,
    /// Until when.
    pub valid_until: UnixMillis,
    /// The entry that released it, once one has.
    pub released_by: Option<Serial>,
    /// What followers counted for it, summed.
    pub effects: crate::effects::Totals,
}

/// In which order to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseSort {
    /// The latest opened first.
    #[default]
    Newest,
    /// The most urgent first: by score, proven reporters and how fresh the last report is.
    Urgency,
}

/// Which cases to list.
#[derive(Clone, Debug, Default)]
pub struct CaseFilter {
    /// Only in this state, by its API name.
    pub status: Option<String>,
    /// Only with this exact host or registrable domain.
    pub name: Option<Domain>,
    /// In which order.
    pub sort: CaseSort,
    /// After this case: the previous page's last.
    pub before: Option<u64>,
    /// At most this many, 1 to 501: a page of [`CASES_MAX`], and one to tell that more follow.
    pub limit: u32,
}

impl Casebook {
    /// Cases, newest or most urgent first.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a status that no case has, or the database's.
    pub async fn cases(&self, filter: &CaseFilter) -> Result<Vec<Case>, StoreError> {
        if filter.status.as_deref().is_some_and(|status| !CaseState::NAMES.contains(&status)) {
            let why = "it is the name of a state: open, awaiting-second, blocked, benign, \
                       released, reversed, refused, closed, parked or merged";
            return Err(StoreError::Invalid { what: "status", why });
        }
        if filter.sort == CaseSort::Urgency {
            return self.urgent_cases(filter).await;
        }
        let text = match (&filter.name, &filter.status) {
            (None, None) => sql::LIST,
            (None, Some(_)) => sql::LIST_BY_STATUS,
            (Some(_), _) => sql::LIST_BY_NAME,
        };
        let mut query = sqlx::query(text)
            .bind(filter.before.map_or(Ok(i64::MAX), big)?)
            .bind(i64::from(filter.limit.clamp(1, CASES_MAX + 1)));
        if let Some(name) = &filter.name {
            query = query.bind(name.as_str()).bind(filter.status.as_deref());
        } else if let Some(status) = &filter.status {
            query = query.bind(status.as_str());
        }
        query.fetch_all(self.readers()).await?.iter().map(case_of).collect()
    }

    /// Decided cases after the case `after`, in the order of their numbers: what their
    /// latest verdict was, when, and whether it was fraud. A wrong block was none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decided_cases(
        &self,
        after: u64,
        limit: u32,
    ) -> Result<Vec<(u64, UnixMillis, bool)>, StoreError> {
        let rows = sqlx::query(sql::LABELLED)
            .bind(big(after)?)
            .bind(i64::from(limit.clamp(1, CASES_MAX)))
            .fetch_all(self.readers())
            .await?;
        let decided = |row| {
            let columns = Columns::new("cases", row);
            let verdict: Verdict = columns.word("verdict")?;
            let fraud = verdict.category().is_some() && columns.text("status")? != "reversed";
            Ok((columns.number("id")?, columns.time("at_ms")?, fraud))
        };
        rows.iter().map(decided).collect()
    }

    async fn urgent_cases(&self, filter: &CaseFilter) -> Result<Vec<Case>, StoreError> {
        let mut reading = self.readers().begin().await?;
        let (urgency, id) = match filter.before {
            None => (i64::MAX, i64::MAX),
            Some(before) => {
                let before = big(before)?;
                let found = sqlx::query_scalar(sql::URGENCY).bind(before);
                let Some(urgency) = found.fetch_optional(&mut *reading).await? else {
                    return Ok(Vec::new());
                };
                (urgency, before)
            }
        };
        let limit = i64::from(filter.limit.clamp(1, CASES_MAX + 1));
        let page = |text| sqlx::query(text).bind(urgency).bind(id).bind(limit);
        // Each finds its page by an index of its own.
        let query = match (&filter.name, filter.status.as_deref()) {
            (None, None) => page(sql::LIST_URGENT),
            (None, Some(status)) => page(sql::LIST_URGENT_BY_STATUS).bind(status),
            (Some(name), status) => page(sql::LIST_URGENT_BY_NAME).bind(name.as_str()).bind(status),
        };
        let rows = query.fetch_all(&mut *reading).await?;
        rows.iter().map(case_of).collect()
    }

    /// One case with all that belongs to it.
    ///
    /// # Errors
    /// [`StoreError`] of the database only.
    pub async fn case(&self, id: u64) -> Result<Option<CaseFile>, StoreError> {
        let Ok(number) = big(id) else { return Ok(None) };
        // One transaction: case, verdicts and orders as of the same moment.
        let mut reading = self.readers().begin().await?;
        let row = sqlx::query(sql::CASE).bind(number).fetch_optional(&mut *reading).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(CaseFile {
            case: case_of(&row)?,
            proven_reporters: proven_reporters(&mut reading, number).await?,
            assessment: assessment_of(&mut reading, id).await?.map(|(_, record)| record),
            reports: reports_of_case(&mut reading, id, LATEST_REPORTS).await?,
            verdicts: verdicts_of(&mut reading, id, HISTORY_MAX).await?,
            orders: orders_of(&mut reading, number).await?,
            members: life::members_of(&mut reading, number).await?,
            leader: life::leader_of(&mut reading, number).await?,
            proposal: crate::verdict::proposal_of(&mut reading, number).await?,
        }))
    }

    /// Orders that still hold although their validity ended by `now`, the longest
    /// overdue first; at most `limit` (1 to [`CASES_MAX`]).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn orders_ending_before(
        &self,
        now: UnixMillis,
        limit: u32,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        let mut reading = self.readers().begin().await?;
        let rows = sqlx::query(orders::ENDED)
            .bind(millis(now)?)
            .bind(i64::from(limit.clamp(1, CASES_MAX)))
            .fetch_all(&mut *reading)
            .await?;
        let mut ended = Vec::with_capacity(rows.len());
        for row in &rows {
            ended.push(order_of(&mut reading, row).await?);
        }
        Ok(ended)
    }

    /// The order with this serial.
    ///
    /// # Errors
    /// [`StoreError`] of the database only.
    pub async fn order(&self, serial: Serial) -> Result<Option<OrderRecord>, StoreError> {
        let mut reading = self.readers().begin().await?;
        let row =
            sqlx::query(orders::ORDER).bind(big(serial.0)?).fetch_optional(&mut *reading).await?;
        match row {
            None => Ok(None),
            Some(row) => Ok(Some(order_of(&mut reading, &row).await?)),
        }
    }
}

async fn proven_reporters(connection: &mut SqliteConnection, case: i64) -> Result<u64, StoreError> {
    let proven: i64 =
        sqlx::query_scalar(sql::COUNT_PROVEN).bind(case).fetch_one(connection).await?;
    Ok(proven.unsigned_abs())
}

async fn orders_of(
    connection: &mut SqliteConnection,
    case: i64,
) -> Result<Vec<OrderRecord>, StoreError> {
    let rows = sqlx::query(orders::BY_CASE)
        .bind(case)
        .bind(HISTORY_MAX)
        .fetch_all(&mut *connection)
        .await?;
    let mut records = Vec::with_capacity(rows.len());
    for row in &rows {
        records.push(order_of(connection, row).await?);
    }
    Ok(records)
}
