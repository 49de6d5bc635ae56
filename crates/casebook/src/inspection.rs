//! Inspections: pages of cases that a browser is to open, and what was seen of them.
//!
//! What waits is a row, never a queue in memory. What was seen is one object of the
//! evidence, sealed under the key of the report whose link was opened, so that erasing
//! that report erases it too. Nothing here opens a page, and no inspection ever moves a case.

use belfry_journal::UnixMillis;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::access::Analyst;
use crate::audit::{Act, HUB};
use crate::column::{Columns, Word, big, millis};
use crate::evidence::{self, ObjectName};
use crate::report::sealed::Sealed;
use crate::report::{Receipt, ReportId};
use crate::sql::inspections as sql;
use crate::store::Write;
use crate::{Casebook, StoreError};

/// Inspections of one case: a further one is refused.
pub const OF_CASE_MAX: u64 = 20;
/// Inspections that wait: a further one is refused.
pub const WAITING_MAX: u64 = 500;
/// Octets of what was seen of one page.
const PAGE_BYTES_MAX: usize = 16 << 20;

/// As whom a page is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Device {
    /// A desktop computer.
    Desktop,
    /// A phone.
    Phone,
}

impl Word for Device {
    const ALL: &'static [Self] = &[Device::Desktop, Device::Phone];
    fn word(self) -> &'static str {
        self.name()
    }
}

impl Device {
    /// Its name on the API.
    pub fn name(self) -> &'static str {
        match self {
            Device::Desktop => "desktop",
            Device::Phone => "phone",
        }
    }
}

/// How far an inspection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It waits for its turn.
    Waiting,
    /// The page was opened.
    Done {
        /// How that ended, in one word: `page`, `nothing`, `refused`.
        seen: String,
        /// When.
        at: UnixMillis,
    },
    /// The page could not even be tried.
    Failed {
        /// Why.
        why: String,
        /// When.
        at: UnixMillis,
    },
}

/// An inspection of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Its number.
    pub id: u64,
    /// The case.
    pub case: u64,
    /// As whom.
    pub device: Device,
    /// Who asked for it: a person, a token, or `belfry` itself.
    pub by: String,
    /// When.
    pub asked_at: UnixMillis,
    /// How far it is.
    pub progress: Progress,
}

/// What was seen of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenPage {
    /// It as JSON of the caller's, without the picture.
    pub json: String,
    /// A PNG; empty where there is none.
    pub picture: Vec<u8>,
}

impl Casebook {
    /// Asks for a page of a case to be opened; answers the inspection's number. The audit
    /// log says who did.
    ///
    /// # Errors
    /// [`StoreError::Missing`] for no such case, [`StoreError::Invalid`] where too many wait
    /// or the case has too many, or the database's.
    pub async fn ask_inspection(
        &self,
        by: &Analyst,
        case: u64,
        device: Device,
        now: UnixMillis,
    ) -> Result<u64, StoreError> {
        let mut write = self.db().write().await?;
        write.case(case).await?;
        let (waiting, of_case) = write.counts(case).await?;
        let what = "inspection";
        if waiting >= WAITING_MAX {
            return Err(StoreError::Invalid { what, why: "too many wait: try later" });
        }
        if of_case >= OF_CASE_MAX {
            return Err(StoreError::Invalid { what, why: "the case has 20 already" });
        }
        let who = &by.principal().name;
        let id = write.ask(case, who, device, now).await?;
        let object = format!("case {case}");
        let act = Act { who, action: "inspect", object: &object, detail: device.name() };
        write.audit(&act, now).await?;
        write.commit().await?;
        Ok(id)
    }

    /// The same by the hub itself, for a case that has none yet; `None` where it has, or
    /// where too many wait.
    ///
    /// # Errors
    /// [`StoreError::Missing`] for no such case, or the database's.
    pub async fn ask_first_inspection(
        &self,
        case: u64,
        device: Device,
        now: UnixMillis,
    ) -> Result<Option<u64>, StoreError> {
        let mut write = self.db().write().await?;
        write.case(case).await?;
        // Half of the places are left to people.
        let (waiting, of_case) = write.counts(case).await?;
        if of_case > 0 || waiting >= WAITING_MAX / 2 {
            write.roll_back().await?;
            return Ok(None);
        }
        let id = write.ask(case, HUB, device, now).await?;
        write.commit().await?;
        Ok(Some(id))
    }

