//! The marks of a case: put down, and looked for among those of other cases.
//!
//! Every filing comes through here, so that statements are few: many marks are one
//! statement, and sketches are read only of the cases that share most.

use std::collections::BTreeMap;

use sqlx::Row;

use super::{Mark, Marked, thousandths};
use crate::StoreError;
use crate::assessment::Weigh;
use crate::column::{Columns, big};
use crate::report::ReportId;
use crate::sql::campaigns as sql;
use crate::store::Write;

/// The latest cases that are looked at for one mark.
const SHARING_MAX: i64 = 40;
/// Most marks of one case.
const MARKS_MAX: usize = 64;
/// Cases whose texts are compared: those that share most marks.
const COMPARED_MAX: usize = 64;
/// Thousandths of weight at which cases belong together.
const TOGETHER: i64 = 1_000;

/// What another case shares with this one.
#[derive(Clone, Copy, Debug, Default)]
struct Shared {
    marks: i64,
    thousandths: i64,
    /// What the marks weigh where the texts are unlike.
    if_unlike: i64,
}

impl Write {
    /// The cases that are tied strongly enough, the strongest first.
    pub(super) async fn tied(
        &mut self,
        case: u64,
        marked: &Marked,
        weigh: &dyn Weigh,
    ) -> Result<Vec<u64>, StoreError> {
        let mut shared = self.sharing(case, &marked.marks, weigh).await?;
        if !marked.sketch.is_empty() {
            self.compare(&mut shared, &marked.sketch, weigh).await?;
        }
        let sums = shared.into_iter().map(|(other, shared)| (other, shared.thousandths));
        let mut tied: Vec<_> = sums.filter(|(_, sum)| *sum >= TOGETHER).collect();
        tied.sort_by_key(|(other, sum)| std::cmp::Reverse((*sum, *other)));
        Ok(tied.into_iter().map(|(other, _)| other).collect())
    }

    /// The latest cases that share marks, and what those weigh.
    async fn sharing(
        &mut self,
        case: u64,
        marks: &[Mark],
        weigh: &dyn Weigh,
    ) -> Result<BTreeMap<u64, Shared>, StoreError> {
        let mut shared: BTreeMap<u64, Shared> = BTreeMap::new();
        for some in marks[..marks.len().min(MARKS_MAX)].chunks(sql::ROWS) {
            let mut query = sqlx::query(sql::SHARING).bind(big(case)?).bind(SHARING_MAX);
            for nth in 0..sql::ROWS {
                // No mark has the kind that fills up.
                let mark = some.get(nth).map(|mark| (mark.kind.as_str(), mark.value));
                let (kind, value) = mark.unwrap_or_default();
                query = query.bind(kind).bind(value.cast_signed());
            }
            for row in &query.fetch_all(self.connection()).await? {
                let columns = Columns::new("case_marks", row);
                let (kind, value) = (columns.text("kind")?, row.try_get::<i64, _>("value")?);
                let is_it = |mark: &&Mark| mark.kind == kind && mark.value.cast_signed() == value;
                let weight = some.iter().find(is_it).map_or(0.0, |mark| mark.weight);
                let unlike = weight * weigh.part_if_unlike(&kind);
                let other = shared.entry(columns.number("case_id")?).or_default();
                other.marks += 1;
                other.thousandths += thousandths(weight);
                other.if_unlike += thousandths(unlike);
            }
        }
        Ok(shared)
    }

    /// Adds what the texts of the cases that share most say.
    async fn compare(
        &mut self,
        shared: &mut BTreeMap<u64, Shared>,
        sketch: &[u8],
        weigh: &dyn Weigh,
    ) -> Result<(), StoreError> {
        // Those that the marks alone might tie come before those that share bands of a text.
        let rank = |(other, shared): (&u64, &Shared)| {
            (*other, shared.thousandths + shared.marks * TOGETHER / 10)
        };
        let mut most: Vec<(u64, i64)> = shared.iter().map(rank).collect();
        most.sort_by_key(|(other, rank)| std::cmp::Reverse((*rank, *other)));
        most.truncate(COMPARED_MAX);
        for some in most.chunks(sql::ROWS) {
            let mut query = sqlx::query(sql::SKETCHES);
            for nth in 0..sql::ROWS {
                let (other, _) = some[nth.min(some.len() - 1)];
                query = query.bind(big(other)?);
            }
            for row in &query.fetch_all(self.connection()).await? {
                let other = Columns::new("case_sketches", row).number("case_id")?;
                let theirs: Vec<u8> = row.try_get("sketch")?;
                let text = weigh.text_tie(sketch, &theirs);
                let sum = shared.entry(other).or_default();
                let marks = if text.unlike { sum.if_unlike } else { sum.thousandths };
                sum.thousandths = marks + thousandths(text.weight);
            }
        }
        Ok(())
    }

    /// Puts down the marks of a case, and the sketch of its text.
    pub(super) async fn put_marks(
        &mut self,
        case: i64,
        report: ReportId,
        marked: &Marked,
    ) -> Result<(), StoreError> {
        let report = big(report.0)?;
        for some in marked.marks[..marked.marks.len().min(MARKS_MAX)].chunks(sql::ROWS) {
            let mut query = sqlx::query(sql::PUT_MARKS).bind(case).bind(report);
            for nth in 0..sql::ROWS {
                let mark = &some[nth.min(some.len() - 1)];
                query = query
                    .bind(&mark.kind)
                    .bind(mark.value.cast_signed())
                    .bind(&mark.shown)
                    .bind(thousandths(mark.weight));
            }
            query.execute(self.connection()).await?;
        }
        if !marked.sketch.is_empty() {
            sqlx::query(sql::PUT_SKETCH)
                .bind(case)
                .bind(report)
                .bind(&marked.sketch)
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}
