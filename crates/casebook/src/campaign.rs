//! Campaigns: sets of cases by the same hand, found as cases are opened.
//!
//! A case brings marks: hashes that other cases of the same hand share, and a sketch of its
//! text. Cases tied strongly enough are one campaign; two campaigns that a case ties
//! together become one. A case is in one campaign at most. What the marks mean is the
//! caller's knowledge; nothing here decides about a case.

mod tied;

use belfry_journal::UnixMillis;
use sqlx::{Row, SqliteConnection};

use crate::assessment::{TextTie, Weigh};
use crate::case::{CASES_MAX, Case, case_of};
use crate::column::{Columns, big, millis};
use crate::report::ReportId;
use crate::sql::{campaigns as sql, cases};
use crate::store::Write;
use crate::{Casebook, StoreError};

/// A campaign with more cases is not merged into another: a person should look.
const MERGE_MAX: u64 = 500;
/// Marks of one campaign that are told.
const SHARED_MAX: i64 = 50;
/// Rows of the register in one answer.
const COUNTS_MAX: i64 = 2_000;

/// One thing by which a case can be tied to others.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// What it is, in one word.
    pub kind: String,
    /// The same for all cases that share it.
    pub value: u64,
    /// It in words.
    pub shown: String,
    /// What sharing it weighs; 1 is enough alone.
    pub weight: f64,
}

/// By what a case is known, from one report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marked {
    /// The marks, at most 64 of which are kept.
    pub marks: Vec<Mark>,
    /// A sketch of its text; empty without one.
    pub sketch: Vec<u8>,
    /// The brand that it abuses.
    pub brand: Option<String>,
    /// How it came: `mail`, `sms` or `url`; empty where the register has counted it.
    pub channel: String,
    /// When, as `2026-11`.
    pub month: String,
}

/// A campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// Its number.
    pub id: u64,
    /// When it was first seen to be one.
    pub opened_at: UnixMillis,
    /// When a case last joined.
    pub changed_at: UnixMillis,
    /// Cases in it.
    pub cases: u64,
    /// The brand that it abuses, by its first case that names one.
    pub brand: Option<String>,
    /// The campaign that it turned out to be.
    pub merged_into: Option<u64>,
}

/// What two cases share.
#[derive(Clone, Debug, PartialEq)]
pub struct Tie {
    /// What, in one word; `text` for their texts.
    pub kind: String,
    /// It in words.
    pub shown: String,
    /// What it weighs.
    pub weight: f64,
}

/// What cases of a campaign share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedMark {
    /// What, in one word.
    pub kind: String,
    /// It in words.
    pub shown: String,
    /// How many cases share it.
    pub cases: u64,
}

/// A line of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignCount {
    /// `2026-11`.
    pub month: String,
    /// The brand's key, or `-`.
    pub brand: String,
    /// `mail`, `sms` or `url`.
    pub channel: String,
    /// Cases opened.
    pub cases: u64,
    /// Campaigns begun.
    pub campaigns: u64,
}

fn thousandths(weight: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped")]
    let weight = (weight.clamp(0.0, 1_000.0) * 1e3).round() as i64;
    weight
}

fn weight(thousandths: u64) -> f64 {
    f64::from(u32::try_from(thousandths).unwrap_or(u32::MAX)) / 1e3
}