    /// The inspection whose turn it is: what people asked for goes first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next_inspection(&self) -> Result<Option<Inspection>, StoreError> {
        let row = sqlx::query(sql::NEXT).fetch_optional(self.readers()).await?;
        row.as_ref().map(inspection_of).transpose()
    }

    /// Keeps what was seen, under the key of the report whose link was opened.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where inspection or report are gone meanwhile,
    /// [`StoreError::Invalid`] for what is too large, or those of disk and database.
    pub async fn keep_page(
        &self,
        inspection: u64,
        report: ReportId,
        seen: &str,
        page: &SeenPage,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let clear = packed(page)?;
        let sealed = Sealed::load(&mut *self.readers().acquire().await?, report).await?;
        let key = sealed.key(self.keys())?;
        let object = ObjectName::of_receipt(self.keys(), Receipt::draw().as_str());
        let (folder, name) = (self.evidence_folder().clone(), object.clone());
        let put = tokio::task::spawn_blocking(move || {
            folder.put(&name, &evidence::seal(&key, &page_context(&name), &clear))
        });
        put.await.map_err(|_| StoreError::Closed)??;
        let ended = self.end(inspection, "done", seen, Some((report, &object)), now).await;
        if ended.is_err() {
            let folder = self.evidence_folder().clone();
            let removed = tokio::task::spawn_blocking(move || folder.remove(&object));
            removed.await.map_err(|_| StoreError::Closed)??;
        }
        ended
    }

    /// Writes down that a page could not be tried, and why.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where the inspection is gone meanwhile, or the database's.
    pub async fn fail_inspection(
        &self,
        inspection: u64,
        why: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        self.end(inspection, "failed", why, None, now).await
    }

    async fn end(
        &self,
        id: u64,
        state: &'static str,
        outcome: &str,
        kept: Option<(ReportId, &ObjectName)>,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        let ended = sqlx::query(sql::END)
            .bind(big(id)?)
            .bind(state)
            .bind(outcome)
            .bind(millis(now)?)
            .bind(kept.map(|(report, _)| big(report.0)).transpose()?)
            .bind(kept.map(|(_, object)| object.as_str()))
            .execute(write.connection())
            .await?;
        if ended.rows_affected() == 0 {
            return Err(StoreError::Missing { what: "inspection", id: id.to_string() });
        }
        write.commit().await
    }

    /// Writes down that a person looks at an inspection's picture as it is; answers its case.
    ///
    /// # Errors
    /// [`StoreError::Missing`] for no such inspection, or the database's.
    pub async fn reveal_picture(
        &self,
        by: &Analyst,
        id: u64,
        now: UnixMillis,
    ) -> Result<u64, StoreError> {
        let missing = || StoreError::Missing { what: "inspection", id: id.to_string() };
        let case = self.inspection(id).await?.ok_or_else(missing)?.case;
        let (who, object) = (&by.principal().name, format!("case {case}"));
        let detail = format!("the picture of inspection {id}");
        let mut write = self.db().write().await?;
        write.audit(&Act { who, action: "reveal", object: &object, detail: &detail }, now).await?;
        write.commit().await?;
        Ok(case)
    }

    /// The inspections of a case, the latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inspections(&self, case: u64) -> Result<Vec<Inspection>, StoreError> {
        let rows = sqlx::query(sql::OF_CASE).bind(big(case)?).bind(big(OF_CASE_MAX)?);
        rows.fetch_all(self.readers()).await?.iter().map(inspection_of).collect()
    }

    /// One inspection.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inspection(&self, id: u64) -> Result<Option<Inspection>, StoreError> {
        let row = sqlx::query(sql::ONE).bind(big(id)?).fetch_optional(self.readers()).await?;
        row.as_ref().map(inspection_of).transpose()
    }

    /// What was seen of a page; `None` where it waits, failed or is gone.
    ///
    /// # Errors
    /// [`StoreError::Evidence`] where it can't be opened, or the database's.
    pub async fn seen_page(&self, inspection: u64) -> Result<Option<SeenPage>, StoreError> {
        let mut connection = self.readers().acquire().await?;
        let row = sqlx::query(sql::SEALED).bind(big(inspection)?);
        let Some(row) = row.fetch_optional(&mut *connection).await? else { return Ok(None) };
        let columns = Columns::new("inspections", &row);
        let object = columns.text("object")?;
        let object =
            ObjectName::parse(&object).ok_or_else(|| columns.unknown("object", object.as_str()))?;
        let report = ReportId(columns.number("report_id")?);
        let sealed = Sealed::load(&mut connection, report).await?;
        let key = sealed.key(self.keys())?;
        let folder = self.evidence_folder().clone();
        tokio::task::spawn_blocking(move || {
            let bytes = folder.read(&object).map_err(|error| format!("its page: {error}"));
            let clear = bytes.and_then(|bytes| {
                evidence::unseal(&key, &page_context(&object), &bytes).map_err(ToOwned::to_owned)
            });
            let page = clear.and_then(|clear| unpacked(clear).ok_or("its page is cut".to_owned()));
            page.map(Some).map_err(|why| sealed.unusable(why))
        })
        .await
        .map_err(|_| StoreError::Closed)?
    }
}

