//! Who is told of warnings by a post of ours, and how far each of them is. Nothing here
//! sends: whoever sends says afterwards what was answered.

use std::time::Duration;

use belfry_journal::UnixMillis;
use sqlx::sqlite::SqliteRow;

use super::{WarningTold, told_of};
use crate::access::Admin;
use crate::audit::Act;
use crate::column::{Columns, big, millis};
use crate::keys::random;
use crate::sql::warnings as sql;
use crate::{Casebook, StoreError};

/// Hooks at most.
const HOOKS_MAX: i64 = 50;
const NAME_CHARS_MAX: usize = 40;
const URL_OCTETS_MAX: usize = 1_000;
const ANSWER_CHARS_MAX: usize = 200;
/// Tries of one act before it is given up: with the pauses between them about 13 hours.
const TRIES_MAX: u32 = 12;
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(2 * 60 * 60);

/// Someone who is told of warnings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Its name.
    pub name: String,
    /// Where posts go.
    pub url: String,
    /// When it was added.
    pub created_at: UnixMillis,
    /// Tries of the act that is to be told now.
    pub tries: u32,
    /// When the next try is due, while there is something to tell.
    pub next_at: UnixMillis,
    /// Acts that were given up.
    pub given_up: u64,
    /// What was answered last, in words, and when.
    pub last: Option<(String, UnixMillis)>,
    done_act: u64,
    salt: [u8; 16],
}

/// Something to be told now.
#[derive(Clone, PartialEq, Eq)]
pub struct HookDue {
    /// Whom.
    pub hook: Hook,
    /// What.
    pub told: WarningTold,
    /// By what the post is signed.
    pub secret: [u8; 32],
}

impl std::fmt::Debug for HookDue {
    /// Without the secret: it must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HookDue").field("hook", &self.hook.name).finish_non_exhaustive()
    }
}

/// What became of a post, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// It was taken.
    Taken(String),
    /// It was not; it is tried again.
    Failed(String),
}

impl Casebook {
    /// Adds a hook, which is told of what happens from now on; answers its secret.
    ///
    /// # Errors
    /// [`StoreError::Taken`], [`StoreError::Invalid`], or the database's.
    pub async fn add_hook(
        &self,
        by: &Admin,
        name: &str,
        url: &str,
        now: UnixMillis,
    ) -> Result<[u8; 32], StoreError> {
        check(name, url)?;
        let mut write = self.db().write().await?;
        let hooks = sqlx::query(sql::HOOKS).bind(HOOKS_MAX).fetch_all(write.connection()).await?;
        if i64::try_from(hooks.len()) == Ok(HOOKS_MAX) {
            return Err(StoreError::Invalid { what: "hook", why: "there are 50 already" });
        }
        let last: i64 = sqlx::query_scalar(sql::LAST_ACT).fetch_one(write.connection()).await?;
        let salt: [u8; 16] = random();
        let inserted = sqlx::query(sql::INSERT_HOOK)
            .bind(name)
            .bind(url)
            .bind(salt.to_vec())
            .bind(millis(now)?)
            .bind(last)
            .execute(write.connection())
            .await?;
        if inserted.rows_affected() == 0 {
            return Err(StoreError::Taken { what: "hook", id: name.to_owned() });
        }
        let (who, object) = (&by.principal().name, format!("hook {name}"));
        write.audit(&Act { who, action: "add-hook", object: &object, detail: url }, now).await?;
        write.commit().await?;
        Ok(self.keys().hook_secret(name, &salt))
    }

    /// Takes a hook away.
    ///
    /// # Errors
    /// [`StoreError::Missing`] or the database's.
    pub async fn drop_hook(
        &self,
        by: &Admin,
        name: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        let dropped = sqlx::query(sql::DROP_HOOK).bind(name).execute(write.connection()).await?;
        if dropped.rows_affected() == 0 {
            return Err(StoreError::Missing { what: "hook", id: name.to_owned() });
        }
        let (who, object) = (&by.principal().name, format!("hook {name}"));
        write.audit(&Act { who, action: "drop-hook", object: &object, detail: "" }, now).await?;
        write.commit().await
    }

