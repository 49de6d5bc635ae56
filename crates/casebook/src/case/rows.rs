//! Cases and orders as rows: subjects and states into columns and back.

use belfry_guard::Rule;
use belfry_indicator::{RedactedUrl, Target};
use belfry_journal::{Category, Order, Serial, UnixMillis};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::{
    AwaitingSecond, Benign, Blocked, Case, CaseState, Closed, Merged, Open, OrderRecord, Parked,
    Refused, Released, Reversed, Subject,
};
use crate::StoreError;
use crate::column::{Columns, Word, big, millis, millis_maybe};
use crate::effects::totals_of;
use crate::sql::cases as sql;
use crate::store::Write;

/// What a subject's columns hold.
pub(crate) struct SubjectColumns<'a> {
    pub(crate) kind: &'static str,
    pub(crate) host: Option<&'a str>,
    pub(crate) registrable: Option<&'a str>,
    pub(crate) text: Option<&'a str>,
    pub(crate) note: Option<&'a str>,
}

impl Subject {
    /// What makes two subjects the same. A URL by its digest: an index takes no key of any length.
    pub(crate) fn key(&self) -> String {
        match self {
            Subject::Host { host, .. } => format!("host:{host}"),
            Subject::Url { url, .. } => {
                format!("url:{}", HEXLOWER.encode(&Sha256::digest(url.as_str().as_bytes())))
            }
            Subject::Message { digest, .. } => format!("message:{digest}"),
        }
    }

    pub(crate) fn columns(&self) -> SubjectColumns<'_> {
        let (mut host_, mut registrable_, mut text, mut note) = (None, None, None, None);
        let kind = match self {
            Subject::Host { host, registrable } => {
                (host_, registrable_) = (Some(host.as_str()), Some(registrable.as_str()));
                "host"
            }
            Subject::Url { url, why_not_blockable } => {
                (text, note) = (Some(url.as_str()), Some(why_not_blockable.as_str()));
                "url"
            }
            Subject::Message { digest, title } => {
                (text, note) = (Some(digest.as_str()), Some(title.as_str()));
                "message"
            }
        };
        SubjectColumns { kind, host: host_, registrable: registrable_, text, note }
    }

    fn read(columns: &Columns<'_>) -> Result<Self, StoreError> {
        let kind = columns.text("subject_kind")?;
        Ok(match kind.as_str() {
            "host" => Subject::Host {
                host: columns.domain("host")?,
                registrable: columns.domain("registrable")?,
            },
            "url" => Subject::Url {
                url: redacted_url(columns)?,
                why_not_blockable: columns.text("subject_note")?,
            },
            "message" => Subject::Message {
                digest: columns.text("subject_text")?,
                title: columns.text("subject_note")?,
            },
            _ => return Err(columns.unknown("subject_kind", kind)),
        })
    }
}

fn redacted_url(columns: &Columns<'_>) -> Result<RedactedUrl, StoreError> {
    let text = columns.text("subject_text")?;
    RedactedUrl::stored(&text).map_err(|_| columns.unknown("subject_text", text))
}

impl CaseState {
    fn read(columns: &Columns<'_>) -> Result<Self, StoreError> {
        let status = columns.text("status")?;
        Ok(match status.as_str() {
            "open" => CaseState::Open(Open),
            "awaiting-second" => CaseState::AwaitingSecond(AwaitingSecond {
                first: columns.text("state_person")?,
                category: columns.word("state_category")?,
                rule: columns.word("state_rule")?,
            }),
            "blocked" => CaseState::Blocked(Blocked { order: columns.serial("state_serial")? }),
            "benign" => CaseState::Benign(Benign { until: columns.time("state_until")? }),
            "released" => CaseState::Released(Released { by: columns.serial("state_serial")? }),
            "reversed" => CaseState::Reversed(Reversed { by: columns.serial("state_serial")? }),
            "refused" => CaseState::Refused(Refused { rule: columns.word("state_rule")? }),
            "closed" => CaseState::Closed(Closed),
            "parked" => CaseState::Parked(Parked { until: columns.time("state_until")? }),
            "merged" => CaseState::Merged(Merged { into: columns.number("state_serial")? }),
            _ => return Err(columns.unknown("status", status)),
        })
    }

