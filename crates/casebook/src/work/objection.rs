//! Objections of site owners and senders. What they wrote, where to answer and what was
//! answered is sealed under a key of the objection's own, as a report's bytes are: never in
//! a row in clear, and erased by the loss of that key.

use belfry_indicator::Domain;
use belfry_journal::{Serial, UnixMillis};
use sqlx::sqlite::SqliteRow;

use super::check_text;
use super::sender::{NewSenderObjection, RefusedSms};
use crate::access::{Admin, Analyst};
use crate::audit::{Act, HUB};
use crate::case::OrderRecord;
use crate::column::{Columns, big, millis};
use crate::evidence::{self, ObjectName};
use crate::keys::{Key, Keys};
use crate::report::Receipt;
use crate::sql::{objections as sql, work};
use crate::store::{Db, Write};
use crate::{Casebook, StoreError};

const OBJECTIONS_MAX: i64 = 500;
/// Open at once: a flood of them is refused, never dropped silently.
const OPEN_MAX: i64 = 100_000;
const WORDS_CHARS_MAX: usize = 4_000;
const CONTACT_CHARS_MAX: usize = 254;
/// Erased, or sealed at a start, in one transaction.
const BATCH: i64 = 100;

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
#[derive(Clone, PartialEq, Eq)]
pub struct Objection {
    /// What its sender follows it by.
    pub number: String,
    /// The name that is objected about; empty for an SMS.
    pub target: String,
    /// The SMS that is objected about, if it is one.
    pub sms: Option<RefusedSms>,
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

impl std::fmt::Debug for Objection {
    /// Without what its sender wrote: it must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Objection").field("number", &self.number).finish_non_exhaustive()
    }
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

/// What an objection is about.
struct About<'a> {
    target: &'a str,
    block: Option<&'a OrderRecord>,
    sms: Option<&'a RefusedSms>,
}

/// The key of one objection, and what binds texts to it.
struct Seal {
    object: ObjectName,
    key: Key,
}

impl Seal {
    /// A fresh key for the objection of this number.
    fn new(keys: &Keys, number: &str) -> Self {
        Self { object: ObjectName::of_receipt(keys, number), key: Key::random() }
    }

    fn open(keys: &Keys, number: &str, wrapped: &[u8]) -> Result<Self, &'static str> {
        let object = ObjectName::of_receipt(keys, number);
        let key = evidence::unwrap_key(keys, &object, wrapped)?;
        Ok(Self { object, key })
    }

    fn wrapped(&self, keys: &Keys) -> Vec<u8> {
        evidence::wrap(keys, &self.object, &self.key)
    }

    fn context(&self, what: &str) -> String {
        format!("{what} of objection {}", self.object.as_str())
    }

    fn seal(&self, what: &'static str, text: &str) -> Vec<u8> {
        evidence::seal(&self.key, &self.context(what), text.trim().as_bytes())
    }

    fn unseal(&self, what: &'static str, sealed: &[u8]) -> Result<String, &'static str> {
        let clear = evidence::unseal(&self.key, &self.context(what), sealed)?;
        String::from_utf8(clear).map_err(|_| "it is not UTF-8")
    }
}

impl Casebook {
    /// Stores an objection; answers the number that its sender follows it by.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for lengths or when too many are open, or the database's.
    pub async fn object(
        &self,
        objection: NewObjection<'_>,
        now: UnixMillis,
    ) -> Result<String, StoreError> {
        let NewObjection { target, words, contact } = objection;
        let block = self.block_of(target).await?;
        let about = About { target: target.as_str(), block: block.as_ref(), sms: None };
        self.store_objection(about, words, contact, now).await
    }

    /// Stores an objection of a sender; answers the number that it is followed by.
    ///
    /// # Errors
    /// As [`Casebook::object`].
    pub async fn object_as_sender(
        &self,
        objection: NewSenderObjection<'_>,
        now: UnixMillis,
    ) -> Result<String, StoreError> {
        let NewSenderObjection { sms, words, contact } = objection;
        let about = About { target: "", block: None, sms: Some(sms) };
        self.store_objection(about, words, contact, now).await
    }