impl Casebook {
    /// Campaigns, the latest first, before the campaign `before`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn campaigns(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Campaign>, StoreError> {
        let rows = sqlx::query(sql::LIST)
            .bind(before.map_or(Ok(i64::MAX), big)?)
            .bind(i64::from(limit.clamp(1, CASES_MAX + 1)))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(|row| campaign_of(&Columns::new("campaigns", row))).collect()
    }

    /// A campaign with its latest cases, newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the database only.
    pub async fn campaign(&self, id: u64) -> Result<Option<(Campaign, Vec<Case>)>, StoreError> {
        let Ok(number) = big(id) else { return Ok(None) };
        let mut reading = self.readers().begin().await?;
        let row = sqlx::query(sql::CAMPAIGN).bind(number).fetch_optional(&mut *reading).await?;
        let Some(row) = row else { return Ok(None) };
        let rows = sqlx::query(cases::LIST_BY_CAMPAIGN)
            .bind(number)
            .bind(i64::from(CASES_MAX))
            .fetch_all(&mut *reading)
            .await?;
        let members = rows.iter().map(case_of).collect::<Result<_, _>>()?;
        Ok(Some((campaign_of(&Columns::new("campaigns", &row))?, members)))
    }

    /// What two cases share, the strongest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ties(
        &self,
        one: u64,
        other: u64,
        weigh: &dyn Weigh,
    ) -> Result<Vec<Tie>, StoreError> {
        let mut reading = self.readers().begin().await?;
        let rows = sqlx::query(sql::SHARED)
            .bind(big(one)?)
            .bind(big(other)?)
            .fetch_all(&mut *reading)
            .await?;
        let sketches = (sketch(&mut reading, one).await?, sketch(&mut reading, other).await?);
        let text = match sketches {
            (Some(one), Some(other)) => weigh.text_tie(&one, &other),
            _ => TextTie::default(),
        };
        let mut ties = Vec::new();
        for row in &rows {
            let columns = Columns::new("case_marks", row);
            let (kind, mut shown) = (columns.text("kind")?, columns.text("shown")?);
            let mut weight = weight(columns.number("weight")?);
            let part = if text.unlike { weigh.part_if_unlike(&kind) } else { 1.0 };
            if part < 1.0 {
                weight *= part;
                shown.push_str(" (less, since their texts are unlike)");
            }
            if weight > 0.0 {
                ties.push(Tie { kind, shown, weight });
            }
        }
        if text.weight > 0.0 {
            let TextTie { weight, shown, .. } = text;
            ties.push(Tie { kind: "text".to_owned(), shown, weight });
        }
        ties.sort_by(|one, other| other.weight.total_cmp(&one.weight));
        Ok(ties)
    }

    /// What at least two cases of a campaign share, the most shared first: its
    /// infrastructure, accounts and texts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn campaign_marks(&self, id: u64) -> Result<Vec<SharedMark>, StoreError> {
        let rows = sqlx::query(sql::MARKS_OF).bind(big(id)?).bind(SHARED_MAX);
        let rows = rows.fetch_all(self.readers()).await?;
        let mark = |row| {
            let columns = Columns::new("case_marks", row);
            let (kind, shown) = (columns.text("kind")?, columns.text("shown")?);
            Ok(SharedMark { kind, shown, cases: columns.number("cases")? })
        };
        rows.iter().map(mark).collect()
    }

    /// The register: cases and campaigns by month, brand and channel, the latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn campaign_counts(&self) -> Result<Vec<CampaignCount>, StoreError> {
        let rows = sqlx::query(sql::COUNTS).bind(COUNTS_MAX).fetch_all(self.readers()).await?;
        let count = |row| {
            let columns = Columns::new("campaign_counts", row);
            Ok(CampaignCount {
                month: columns.text("month")?,
                brand: columns.text("brand")?,
                channel: columns.text("channel")?,
                cases: columns.number("cases")?,
                campaigns: columns.number("campaigns")?,
            })
        };
        rows.iter().map(count).collect()
    }
}

impl Casebook {
    /// Adds what a case showed later, under the report that led to it, and puts the case
    /// with those that share it. Done again, it changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Missing`] for no such case, or the database's.
    pub async fn mark_more(
        &self,
        case: u64,
        report: ReportId,
        marks: Vec<Mark>,
        weigh: &dyn Weigh,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        write.case(case).await?;
        let marked = Marked { marks, ..Marked::default() };
        write.join_more(case, report, &marked, weigh, at).await?;
        write.commit().await
    }
}

