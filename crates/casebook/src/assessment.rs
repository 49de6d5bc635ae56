//! What a case scored, and why. The casebook stores it and tells when to weigh again;
//! what the features mean is its caller's knowledge.
//!
//! The report that says most speaks for a case. Its words may be in the reasons, so an
//! assessment goes when that report is erased, and is in no backup: it is made anew
//! from the readings that are left.

use belfry_journal::UnixMillis;
use sqlx::{Row, SqliteConnection};

use crate::campaign::Marked;
use crate::case::CASES_MAX;
use crate::column::{Columns, big, millis};
use crate::report::ReportId;
use crate::sql::{assessments as sql, cases};
use crate::store::Write;
use crate::{Casebook, StoreError};

/// What one report says of one case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// How much: the most telling report speaks for the case.
    pub strength: f64,
    /// The features, as text of the caller's.
    pub evidence: String,
    /// By what other cases of the same hand can be found.
    pub marked: Marked,
}

/// Where a case stands when it is to be weighed.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The most telling report's features.
    pub evidence: &'a str,
    /// What was seen of its page, as text of the caller's; empty where nothing was.
    pub page: &'a str,
    /// Reporters proven to be who they say, each once.
    pub proven: u64,
    /// All reporters, each once, proven or not.
    pub reporters: u64,
    /// When the latest report joined.
    pub at: UnixMillis,
}

/// A weighed case.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    /// 0 to 1.
    pub score: f64,
    /// Lists are sorted by it, highest first.
    pub urgency: i64,
    /// What the score amounts to.
    pub verdict: String,
    /// The reasons, as text of the caller's.
    pub reasons: String,
}

/// What two texts say of whether their cases belong together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextTie {
    /// What their likeness weighs as a tie.
    pub weight: f64,
    /// That in words.
    pub shown: String,
    /// Whether they are so unlike that shared marks weigh less.
    pub unlike: bool,
}

/// Weighs cases. Asked inside a transaction: it must be quick and do no I/O.
pub trait Weigh: Send + Sync {
    /// Which models weigh, in a few words: what other models said is not compared.
    fn models(&self) -> &str;
    /// Which lists they know.
    fn lists(&self) -> &str;
    /// The weight of a case; `None` where the evidence can't be understood.
    fn weigh(&self, standing: &Standing<'_>) -> Option<Weighed>;
    /// What two texts say of whether their cases belong together, by their sketches.
    fn text_tie(&self, _one: &[u8], _other: &[u8]) -> TextTie {
        TextTie::default()
    }
    /// What is left of the weight of a shared mark of this kind where the texts are unlike.
    fn part_if_unlike(&self, _kind: &str) -> f64 {
        1.0
    }
}

/// An assessment as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct AssessmentRecord {
    /// 0 to 1.
    pub score: f64,
    /// What the score amounts to.
    pub verdict: String,
    /// The reasons.
    pub reasons: String,
    /// The features that they were weighed from.
    pub evidence: String,
    /// And those of its page.
    pub page: String,
    /// How many proven reporters counted.
    pub proven: u64,
    /// By which models.
    pub models: String,
    /// With which lists.
    pub lists: String,
    /// The report that speaks for the case.
    pub report: ReportId,
    /// When.
    pub at: UnixMillis,
}

/// A score as a column holds it, in millionths.
pub(crate) fn ppm(score: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to 0..=1,000,000")]
    let ppm = (score.clamp(0.0, 1.0) * 1e6).round() as i64;
    ppm
}

/// The score of a column.
pub(crate) fn score(ppm: u64) -> f64 {
    f64::from(u32::try_from(ppm).unwrap_or(u32::MAX)) / 1e6
}

/// Log-odds as a column holds them, in millionths.
fn millionths(strength: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped")]
    let value = (strength.clamp(-1e6, 1e6) * 1e6).round() as i64;
    value
}