    async fn store_objection(
        &self,
        about: About<'_>,
        words: &str,
        contact: Option<&str>,
        now: UnixMillis,
    ) -> Result<String, StoreError> {
        check_text("objection", words, WORDS_CHARS_MAX)?;
        if let Some(contact) = contact {
            check_text("contact", contact, CONTACT_CHARS_MAX)?;
        }
        let number = Receipt::draw().to_string();
        let seal = Seal::new(self.keys(), &number);
        let mut write = self.db().write().await?;
        let open: i64 = sqlx::query_scalar(sql::COUNT_OPEN).fetch_one(write.connection()).await?;
        if open >= OPEN_MAX {
            return Err(StoreError::Invalid { what: "objection", why: "too many wait; try later" });
        }
        let id = write.draw("objections").await?;
        sqlx::query(sql::INSERT)
            .bind(id)
            .bind(&number)
            .bind(about.target)
            .bind(about.block.map(|order| big(order.case)).transpose()?)
            .bind(about.block.map(|order| big(order.serial.0)).transpose()?)
            .bind(seal.wrapped(self.keys()))
            .bind(seal.seal("words", words))
            .bind(contact.map(|contact| seal.seal("contact", contact)))
            .bind(millis(now)?)
            .bind(about.sms.map(|sms| seal.seal("sms", &sms.joined())))
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(number)
    }

    /// The objection of this number.
    ///
    /// # Errors
    /// [`StoreError`] of the database, or [`StoreError::Evidence`] where it can't be opened.
    pub async fn objection(&self, number: &str) -> Result<Option<Objection>, StoreError> {
        let Some(number) = Receipt::parse(number) else { return Ok(None) };
        let row = sqlx::query(sql::ONE).bind(number.as_str());
        let row = row.fetch_optional(self.readers()).await?;
        row.as_ref().map(|row| objection_of(self.keys(), row)).transpose()
    }

    /// Objections: those that wait first, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn objections(&self) -> Result<Vec<Objection>, StoreError> {
        let rows = sqlx::query(sql::ALL_OF_THEM).bind(OBJECTIONS_MAX).fetch_all(self.readers());
        rows.await?.iter().map(|row| objection_of(self.keys(), row)).collect()
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
        let row = sqlx::query(sql::ONE).bind(&objection.number);
        let row = row.fetch_optional(write.connection()).await?.ok_or_else(missing)?;
        let seal = seal_of(self.keys(), &Columns::new("objections", &row))?;
        let decided = sqlx::query(sql::DECIDE)
            .bind(&objection.number)
            .bind(if granted { "granted" } else { "rejected" })
            .bind(who)
            .bind(millis(now)?)
            .bind(seal.seal("answer", answer))
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

    /// Refuses whoever judged the case that is objected to; of an SMS, the case of any
    /// template that refuses it.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for that person, or the database's.
    pub async fn check_other_person(
        &self,
        by: &Analyst,
        objection: &Objection,
    ) -> Result<(), StoreError> {
        for case in self.cases_of(objection) {
            let judge: Option<String> = sqlx::query_scalar(work::LAST_JUDGE)
                .bind(big(case)?)
                .fetch_optional(self.readers())
                .await?;
            if judge.as_deref() == Some(&by.principal().name) {
                let why = "another person than the one who judged the case must decide it";
                return Err(StoreError::Invalid { what: "objection", why });
            }
        }
        Ok(())
    }

    /// Erases an objection on request: its key, and its row; answers whether there was one.
    /// What is left in free pages goes with [`Casebook::sweep`].
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn erase_objection(
        &self,
        by: &Admin,
        number: &Receipt,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let mut write = self.db().write().await?;
        let gone = write.drop_objection(number.as_str(), &by.principal().name, "asked for", now);
        let gone = gone.await?;
        write.commit().await?;
        self.db().truncate_log().await?;
        Ok(gone)
    }

