//! Erasing a report: its key, its bytes, and whatever was known from it alone.
//!
//! The key goes first, within the transaction: after its commit nothing opens the
//! bytes any more, wherever a copy of them lies. A case that only this report raised
//! goes with it, unless the journal names it: that a name was blocked is a public act.

use belfry_journal::UnixMillis;
use sqlx::Row;

use super::sealed::Sealed;
use super::{Receipt, ReportId, cases_of};
use crate::access::Admin;
use crate::audit::{Act, HUB};
use crate::column::{Columns, big};
use crate::evidence::ObjectName;
use crate::sql::{
    assessments, campaigns, correspondence, erasure as sql, inspections, life, reports, sms, work,
};
use crate::store::Write;
use crate::{Casebook, StoreError};

/// Stands where an erased text stood.
const ERASED: &str = "(erased)";

/// Why a report is erased; what the audit log says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// Someone asked for it.
    Asked,
    /// Its time is over.
    Retention(super::Class),
    /// It was erased after the backup that was restored.
    Replayed,
}

impl Erasure {
    fn words(self) -> String {
        match self {
            Erasure::Asked => "asked for".to_owned(),
            Erasure::Retention(class) => format!("kept its time as {}", class.name()),
            Erasure::Replayed => "erased after the backup that was restored".to_owned(),
        }
    }
}

/// What went with a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Reports.
    pub reports: u64,
    /// Cases that only they raised.
    pub cases: u64,
    /// Objections.
    pub objections: u64,
}

