//! Standing verdicts: what a person decided for the cases of a campaign that are still to
//! come, for some hours; and what persons have found in a campaign. What follows from them
//! is the desk's, through the guard like every verdict.

use belfry_journal::UnixMillis;
use sqlx::sqlite::SqliteRow;

use crate::access::Analyst;
use crate::audit::Act;
use crate::column::{Columns, big, millis};
use crate::sql::standing as sql;
use crate::verdict::Verdict;
use crate::{Casebook, StoreError};

/// The longest that one stands.
pub const HOURS_MAX: u32 = 72;
/// Most that stand at a time.
const STANDING_MAX: i64 = 100;

/// A standing verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its number.
    pub id: u64,
    /// The campaign.
    pub campaign: u64,
    /// What its cases get.
    pub verdict: Verdict,
    /// Why: never published.
    pub reason: String,
    /// By whom.
    pub by: String,
    /// When.
    pub at: UnixMillis,
    /// Until when.
    pub until: UnixMillis,
}

/// What persons found in a campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CampaignFound {
    /// Cases in it.
    pub cases: u64,
    /// Those that a person found to be fraud.
    pub fraud: u64,
    /// Those that a person found to be spam or benign, or whose block was a mistake.
    pub harmless: u64,
}

impl Casebook {
    /// Lets a verdict stand for the cases of a campaign that open within `hours`. A campaign
    /// has one: the latest. The audit log says who gave it.
    ///
    /// # Errors
    /// [`StoreError::Missing`] for no such campaign, [`StoreError::Invalid`] for hours out of
    /// bounds or when too many stand, or the database's.
    pub async fn let_stand(
        &self,
        by: &Analyst,
        campaign: u64,
        verdict: Verdict,
        hours: u32,
        reason: &str,
        now: UnixMillis,
    ) -> Result<Standing, StoreError> {
        let what = "standing verdict";
        if !(1..=HOURS_MAX).contains(&hours) {
            return Err(StoreError::Invalid { what, why: "it stands 1 to 72 hours" });
        }
        let mut write = self.db().write().await?;
        let known = sqlx::query(crate::sql::campaigns::CAMPAIGN).bind(big(campaign)?);
        if known.fetch_optional(write.connection()).await?.is_none() {
            return Err(StoreError::Missing { what: "campaign", id: campaign.to_string() });
        }
        let standing: i64 =
            sqlx::query_scalar(sql::COUNT).bind(millis(now)?).fetch_one(write.connection()).await?;
        if standing >= STANDING_MAX {
            return Err(StoreError::Invalid { what, why: "100 stand already: end some" });
        }
        let who = &by.principal().name;
        let until = UnixMillis(now.0 + u64::from(hours) * 3_600_000);
        let id = write.draw("standing-verdicts").await?;
        sqlx::query(sql::PUT)
            .bind(id)
            .bind(big(campaign)?)
            .bind(verdict.name())
            .bind(reason)
            .bind(who)
            .bind(millis(now)?)
            .bind(millis(until)?)
            .execute(write.connection())
            .await?;
        let object = format!("campaign {campaign}");
        let detail = format!("{} for {hours} hours: {reason}", verdict.name());
        let act = Act { who, action: "let-stand", object: &object, detail: &detail };
        write.audit(&act, now).await?;
        write.commit().await?;
        let (by, reason) = (who.clone(), reason.to_owned());
        Ok(Standing { id: id.unsigned_abs(), campaign, verdict, reason, by, at: now, until })
    }

    /// Ends what stands for a campaign before its time.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where nothing stands, or the database's.
    pub async fn end_standing(
        &self,
        by: &Analyst,
        campaign: u64,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let who = &by.principal().name;
        let mut write = self.db().write().await?;
        let ended = sqlx::query(sql::END)
            .bind(big(campaign)?)
            .bind(millis(now)?)
            .bind(who)
            .execute(write.connection())
            .await?;
        if ended.rows_affected() == 0 {
            let id = format!("for campaign {campaign}");
            return Err(StoreError::Missing { what: "standing verdict", id });
        }
        let object = format!("campaign {campaign}");
        write.audit(&Act { who, action: "end-standing", object: &object, detail: "" }, now).await?;
        write.commit().await
    }

    /// What stands for a campaign now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn standing(
        &self,
        campaign: u64,
        now: UnixMillis,
    ) -> Result<Option<Standing>, StoreError> {
        let row = sqlx::query(sql::IN_FORCE).bind(big(campaign)?).bind(millis(now)?);
        row.fetch_optional(self.readers()).await?.as_ref().map(standing_of).transpose()
    }

    /// What persons have found in a campaign.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn campaign_found(&self, campaign: u64) -> Result<CampaignFound, StoreError> {
        let row = sqlx::query(sql::FOUND).bind(big(campaign)?).fetch_one(self.readers()).await?;
        let columns = Columns::new("campaigns", &row);
        Ok(CampaignFound {
            cases: columns.number("cases")?,
            fraud: columns.number("fraud")?,
            harmless: columns.number("harmless")?,
        })
    }
}

fn standing_of(row: &SqliteRow) -> Result<Standing, StoreError> {
    let columns = Columns::new("standing_verdicts", row);
    Ok(Standing {
        id: columns.number("id")?,
        campaign: columns.number("campaign_id")?,
        verdict: columns.word("verdict")?,
        reason: columns.text("reason")?,
        by: columns.text("person")?,
        at: columns.time("at_ms")?,
        until: columns.time("until_ms")?,
    })
}