    /// Erases objections that were decided before `decided`, and open ones that came before
    /// `came`, at most 100; call it again until it answers none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_objections(
        &self,
        decided: UnixMillis,
        came: UnixMillis,
        now: UnixMillis,
    ) -> Result<u64, StoreError> {
        let numbers: Vec<String> = sqlx::query_scalar(sql::ENDED)
            .bind(millis(decided)?)
            .bind(millis(came)?)
            .bind(BATCH)
            .fetch_all(self.readers())
            .await?;
        if numbers.is_empty() {
            return Ok(0);
        }
        let mut write = self.db().write().await?;
        for number in &numbers {
            write.drop_objection(number, HUB, "kept its time", now).await?;
        }
        write.commit().await?;
        self.db().truncate_log().await?;
        Ok(numbers.len() as u64)
    }
}

impl Write {
    async fn drop_objection(
        &mut self,
        number: &str,
        who: &str,
        why: &str,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let gone = sqlx::query(sql::DELETE).bind(number).execute(self.connection()).await?;
        if gone.rows_affected() == 0 {
            return Ok(false);
        }
        let object = format!("objection {number}");
        self.audit(&Act { who, action: "erase", object: &object, detail: why }, now).await?;
        Ok(true)
    }
}

/// Seals what an older version left in clear, before anything else is done.
pub(crate) async fn seal_what_is_clear(db: &Db, keys: &Keys) -> Result<(), StoreError> {
    loop {
        let rows = sqlx::query(sql::IN_CLEAR).bind(BATCH).fetch_all(db.readers()).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut write = db.write().await?;
        for row in &rows {
            let columns = Columns::new("objections", row);
            let number = columns.text("number")?;
            let seal = Seal::new(keys, &number);
            let sealed = |what, text: Option<String>| text.map(|text| seal.seal(what, &text));
            sqlx::query(sql::SEAL)
                .bind(&number)
                .bind(seal.wrapped(keys))
                .bind(seal.seal("words", &columns.text("words")?))
                .bind(sealed("contact", columns.text_maybe("contact")?))
                .bind(sealed("answer", columns.text_maybe("answer")?))
                .execute(write.connection())
                .await?;
        }
        write.commit().await?;
        tracing::info!(count = rows.len(), "objections kept in clear are sealed now");
    }
}

fn seal_of(keys: &Keys, columns: &Columns<'_>) -> Result<Seal, StoreError> {
    let number = columns.text("number")?;
    let wrapped = columns.bytes_maybe("wrapped_key")?.unwrap_or_default();
    Seal::open(keys, &number, &wrapped)
        .map_err(|why| StoreError::Evidence { receipt: number, why: format!("its key: {why}") })
}

fn objection_of(keys: &Keys, row: &SqliteRow) -> Result<Objection, StoreError> {
    let columns = Columns::new("objections", row);
    let seal = seal_of(keys, &columns)?;
    let number = columns.text("number")?;
    let text = |what: &'static str, column| {
        let Some(sealed) = columns.bytes_maybe(column)? else { return Ok(None) };
        let opened = seal.unseal(what, &sealed);
        let receipt = number.clone();
        opened
            .map(Some)
            .map_err(|why| StoreError::Evidence { receipt, why: format!("its {what}: {why}") })
    };
    Ok(Objection {
        sms: text("sms", "sealed_sms")?.as_deref().and_then(RefusedSms::split),
        target: columns.text("target")?,
        case: columns.number_maybe("case_id")?,
        order: columns.number_maybe("order_serial")?.map(Serial),
        words: text("words", "sealed_words")?.unwrap_or_default(),
        contact: text("contact", "sealed_contact")?,
        at: columns.time("at_ms")?,
        state: columns.word("status")?,
        decided_by: columns.text_maybe("decided_by")?,
        decided_at: columns.time_maybe("decided_at")?,
        answer: text("answer", "sealed_answer")?,
        number,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_opens_only_as_what_it_is_and_for_its_objection() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path(), true).unwrap();
        let seal = Seal::new(&keys, "one");
        let sealed = seal.seal("words", " It is my shop. ");
        let again = Seal::open(&keys, "one", &seal.wrapped(&keys)).unwrap();
        assert_eq!(again.unseal("words", &sealed).unwrap(), "It is my shop.");
        assert!(again.unseal("answer", &sealed).is_err());
        assert!(Seal::open(&keys, "two", &seal.wrapped(&keys)).is_err());
        assert!(Seal::new(&keys, "one").unseal("words", &sealed).is_err());
    }
}