impl Casebook {
    /// Erases a report, or an objection of this number, on request. What is left of it in the
    /// database's free pages goes with [`Casebook::sweep`].
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Held`], or the database's; nothing was erased then.
    pub async fn erase(
        &self,
        by: &Admin,
        receipt: &Receipt,
        now: UnixMillis,
    ) -> Result<Erased, StoreError> {
        let Some(report) = self.report(receipt).await? else {
            if self.erase_objection(by, receipt, now).await? {
                return Ok(Erased { objections: 1, ..Erased::default() });
            }
            return Err(StoreError::Missing { what: "report", id: receipt.to_string() });
        };
        self.erase_all(&by.principal().name, &[report.id], Erasure::Asked, now).await
    }

    /// Erases reports for a reason that is the hub's own.
    pub(crate) async fn erase_by_rule(
        &self,
        reports: &[ReportId],
        why: Erasure,
        now: UnixMillis,
    ) -> Result<Erased, StoreError> {
        self.erase_all(HUB, reports, why, now).await
    }

    async fn erase_all(
        &self,
        who: &str,
        reports: &[ReportId],
        why: Erasure,
        now: UnixMillis,
    ) -> Result<Erased, StoreError> {
        let mut write = self.db().write().await?;
        let mut erased = Erased::default();
        let mut objects = Vec::with_capacity(reports.len());
        for report in reports {
            if why != Erasure::Replayed {
                write.refuse_held(*report).await?;
            }
            let cases = write.erase_report(*report, &mut objects).await?;
            erased.cases += cases;
            erased.reports += 1;
            let (object, detail) = (format!("report {}", report.0), why.words());
            let act = Act { who, action: "erase", object: &object, detail: &detail };
            write.audit(&act, now).await?;
        }
        write.commit().await?;
        // A crash here leaves objects that nothing opens; the next start collects them.
        let folder = self.evidence_folder().clone();
        let removed = tokio::task::spawn_blocking(move || {
            objects.iter().try_for_each(|object| folder.remove(object))
        });
        removed.await.map_err(|_| StoreError::Closed)??;
        self.db().truncate_log().await?;
        Ok(erased)
    }
}

impl Write {
    /// Takes everything of a report out of the tables, and adds its objects to `objects`;
    /// answers how many cases went with it.
    async fn erase_report(
        &mut self,
        id: ReportId,
        objects: &mut Vec<ObjectName>,
    ) -> Result<u64, StoreError> {
        let report = Sealed::load(self.connection(), id).await?;
        let cases = cases_of(self.connection(), id).await?;
        objects.extend(self.forget_pages(id).await?);
        let mut gone = 0;
        for case in cases {
            gone += self.untie(case, id, report.reporter.as_deref()).await?;
        }
        let number = big(id.0)?;
        let nothing = vec![0; 32];
        let forget = sqlx::query(sms::FORGET_MESSAGE).bind(number).bind(nothing);
        forget.execute(self.connection()).await?;
        for text in [
            sql::UNLINK,
            sql::UNHOLD,
            correspondence::DELETE,
            assessments::FORGET_REPORT,
            campaigns::FORGET_MARKS_OF_REPORT,
            campaigns::FORGET_SKETCH_OF_REPORT,
            sql::DELETE_REPORT,
        ] {
            sqlx::query(text).bind(number).execute(self.connection()).await?;
        }
        self.blank_audit(&format!("report {}", id.0)).await?;
        objects.push(report.object);
        Ok(gone)
    }

    /// Takes a report out of a case; answers 1 where the case goes with it.
    async fn untie(
        &mut self,
        case: u64,
        report: ReportId,
        reporter: Option<&[u8]>,
    ) -> Result<u64, StoreError> {
        let number = big(case)?;
        let row = sqlx::query(sql::CASE_TIES).bind(number).fetch_one(self.connection()).await?;
        let columns = Columns::new("cases", &row);
        let (reports, orders) = (columns.number("reports")?, columns.number("orders")?);
        if reports > 1 {
            self.forget_reporter(number, report, reporter).await?;
            if columns.number("first_report")? == report.0 {
                let retitle = sqlx::query(sql::RETITLE).bind(number).bind(ERASED);
                retitle.execute(self.connection()).await?;
            }
            return Ok(0);
        }
        self.blank_audit(&format!("case {case}")).await?;
        for text in [sql::DELETE_REPORTERS, work::FORGET_NOTES] {
            sqlx::query(text).bind(number).execute(self.connection()).await?;
        }
        if orders > 0 {
            sqlx::query(life::DROP_PROPOSAL).bind(number).execute(self.connection()).await?;
            let blank = sqlx::query(sql::BLANK_REASONS).bind(number).bind(ERASED);
            blank.execute(self.connection()).await?;
            sqlx::query(sql::UNCOUNT_ALL).bind(number).execute(self.connection()).await?;
            return Ok(0);
        }
        sqlx::query(sql::UNLINK).bind(big(report.0)?).execute(self.connection()).await?;
        for text in [
            work::LET_GO,
            life::DROP_PROPOSAL,
            life::DROP_ACTS,
            life::FREE_MEMBERS,
            life::LEAVE_ALL,
            sql::DELETE_VERDICTS,
            assessments::FORGET_CASE,
            campaigns::FORGET_MARKS,
            campaigns::FORGET_SKETCH,
            campaigns::LEAVE,
            inspections::FORGET_CASE,
            sql::DELETE_CASE,
        ] {
            sqlx::query(text).bind(number).execute(self.connection()).await?;
        }
        Ok(1)
    }

    /// Uncounts a report of a case that goes on, and its reporter if it was their only one.
    pub(super) async fn forget_reporter(
        &mut self,
        case: i64,
        report: ReportId,
        reporter: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let mut fewer = 0;
        if let Some(reporter) = reporter {
            let others: i64 = sqlx::query(sql::OTHERS_BY_REPORTER)
                .bind(case)
                .bind(reporter)
                .bind(big(report.0)?)
                .fetch_one(self.connection())
                .await?
                .try_get(0)?;
            if others == 0 {
                let gone = sqlx::query(sql::DELETE_REPORTER).bind(case).bind(reporter);
                fewer = big(gone.execute(self.connection()).await?.rows_affected())?;
            }
        }
        sqlx::query(sql::UNCOUNT).bind(case).bind(fewer).execute(self.connection()).await?;
        Ok(())
    }

    async fn blank_audit(&mut self, object: &str) -> Result<(), StoreError> {
        sqlx::query(sql::BLANK_AUDIT).bind(object).execute(self.connection()).await?;
        Ok(())
    }

    async fn refuse_held(&mut self, id: ReportId) -> Result<(), StoreError> {
        let hold = super::hold::of(self.connection(), id).await?;
        let Some(hold) = hold else { return Ok(()) };
        let row =
            sqlx::query(reports::SEALED).bind(big(id.0)?).fetch_one(self.connection()).await?;
        let receipt = Columns::new("reports", &row).text("receipt")?;
        Err(StoreError::Held { receipt, who: hold.who, since: hold.at, why: hold.why })
    }
}