impl Write {
    async fn counts(&mut self, case: u64) -> Result<(u64, u64), StoreError> {
        let row = sqlx::query(sql::COUNTS).bind(big(case)?).fetch_one(self.connection()).await?;
        let columns = Columns::new("inspections", &row);
        Ok((columns.number("waiting")?, columns.number("of_case")?))
    }

    async fn ask(
        &mut self,
        case: u64,
        who: &str,
        device: Device,
        now: UnixMillis,
    ) -> Result<u64, StoreError> {
        let id = self.draw("inspections").await?;
        sqlx::query(sql::INSERT)
            .bind(id)
            .bind(big(case)?)
            .bind(device.word())
            .bind(who)
            .bind(millis(now)?)
            .execute(self.connection())
            .await?;
        Ok(id.unsigned_abs())
    }

    /// Takes the pages of a report out of the tables; answers their objects.
    pub(crate) async fn forget_pages(
        &mut self,
        report: ReportId,
    ) -> Result<Vec<ObjectName>, StoreError> {
        let number = big(report.0)?;
        let rows =
            sqlx::query(sql::OBJECTS_OF_REPORT).bind(number).fetch_all(self.connection()).await?;
        let mut objects = Vec::with_capacity(rows.len());
        for row in &rows {
            let name: Option<String> = row.try_get(0)?;
            objects.extend(name.and_then(|name| ObjectName::parse(&name)));
        }
        for text in [sql::UNASSESS, sql::FORGET_REPORT] {
            sqlx::query(text).bind(number).execute(self.connection()).await?;
        }
        Ok(objects)
    }
}

fn inspection_of(row: &SqliteRow) -> Result<Inspection, StoreError> {
    let columns = Columns::new("inspections", row);
    let outcome = columns.text("outcome")?;
    let at = columns.time_maybe("ended_at")?.unwrap_or(UnixMillis(0));
    let progress = match columns.text("state")?.as_str() {
        "waiting" => Progress::Waiting,
        "done" => Progress::Done { seen: outcome, at },
        "failed" => Progress::Failed { why: outcome, at },
        other => return Err(columns.unknown("state", other)),
    };
    Ok(Inspection {
        id: columns.number("id")?,
        case: columns.number("case_id")?,
        device: columns.word("profile")?,
        by: columns.text("asked_by")?,
        asked_at: columns.time("asked_at")?,
        progress,
    })
}

/// What binds a page to its object, and keeps it from passing for a report.
fn page_context(object: &ObjectName) -> String {
    format!("page {}", object.as_str())
}

/// The length of the JSON in four octets, the JSON, the picture.
fn packed(page: &SeenPage) -> Result<Vec<u8>, StoreError> {
    let too_large = StoreError::Invalid { what: "page", why: "it is over 16 MiB" };
    let length = u32::try_from(page.json.len()).ok();
    let whole = page.json.len().saturating_add(page.picture.len());
    let Some(length) = length.filter(|_| whole <= PAGE_BYTES_MAX) else { return Err(too_large) };
    Ok([&length.to_be_bytes(), page.json.as_bytes(), &page.picture].concat())
}

fn unpacked(mut bytes: Vec<u8>) -> Option<SeenPage> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let json = String::from_utf8(rest.get(..length)?.to_vec()).ok()?;
    let picture = bytes.split_off(4 + length);
    Some(SeenPage { json, picture })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_comes_back_as_it_was_packed() {
        for (json, picture) in [("{}", vec![1, 2, 3]), ("", vec![]), ("{\"é\":1}", vec![0; 9])] {
            let page = SeenPage { json: json.into(), picture };
            let bytes = packed(&page).unwrap();
            assert_eq!(unpacked(bytes.clone()), Some(page));
            for cut in 0..4 + json.len() {
                assert_eq!(unpacked(bytes[..cut].to_vec()), None, "cut at {cut}");
            }
        }
    }

    #[test]
    fn what_is_too_large_is_refused_before_it_is_sealed() {
        let page = SeenPage { json: String::new(), picture: vec![0; PAGE_BYTES_MAX + 1] };
        assert!(packed(&page).is_err());
    }
}
