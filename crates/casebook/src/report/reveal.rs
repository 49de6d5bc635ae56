//! Showing a report's bytes to a person, and giving a case's evidence out: never without a line in the audit log.

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

    /// Writes down that a case's evidence is given out, why, and by whom; durable before
    /// anything is.
    ///
    /// # Errors
    /// [`StoreError`]: nothing may be given out then.
    pub async fn log_export(
        &self,
        by: &Analyst,
        case: u64,
        action: &'static str,
        reason: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let object = format!("case {case}");
        let act = Act { who: &by.principal().name, action, object: &object, detail: reason };
        let mut write = self.db().write().await?;
        write.audit(&act, now).await?;
        write.commit().await
    }

    /// The seed of the key that bundles are signed by; made at the first bundle. Others know
    /// bundles by its public half: a lost one is announced, not replaced in silence.
    ///
    /// # Errors
    /// [`StoreError::Key`] or [`StoreError::File`].
    pub fn signing_key(&self) -> Result<[u8; 32], StoreError> {
        crate::keys::signing_key(&self.data_folder().join("keys"))
    }
}
