//! People: invited by a one-time link, signed in by a passkey, until their session
//! ends. Only hashes of links and of sessions are kept; what a passkey's signature
//! is worth is not judged here.

use std::time::Duration;

use belfry_journal::UnixMillis;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use super::tokens::check_name;
use super::{Admin, Principal, Proof, Role};
use crate::audit::Act;
use crate::column::{Columns, Word, millis};
use crate::keys::random;
use crate::sql::people as sql;
use crate::store::Write;
use crate::{Casebook, StoreError};

/// How long a link holds.
const INVITATION: Duration = Duration::from_secs(24 * 3_600);
/// How long a session holds: one long shift.
const SESSION: Duration = Duration::from_secs(12 * 3_600);
const SECRET_BYTES: usize = 32;
const PEOPLE_MAX: i64 = 10_000;
/// The name of the person whom the first start invites.
const FIRST: &str = "admin";

/// A one-time link's secret, shown once.
pub struct Invitation {
    /// Who is invited.
    pub name: String,
    /// As what.
    pub role: Role,
    /// 43 characters of base64url.
    pub secret: String,
    /// Until when.
    pub expires_at: UnixMillis,
}

impl std::fmt::Debug for Invitation {
    /// Without the secret: it must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invitation").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Who may make a passkey with a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// What authenticators know the person by: random, never a name.
    pub handle: Vec<u8>,
}

/// A passkey as it was made.
#[derive(Clone, Copy, Debug)]
pub struct NewPasskey<'a> {
    /// Its id.
    pub credential: &'a [u8],
    /// Its public key, COSE.
    pub cose_key: &'a [u8],
    /// How often it has signed.
    pub sign_count: u32,
}

/// A passkey as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Whose.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// Its public key, COSE.
    pub cose_key: Vec<u8>,
    /// How often it had signed when last seen; 0 for one that does not count.
    pub sign_count: u64,
}

/// A session's secret, shown once: the cookie's value.
pub struct NewSession {
    /// 43 characters of base64url.
    pub secret: String,
    /// Who is signed in.
    pub principal: Principal,
}

impl std::fmt::Debug for NewSession {
    /// Without the secret: it must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSession").field("principal", &self.principal).finish_non_exhaustive()
    }
}

/// A person, as lists show one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRecord {
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// When they were first invited.
    pub created_at: UnixMillis,
    /// How many passkeys they have.
    pub passkeys: u64,
    /// When one of these last signed in.
    pub last_used_at: Option<UnixMillis>,
    /// How many sessions hold.
    pub sessions: u64,
    /// Whether a link of theirs still holds.
    pub invited: bool,
}

impl Casebook {
    /// Invites `name` as `role`: a new person, or one more passkey for one that is there,
    /// whose role becomes `role` at once. The link before is void.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a name, or the database's.
    pub async fn invite(
        &self,
        by: &Admin,
        name: &str,
        role: Role,
        now: UnixMillis,
    ) -> Result<Invitation, StoreError> {
        self.put_invitation(&by.principal().name, name, role, now).await
    }

