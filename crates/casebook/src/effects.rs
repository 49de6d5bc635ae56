//! Effects: what followers counted, cumulative and idempotent.

use belfry_indicator::Domain;
use belfry_journal::{Serial, UnixMillis};
use sqlx::{SqliteConnection, SqlitePool};

use crate::access::Follower;
use crate::column::{Columns, big, millis, millis_maybe};
use crate::sql::{cases, effects as sql, journal, orders, reports};
use crate::store::Write;
use crate::{Casebook, StoreError};

/// Most effects in one upload.
pub const EFFECTS_MAX: usize = 100_000;
/// More than any follower can have counted; a higher count is taken as this one,
/// so that no sum over followers leaves 64 bits.
pub(crate) const COUNT_MAX: u64 = 1 << 48;

/// What one follower has counted for one order since it took hold; each upload
/// repeats the total, so that a repeated or lost upload changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The order.
    pub order: Serial,
    /// Answers with the warning.
    pub blocked_answers: u64,
    /// Views of the warning page.
    pub warning_views: u64,
    /// Visits that blocked answers prevented.
    pub prevented_visits: u64,
    /// When the order took hold at this follower.
    pub applied_at: Option<UnixMillis>,
    /// When the first answer was blocked.
    pub first_blocked_at: Option<UnixMillis>,
}

/// Sums over followers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Answers with the warning.
    pub blocked_answers: u64,
    /// Views of the warning page.
    pub warning_views: u64,
    /// Visits that blocked answers prevented.
    pub prevented_visits: u64,
    /// The earliest time at which it held anywhere.
    pub applied_at: Option<UnixMillis>,
    /// The earliest blocked answer.
    pub first_blocked_at: Option<UnixMillis>,
}

/// An order of late, and what followers counted for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentOrder {
    /// Its entry.
    pub serial: Serial,
    /// Its case.
    pub case: u64,
    /// The name.
    pub name: Domain,
    /// When it was ordered.
    pub issued_at: UnixMillis,
    /// Answers that it blocked so far.
    pub blocked_answers: u64,
}

/// What followers together had counted for an order by the end of ten minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When these ten minutes began.
    pub at: UnixMillis,
    /// Answers with the warning, since the order took hold.
    pub blocked_answers: u64,
    /// Views of the warning page, since then.
    pub warning_views: u64,
}

/// Milliseconds of a [`Step`].
const STEP_MILLIS: u64 = 600_000;
/// Most steps of one curve: a month of ten minutes each.
const STEPS_MAX: i64 = 4_500;

/// Most orders that one look at the recent ones takes.
const RECENT_MAX: i64 = 5_000;

/// Figures for `/api/v1/statistics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Reports taken in.
    pub reports: u64,
    /// Reports not read yet.
    pub unread: u64,
    /// Cases.
    pub cases: u64,
    /// Open cases.
    pub open_cases: u64,
    /// Orders that hold.
    pub effective_orders: u64,
    /// Orders that were taken back as mistakes.
    pub mistaken_orders: u64,
    /// Answers that these blocked, at all followers; in none of the other counts.
    pub mistaken_answers: u64,
    /// Blocked answers at all followers.
    pub blocked_answers: u64,
    /// Views of warning pages.
    pub warning_views: u64,
    /// Visits that blocked answers prevented.
    pub prevented_visits: u64,
}

impl Casebook {
    /// Records one follower's totals, and that it holds everything up to `serial`. `instance` names one run of counters: 16 random
    /// bytes drawn when they began at zero; totals of several instances add up, within
    /// one only growth counts. Unknown orders are skipped and counted in the answer; a
    /// template's blocked answers are the messages that it matched.
    ///
    /// # Errors
    /// [`StoreError`]; at most [`EFFECTS_MAX`] effects in one call. [`StoreError::Ahead`]
    /// where the follower is past the head: its serials are those of other orders, so
    /// nothing is counted, and how far it is, is kept.
    pub async fn record_effects(
        &self,
        by: &Follower,
        instance: [u8; 16],
        serial: Serial,
        effects: &[Effect],
        now: UnixMillis,
    ) -> Result<u64, StoreError> {
        if effects.len() > EFFECTS_MAX {
            return Err(StoreError::Invalid { what: "effects", why: "at most 100,000 at once" });
        }
        let follower = by.principal().name.as_str();
        let mut write = self.db().write().await?;
        write.acknowledge(follower, instance, serial, now).await?;
        let head = self.head().serial;
        let mut unknown = 0;
        for effect in effects.iter().filter(|_| serial <= head) {
            if write.has_order(effect.order).await? {
                write.record_effect((follower, instance), effect, now).await?;
            } else if !write.record_matches((follower, instance), effect, now).await? {
                unknown += 1;
            }
        }
        write.commit().await?;
        self.note_furthest(follower, serial);
        if serial > head { Err(StoreError::Ahead { serial, head }) } else { Ok(unknown) }
    }

