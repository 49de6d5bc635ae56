//! What people do around cases: notes, who has one in hand, objections, and the figures
//! that pages show. Nothing here moves a case or writes an order.

use belfry_indicator::Domain;
use belfry_journal::{Serial, UnixMillis};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::access::Analyst;
use crate::audit::Act;
use crate::case::{OrderRecord, order_of};
use crate::column::{Columns, big, millis};
use crate::report::Receipt;
use crate::sql::work as sql;
use crate::{Casebook, StoreError};

const NOTE_CHARS_MAX: usize = 4_000;
const NOTES_MAX: i64 = 500;
const OBJECTIONS_MAX: i64 = 500;
/// Open at once: a flood of them is refused, never dropped silently.
const OBJECTIONS_OPEN_MAX: i64 = 100_000;
const WORDS_CHARS_MAX: usize = 4_000;
const CONTACT_CHARS_MAX: usize = 254;
const DAY_MILLIS: i64 = 86_400_000;

/// A note on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// By whom.
    pub by: String,
    /// When.
    pub at: UnixMillis,
    /// The words.
    pub text: String,
}

/// What one follower counted for an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowerEffect {
    /// Its name.
    pub follower: String,
    /// Blocked answers.
    pub blocked_answers: u64,
    /// Views of the warning page.
    pub warning_views: u64,
    /// When the order took hold there.
    pub applied_at: Option<UnixMillis>,
    /// When it first blocked an answer there.
    pub first_blocked_at: Option<UnixMillis>,
}

/// How far an objection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectionState {
    /// Nobody has decided it.
    Open,
    /// The block was lifted, or there was none.
    Granted,
    /// The block stays.
    Rejected,
}

impl crate::column::Word for ObjectionState {
    const ALL: &'static [Self] =
        &[ObjectionState::Open, ObjectionState::Granted, ObjectionState::Rejected];
    fn word(self) -> &'static str {
        match self {
            ObjectionState::Open => "open",
            ObjectionState::Granted => "granted",
            ObjectionState::Rejected => "rejected",
        }
    }
}

/// An objection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// What its sender follows it by.
    pub number: String,
    /// The name that is objected about.
    pub target: String,
    /// The case of the block, where there was one.
    pub case: Option<u64>,
    /// The block, where there was one.
    pub order: Option<Serial>,
    /// Why, in the sender's words.
    pub words: String,
    /// Where to answer; gone once it is decided.
    pub contact: Option<String>,
    /// When it came.
    pub at: UnixMillis,
    /// How far it is.
    pub state: ObjectionState,
    /// By whom it was decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<UnixMillis>,
    /// The reasons given to its sender.
    pub answer: Option<String>,
}

/// An objection to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewObjection<'a> {
    /// The name.
    pub target: &'a Domain,
    /// Why: 1 to 4,000 characters.
    pub words: &'a str,
    /// A mail address to answer to, if the sender gave one.
    pub contact: Option<&'a str>,
}

/// A count of one day, since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayCount {
    /// Days since 1970.
    pub day: u64,
    /// Of what; empty for reports.
    pub what: String,
    /// How many.
    pub count: u64,
}

impl Casebook {
    /// Writes a note beside a case.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for its length, or the database's.
    pub async fn add_note(
        &self,
        by: &Analyst,
        case: u64,
        text: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        check_text("note", text, NOTE_CHARS_MAX)?;
        let mut write = self.db().write().await?;
        write.case(case).await?;
        let id = write.draw("case-notes").await?;
        sqlx::query(sql::INSERT_NOTE)
            .bind(id)
            .bind(big(case)?)
            .bind(&by.principal().name)
            .bind(millis(now)?)
            .bind(text.trim())
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// The notes of a case, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn notes(&self, case: u64) -> Result<Vec<Note>, StoreError> {
        let rows =
            sqlx::query(sql::NOTES).bind(big(case)?).bind(NOTES_MAX).fetch_all(self.readers());
        rows.await?
            .iter()
            .map(|row| {
                let columns = Columns::new("case_notes", row);
                let (by, at) = (columns.text("person")?, columns.time("at_ms")?);
                Ok(Note { by, at, text: columns.text("text")? })
            })
            .collect()
    }

