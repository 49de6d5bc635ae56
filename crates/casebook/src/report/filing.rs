//! Filing a reading: the report becomes read, and joins the case of each of its
//! subjects, all or nothing. Those that are filed at a time share one wait for the disk.
//!
//! New evidence reopens what was closed, released or reversed. A benign case
//! stays benign until its term ends: else whoever sends a harmless link twice
//! would keep an analyst busy.

use belfry_journal::UnixMillis;
use sqlx::Row;

use super::sealed::Sealed;
use super::{ReadingRecord, ReportId};
use crate::assessment::{Said, Weigh};
use crate::case::{Case, CaseState, Subject};
use crate::column::{big, millis};
use crate::evidence;
use crate::sql::{cases, reports as sql};
use crate::store::Write;
use crate::{Casebook, StoreError};

/// Subjects of one report; a reading raises one or a few.
const SUBJECTS_MAX: usize = 1_000;

impl Casebook {
    /// Files a reading and puts the report into the case of each subject,
    /// opening those that do not exist; all or nothing. Filing twice changes nothing.
    /// Answers the cases in the order of `subjects` (where it was filed before: of that filing).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn file_reading(
        &self,
        id: ReportId,
        reading: &ReadingRecord,
        subjects: &[Subject],
    ) -> Result<Vec<u64>, StoreError> {
        self.file_with(id, reading, subjects, None).await
    }

    /// As [`Casebook::file_reading`], and weighs each case in the same transaction by what
    /// the report says of it: one of `said` for each of `subjects`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn file_weighed(
        &self,
        id: ReportId,
        reading: &ReadingRecord,
        subjects: &[Subject],
        said: &[Said],
        weigh: &dyn Weigh,
    ) -> Result<Vec<u64>, StoreError> {
        self.file_with(id, reading, subjects, Some((said, weigh))).await
    }

    async fn file_with(
        &self,
        id: ReportId,
        reading: &ReadingRecord,
        subjects: &[Subject],
        weighing: Option<(&[Said], &dyn Weigh)>,
    ) -> Result<Vec<u64>, StoreError> {
        if subjects.len() > SUBJECTS_MAX {
            return Err(StoreError::Invalid { what: "reading", why: "over 1,000 subjects" });
        }
        let mut write = self.db().write_together().await?;
        let report = Sealed::load(write.connection(), id).await?;
        if report.reading.is_some() {
            write.roll_back().await?;
            return super::cases_of(&mut *self.readers().acquire().await?, id).await;
        }
        let key = report.key(self.keys())?;
        let sealed = evidence::seal(&key, &report.reading_context(), reading.json.as_bytes());
        sqlx::query(sql::FILE_READING)
            .bind(big(id.0)?)
            .bind(millis(reading.read_at)?)
            .bind(sealed)
            .bind(i64::from(reading.defects))
            .execute(write.connection())
            .await?;
        let mut joined = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let link = Link {
                report: id,
                reporter: report.reporter.as_deref(),
                authentic: report.authentic,
                place: joined.len(),
            };
            let case = write.join(&link, subject, reading.read_at).await?;
            if let Some((said, weigh)) = weighing
                && let Some(said) = said.get(joined.len())
            {
                write.weigh(case, id, said, weigh, reading.read_at).await?;
                write.mark(case, id, &said.marked, weigh, reading.read_at).await?;
            }
            joined.push(case);
        }
        write.commit_together().await?;
        self.gauge().was_read();
        Ok(joined)
    }
}

/// A report about to join a case.
pub(super) struct Link<'a> {
    pub(super) report: ReportId,
    pub(super) reporter: Option<&'a [u8]>,
    /// Whether that reporter is proven.
    pub(super) authentic: bool,
    /// Which of the reading's subjects the case is.
    pub(super) place: usize,
}

impl Write {
    /// Puts a report into the case of `subject`; answers the case's number.
    pub(super) async fn join(
        &mut self,
        link: &Link<'_>,
        subject: &Subject,
        at: UnixMillis,
    ) -> Result<u64, StoreError> {
        let case = match self.case_of(subject).await? {
            Some(case) => case,
            None => self.open_case(subject, at).await?,
        };
        let linked = sqlx::query(sql::LINK)
            .bind(big(link.report.0)?)
            .bind(big(case.id)?)
            .bind(big(link.place as u64)?)
            .execute(self.connection())
            .await?;
        // The same subject twice in one reading is one report of the case.
        if linked.rows_affected() == 1 {
            self.count_report(&case, link).await?;
            if let Some(reopened) = case.state.clone().with_new_evidence() {
                self.move_case(&case, &CaseState::Open(reopened), at).await?;
            }
        }
        Ok(case.id)
    }

    pub(crate) async fn open_case(
        &mut self,
        subject: &Subject,
        at: UnixMillis,
    ) -> Result<Case, StoreError> {
        let id = self.draw("cases").await?;
        let columns = subject.columns();
        sqlx::query(cases::INSERT)
            .bind(id)
            .bind(subject.key())
            .bind(columns.kind)
            .bind(columns.host)
            .bind(columns.registrable)
            .bind(columns.text)
            .bind(columns.note)
            .bind(millis(at)?)
            .execute(self.connection())
            .await?;
        self.case_of(subject).await?.ok_or(StoreError::Missing { what: "case", id: id.to_string() })
    }

    async fn count_report(&mut self, case: &Case, link: &Link<'_>) -> Result<(), StoreError> {
        let id = big(case.id)?;
        let new_reporters = match link.reporter {
            None => 0,
            Some(reporter) => sqlx::query(cases::INSERT_REPORTER)
                .bind(id)
                .bind(reporter)
                .execute(self.connection())
                .await?
                .rows_affected(),
        };
        if let Some(reporter) = link.reporter.filter(|_| link.authentic) {
            sqlx::query(cases::PROVE_REPORTER)
                .bind(id)
                .bind(reporter)
                .execute(self.connection())
                .await?;
        }
        sqlx::query(cases::COUNT_REPORT)
            .bind(id)
            .bind(big(new_reporters)?)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

/// The cases of a report, in the order of its reading's subjects.
pub(super) async fn cases_of(
    connection: &mut sqlx::SqliteConnection,
    id: ReportId,
) -> Result<Vec<u64>, StoreError> {
    let rows = sqlx::query(sql::CASES_OF).bind(big(id.0)?).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let case: i64 = row.try_get("case_id")?;
            u64::try_from(case).map_err(|_| StoreError::Column {
                table: "report_cases",
                column: "case_id",
                value: case.to_string(),
            })
        })
        .collect()
}
