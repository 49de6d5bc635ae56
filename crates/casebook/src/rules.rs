//! Rules as they are kept: every version with its author, in which mode each is, what
//! each did, and the brake that stops them all. What a rule means is the desk's.

use belfry_journal::{Serial, UnixMillis};
use sqlx::sqlite::SqliteRow;

use crate::access::{Admin, Analyst};
use crate::audit::Act;
use crate::column::{Columns, Word, big, millis};
use crate::sql::life as sql;
use crate::store::Write;
use crate::{Casebook, StoreError};

/// Most rules.
pub const RULES_MAX: u32 = 200;
/// Octets of one rule's text.
pub const RULE_BYTES_MAX: usize = 10_000;
/// Most cases that one pull of the brake releases.
const RELEASED_MAX: i64 = 10_000;

/// How far a rule may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleMode {
    /// It does nothing.
    Off,
    /// It is written down what it would do.
    Shadow,
    /// It acts.
    Live,
}

impl RuleMode {
    /// The name of the API.
    pub fn name(self) -> &'static str {
        match self {
            RuleMode::Off => "off",
            RuleMode::Shadow => "shadow",
            RuleMode::Live => "live",
        }
    }

    /// The mode with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        <Self as Word>::of(name)
    }
}

impl Word for RuleMode {
    const ALL: &'static [Self] = &[RuleMode::Off, RuleMode::Shadow, RuleMode::Live];
    fn word(self) -> &'static str {
        self.name()
    }
}

/// A rule's version in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRecord {
    /// Its name.
    pub name: String,
    /// Its version, from 1.
    pub version: u64,
    /// Its text, as its author wrote it.
    pub text: String,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub created_at: UnixMillis,
    /// How far it may go.
    pub mode: RuleMode,
    /// Who said so.
    pub mode_by: String,
    /// When.
    pub mode_at: UnixMillis,
}

/// What a rule did to a case, or would have done.
#[derive(Clone, Copy, Debug)]
pub struct RuleAct<'a> {
    /// The rule.
    pub rule: &'a str,
    /// Its version.
    pub version: u64,
    /// The case.
    pub case: u64,
    /// In which mode.
    pub mode: RuleMode,
    /// What came of it, in a word or two.
    pub outcome: &'a str,
    /// The order that it caused.
    pub order: Option<Serial>,
}

/// How often a rule came to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActCount {
    /// In which mode.
    pub mode: RuleMode,
    /// What came of it.
    pub outcome: String,
    /// How often.
    pub acts: u64,
}

/// The brake, pulled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brake {
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: UnixMillis,
}

impl Casebook {
    /// Keeps a new version of the rule `name`, which is off.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a name, a text that is too long or too many rules.
    pub async fn put_rule(
        &self,
        by: &Admin,
        name: &str,
        text: &str,
        now: UnixMillis,
    ) -> Result<RuleRecord, StoreError> {
        check(name, text)?;
        let mut write = self.db().write().await?;
        let before = write.rule_of(name).await?;
        let all = sqlx::query(sql::RULES).bind(i64::from(RULES_MAX));
        if before.is_none() && all.fetch_all(write.connection()).await?.len() >= RULES_MAX as usize
        {
            return Err(StoreError::Invalid { what: "rule", why: "there are 200 rules already" });
        }
        let version = before.map_or(1, |before| before.version + 1);
        let who = &by.principal().name;
        sqlx::query(sql::PUT_RULE)
            .bind(name)
            .bind(big(version)?)
            .bind(text)
            .bind(who)
            .bind(millis(now)?)
            .bind(RuleMode::Off.word())
            .execute(write.connection())
            .await?;
        write.audit_rule(who, "put-rule", name, &format!("version {version}: {text}"), now).await?;
        let kept = write.rule_of(name).await?;
        write.commit().await?;
        kept.ok_or_else(|| missing(name))
    }

    /// Lets a rule go as far as `mode`. From off to live is no step: its version must have
    /// been in shadow.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or [`StoreError::Invalid`] for that step.
    pub async fn set_rule_mode(
        &self,
        by: &Admin,
        name: &str,
        mode: RuleMode,
        now: UnixMillis,
    ) -> Result<RuleRecord, StoreError> {
        let mut write = self.db().write().await?;
        let rule = write.rule_of(name).await?.ok_or_else(|| missing(name))?;
        if rule.mode == RuleMode::Off && mode == RuleMode::Live {
            let why = "it is off: let it run in shadow first and read its report";
            return Err(StoreError::Invalid { what: "rule", why });
        }
        let who = &by.principal().name;
        sqlx::query(sql::SET_MODE)
            .bind(name)
            .bind(big(rule.version)?)
            .bind(mode.word())
            .bind(who)
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        let detail = format!("version {}: {} to {}", rule.version, rule.mode.name(), mode.name());
        write.audit_rule(who, "set-rule", name, &detail, now).await?;
        let kept = write.rule_of(name).await?;
        write.commit().await?;
        kept.ok_or_else(|| missing(name))
    }

