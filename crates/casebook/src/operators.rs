//! Operators that load zones, and their TSIG keys.
//!
//! A key's secret is not stored: it is made of a salt in its row and a key of the data
//! folder, so that a copy of the database alone signs nothing.

use std::collections::BTreeSet;

use belfry_journal::{Category, OperatorName, Serial, UnixMillis};

use crate::access::{Admin, Reader};
use crate::audit::Act;
use crate::column::{Columns, Word, big, millis, millis_maybe};
use crate::keys::random;
use crate::sql::operators as sql;
use crate::{Casebook, StoreError};

/// Operators and keys that are listed.
const LISTED_MAX: i64 = 10_000;
/// Words in a list of an operator.
const WORDS_MAX: usize = 100;
/// The longest name: a zone's own name holds it.
pub const NAME_MAX: usize = 32;
/// Keys of one operator, retired ones among them.
const KEYS_MAX: i64 = 8;

/// What can be set of an operator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperatorSettings {
    /// Address prefixes that may take zones without a signature.
    pub addresses: Vec<String>,
    /// `ADDRESS:PORT` of servers that are told of a change.
    pub notify: Vec<String>,
    /// `ADDRESS:PORT` of resolvers whose answers are probed.
    pub probes: Vec<String>,
    /// The categories in a zone of its own; none without.
    pub categories: Option<BTreeSet<Category>>,
}

/// An operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorRecord {
    /// Its name.
    pub name: OperatorName,
    /// When it was added.
    pub created_at: UnixMillis,
    /// Since when it gets nothing.
    pub suspended_at: Option<UnixMillis>,
    /// What is set of it.
    pub settings: OperatorSettings,
    /// The entry from which its own zone is made so.
    pub view_serial: Serial,
}

/// A TSIG key, with its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct OperatorKey {
    /// Its name, a DNS name.
    pub name: String,
    /// Whose it is.
    pub operator: OperatorName,
    /// `hmac-sha256` or `hmac-sha512`.
    pub algorithm: String,
    /// 32 octets.
    pub secret: [u8; 32],
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it ends, if it does.
    pub retires_at: Option<UnixMillis>,
}

impl std::fmt::Debug for OperatorKey {
    /// Without the secret: it must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OperatorKey").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Casebook {
    /// Adds an operator with a first key.
    ///
    /// # Errors
    /// [`StoreError::Taken`], [`StoreError::Invalid`], or the database's.
    pub async fn add_operator(
        &self,
        by: &Admin,
        name: &OperatorName,
        settings: &OperatorSettings,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let [addresses, notify, probes] = lists(settings)?;
        if name.as_str().len() > NAME_MAX {
            let why = "it must have 1 to 32 of the characters a-z, 0-9 and -";
            return Err(StoreError::Invalid { what: "operator's name", why });
        }
        let mut write = self.db().write().await?;
        let serial = write.append_view(digest(name.as_str(), settings), now).await?;
        let inserted = sqlx::query(sql::INSERT)
            .bind(name.as_str())
            .bind(millis(now)?)
            .bind(addresses)
            .bind(notify)
            .bind(probes)
            .bind(settings.categories.as_ref().map(words))
            .bind(big(serial.0)?)
            .execute(write.connection())
            .await?;
        if inserted.rows_affected() == 0 {
            return Err(StoreError::Taken { what: "operator", id: name.to_string() });
        }
        write.insert_key(name, now).await?;
        write.audit(&act(by, "add-operator", &object(name)), now).await?;
        write.commit().await
    }