    /// Orders issued since then that hold, the latest first, at most 5,000.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn recent_orders(&self, since: UnixMillis) -> Result<Vec<RecentOrder>, StoreError> {
        let rows = sqlx::query(orders::RECENT)
            .bind(millis(since)?)
            .bind(RECENT_MAX)
            .fetch_all(self.readers())
            .await?;
        rows.iter()
            .map(|row| {
                let columns = Columns::new("orders", row);
                Ok(RecentOrder {
                    serial: columns.serial("serial")?,
                    case: columns.number("case_id")?,
                    name: columns.domain("name")?,
                    issued_at: columns.time("issued_at")?,
                    blocked_answers: columns.number("blocked_answers")?,
                })
            })
            .collect()
    }

    /// How the counts of an order grew, oldest first; at most a month of steps, the latest.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn steps_of(&self, order: Serial) -> Result<Vec<Step>, StoreError> {
        let rows = sqlx::query(sql::STEPS).bind(big(order.0)?).bind(STEPS_MAX);
        let rows = rows.fetch_all(self.readers()).await?;
        let steps = rows.iter().rev().map(|row| {
            let columns = Columns::new("effect_steps", row);
            Ok(Step {
                at: UnixMillis(columns.number("step")? * STEP_MILLIS),
                blocked_answers: columns.number("blocked_answers")?,
                warning_views: columns.number("warning_views")?,
            })
        });
        steps.collect()
    }

    /// The figures now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn statistics(&self) -> Result<Statistics, StoreError> {
        let readers = self.readers();
        let totals = sqlx::query(sql::ALL_TOTALS).fetch_one(readers).await?;
        let totals = Columns::new("effects", &totals);
        Ok(Statistics {
            reports: counter(readers, "reports").await?,
            unread: count(readers, reports::COUNT_UNREAD).await?,
            cases: counter(readers, "cases").await?,
            open_cases: count(readers, cases::COUNT_OPEN).await?,
            effective_orders: count(readers, orders::COUNT_EFFECTIVE).await?,
            mistaken_orders: count(readers, orders::COUNT_MISTAKEN).await?,
            mistaken_answers: count(readers, sql::MISTAKEN_TOTAL).await?,
            blocked_answers: totals.number("blocked_answers")?,
            warning_views: totals.number("warning_views")?,
            prevented_visits: totals.number("prevented_visits")?,
        })
    }
}

impl Write {
    async fn has_order(&mut self, order: Serial) -> Result<bool, StoreError> {
        let Ok(serial) = big(order.0) else { return Ok(false) };
        let row = sqlx::query(orders::ORDER).bind(serial).fetch_optional(self.connection()).await?;
        Ok(row.is_some())
    }

    async fn record_effect(
        &mut self,
        (follower, instance): (&str, [u8; 16]),
        effect: &Effect,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(sql::UPSERT)
            .bind(big(effect.order.0)?)
            .bind(follower)
            .bind(instance.to_vec())
            .bind(big(effect.blocked_answers.min(COUNT_MAX))?)
            .bind(big(effect.warning_views.min(COUNT_MAX))?)
            .bind(millis_maybe(effect.applied_at)?)
            .bind(millis_maybe(effect.first_blocked_at)?)
            .bind(millis(now)?)
            .bind(big(effect.prevented_visits.min(COUNT_MAX))?)
            .execute(self.connection())
            .await?;
        if effect.blocked_answers == 0 && effect.warning_views == 0 {
            return Ok(());
        }
        sqlx::query(sql::STEP)
            .bind(big(effect.order.0)?)
            .bind(big(now.0 / STEP_MILLIS)?)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

/// What followers counted for one order, summed.
pub(crate) async fn totals_of(
    connection: &mut SqliteConnection,
    order: Serial,
) -> Result<Totals, StoreError> {
    let row = sqlx::query(sql::TOTALS).bind(big(order.0)?).fetch_one(connection).await?;
    let columns = Columns::new("effects", &row);
    Ok(Totals {
        blocked_answers: columns.number("blocked_answers")?,
        warning_views: columns.number("warning_views")?,
        prevented_visits: columns.number("prevented_visits")?,
        applied_at: columns.time_maybe("applied_at")?,
        first_blocked_at: columns.time_maybe("first_blocked_at")?,
    })
}

/// The last number of a sequence: how many there are, since none is ever deleted.
async fn counter(readers: &SqlitePool, name: &'static str) -> Result<u64, StoreError> {
    let row = sqlx::query(journal::COUNTER).bind(name).fetch_one(readers).await?;
    Columns::new("counters", &row).number("value")
}

async fn count(readers: &SqlitePool, text: &'static str) -> Result<u64, StoreError> {
    let count: i64 = sqlx::query_scalar(text).fetch_one(readers).await?;
    Ok(u64::try_from(count).unwrap_or_default())
}