    /// Takes a case in hand, or lets it go. It hinders nobody: it only says who looks.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hold_case(
        &self,
        by: &Analyst,
        case: u64,
        held: bool,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        write.case(case).await?;
        let case = big(case)?;
        let query = if held {
            let person = &by.principal().name;
            sqlx::query(sql::HOLD_CASE).bind(case).bind(person).bind(millis(now)?)
        } else {
            sqlx::query(sql::LET_GO).bind(case)
        };
        query.execute(write.connection()).await?;
        write.commit().await
    }

    /// Who has a case in hand.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn holder(&self, case: u64) -> Result<Option<String>, StoreError> {
        let held = sqlx::query_scalar(sql::HOLDER).bind(big(case)?);
        Ok(held.fetch_optional(self.readers()).await?)
    }

    /// What each follower counted for an order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn effects_of(&self, order: Serial) -> Result<Vec<FollowerEffect>, StoreError> {
        let rows = sqlx::query(sql::EFFECTS_OF).bind(big(order.0)?).fetch_all(self.readers());
        rows.await?
            .iter()
            .map(|row| {
                let columns = Columns::new("effects", row);
                Ok(FollowerEffect {
                    follower: columns.text("follower")?,
                    blocked_answers: columns.number("blocked_answers")?,
                    warning_views: columns.number("warning_views")?,
                    applied_at: columns.time_maybe("applied_at")?,
                    first_blocked_at: columns.time_maybe("first_blocked_at")?,
                })
            })
            .collect()
    }

    /// The live order that blocks `name` now: its own, or one of a domain that it is within.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn block_of(&self, name: &Domain) -> Result<Option<OrderRecord>, StoreError> {
        let mut reading = self.readers().begin().await?;
        for (up, ancestor) in name.ancestors().enumerate() {
            let row = sqlx::query(sql::EFFECTIVE_FOR).bind(ancestor.as_str());
            let Some(row) = row.fetch_optional(&mut *reading).await? else { continue };
            let order = order_of(&mut reading, &row).await?;
            // A block of a host alone says nothing of the names below it.
            if up == 0 || order.target.level() == "domain" {
                return Ok(Some(order));
            }
        }
        Ok(None)
    }

    /// Stores an objection; answers the number that its sender follows it by.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for lengths or when too many are open, or the database's.
    pub async fn object(
        &self,
        objection: NewObjection<'_>,
        now: UnixMillis,
    ) -> Result<String, StoreError> {
        check_text("objection", objection.words, WORDS_CHARS_MAX)?;
        if let Some(contact) = objection.contact {
            check_text("contact", contact, CONTACT_CHARS_MAX)?;
        }
        let block = self.block_of(objection.target).await?;
        let number = Receipt::draw().to_string();
        let mut write = self.db().write().await?;
        let open: i64 =
            sqlx::query_scalar(sql::COUNT_OBJECTIONS).fetch_one(write.connection()).await?;
        if open >= OBJECTIONS_OPEN_MAX {
            return Err(StoreError::Invalid { what: "objection", why: "too many wait; try later" });
        }
        let id = write.draw("objections").await?;
        sqlx::query(sql::INSERT_OBJECTION)
            .bind(id)
            .bind(&number)
            .bind(objection.target.as_str())
            .bind(block.as_ref().map(|order| big(order.case)).transpose()?)
            .bind(block.as_ref().map(|order| big(order.serial.0)).transpose()?)
            .bind(objection.words.trim())
            .bind(objection.contact.map(str::trim))
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(number)
    }

    /// The objection of this number.
    ///
    /// # Errors
    /// [`StoreError`] of the database only.
    pub async fn objection(&self, number: &str) -> Result<Option<Objection>, StoreError> {
        let Some(number) = Receipt::parse(number) else { return Ok(None) };
        let row = sqlx::query(sql::OBJECTION).bind(number.as_str());
        row.fetch_optional(self.readers()).await?.as_ref().map(objection_of).transpose()
    }

    /// Objections: those that wait first, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn objections(&self) -> Result<Vec<Objection>, StoreError> {
        let rows = sqlx::query(sql::OBJECTIONS).bind(OBJECTIONS_MAX).fetch_all(self.readers());
        rows.await?.iter().map(objection_of).collect()
    }

    /// Records what a person decided about an objection; the block itself is released by
    /// [`Casebook::release`] before. Who ordered the block never decides.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where none of this number waits, [`StoreError::Invalid`] for
    /// the person who ordered the block or for the answer's length, or the database's.
    pub async fn decide_objection(
        &self,
        by: &Analyst,
        number: &str,
        granted: bool,
        answer: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        check_text("answer", answer, WORDS_CHARS_MAX)?;
        let missing = || StoreError::Missing { what: "objection", id: number.to_owned() };
        let objection = self.objection(number).await?.ok_or_else(missing)?;
        self.check_other_person(by, &objection).await?;
        let who = &by.principal().name;
        let mut write = self.db().write().await?;
        let decided = sqlx::query(sql::DECIDE_OBJECTION)
            .bind(&objection.number)
            .bind(if granted { "granted" } else { "rejected" })
            .bind(who)
            .bind(millis(now)?)
            .bind(answer.trim())
            .execute(write.connection())
            .await?;
        if decided.rows_affected() == 0 {
            return Err(missing());
        }
        let object = format!("objection {}", objection.number);
        let detail = if granted { "granted" } else { "rejected" };
        write.audit(&Act { who, action: "decide-objection", object: &object, detail }, now).await?;
        write.commit().await
    }

    /// Refuses whoever judged the case that is objected to.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for that person, or the database's.
    pub async fn check_other_person(
        &self,
        by: &Analyst,
        objection: &Objection,
    ) -> Result<(), StoreError> {
        let Some(case) = objection.case else { return Ok(()) };
        let judge: Option<String> = sqlx::query_scalar(sql::LAST_JUDGE)
            .bind(big(case)?)
            .fetch_optional(self.readers())
            .await?;
        if judge.as_deref() == Some(&by.principal().name) {
            let why = "another person than the one who judged the case must decide it";
            return Err(StoreError::Invalid { what: "objection", why });
        }
        Ok(())
    }

    /// Reports a day since `since`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reports_by_day(&self, since: UnixMillis) -> Result<Vec<DayCount>, StoreError> {
        self.by_day(sql::REPORTS_BY_DAY, None, since).await
    }

    /// Live blocks a day and category since `since`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn blocks_by_day(&self, since: UnixMillis) -> Result<Vec<DayCount>, StoreError> {
        self.by_day(sql::ORDERS_BY_DAY, Some("category"), since).await
    }

    async fn by_day(
        &self,
        text: &'static str,
        what: Option<&'static str>,
        since: UnixMillis,
    ) -> Result<Vec<DayCount>, StoreError> {
        let rows = sqlx::query(text).bind(millis(since)?).bind(DAY_MILLIS);
        rows.fetch_all(self.readers())
            .await?
            .iter()
            .map(|row| {
                let columns = Columns::new("days", row);
                let what = what.map(|what| columns.text(what)).transpose()?.unwrap_or_default();
                Ok(DayCount { day: columns.number("day")?, what, count: columns.number("count")? })
            })
            .collect()
    }

    /// How many cases there are in each state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cases_by_status(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = sqlx::query(sql::CASES_BY_STATUS).fetch_all(self.readers()).await?;
        rows.iter()
            .map(|row| Ok((row.try_get("status")?, Columns::new("cases", row).number("count")?)))
            .collect()
    }
}

fn objection_of(row: &SqliteRow) -> Result<Objection, StoreError> {
    let columns = Columns::new("objections", row);
    Ok(Objection {
        number: columns.text("number")?,
        target: columns.text("target")?,
        case: columns.number_maybe("case_id")?,
        order: columns.number_maybe("order_serial")?.map(Serial),
        words: columns.text("words")?,
        contact: columns.text_maybe("contact")?,
        at: columns.time("at_ms")?,
        state: columns.word("status")?,
        decided_by: columns.text_maybe("decided_by")?,
        decided_at: columns.time_maybe("decided_at")?,
        answer: columns.text_maybe("answer")?,
    })
}

fn check_text(what: &'static str, text: &str, chars_max: usize) -> Result<(), StoreError> {
    if (1..=chars_max).contains(&text.trim().chars().count()) {
        return Ok(());
    }
    Err(StoreError::Invalid { what, why: "it must have words, and not too many" })
}