    /// Sets an operator's settings anew. A selection that is another makes its zone anew too.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Invalid`], or the database's.
    pub async fn set_operator(
        &self,
        by: &Admin,
        name: &OperatorName,
        settings: &OperatorSettings,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let [addresses, notify, probes] = lists(settings)?;
        let mut write = self.db().write().await?;
        let before = self.operator(name).await?;
        let serial = if before.settings.categories == settings.categories {
            before.view_serial
        } else {
            write.append_view(digest(name.as_str(), settings), now).await?
        };
        sqlx::query(sql::UPDATE)
            .bind(name.as_str())
            .bind(addresses)
            .bind(notify)
            .bind(probes)
            .bind(settings.categories.as_ref().map(words))
            .bind(big(serial.0)?)
            .execute(write.connection())
            .await?;
        write.audit(&act(by, "set-operator", &object(name)), now).await?;
        write.commit().await
    }

    /// Gives an operator nothing from now on, or everything again.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or the database's.
    pub async fn suspend_operator(
        &self,
        by: &Admin,
        name: &OperatorName,
        suspended: bool,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        let done = sqlx::query(sql::SUSPEND)
            .bind(name.as_str())
            .bind(millis_maybe(suspended.then_some(now))?)
            .execute(write.connection())
            .await?;
        if done.rows_affected() == 0 {
            return Err(missing(name));
        }
        let action = if suspended { "suspend-operator" } else { "resume-operator" };
        write.audit(&act(by, action, &object(name)), now).await?;
        write.commit().await
    }

    /// Makes a new key; those before it hold until `old_until`, so that there is no gap.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Invalid`] for too many keys, or the database's.
    pub async fn rotate_key(
        &self,
        by: &Admin,
        name: &OperatorName,
        old_until: UnixMillis,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        self.operator(name).await?;
        let mut write = self.db().write().await?;
        sqlx::query(sql::FORGET_KEYS).bind(millis(now)?).execute(write.connection()).await?;
        let keys: i64 = sqlx::query_scalar(sql::COUNT_KEYS)
            .bind(name.as_str())
            .fetch_one(write.connection())
            .await?;
        if keys >= KEYS_MAX {
            let why = "8 of them hold: wait until some have ended";
            return Err(StoreError::Invalid { what: "new key", why });
        }
        sqlx::query(sql::RETIRE_KEYS)
            .bind(name.as_str())
            .bind(millis(old_until)?)
            .execute(write.connection())
            .await?;
        write.insert_key(name, now).await?;
        write.audit(&act(by, "rotate-key", &object(name)), now).await?;
        write.commit().await
    }

    /// One operator.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or the database's.
    pub async fn operator(&self, name: &OperatorName) -> Result<OperatorRecord, StoreError> {
        let all = self.operators().await?;
        all.into_iter().find(|operator| operator.name == *name).ok_or_else(|| missing(name))
    }