    fn serial(&self) -> Option<Serial> {
        match self {
            CaseState::Blocked(state) => Some(state.order),
            CaseState::Released(state) => Some(state.by),
            CaseState::Reversed(state) => Some(state.by),
            // The same column holds the leader's number.
            CaseState::Merged(state) => Some(Serial(state.into)),
            _ => None,
        }
    }

    fn until(&self) -> Option<UnixMillis> {
        match self {
            CaseState::Benign(state) => Some(state.until),
            CaseState::Parked(state) => Some(state.until),
            _ => None,
        }
    }

    fn first(&self) -> Option<(&str, Category)> {
        match self {
            CaseState::AwaitingSecond(state) => Some((&state.first, state.category)),
            _ => None,
        }
    }

    fn rule(&self) -> Option<Rule> {
        match self {
            CaseState::AwaitingSecond(state) => Some(state.rule),
            CaseState::Refused(state) => Some(state.rule),
            _ => None,
        }
    }
}

/// The case of a row.
pub(crate) fn case_of(row: &SqliteRow) -> Result<Case, StoreError> {
    let columns = Columns::new("cases", row);
    Ok(Case {
        id: columns.number("id")?,
        version: columns.number("version")?,
        subject: Subject::read(&columns)?,
        state: CaseState::read(&columns)?,
        opened_at: columns.time("opened_at")?,
        changed_at: columns.time("changed_at")?,
        reports: columns.number("reports")?,
        reporters: columns.number("reporters")?,
        score: columns.number_maybe("score_ppm")?.map(crate::assessment::score),
        campaign: columns.number_maybe("campaign_id")?,
    })
}

/// The order of a row, with its effects summed.
pub(crate) async fn order_of(
    connection: &mut SqliteConnection,
    row: &SqliteRow,
) -> Result<OrderRecord, StoreError> {
    let columns = Columns::new("orders", row);
    let name = columns.domain("name")?;
    let level = columns.text("level")?;
    let target = match level.as_str() {
        "host" => Target::Host(name),
        "domain" => Target::Domain(name),
        _ => return Err(columns.unknown("level", level)),
    };
    let serial = columns.serial("serial")?;
    Ok(OrderRecord {
        serial,
        case: columns.number("case_id")?,
        target,
        category: columns.word("category")?,
        issued_at: columns.time("issued_at")?,
        valid_until: columns.time("valid_until")?,
        released_by: columns.number_maybe("released_by")?.map(Serial),
        effects: totals_of(connection, serial).await?,
    })
}

impl Write {
    /// The case with this number.
    pub(crate) async fn case(&mut self, id: u64) -> Result<Case, StoreError> {
        let row = sqlx::query(sql::CASE)
            .bind(big(id)?)
            .fetch_optional(self.connection())
            .await?
            .ok_or_else(|| StoreError::Missing { what: "case", id: id.to_string() })?;
        case_of(&row)
    }

    /// The case about `subject`, if there is one.
    pub(crate) async fn case_of(&mut self, subject: &Subject) -> Result<Option<Case>, StoreError> {
        let row = sqlx::query(sql::BY_SUBJECT)
            .bind(subject.key())
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map(case_of).transpose()
    }

    /// Moves a case to its next state and version.
    pub(crate) async fn move_case(
        &mut self,
        case: &Case,
        state: &CaseState,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        let moved = sqlx::query(sql::MOVE)
            .bind(big(case.id)?)
            .bind(big(case.version)?)
            .bind(millis(at)?)
            .bind(state.name())
            .bind(state.serial().map(|serial| big(serial.0)).transpose()?)
            .bind(millis_maybe(state.until())?)
            .bind(state.first().map(|(person, _)| person))
            .bind(state.first().map(|(_, category)| category.word()))
            .bind(state.rule().map(Word::word))
            .execute(self.connection())
            .await?;
        if moved.rows_affected() != 1 {
            let now = self.case(case.id).await?.version;
            return Err(StoreError::Stale { case: case.id, expected: case.version, now });
        }
        Ok(())
    }

    /// Writes down what an order says, beside its case.
    pub(crate) async fn project(
        &mut self,
        serial: Serial,
        case: u64,
        order: &Order,
    ) -> Result<(), StoreError> {
        sqlx::query(crate::sql::orders::INSERT)
            .bind(big(serial.0)?)
            .bind(big(case)?)
            .bind(order.target.level())
            .bind(order.target.name().as_str())
            .bind(order.category.word())
            .bind(order.mode.word())
            .bind(millis(order.issued_at)?)
            .bind(millis(order.valid_until)?)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
