//! What filters counted of templates: how many messages, never which.

use belfry_journal::{Kind, Serial, UnixMillis};

use crate::column::{Columns, big, millis, millis_maybe};
use crate::effects::{COUNT_MAX, Effect};
use crate::sql::sms as sql;
use crate::store::Write;
use crate::{Casebook, StoreError};

/// What the filters of all operators counted for one template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// Messages that it matched.
    pub messages: u64,
    /// When the first filter looked for it.
    pub applied_at: Option<UnixMillis>,
    /// When it first matched.
    pub first_at: Option<UnixMillis>,
}

impl Casebook {
    /// What was counted for a template.
    ///
    /// # Errors
    /// The database's.
    pub async fn template_matches(&self, serial: Serial) -> Result<Matches, StoreError> {
        let asked = sqlx::query(sql::MATCHES).bind(big(serial.0)?);
        let row = asked.fetch_one(self.readers()).await?;
        let columns = Columns::new("template_effects", &row);
        Ok(Matches {
            messages: columns.number("matches")?,
            applied_at: columns.time_maybe("applied_at")?,
            first_at: columns.time_maybe("first_match_at")?,
        })
    }
}

impl Write {
    /// Records a filter's totals for a template; whether there is one with this serial.
    pub(crate) async fn record_matches(
        &mut self,
        (follower, instance): (&str, [u8; 16]),
        effect: &Effect,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let Ok(serial) = big(effect.order.0) else { return Ok(false) };
        let there: i64 = sqlx::query_scalar(sql::IS_TEMPLATE)
            .bind(serial)
            .bind(i64::from(Kind::Template.number()))
            .fetch_one(self.connection())
            .await?;
        if there == 0 {
            return Ok(false);
        }
        sqlx::query(sql::UPSERT_MATCHES)
            .bind(serial)
            .bind(follower)
            .bind(instance.to_vec())
            .bind(big(effect.blocked_answers.min(COUNT_MAX))?)
            .bind(millis_maybe(effect.applied_at)?)
            .bind(millis_maybe(effect.first_blocked_at)?)
            .bind(millis(now)?)
            .execute(self.connection())
            .await?;
        Ok(true)
    }
}