    /// The hooks, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hooks(&self) -> Result<Vec<Hook>, StoreError> {
        let rows = sqlx::query(sql::HOOKS).bind(HOOKS_MAX).fetch_all(self.readers()).await?;
        rows.iter().map(hook_of).collect()
    }

    /// What is to be told now, at most one thing a hook: each hears all in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hooks_due(&self, now: UnixMillis) -> Result<Vec<HookDue>, StoreError> {
        let mut due = Vec::new();
        for hook in self.hooks().await? {
            if hook.next_at > now {
                continue;
            }
            let row = sqlx::query(sql::NEXT_ACT).bind(big(hook.done_act)?);
            let Some(row) = row.fetch_optional(self.readers()).await? else { continue };
            let secret = self.keys().hook_secret(&hook.name, &hook.salt);
            due.push(HookDue { told: told_of(&row)?, hook, secret });
        }
        Ok(due)
    }

    /// Says what became of a post: after the last try the act is given up, and the next begins.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settle_hook(
        &self,
        due: &HookDue,
        told: &Told,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let tries = due.hook.tries + 1;
        let over = matches!(told, Told::Failed(_)) && tries >= TRIES_MAX;
        let (Told::Taken(answer) | Told::Failed(answer)) = told;
        let answer: String = answer.chars().take(ANSWER_CHARS_MAX).collect();
        let (done, tries, next) = match told {
            Told::Failed(_) if !over => (due.hook.done_act, tries, now.plus(pause(tries))),
            _ => (due.told.id, 0, now),
        };
        let mut write = self.db().write().await?;
        sqlx::query(sql::SETTLE_HOOK)
            .bind(&due.hook.name)
            .bind(big(done)?)
            .bind(i64::from(tries))
            .bind(millis(next)?)
            .bind(i64::from(over))
            .bind(answer)
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        write.commit().await
    }
}

/// The pause after so many tries: twice as long each time.
fn pause(tries: u32) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(16));
    doubled.min(LONGEST_PAUSE)
}

fn check(name: &str, url: &str) -> Result<(), StoreError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.bytes().all(plain) {
        let why = "it must have 1 to 40 of the characters a-z, 0-9 and -";
        return Err(StoreError::Invalid { what: "hook's name", why });
    }
    if url.len() > URL_OCTETS_MAX || !url.bytes().all(|b| b.is_ascii_graphic()) {
        let why = "it must be an address of at most 1,000 octets";
        return Err(StoreError::Invalid { what: "hook's address", why });
    }
    Ok(())
}

fn hook_of(row: &SqliteRow) -> Result<Hook, StoreError> {
    let columns = Columns::new("warning_hooks", row);
    let tries = columns.number("tries")?;
    Ok(Hook {
        name: columns.text("name")?,
        url: columns.text("url")?,
        created_at: columns.time("created_at")?,
        tries: u32::try_from(tries).unwrap_or(u32::MAX),
        next_at: columns.time("next_at")?,
        given_up: columns.number("given_up")?,
        last: columns.text_maybe("last_answer")?.zip(columns.time_maybe("last_at")?),
        done_act: columns.number("done_act")?,
        salt: columns.array("salt")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_within_a_day() {
        let pauses: Vec<u64> = (1..TRIES_MAX).map(|tries| pause(tries).as_secs()).collect();
        assert_eq!(pauses[..4], [30, 60, 120, 240]);
        assert_eq!(pauses.last(), Some(&7_200));
        assert!(pauses.iter().sum::<u64>() < 86_400);
        assert_eq!(pause(u32::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn names_and_addresses_are_plain() {
        assert!(check("police-1", "https://police.example/hook").is_ok());
        for (name, url) in [
            ("", "https://a.example/"),
            ("Police", "https://a.example/"),
            (&"x".repeat(41), "https://a.example/"),
            ("a", "https://a.example/\n"),
            ("a", &"x".repeat(1_001)),
        ] {
            assert!(check(name, url).is_err(), "{name} {url}");
        }
    }
}
