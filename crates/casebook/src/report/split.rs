//! A report that was put into the wrong case goes to another, and is counted there.

use belfry_journal::UnixMillis;

use super::ReportId;
use super::filing::Link;
use super::sealed::Sealed;
use crate::StoreError;
use crate::case::Subject;
use crate::column::big;
use crate::sql::reports as sql;
use crate::store::Write;

impl Write {
    /// Moves a report from `case` to the case of `subject`, which is opened where there is
    /// none and reopened where it was closed; answers that case.
    pub(crate) async fn move_report(
        &mut self,
        report: ReportId,
        case: u64,
        subject: &Subject,
        at: UnixMillis,
    ) -> Result<u64, StoreError> {
        let sealed = Sealed::load(self.connection(), report).await?;
        let (id, number) = (big(report.0)?, big(case)?);
        let place: i64 = sqlx::query_scalar(sql::PLACE)
            .bind(id)
            .bind(number)
            .fetch_one(self.connection())
            .await?;
        sqlx::query(sql::UNLINK_ONE).bind(id).bind(number).execute(self.connection()).await?;
        self.forget_reporter(number, report, sealed.reporter.as_deref()).await?;
        let link = Link {
            report,
            reporter: sealed.reporter.as_deref(),
            authentic: sealed.authentic,
            place: usize::try_from(place).unwrap_or_default(),
        };
        self.join(&link, subject, at).await
    }
}