impl Casebook {
    /// Undecided cases that nobody has weighed: of before a restore or an erasure.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cases_not_assessed(&self, limit: u32) -> Result<Vec<u64>, StoreError> {
        let rows = sqlx::query(sql::MISSING)
            .bind(i64::from(limit.clamp(1, CASES_MAX)))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(|row| Columns::new("cases", row).number("id")).collect()
    }

    /// Weighs a case anew by what its reports and its `page` say.
    ///
    /// # Errors
    /// [`StoreError::Missing`] for no such case, or the database's.
    pub async fn assess(
        &self,
        case: u64,
        said: &[(ReportId, Said)],
        page: &str,
        weigh: &dyn Weigh,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        write.case(case).await?;
        if let Some((report, said)) = said.first() {
            write.mark(case, *report, &said.marked, weigh, at).await?;
        }
        sqlx::query(sql::FORGET_CASE).bind(big(case)?).execute(write.connection()).await?;
        for (report, said) in said {
            write.weigh_with(case, *report, said, page, weigh, at).await?;
        }
        write.commit().await
    }
}

impl Write {
    /// Weighs a case that `report` has just joined.
    pub(crate) async fn weigh(
        &mut self,
        case: u64,
        report: ReportId,
        said: &Said,
        weigh: &dyn Weigh,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        let before = assessment_of(self.connection(), case).await?;
        let page = before.map(|(_, record)| record.page).unwrap_or_default();
        self.weigh_with(case, report, said, &page, weigh, at).await
    }

    async fn weigh_with(
        &mut self,
        case: u64,
        report: ReportId,
        said: &Said,
        page: &str,
        weigh: &dyn Weigh,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        let before = assessment_of(self.connection(), case).await?;
        let before = before.filter(|(_, record)| record.models == weigh.models());
        let new = millionths(said.strength);
        let (report, strength, evidence) = match &before {
            Some((old, record)) if *old >= new => (record.report, *old, &record.evidence),
            _ => (report, new, &said.evidence),
        };
        let reporters = self.case(case).await?.reporters;
        let proven = self.proven(case).await?;
        let standing = Standing { evidence, page, proven, reporters, at };
        let Some(weighed) = weigh.weigh(&standing) else { return Ok(()) };
        sqlx::query(sql::PUT)
            .bind(big(case)?)
            .bind(big(report.0)?)
            .bind(strength)
            .bind(evidence)
            .bind(big(proven)?)
            .bind(weigh.models())
            .bind(weigh.lists())
            .bind(&weighed.verdict)
            .bind(&weighed.reasons)
            .bind(millis(at)?)
            .bind(page)
            .execute(self.connection())
            .await?;
        sqlx::query(sql::SCORE)
            .bind(big(case)?)
            .bind(ppm(weighed.score))
            .bind(weighed.urgency)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn proven(&mut self, case: u64) -> Result<u64, StoreError> {
        let proven: i64 = sqlx::query_scalar(cases::COUNT_PROVEN)
            .bind(big(case)?)
            .fetch_one(self.connection())
            .await?;
        Ok(proven.unsigned_abs())
    }
}

/// A case's strength and assessment.
pub(crate) async fn assessment_of(
    connection: &mut SqliteConnection,
    case: u64,
) -> Result<Option<(i64, AssessmentRecord)>, StoreError> {
    let row = sqlx::query(sql::OF_CASE).bind(big(case)?).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let columns = Columns::new("assessments", &row);
    let record = AssessmentRecord {
        score: score(columns.number_maybe("score_ppm")?.unwrap_or_default()),
        verdict: columns.text("verdict")?,
        reasons: columns.text("reasons")?,
        evidence: columns.text("evidence")?,
        page: columns.text("page")?,
        proven: columns.number("proven")?,
        models: columns.text("models")?,
        lists: columns.text("lists")?,
        report: ReportId(columns.number("report_id")?),
        at: columns.time("at_ms")?,
    };
    Ok(Some((row.try_get("strength")?, record)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_and_strengths_stay_within_their_columns() {
        for (value, expect) in [(0.5, 500_000), (-3.0, 0), (7.0, 1_000_000)] {
            assert_eq!(ppm(value), expect);
        }
        assert_eq!(score(250_000), 0.25);
        assert_eq!(millionths(f64::INFINITY), 1_000_000_000_000);
        assert_eq!(millionths(-0.5), -500_000);
    }
}
