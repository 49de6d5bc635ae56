//! The public figures: a page with plots and tables, JSON and CSV. Counts below ten are
//! withheld everywhere alike.

use std::fmt::Write;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use belfry_casebook::work::DayCount;
use belfry_casebook::{Casebook, StoreError};
use belfry_journal::UnixMillis;
use belfry_web::{Clock, Json, Problem, rfc3339};
use serde::Serialize;
use tokio::sync::Mutex;

use super::counts;
use crate::language::Reader;
use crate::pages::frame::{Frame, Refusal, show};
use crate::state::Site;
use crate::texts::grouped;

/// Days in the plots.
const DAYS: u64 = 30;
const DAY_MILLIS: u64 = 86_400_000;
const KEPT_MILLIS: u64 = 60_000;

/// The figures, withheld where small: null then.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figures {
    reports: Option<u64>,
    blocked_names: Option<u64>,
    blocked_answers: Option<u64>,
    warning_views: Option<u64>,
    prevented_visits: Option<u64>,
    days: Vec<Day>,
}

/// One day.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Day {
    date: String,
    reports: Option<u64>,
    blocks: Option<u64>,
}

/// The latest figures, kept for a minute: they are counted over every report of a month,
/// and anyone may ask for them as often as they like. One asker counts, the others wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Arc<Mutex<Option<(UnixMillis, Figures)>>>);

impl Kept {
    async fn figures(&self, casebook: &Casebook, now: UnixMillis) -> Result<Figures, StoreError> {
        let mut kept = self.0.lock().await;
        if let Some((at, figures)) = &*kept
            && now.0.saturating_sub(at.0) < KEPT_MILLIS
        {
            return Ok(figures.clone());
        }
        let counted = count(casebook, now).await?;
        *kept = Some((now, counted.clone()));
        Ok(counted)
    }
}

async fn count(casebook: &Casebook, now: UnixMillis) -> Result<Figures, StoreError> {
    let figures = casebook.statistics().await?;
    let first = (now.0 / DAY_MILLIS).saturating_sub(DAYS - 1);
    let since = UnixMillis(first * DAY_MILLIS);
    let reports = casebook.reports_by_day(since).await?;
    let blocks = casebook.blocks_by_day(since).await?;
    let days = (first..first + DAYS).map(|day| Day {
        date: rfc3339(UnixMillis(day * DAY_MILLIS))[..10].to_owned(),
        reports: counts::public(count_of(&reports, day)),
        blocks: counts::public(count_of(&blocks, day)),
    });
    Ok(Figures {
        reports: counts::public(figures.reports),
        blocked_names: counts::public(figures.effective_orders),
        blocked_answers: counts::public(figures.blocked_answers),
        warning_views: counts::public(figures.warning_views),
        prevented_visits: counts::public(figures.prevented_visits),
        days: days.collect(),
    })
}

fn count_of(counts: &[DayCount], day: u64) -> u64 {
    counts.iter().filter(|count| count.day == day).map(|count| count.count).sum()
}

#[derive(Template)]
#[template(path = "statistics.html")]
struct StatisticsPage {
    f: Frame,
    totals: Vec<(&'static str, String)>,
    plots: Vec<Plot>,
    days: Vec<(String, String, String)>,
}

/// Columns of one plot, in its own 600 by 160.
struct Plot {
    title: &'static str,
    most: String,
    first: String,
    last: String,
    columns: Vec<(u64, u64, u64)>,
}

const PLOT_HEIGHT: u64 = 130;
const COLUMN: u64 = 19;

fn plot(title: &'static str, days: &[Day], of: impl Fn(&Day) -> Option<u64>) -> Plot {
    let most = days.iter().filter_map(&of).max().unwrap_or(0);
    let column = |(at, day): (usize, &Day)| {
        let height = of(day).unwrap_or(0) * PLOT_HEIGHT / most.max(1);
        (at as u64 * COLUMN + 2, PLOT_HEIGHT - height, height)
    };
    let date = |day: Option<&Day>| day.map(|day| day.date.clone()).unwrap_or_default();
    Plot {
        title,
        most: grouped(most),
        first: date(days.first()),
        last: date(days.last()),
        columns: days.iter().enumerate().map(column).collect(),
    }
}

fn words(count: Option<u64>) -> String {
    count.map_or_else(|| "<10".to_owned(), grouped)
}

pub(super) async fn page(
    reader: Reader,
    State(site): State<Site>,
    State(clock): State<Clock>,
    State(casebook): State<Casebook>,
) -> Result<Response, Refusal> {
    let figures = site.figures.figures(&casebook, clock.now()).await?;
    let f = Frame::new(reader.language, &site);
    let totals = [
        (f.t.figure_reports, figures.reports),
        (f.t.figure_blocked, figures.blocked_names),
        (f.t.figure_answers, figures.blocked_answers),
        (f.t.figure_prevented, figures.prevented_visits),
        (f.t.figure_views, figures.warning_views),
    ];
    show(&StatisticsPage {
        totals: totals.map(|(name, count)| (name, words(count))).into(),
        plots: vec![
            plot(f.t.plot_reports, &figures.days, |day| day.reports),
            plot(f.t.plot_blocks, &figures.days, |day| day.blocks),
        ],
        days: figures
            .days
            .iter()
            .rev()
            .map(|day| (day.date.clone(), words(day.reports), words(day.blocks)))
            .collect(),
        f,
    })
}

pub(super) async fn json(
    State(site): State<Site>,
    State(clock): State<Clock>,
    State(casebook): State<Casebook>,
) -> Result<Json<Figures>, Problem> {
    Ok(Json(site.figures.figures(&casebook, clock.now()).await?))
}

pub(super) async fn csv(
    State(site): State<Site>,
    State(clock): State<Clock>,
    State(casebook): State<Casebook>,
) -> Result<Response, Problem> {
    let figures = site.figures.figures(&casebook, clock.now()).await?;
    let mut text = String::from("date,reports,blocks\r\n");
    for day in &figures.days {
        let field = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        let _ = write!(text, "{},{},{}\r\n", day.date, field(day.reports), field(day.blocks));
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"belfry.csv\""),
    ];
    Ok((headers, text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_fills_its_height_and_leaves_out_what_is_withheld() {
        let day = |reports| Day { date: "2026-11-24".into(), reports, blocks: Some(0) };
        let days = [day(Some(20)), day(None), day(Some(40))];
        let plot = plot("x", &days, |day| day.reports);
        let heights: Vec<u64> = plot.columns.iter().map(|(_, _, height)| *height).collect();
        assert_eq!(heights, [65, 0, 130]);
        assert_eq!(plot.most, "40");
    }

    #[tokio::test]
    async fn figures_are_counted_once_a_minute() {
        let folder = tempfile::TempDir::new().unwrap();
        let settings = belfry_casebook::Settings { data: folder.path().to_owned() };
        let now = UnixMillis(1_795_510_800_000);
        let casebook = Casebook::open(&settings, now).await.unwrap();
        let kept = Kept::default();
        let first = kept.figures(&casebook, now).await.unwrap().days[29].date.clone();
        let tomorrow = UnixMillis(now.0 + DAY_MILLIS);
        let within = kept.figures(&casebook, UnixMillis(now.0 + KEPT_MILLIS - 1)).await.unwrap();
        assert_eq!(within.days[29].date, first);
        assert_ne!(kept.figures(&casebook, tomorrow).await.unwrap().days[29].date, first);
        // A clock that goes back counts for nothing.
        let back = kept.figures(&casebook, now).await.unwrap();
        assert_ne!(back.days[29].date, first);
    }
}
