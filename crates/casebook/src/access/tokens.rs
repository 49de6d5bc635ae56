//! API tokens: made, looked up, revoked. Only a token's SHA-256 is kept.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use belfry_journal::UnixMillis;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use super::{Admin, Principal, Proof, Role};
use crate::audit::Act;
use crate::column::{Columns, Word, millis, millis_maybe};
use crate::keys::random;
use crate::sql::access as sql;
use crate::{Casebook, StoreError};

const PREFIX: &str = "belfry_";
const SECRET_BYTES: usize = 32;
/// Characters of the secret: 32 bytes in base64url without padding.
const SECRET_CHARACTERS: usize = 43;
const NAME_MAX: usize = 64;
const TOKENS_MAX: i64 = 10_000;
/// Tokens whose use is remembered until it is written down.
const USES_MAX: usize = 10_000;

/// A new token, shown once. `secret` is `belfry_` and 43 characters of base64url.
pub struct NewToken {
    /// What the bearer sends.
    pub secret: String,
    /// Its name.
    pub name: String,
}

impl std::fmt::Debug for NewToken {
    /// Without the secret: it must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewToken").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A live token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// Its name.
    pub name: String,
    /// What its bearer may do.
    pub role: Role,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it ends by itself.
    pub expires_at: Option<UnixMillis>,
    /// When it was last used, to about a minute.
    pub last_used_at: Option<UnixMillis>,
}

/// When tokens were used since that was last written down: a write a request would be too dear.
#[derive(Debug, Default)]
pub(crate) struct Uses(Mutex<HashMap<Vec<u8>, UnixMillis>>);

impl Uses {
    fn note(&self, hash: Vec<u8>, now: UnixMillis) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if uses.len() < USES_MAX || uses.contains_key(&hash) {
            uses.insert(hash, now);
        }
    }

    fn take(&self) -> HashMap<Vec<u8>, UnixMillis> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Casebook {
    /// Makes a token; only its SHA-256 is kept. Names (1 to 64 of `a-z`, `A-Z`, `0-9`, `.`,
    /// `_`, `-`) are unique among live tokens.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a name, [`StoreError::Taken`], or the database's.
    pub async fn create_token(
        &self,
        by: &Admin,
        name: &str,
        role: Role,
        expires_at: Option<UnixMillis>,
        now: UnixMillis,
    ) -> Result<NewToken, StoreError> {
        check_name(name)?;
        let secret = format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&random::<SECRET_BYTES>()));
        let mut write = self.db().write().await?;
        sqlx::query(sql::RETIRE_EXPIRED)
            .bind(name)
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        let inserted = sqlx::query(sql::INSERT_TOKEN)
            .bind(hash_of(&secret))
            .bind(name)
            .bind(role.word())
            .bind(millis(now)?)
            .bind(millis_maybe(expires_at)?)
            .execute(write.connection())
            .await?;
        if inserted.rows_affected() == 0 {
            return Err(StoreError::Taken { what: "token", id: name.to_owned() });
        }
        let (who, object) = (&by.principal().name, object(name));
        let act = Act { who, action: "create-token", object: &object, detail: role.name() };
        write.audit(&act, now).await?;
        write.commit().await?;
        Ok(NewToken { secret, name: name.to_owned() })
    }

    /// Who bears this token, if it is known, live and unexpired.
    ///
    /// # Errors
    /// [`StoreError`] of the database only; a wrong token is `None`.
    pub async fn authenticate(
        &self,
        secret: &str,
        now: UnixMillis,
    ) -> Result<Option<Principal>, StoreError> {
        let shaped =
            secret.strip_prefix(PREFIX).is_some_and(|rest| rest.len() == SECRET_CHARACTERS);
        if !shaped {
            return Ok(None);
        }
        let hash = hash_of(secret);
        let row = sqlx::query(sql::TOKEN_BY_HASH)
            .bind(hash.as_slice())
            .fetch_optional(self.readers())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let columns = Columns::new("tokens", &row);
        if columns.time_maybe("expires_at")?.is_some_and(|end| end <= now) {
            return Ok(None);
        }
        self.token_uses().note(hash, now);
        let name = format!("token:{}", columns.text("name")?);
        Ok(Some(Principal { name, role: columns.word("role")?, proof: Proof::Token }))
    }

    /// The tokens that were not revoked, by name; those that have expired are among them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_tokens(&self, _by: &Admin) -> Result<Vec<TokenRecord>, StoreError> {
        let rows = sqlx::query(sql::TOKENS).bind(TOKENS_MAX).fetch_all(self.readers()).await?;
        rows.iter()
            .map(|row| {
                let columns = Columns::new("tokens", row);
                Ok(TokenRecord {
                    name: columns.text("name")?,
                    role: columns.word("role")?,
                    created_at: columns.time("created_at")?,
                    expires_at: columns.time_maybe("expires_at")?,
                    last_used_at: columns.time_maybe("last_used_at")?,
                })
            })
            .collect()
    }

    /// Writes down when tokens were last used; upkeep calls it now and then.
    ///
    /// # Errors
    /// [`StoreError`]; what was not written is lost, and is only a time.
    pub async fn note_token_uses(&self) -> Result<(), StoreError> {
        let uses = self.token_uses().take();
        if uses.is_empty() {
            return Ok(());
        }
        let mut write = self.db().write().await?;
        for (hash, at) in uses {
            let used = sqlx::query(sql::USED).bind(hash).bind(millis(at)?);
            used.execute(write.connection()).await?;
        }
        write.commit().await
    }

    /// Ends a token at once.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where no live token has this name, or the database's.
    pub async fn revoke_token(
        &self,
        by: &Admin,
        name: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        let revoked = sqlx::query(sql::REVOKE)
            .bind(name)
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        if revoked.rows_affected() == 0 {
            return Err(StoreError::Missing { what: "token", id: name.to_owned() });
        }
        let (who, object) = (&by.principal().name, object(name));
        let act = Act { who, action: "revoke-token", object: &object, detail: "" };
        write.audit(&act, now).await?;
        write.commit().await
    }
}

pub(super) fn check_name(name: &str) -> Result<(), StoreError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if name.is_empty() || name.len() > NAME_MAX || !name.bytes().all(allowed) {
        let why = "it must have 1 to 64 of the characters a-z, A-Z, 0-9, '.', '_' and '-'";
        return Err(StoreError::Invalid { what: "name", why });
    }
    Ok(())
}

fn hash_of(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

fn object(name: &str) -> String {
    format!("token {name}")
}
