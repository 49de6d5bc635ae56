//! Showing a report's bytes to a person: never without a line in the audit log.

use belfry_journal::UnixMillis;

use crate::access::Analyst;
use crate::audit::Act;
use crate::report::Report;
use crate::{Casebook, StoreError};

impl Casebook {
    /// The bytes of a report for an analyst. The act is in the audit log, durably,
    /// before the bytes are returned.
    ///
    /// # Errors
    /// As [`Casebook::evidence`], or the database's; nothing is shown then.
    pub async fn reveal(
        &self,
        by: &Analyst,
        report: &Report,
        now: UnixMillis,
    ) -> Result<Vec<u8>, StoreError> {
        let bytes = self.evidence(report.id).await?;
        let object = format!("report {}", report.id.0);
        let act =
            Act { who: &by.principal().name, action: "reveal", object: &object, detail: "bytes" };
        let mut write = self.db().write().await?;
        write.audit(&act, now).await?;
        write.commit().await?;
        Ok(bytes)
    }
}
