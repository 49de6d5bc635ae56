//! Campaigns: the register by month and year, each campaign with what its cases share and
//! why, and all of it as CSV.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use belfry_casebook::access::Reader;
use belfry_casebook::campaign::{Campaign, CampaignCount, SharedMark};
use belfry_casebook::{Casebook, StoreError};
use belfry_desk::Desk;
use belfry_journal::UnixMillis;
use belfry_web::rfc3339;
use serde::Deserialize;

use crate::pages::csv;
use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::person::Person;
use crate::pages::queue::Row;
use crate::shown;
use crate::texts::{Campaigns, Moment, Warnings, grouped};

const PAGE: u32 = 100;
/// Cases of a campaign that are compared with its latest.
const COMPARED: usize = 3;
/// Lines of the register on the page; the file has all.
const REGISTER_LINES: usize = 60;

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    before: Option<u64>,
    brand: Option<String>,
}

#[derive(Template)]
#[template(path = "campaigns.html")]
struct CampaignsPage {
    f: Frame,
    c: &'static Campaigns,
    rows: Vec<View>,
    brand: String,
    brands: Vec<String>,
    next: Option<u64>,
    years: Vec<(String, String, String, String)>,
    register: Vec<[String; 5]>,
}

/// A campaign in the list.
struct View {
    id: u64,
    brand: Option<String>,
    cases: String,
    first: Moment,
    last: Moment,
}

impl View {
    fn new(campaign: &Campaign, f: &Frame) -> Self {
        Self {
            id: campaign.id,
            brand: campaign.brand.as_deref().map(shown::line),
            cases: grouped(campaign.cases),
            first: Moment::of(campaign.opened_at, f.language),
            last: Moment::of(campaign.changed_at, f.language),
        }
    }
}

/// The latest campaigns, and the register.
pub(super) async fn list(
    person: Person,
    State(casebook): State<Casebook>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let f = person.frame;
    let brand = query.brand.unwrap_or_default();
    let mut found = casebook.campaigns(query.before, PAGE + 1).await?;
    let next = found.get(PAGE as usize).is_some().then(|| found[PAGE as usize - 1].id);
    found.truncate(PAGE as usize);
    let of_brand = |one: &&Campaign| brand.is_empty() || one.brand.as_deref() == Some(&brand);
    let counts = casebook.campaign_counts().await?;
    let mut brands: Vec<String> = counts.iter().map(|count| count.brand.clone()).collect();
    brands.sort_unstable();
    brands.dedup();
    let kept = counts.iter().filter(|count| brand.is_empty() || count.brand == brand);
    show(&CampaignsPage {
        c: Campaigns::of(f.language),
        rows: found.iter().filter(of_brand).map(|one| View::new(one, &f)).collect(),
        years: by_year(kept.clone()),
        register: kept.take(REGISTER_LINES).map(register_line).collect(),
        brands,
        brand,
        next,
        f,
    })
}

/// Cases and campaigns a year and brand, the latest year and the most abused brand first.
fn by_year<'a>(
    counts: impl Iterator<Item = &'a CampaignCount>,
) -> Vec<(String, String, String, String)> {
    let mut years: BTreeMap<(String, String), (u64, u64)> = BTreeMap::new();
    for count in counts {
        let year = count.month.get(..4).unwrap_or_default().to_owned();
        let sums = years.entry((year, count.brand.clone())).or_default();
        sums.0 += count.cases;
        sums.1 += count.campaigns;
    }
    let mut lines: Vec<_> = years.into_iter().collect();
    lines.sort_by(|((year, _), (cases, _)), ((other, _), (others, _))| {
        other.cmp(year).then(others.cmp(cases))
    });
    let line = |((year, brand), (cases, campaigns)): ((String, String), (u64, u64))| {
        (year, shown::line(&brand), grouped(cases), grouped(campaigns))
    };
    lines.into_iter().map(line).collect()
}

fn register_line(count: &CampaignCount) -> [String; 5] {
    let [month, brand, channel] =
        [&count.month, &count.brand, &count.channel].map(|text| shown::line(text));
    [month, brand, channel, grouped(count.cases), grouped(count.campaigns)]
}

