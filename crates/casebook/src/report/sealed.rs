//! What a report's row holds sealed, and how it is opened.

use belfry_journal::UnixMillis;
use sqlx::SqliteConnection;

use super::ReportId;
use crate::StoreError;
use crate::column::{Columns, big};
use crate::evidence::{self, ObjectName};
use crate::keys::{Key, Keys};
use crate::sql::reports as sql;

/// What a report's row holds sealed, and how to open it.
pub(crate) struct Sealed {
    receipt: String,
    pub(super) object: ObjectName,
    wrapped_key: Vec<u8>,
    pub(super) reporter: Option<Vec<u8>>,
    pub(super) envelope: Option<Vec<u8>>,
    /// Whether the reporter is proven to be who they say.
    pub(super) authentic: bool,
    pub(super) reading: Option<SealedReading>,
}

pub(crate) struct SealedReading {
    pub(super) sealed: Vec<u8>,
    pub(super) defects: u32,
    pub(super) read_at: UnixMillis,
}

impl Sealed {
    pub(crate) async fn load(
        connection: &mut SqliteConnection,
        id: ReportId,
    ) -> Result<Self, StoreError> {
        let row = sqlx::query(sql::SEALED)
            .bind(big(id.0)?)
            .fetch_optional(connection)
            .await?
            .ok_or_else(|| StoreError::Missing { what: "report", id: id.0.to_string() })?;
        let columns = Columns::new("reports", &row);
        let object = columns.text("object")?;
        let object =
            ObjectName::parse(&object).ok_or_else(|| columns.unknown("object", object.as_str()))?;
        Ok(Self {
            receipt: columns.text("receipt")?,
            object,
            wrapped_key: columns.bytes("wrapped_key")?,
            reporter: columns.bytes_maybe("reporter")?,
            envelope: columns.bytes_maybe("envelope")?,
            authentic: columns.number_maybe("authentic")? == Some(1),
            reading: SealedReading::of(&columns)?,
        })
    }

    /// The report's own key.
    pub(crate) fn key(&self, keys: &Keys) -> Result<Key, StoreError> {
        evidence::unwrap_key(keys, &self.object, &self.wrapped_key)
            .map_err(|why| self.unusable(format!("its key: {why}")))
    }

    /// What binds a reading to its report, and keeps it from passing for the evidence.
    pub(crate) fn reading_context(&self) -> String {
        format!("reading of {}", self.object.as_str())
    }

    pub(crate) fn unusable(&self, why: String) -> StoreError {
        StoreError::Evidence { receipt: self.receipt.clone(), why }
    }
}

impl SealedReading {
    fn of(columns: &Columns<'_>) -> Result<Option<Self>, StoreError> {
        let Some(sealed) = columns.bytes_maybe("reading")? else { return Ok(None) };
        let defects = columns.number("defects")?;
        let defects =
            u32::try_from(defects).map_err(|_| columns.unknown("defects", defects.to_string()))?;
        Ok(Some(Self { sealed, defects, read_at: columns.time("read_at")? }))
    }
}