    /// Every rule's version in force, by name.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn rules(&self) -> Result<Vec<RuleRecord>, StoreError> {
        let rows =
            sqlx::query(sql::RULES).bind(i64::from(RULES_MAX)).fetch_all(self.readers()).await?;
        rows.iter().map(rule_of).collect()
    }

    /// Writes down what a rule did; answers whether it is the first time for this case.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn note_rule_act(
        &self,
        act: &RuleAct<'_>,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let mut write = self.db().write().await?;
        let put = sqlx::query(sql::PUT_ACT)
            .bind(act.rule)
            .bind(big(act.version)?)
            .bind(big(act.case)?)
            .bind(act.mode.word())
            .bind(act.outcome)
            .bind(act.order.map(|order| big(order.0)).transpose()?)
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(put.rows_affected() == 1)
    }

    /// Whether a rule's version has met this case in this mode.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn has_rule_act(
        &self,
        rule: &RuleRecord,
        case: u64,
        mode: RuleMode,
    ) -> Result<bool, StoreError> {
        self.has_act(&rule.name, rule.version, case, mode).await
    }

    /// The same for what acts in a rule's stead.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn has_act(
        &self,
        rule: &str,
        version: u64,
        case: u64,
        mode: RuleMode,
    ) -> Result<bool, StoreError> {
        let acts: i64 = sqlx::query_scalar(sql::HAS_ACT)
            .bind(rule)
            .bind(big(version)?)
            .bind(big(case)?)
            .bind(mode.word())
            .fetch_one(self.readers())
            .await?;
        Ok(acts > 0)
    }

    /// What a rule came to since then, in any version.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn rule_acts(
        &self,
        rule: &str,
        since: UnixMillis,
    ) -> Result<Vec<ActCount>, StoreError> {
        let rows = sqlx::query(sql::COUNT_ACTS)
            .bind(rule)
            .bind(millis(since)?)
            .fetch_all(self.readers())
            .await?;
        rows.iter()
            .map(|row| {
                let columns = Columns::new("rule_acts", row);
                Ok(ActCount {
                    mode: columns.word("mode")?,
                    outcome: columns.text("outcome")?,
                    acts: columns.number("acts")?,
                })
            })
            .collect()
    }

    /// How many orders rules have caused since then.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn rule_orders_since(&self, since: UnixMillis) -> Result<u64, StoreError> {
        let orders: i64 = sqlx::query_scalar(sql::COUNT_LIVE_ACTS)
            .bind(millis(since)?)
            .fetch_one(self.readers())
            .await?;
        Ok(orders.unsigned_abs())
    }

    /// Cases that a rule has blocked since then and that are still blocked by that order.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn blocked_by_rules(&self, since: UnixMillis) -> Result<Vec<u64>, StoreError> {
        let rows = sqlx::query(sql::BLOCKED_BY_RULES)
            .bind(millis(since)?)
            .bind(RELEASED_MAX)
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(|row| Columns::new("cases", row).number("id")).collect()
    }

    /// Pulls the brake; whoever was first stays.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn pull_brake(
        &self,
        by: &Analyst,
        reason: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        let who = &by.principal().name;
        sqlx::query(sql::PULL_BRAKE)
            .bind(who)
            .bind(reason)
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        let act = Act { who, action: "pull-brake", object: "rules", detail: reason };
        write.audit(&act, now).await?;
        write.commit().await
    }

    /// Lets the brake go.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn release_brake(
        &self,
        by: &Admin,
        reason: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        sqlx::query(sql::RELEASE_BRAKE).execute(write.connection()).await?;
        let who = &by.principal().name;
        let act = Act { who, action: "release-brake", object: "rules", detail: reason };
        write.audit(&act, now).await?;
        write.commit().await
    }

    /// The brake, if it is pulled.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn brake(&self) -> Result<Option<Brake>, StoreError> {
        let row = sqlx::query(sql::BRAKE).fetch_optional(self.readers()).await?;
        let Some(row) = row else { return Ok(None) };
        let columns = Columns::new("brake", &row);
        let (by, reason) = (columns.text("person")?, columns.text("reason")?);
        Ok(Some(Brake { by, reason, at: columns.time("at_ms")? }))
    }
}

impl Write {
    async fn rule_of(&mut self, name: &str) -> Result<Option<RuleRecord>, StoreError> {
        let row = sqlx::query(sql::RULE).bind(name).fetch_optional(self.connection()).await?;
        row.as_ref().map(rule_of).transpose()
    }

    async fn audit_rule(
        &mut self,
        who: &str,
        action: &'static str,
        name: &str,
        detail: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let object = format!("rule {name}");
        self.audit(&Act { who, action, object: &object, detail }, now).await
    }
}

fn rule_of(row: &SqliteRow) -> Result<RuleRecord, StoreError> {
    let columns = Columns::new("rules", row);
    Ok(RuleRecord {
        name: columns.text("name")?,
        version: columns.number("version")?,
        text: columns.text("text")?,
        author: columns.text("author")?,
        created_at: columns.time("created_at")?,
        mode: columns.word("mode")?,
        mode_by: columns.text("mode_by")?,
        mode_at: columns.time("mode_at")?,
    })
}

fn missing(name: &str) -> StoreError {
    StoreError::Missing { what: "rule", id: name.to_owned() }
}

fn check(name: &str, text: &str) -> Result<(), StoreError> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 60 || !name.chars().all(good) {
        let why = "its name has 1 to 60 small letters, digits and hyphens";
        return Err(StoreError::Invalid { what: "rule", why });
    }
    if text.len() > RULE_BYTES_MAX {
        return Err(StoreError::Invalid { what: "rule", why: "it is longer than 10,000 octets" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_have_bounds() {
        assert!(check("sure-phishing-2", "x").is_ok());
        for name in ["", "Rule", "a b", "a.b", &"x".repeat(61)] {
            assert!(check(name, "x").is_err(), "{name}");
        }
        assert!(check("x", &"x".repeat(RULE_BYTES_MAX + 1)).is_err());
    }

    #[test]
    fn modes_read_back() {
        for mode in RuleMode::ALL {
            assert_eq!(RuleMode::from_name(mode.name()), Some(*mode));
        }
        assert_eq!(RuleMode::from_name("on"), None);
    }
}