#[derive(Template)]
#[template(path = "campaign.html")]
struct CampaignPage {
    f: Frame,
    c: &'static Campaigns,
    view: View,
    merged_into: Option<u64>,
    draft_from: &'static str,
    shared: Vec<SharedMark>,
    why: Vec<(Row, Vec<String>)>,
    members: Vec<Row>,
}

/// One campaign: what its cases share, and why the latest are of it.
pub(super) async fn one(
    person: Person,
    State(desk): State<Desk>,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let (casebook, f) = (desk.casebook(), person.frame);
    let missing = || StoreError::Missing { what: "campaign", id: id.to_string() };
    let (campaign, members) = casebook.campaign(id).await?.ok_or_else(missing)?;
    let mut why = Vec::new();
    if let Some((latest, others)) = members.split_first() {
        for other in others.iter().take(COMPARED) {
            let ties = desk.similar(latest.id, other.id).await?;
            let ties = ties.iter().map(|tie| shown::line(&tie.shown)).collect();
            why.push((Row::new(other, &f), ties));
        }
    }
    let shared = casebook.campaign_marks(id).await?.into_iter().map(|mark| SharedMark {
        kind: shown::line(&mark.kind),
        shown: shown::line(&mark.shown),
        cases: mark.cases,
    });
    show(&CampaignPage {
        c: Campaigns::of(f.language),
        view: View::new(&campaign, &f),
        merged_into: campaign.merged_into,
        draft_from: Warnings::of(f.language).draft_from,
        shared: shared.collect(),
        why,
        members: members.iter().map(|case| Row::new(case, &f)).collect(),
        f,
    })
}

fn time(at: UnixMillis) -> String {
    rfc3339(at)
}

/// The latest campaigns as CSV.
pub(super) async fn csv(
    person: Person,
    State(casebook): State<Casebook>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let found = casebook.campaigns(None, 500).await?;
    let row = |one: Campaign| {
        let brand = one.brand.unwrap_or_default();
        let [id, cases] = [one.id, one.cases].map(|number| number.to_string());
        vec![id, brand, cases, time(one.opened_at), time(one.changed_at)]
    };
    let head = ["campaign", "brand", "cases", "first_seen", "last_seen"];
    Ok(csv::answer("campaigns", &head, found.into_iter().map(row)))
}

/// The register as CSV.
pub(super) async fn register_csv(
    person: Person,
    State(casebook): State<Casebook>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let counts = casebook.campaign_counts().await?;
    let row = |one: CampaignCount| {
        let [cases, campaigns] = [one.cases, one.campaigns].map(|number| number.to_string());
        vec![one.month, one.brand, one.channel, cases, campaigns]
    };
    let head = ["month", "brand", "channel", "cases", "campaigns"];
    Ok(csv::answer("register", &head, counts.into_iter().map(row)))
}

/// The cases of a campaign as CSV, their names defanged.
pub(super) async fn cases_csv(
    person: Person,
    State(casebook): State<Casebook>,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let missing = || StoreError::Missing { what: "campaign", id: id.to_string() };
    let (_, members) = casebook.campaign(id).await?.ok_or_else(missing)?;
    let rows = members.into_iter().map(|case| {
        let [number, reports, reporters] =
            [case.id, case.reports, case.reporters].map(|number| number.to_string());
        let state = case.state.name().to_owned();
        vec![number, shown::subject(&case), state, time(case.opened_at), reports, reporters]
    });
    let head = ["case", "subject", "status", "opened_at", "reports", "reporters"];
    Ok(csv::answer(&format!("campaign-{id}"), &head, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_summed_by_brand_the_most_abused_first() {
        let count = |month: &str, brand: &str, cases| CampaignCount {
            month: month.into(),
            brand: brand.into(),
            channel: "sms".into(),
            cases,
            campaigns: 1,
        };
        let counts = [
            count("2025-12", "bpost", 4),
            count("2026-01", "bpost", 2),
            count("2026-02", "kbc", 9),
            count("2026-11", "bpost", 3),
        ];
        let lines = by_year(counts.iter());
        let seen: Vec<_> = lines
            .iter()
            .map(|(year, brand, cases, campaigns)| format!("{year} {brand} {cases} {campaigns}"))
            .collect();
        assert_eq!(seen, ["2026 kbc 9 1", "2026 bpost 5 2", "2025 bpost 4 1"]);
    }
}