impl Write {
    async fn join_more(
        &mut self,
        case: u64,
        report: ReportId,
        marked: &Marked,
        weigh: &dyn Weigh,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        let number = big(case)?;
        let tied = self.tied(case, marked, weigh).await?;
        self.put_marks(number, report, marked).await?;
        let Some(own) = campaign_of_case(self.connection(), number).await? else {
            return self.join_campaign(case, &tied, marked, at).await.map(|_| ());
        };
        let mut campaigns = vec![own];
        let mut alone = Vec::new();
        for other in tied {
            match campaign_of_case(self.connection(), big(other)?).await? {
                Some(found) if campaigns.contains(&found) => {}
                Some(found) => campaigns.push(found),
                None => alone.push(big(other)?),
            }
        }
        let kept = self.merge_campaigns(&campaigns, at).await?;
        for other in alone {
            sqlx::query(sql::JOIN).bind(other).bind(kept).execute(self.connection()).await?;
            let grow = sqlx::query(sql::GROW).bind(kept).bind(millis(at)?).bind(1i64);
            grow.bind(None::<&str>).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Marks a case that has no marks yet, and puts it into the campaign that they tie it to.
    pub(crate) async fn mark(
        &mut self,
        case: u64,
        report: ReportId,
        marked: &Marked,
        weigh: &dyn Weigh,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        let number = big(case)?;
        let had: i64 =
            sqlx::query_scalar(sql::HAS_MARKS).bind(number).fetch_one(self.connection()).await?;
        if had > 0 || marked.month.is_empty() {
            return Ok(());
        }
        let tied = self.tied(case, marked, weigh).await?;
        self.put_marks(number, report, marked).await?;
        let begun = match campaign_of_case(self.connection(), number).await? {
            None => self.join_campaign(case, &tied, marked, at).await?,
            Some(_) => 0,
        };
        if marked.channel.is_empty() {
            return Ok(());
        }
        sqlx::query(sql::COUNT)
            .bind(&marked.month)
            .bind(marked.brand.as_deref().unwrap_or("-"))
            .bind(&marked.channel)
            .bind(1i64)
            .bind(begun)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Puts a case with those that it is tied to; answers how many campaigns begin by that.
    async fn join_campaign(
        &mut self,
        case: u64,
        tied: &[u64],
        marked: &Marked,
        at: UnixMillis,
    ) -> Result<i64, StoreError> {
        let mut campaigns = Vec::new();
        for other in tied {
            let found = campaign_of_case(self.connection(), big(*other)?).await?;
            if let Some(found) = found.filter(|found| !campaigns.contains(found)) {
                campaigns.push(found);
            }
        }
        let (Some(nearest), brand) = (tied.first(), marked.brand.as_deref()) else {
            return Ok(0);
        };
        if campaigns.is_empty() {
            let id = self.draw("campaigns").await?;
            let begin = sqlx::query(sql::INSERT).bind(id).bind(millis(at)?).bind(2i64).bind(brand);
            begin.execute(self.connection()).await?;
            for member in [*nearest, case] {
                let join = sqlx::query(sql::JOIN).bind(big(member)?).bind(id);
                join.execute(self.connection()).await?;
            }
            return Ok(1);
        }
        let kept = self.merge_campaigns(&campaigns, at).await?;
        let join = sqlx::query(sql::JOIN).bind(big(case)?).bind(kept);
        join.execute(self.connection()).await?;
        let grow = sqlx::query(sql::GROW).bind(kept).bind(millis(at)?).bind(1i64).bind(brand);
        grow.execute(self.connection()).await?;
        Ok(0)
    }

    /// Makes one of all campaigns that a case ties together, but of none that is too large;
    /// answers the one that the case joins.
    async fn merge_campaigns(&mut self, ids: &[i64], at: UnixMillis) -> Result<i64, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let row = sqlx::query(sql::CAMPAIGN).bind(id).fetch_one(self.connection()).await?;
            found.push((Columns::new("campaigns", &row).number("cases")?, *id));
        }
        let nearest = ids[0];
        let kept = found.iter().max().map_or(nearest, |(_, id)| *id);
        let small = found.iter().filter(|(cases, id)| *id != kept && *cases <= MERGE_MAX);
        for (cases, id) in small {
            for text in [sql::MOVE_CASES, sql::MERGE] {
                sqlx::query(text).bind(id).bind(kept).execute(self.connection()).await?;
            }
            let more = big(*cases)?;
            let grow = sqlx::query(sql::GROW).bind(kept).bind(millis(at)?).bind(more);
            grow.bind(None::<&str>).execute(self.connection()).await?;
        }
        Ok(kept)
    }
}

async fn campaign_of_case(
    connection: &mut SqliteConnection,
    case: i64,
) -> Result<Option<i64>, StoreError> {
    let found = sqlx::query_scalar::<_, Option<i64>>(sql::CAMPAIGN_OF).bind(case);
    Ok(found.fetch_optional(connection).await?.flatten())
}

async fn sketch(
    connection: &mut SqliteConnection,
    case: u64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = sqlx::query(sql::SKETCH).bind(big(case)?).fetch_optional(connection).await?;
    Ok(row.map(|row| row.try_get("sketch")).transpose()?)
}

fn campaign_of(columns: &Columns<'_>) -> Result<Campaign, StoreError> {
    Ok(Campaign {
        id: columns.number("id")?,
        opened_at: columns.time("opened_at")?,
        changed_at: columns.time("changed_at")?,
        cases: columns.number("cases")?,
        brand: columns.text_maybe("brand")?,
        merged_into: columns.number_maybe("merged_into")?,
    })
}