    /// Every operator, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn operators(&self) -> Result<Vec<OperatorRecord>, StoreError> {
        let rows = sqlx::query(sql::LIST).bind(LISTED_MAX).fetch_all(self.readers()).await?;
        rows.iter()
            .map(|row| {
                let columns = Columns::new("operators", row);
                let name = columns.text("name")?;
                let split = |text: String| text.split_whitespace().map(str::to_owned).collect();
                Ok(OperatorRecord {
                    name: OperatorName::parse(&name)
                        .map_err(|_| columns.unknown("name", name.as_str()))?,
                    created_at: columns.time("created_at")?,
                    suspended_at: columns.time_maybe("suspended_at")?,
                    settings: OperatorSettings {
                        addresses: split(columns.text("addresses")?),
                        notify: split(columns.text("notify")?),
                        probes: split(columns.text("probes")?),
                        categories: categories(&columns)?,
                    },
                    view_serial: columns.serial("view_serial")?,
                })
            })
            .collect()
    }

    /// Every key that holds at `now`, the newest of each operator first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn operator_keys(&self, now: UnixMillis) -> Result<Vec<OperatorKey>, StoreError> {
        let rows = sqlx::query(sql::KEYS).bind(LISTED_MAX).fetch_all(self.readers()).await?;
        let mut keys = Vec::with_capacity(rows.len());
        for row in &rows {
            let columns = Columns::new("operator_keys", row);
            let (name, operator) = (columns.text("name")?, columns.text("operator")?);
            let retires_at = columns.time_maybe("retires_at")?;
            if retires_at.is_some_and(|end| end <= now) {
                continue;
            }
            keys.push(OperatorKey {
                secret: self.keys().transfer_secret(&name, &columns.array::<16>("salt")?),
                operator: OperatorName::parse(&operator)
                    .map_err(|_| columns.unknown("operator", operator.as_str()))?,
                name,
                algorithm: columns.text("algorithm")?,
                created_at: columns.time("created_at")?,
                retires_at,
            });
        }
        Ok(keys)
    }

    /// What says by whom a name is followed: for readers of `GET /api/v1/operators`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn operators_for(&self, _by: &Reader) -> Result<Vec<OperatorRecord>, StoreError> {
        self.operators().await
    }

    /// Notes what all zones are made by. Where that is other than before, an entry says so, and
    /// every zone is a new version from it on. Answers the entry of the last change.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_zone_view(
        &self,
        digest: [u8; 32],
        now: UnixMillis,
    ) -> Result<Serial, StoreError> {
        let mut write = self.db().write().await?;
        let row = sqlx::query(sql::VIEW).fetch_optional(write.connection()).await?;
        if let Some(row) = row {
            let columns = Columns::new("zone_views", &row);
            if columns.array::<32>("digest")? == digest {
                return columns.serial("serial");
            }
        }
        let serial = write.append_view(digest, now).await?;
        sqlx::query(sql::SET_VIEW)
            .bind(digest.to_vec())
            .bind(big(serial.0)?)
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(serial)
    }
}

impl crate::store::Write {
    async fn insert_key(
        &mut self,
        operator: &OperatorName,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let salt = random::<16>();
        let number = u32::from_be_bytes([salt[0], salt[1], salt[2], salt[3]]);
        sqlx::query(sql::INSERT_KEY)
            .bind(format!("{operator}-{number:08x}.belfry"))
            .bind(operator.as_str())
            .bind("hmac-sha256")
            .bind(salt.to_vec())
            .bind(millis(now)?)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn categories(columns: &Columns<'_>) -> Result<Option<BTreeSet<Category>>, StoreError> {
    let Some(text) = columns.text_maybe("categories")? else { return Ok(None) };
    let of = |word| <Category as Word>::of(word).ok_or_else(|| columns.unknown("categories", word));
    text.split_whitespace().map(of).collect::<Result<_, _>>().map(Some)
}

fn words(categories: &BTreeSet<Category>) -> String {
    let names: Vec<&str> = categories.iter().map(|category| category.name()).collect();
    names.join(" ")
}

/// The lists as rows hold them.
fn lists(settings: &OperatorSettings) -> Result<[String; 3], StoreError> {
    let joined = |list: &Vec<String>| {
        let clean = |word: &String| !word.is_empty() && !word.contains(char::is_whitespace);
        if list.len() > WORDS_MAX || !list.iter().all(clean) {
            let why = "each holds at most 100 addresses";
            return Err(StoreError::Invalid { what: "operator's lists", why });
        }
        Ok(list.join(" "))
    };
    Ok([joined(&settings.addresses)?, joined(&settings.notify)?, joined(&settings.probes)?])
}

/// What an operator's own zone is made by.
fn digest(name: &str, settings: &OperatorSettings) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    let categories = settings.categories.as_ref().map(words).unwrap_or_default();
    Sha256::digest(format!("operator\n{name}\n{categories}").as_bytes()).into()
}

fn act<'a>(by: &'a Admin, action: &'static str, object: &'a str) -> Act<'a> {
    Act { who: &by.principal().name, action, object, detail: "" }
}

fn object(name: &OperatorName) -> String {
    format!("operator {name}")
}

fn missing(name: &OperatorName) -> StoreError {
    StoreError::Missing { what: "operator", id: name.to_string() }
}