    /// Invites the first administrator, as long as no administrator has a passkey.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn first_invitation(
        &self,
        now: UnixMillis,
    ) -> Result<Option<Invitation>, StoreError> {
        let admins: i64 = sqlx::query_scalar(sql::PASSKEYS_OF_ROLE)
            .bind(Role::Admin.word())
            .fetch_one(self.readers())
            .await?;
        if admins > 0 {
            return Ok(None);
        }
        self.put_invitation("belfry", FIRST, Role::Admin, now).await.map(Some)
    }

    async fn put_invitation(
        &self,
        who: &str,
        name: &str,
        role: Role,
        now: UnixMillis,
    ) -> Result<Invitation, StoreError> {
        check_name(name)?;
        let (secret, expires_at) = (new_secret(), now.plus(INVITATION));
        let mut write = self.db().write().await?;
        sqlx::query(sql::PUT_PERSON)
            .bind(name)
            .bind(role.word())
            .bind(random::<16>().to_vec())
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        sqlx::query(sql::PUT_INVITATION)
            .bind(name)
            .bind(hash_of(&secret))
            .bind(millis(expires_at)?)
            .execute(write.connection())
            .await?;
        write.audit_person(who, "invite-person", name, role.name(), now).await?;
        write.commit().await?;
        Ok(Invitation { name: name.to_owned(), role, secret, expires_at })
    }

    /// Whose link this is, if it still holds.
    ///
    /// # Errors
    /// [`StoreError`] of the database only.
    pub async fn invited(
        &self,
        secret: &str,
        now: UnixMillis,
    ) -> Result<Option<Invited>, StoreError> {
        let row = sqlx::query(sql::INVITED)
            .bind(hash_of(secret))
            .bind(millis(now)?)
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(invited_of).transpose()
    }

    /// Uses a link up: its person has this passkey from now on, and is signed in.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where the link does not hold, [`StoreError::Taken`] for a
    /// passkey that is known already, or the database's.
    pub async fn enrol(
        &self,
        secret: &str,
        passkey: NewPasskey<'_>,
        now: UnixMillis,
    ) -> Result<NewSession, StoreError> {
        let hash = hash_of(secret);
        let mut write = self.db().write().await?;
        let row = sqlx::query(sql::INVITED)
            .bind(hash.as_slice())
            .bind(millis(now)?)
            .fetch_optional(write.connection())
            .await?;
        let missing =
            || StoreError::Missing { what: "link", id: "it was used or has ended".into() };
        let invited = invited_of(&row.ok_or_else(missing)?)?;
        sqlx::query(sql::USE_INVITATION).bind(hash).execute(write.connection()).await?;
        let inserted = sqlx::query(sql::INSERT_PASSKEY)
            .bind(passkey.credential)
            .bind(&invited.name)
            .bind(passkey.cose_key)
            .bind(i64::from(passkey.sign_count))
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        if inserted.rows_affected() == 0 {
            return Err(StoreError::Taken { what: "passkey", id: "it is known already".into() });
        }
        let who = format!("person:{}", invited.name);
        write.audit_person(&who, "enrol-passkey", &invited.name, "", now).await?;
        let session = write.begin_session(&invited.name, invited.role, now).await?;
        write.commit().await?;
        Ok(session)
    }

    /// The passkey with this id.
    ///
    /// # Errors
    /// [`StoreError`] of the database only.
    pub async fn passkey(&self, credential: &[u8]) -> Result<Option<Passkey>, StoreError> {
        let row = sqlx::query(sql::PASSKEY).bind(credential).fetch_optional(self.readers()).await?;
        let Some(row) = row else { return Ok(None) };
        let columns = Columns::new("passkeys", &row);
        Ok(Some(Passkey {
            name: columns.text("name")?,
            role: columns.word("role")?,
            cose_key: columns.bytes("cose_key")?,
            sign_count: columns.number("sign_count")?,
        }))
    }

    /// Signs the owner of a passkey in, whose signature the caller has verified; `sign_count`
    /// is what the authenticator says. `instead` is the session that this one replaces.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where the passkey is not known, or the database's.
    pub async fn sign_in(
        &self,
        credential: &[u8],
        sign_count: u32,
        instead: Option<&str>,
        now: UnixMillis,
    ) -> Result<NewSession, StoreError> {
        let missing = || StoreError::Missing { what: "passkey", id: "it is not known here".into() };
        let passkey = self.passkey(credential).await?.ok_or_else(missing)?;
        let mut write = self.db().write().await?;
        sqlx::query(sql::USE_PASSKEY)
            .bind(credential)
            .bind(i64::from(sign_count))
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        if let Some(old) = instead {
            sqlx::query(sql::DROP_SESSION).bind(hash_of(old)).execute(write.connection()).await?;
        }
        sqlx::query(sql::DROP_ENDED).bind(millis(now)?).execute(write.connection()).await?;
        let who = format!("person:{}", passkey.name);
        write.audit_person(&who, "sign-in", &passkey.name, "", now).await?;
        let session = write.begin_session(&passkey.name, passkey.role, now).await?;
        write.commit().await?;
        Ok(session)
    }

    /// Who is signed in by this secret.
    ///
    /// # Errors
    /// [`StoreError`] of the database only; a wrong secret is `None`.
    pub async fn session(
        &self,
        secret: &str,
        now: UnixMillis,
    ) -> Result<Option<Principal>, StoreError> {
        let row = sqlx::query(sql::SESSION)
            .bind(hash_of(secret))
            .bind(millis(now)?)
            .fetch_optional(self.readers())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let columns = Columns::new("sessions", &row);
        let at = columns.time("proven_at")?;
        let name = format!("person:{}", columns.text("name")?);
        Ok(Some(Principal { name, role: columns.word("role")?, proof: Proof::Passkey { at } }))
    }

    /// Ends a session at once; one that is not there is as good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sign_out(&self, secret: &str, now: UnixMillis) -> Result<(), StoreError> {
        let Some(principal) = self.session(secret, now).await? else { return Ok(()) };
        let name = principal.name.trim_start_matches("person:");
        let mut write = self.db().write().await?;
        sqlx::query(sql::DROP_SESSION).bind(hash_of(secret)).execute(write.connection()).await?;
        write.audit_person(&principal.name, "sign-out", name, "", now).await?;
        write.commit().await
    }

    /// Everyone who may sign in, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn people(
        &self,
        _by: &Admin,
        now: UnixMillis,
    ) -> Result<Vec<PersonRecord>, StoreError> {
        let rows = sqlx::query(sql::PEOPLE)
            .bind(millis(now)?)
            .bind(PEOPLE_MAX)
            .fetch_all(self.readers())
            .await?;
        rows.iter()
            .map(|row| {
                let columns = Columns::new("people", row);
                Ok(PersonRecord {
                    name: columns.text("name")?,
                    role: columns.word("role")?,
                    created_at: columns.time("created_at")?,
                    passkeys: columns.number("passkeys")?,
                    last_used_at: columns.time_maybe("last_used_at")?,
                    sessions: columns.number("sessions")?,
                    invited: columns.number("invitations")? > 0,
                })
            })
            .collect()
    }

    /// Signs a person out everywhere, at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_sessions(
        &self,
        by: &Admin,
        name: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        sqlx::query(sql::DROP_SESSIONS_OF).bind(name).execute(write.connection()).await?;
        write.audit_person(&by.principal().name, "end-sessions", name, "", now).await?;
        write.commit().await
    }

    /// Takes a person's passkeys, sessions and link away, at once. Their name stays in records.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such person, or the database's.
    pub async fn remove_person(
        &self,
        by: &Admin,
        name: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        let removed = sqlx::query(sql::REMOVE_PERSON)
            .bind(name)
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        if removed.rows_affected() == 0 {
            return Err(StoreError::Missing { what: "person", id: name.to_owned() });
        }
        for text in [sql::DROP_PASSKEYS, sql::DROP_SESSIONS_OF, sql::DROP_INVITATION] {
            sqlx::query(text).bind(name).execute(write.connection()).await?;
        }
        write.audit_person(&by.principal().name, "remove-person", name, "", now).await?;
        write.commit().await
    }
}

impl Write {
    async fn begin_session(
        &mut self,
        name: &str,
        role: Role,
        now: UnixMillis,
    ) -> Result<NewSession, StoreError> {
        let secret = new_secret();
        sqlx::query(sql::INSERT_SESSION)
            .bind(hash_of(&secret))
            .bind(name)
            .bind(millis(now)?)
            .bind(millis(now.plus(SESSION))?)
            .execute(self.connection())
            .await?;
        let name = format!("person:{name}");
        Ok(NewSession {
            secret,
            principal: Principal { name, role, proof: Proof::Passkey { at: now } },
        })
    }

    async fn audit_person(
        &mut self,
        who: &str,
        action: &'static str,
        name: &str,
        detail: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let object = format!("person {name}");
        self.audit(&Act { who, action, object: &object, detail }, now).await
    }
}

fn invited_of(row: &sqlx::sqlite::SqliteRow) -> Result<Invited, StoreError> {
    let columns = Columns::new("people", row);
    Ok(Invited {
        name: columns.text("name")?,
        role: columns.word("role")?,
        handle: columns.bytes("handle")?,
    })
}

fn new_secret() -> String {
    BASE64URL_NOPAD.encode(&random::<SECRET_BYTES>())
}

fn hash_of(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}
