//! What a case scores: asked of the judge as each report joins, in this process, on what
//! the bounded reader has already found. It opens nothing and decides nothing.

use std::sync::Arc;

use belfry_casebook::StoreError;
use belfry_casebook::assessment::{Said, Standing, TextTie, Weigh, Weighed};
use belfry_casebook::campaign::{Mark, Marked, Tie};
use belfry_casebook::case::Subject;
use belfry_casebook::report::{Content, ReportId};
use belfry_guard::Lists;
use belfry_indicator::{Domain, EmbeddedSuffixes};
use belfry_journal::UnixMillis;
use belfry_judge::{
    Assessment, Crowd, Evidence, ImitationKind, Judge, Opinion, PageSeen, Reason, campaign,
};
use belfry_reading::{Link, Reading};

use crate::Desk;
use crate::grouping::links_of;

/// Cases weighed anew at one look of the upkeep.
const ANEW_MAX: u32 = 50;
/// Log-odds beyond this make nothing more urgent.
const ODDS_MAX: f64 = 6.0;
/// What a doubling of proven reporters, and of all reporters, adds to the urgency.
const PROVEN: f64 = 0.7;
const ANYONE: f64 = 0.2;
/// One unit of log-odds is worth this many milliseconds of freshness: most campaigns are
/// over in a day.
const DAY_MS: i64 = 86_400_000;
/// URLs of one case that are learnt from.
const URLS_MAX: usize = 3;
/// Runs of shared words that are shown.
const SHOWN_MAX: usize = 3;
/// Steps of urgency in one unit of log-odds.
const STEPS: f64 = 1_000.0;

/// A decided case to learn from.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// Its number.
    pub case: u64,
    /// When it was decided.
    pub at: UnixMillis,
    /// Whether it was fraud; a wrong block was none.
    pub fraud: bool,
    /// Its URLs, without the people they were sent to.
    pub urls: Vec<String>,
}

/// The judge, as the casebook asks it.
pub(crate) struct Scales {
    judge: Judge,
    lists: String,
}

impl Scales {
    pub(crate) fn new(judge: Judge) -> Arc<Self> {
        let lists = format!("brands {}", judge.brands().version());
        Arc::new(Self { judge, lists })
    }

    pub(crate) fn page(&self, seen: &PageSeen<'_>) -> Vec<Reason> {
        self.judge.page(seen, &EmbeddedSuffixes)
    }

    pub(crate) fn page_marks(&self, seen: &PageSeen<'_>) -> Vec<Mark> {
        self.judge.page_marks(seen).into_iter().map(mark_of).collect()
    }
}

/// The brand that a name imitates or belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imitated {
    /// Its key in the list.
    pub brand: String,
    /// Its own domains.
    pub domains: Vec<String>,
    /// How, in words, after "the name".
    pub how: &'static str,
    /// Whether the name is the brand's own.
    pub is_own: bool,
}

impl Scales {
    pub(crate) fn imitated(&self, name: &Domain) -> Option<Imitated> {
        let brands = self.judge.brands();
        let found = brands.find(name, "", &EmbeddedSuffixes)?;
        Some(Imitated {
            brand: found.brand.to_owned(),
            domains: brands.domains(found.brand).into_iter().map(str::to_owned).collect(),
            how: found.kind.words(),
            is_own: found.kind == ImitationKind::Own,
        })
    }
}

impl std::fmt::Debug for Scales {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Scales").field(&self.judge.models()).finish()
    }
}

impl Weigh for Scales {
    fn models(&self) -> &str {
        self.judge.models()
    }

    fn lists(&self) -> &str {
        &self.lists
    }

    fn text_tie(&self, one: &[u8], other: &[u8]) -> TextTie {
        let tie = campaign::text_tie(one, other);
        TextTie { weight: tie.weight, shown: tie.words(), unlike: tie.unlike }
    }

    fn part_if_unlike(&self, kind: &str) -> f64 {
        campaign::part_if_unlike(kind)
    }

    fn weigh(&self, standing: &Standing<'_>) -> Option<Weighed> {
        let evidence: Evidence = serde_json::from_str(standing.evidence).ok()?;
        // Another version's page is left out until the case is judged anew.
        let page: Vec<Reason> = serde_json::from_str(standing.page).unwrap_or_default();
        let found = self.judge.case(&evidence, &page, Crowd { proven: standing.proven });
        Some(Weighed {
            score: found.score,
            urgency: urgency(&found, standing),
            verdict: opinion(found.verdict).to_owned(),
            reasons: serde_json::to_string(&found.reasons).ok()?,
        })
    }
}

/// Its name on the API.
fn opinion(opinion: Opinion) -> &'static str {
    match opinion {
        Opinion::Phishing => "phishing",
        Opinion::Benign => "benign",
        Opinion::Undecidable => "undecidable",
    }
}

/// A fixed number for a case's place in the queue: what is fresh rises above what is old
/// without anything being counted anew.
fn urgency(found: &Assessment, standing: &Standing<'_>) -> i64 {
    let doublings = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX)).ln_1p();
    let weight = found.log_odds().clamp(-ODDS_MAX, ODDS_MAX)
        + PROVEN * doublings(standing.proven)
        + ANYONE * doublings(standing.reporters);
    #[expect(clippy::cast_possible_truncation, reason = "some tens of units")]
    let steps = (weight * STEPS).round() as i64;
    let at = i64::try_from(standing.at.0).unwrap_or(i64::MAX);
    steps.saturating_add(at / (DAY_MS / 1_000))
}

impl Desk {
    /// By what other cases of the same hand can be found.
    fn marked(
        &self,
        reading: &Reading,
        content: Content,
        links: &[&Link],
        at: UnixMillis,
    ) -> Marked {
        let found = self.scales.judge.marks(reading, links);
        Marked {
            marks: found.marks.into_iter().map(mark_of).collect(),
            sketch: found.sketch,
            brand: found.brand,
            channel: channel(content).to_owned(),
            month: month(at),
        }
    }

    /// Why two cases are tied, and how strongly; for their texts, by the words they share.
    ///
    /// # Errors
    /// [`StoreError`]: no such case, or the database's.
    pub async fn similar(&self, one: u64, other: u64) -> Result<Vec<Tie>, StoreError> {
        let texts = (self.text(one).await?, self.text(other).await?);
        let mut ties = self.casebook.ties(one, other, self.scales.as_ref()).await?;
        let shared = campaign::shared_words(&texts.0, &texts.1, SHOWN_MAX);
        if let Some(text) = ties.iter_mut().find(|tie| tie.kind == "text")
            && !shared.is_empty()
        {
            let quoted: Vec<_> = shared.iter().map(|words| format!("“{words}”")).collect();
            text.shown = format!("{}: {}", text.shown, quoted.join(", "));
        }
        Ok(ties)
    }

    /// The text of a case's latest report.
    async fn text(&self, case: u64) -> Result<String, StoreError> {
        let missing = || StoreError::Missing { what: "case", id: case.to_string() };
        let file = self.casebook.case(case).await?.ok_or_else(missing)?;
        let Some(report) = file.reports.first() else { return Ok(String::new()) };
        let reading = match self.casebook.reading(report.id).await {
            Ok(Some(record)) => serde_json::from_str::<Reading>(&record.json).unwrap_or_default(),
            Ok(None) | Err(StoreError::Evidence { .. }) => Reading::default(),
            Err(error) => return Err(error),
        };
        Ok(reading.text)
    }
}

fn mark_of(mark: campaign::Mark) -> Mark {
    let campaign::Mark { kind, value, shown, weight } = mark;
    Mark { kind: kind.to_owned(), value, shown, weight }
}

/// Its name in the register.
fn channel(content: Content) -> &'static str {
    match content {
        Content::Mail => "mail",
        Content::Sms => "sms",
        Content::Url => "url",
    }
}

/// The month of a time in UTC, by days (Hinnant, "chrono-compatible low-level date algorithms").
fn month(at: UnixMillis) -> String {
    let days = at.0 / 86_400_000 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}")
}

fn kind(content: Content) -> belfry_judge::Content {
    match content {
        Content::Mail => belfry_judge::Content::Mail,
        Content::Sms => belfry_judge::Content::Sms,
        Content::Url => belfry_judge::Content::Url,
    }
}

impl Desk {
    /// Judges by `judge` from now on, instead of by the models that are built in.
    #[must_use]
    pub fn with_judge(self, judge: Judge) -> Self {
        Self { scales: Scales::new(judge), ..self }
    }

    /// What a report says of each of its subjects.
    pub(crate) fn said(
        &self,
        reading: &Reading,
        content: Content,
        subjects: &[Subject],
        lists: &Lists,
        at: UnixMillis,
    ) -> Vec<Said> {
        let said = |subject| {
            let links = links_of(subject, reading, lists, &EmbeddedSuffixes);
            let evidence =
                self.scales.judge.evidence(reading, kind(content), &links, &EmbeddedSuffixes);
            Said {
                strength: evidence.strength(),
                evidence: serde_json::to_string(&evidence).unwrap_or_default(),
                marked: self.marked(reading, content, &links, at),
            }
        };
        subjects.iter().map(said).collect()
    }

    /// Judges a case again by the readings of its latest reports and the latest page.
    ///
    /// # Errors
    /// [`StoreError`]: no such case, or the database's.
    pub async fn reassess(&self, case: u64, now: UnixMillis) -> Result<(), StoreError> {
        let missing = || StoreError::Missing { what: "case", id: case.to_string() };
        let file = self.casebook.case(case).await?.ok_or_else(missing)?;
        let lists = self.lists.load_full();
        let mut said: Vec<(ReportId, Said)> = Vec::new();
        for report in file.reports.iter().rev() {
            let reading = match self.casebook.reading(report.id).await {
                Ok(Some(record)) => serde_json::from_str(&record.json).unwrap_or_default(),
                Ok(None) => continue,
                Err(StoreError::Evidence { .. }) => Reading::default(),
                Err(error) => return Err(error),
            };
            let subject = std::slice::from_ref(&file.case.subject);
            let found = self.said(&reading, report.content, subject, &lists, file.case.opened_at);
            said.extend(found.into_iter().map(|mut said| {
                said.marked.channel.clear();
                (report.id, said)
            }));
        }
        let page = self.features_of_page(case).await?;
        self.casebook.assess(case, &said, &page, self.scales.as_ref(), now).await
    }

    /// Decided cases after the case `after` with their URLs, to learn from.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn labelled(&self, after: u64, limit: u32) -> Result<Vec<Labelled>, StoreError> {
        let lists = self.lists.load_full();
        let mut all = Vec::new();
        for (case, at, fraud) in self.casebook.decided_cases(after, limit).await? {
            let Some(file) = self.casebook.case(case).await? else { continue };
            let mut urls = Vec::new();
            if let Some(report) = file.reports.first()
                && let Ok(Some(record)) = self.casebook.reading(report.id).await
            {
                let reading: Reading = serde_json::from_str(&record.json).unwrap_or_default();
                let links = links_of(&file.case.subject, &reading, &lists, &EmbeddedSuffixes);
                urls.extend(links.iter().take(URLS_MAX).map(|link| link.url.to_string()));
            }
            if urls.is_empty() {
                urls.push(match &file.case.subject {
                    Subject::Host { host, .. } => format!("https://{host}/"),
                    Subject::Url { url, .. } => url.to_string(),
                    Subject::Message { .. } => continue,
                });
            }
            all.push(Labelled { case, at, fraud, urls });
        }
        Ok(all)
    }

    /// Judges undecided cases that have no assessment: of before a restore or an erasure.
    pub(crate) async fn assess_missing(&self, now: UnixMillis) -> Result<(), StoreError> {
        for case in self.casebook.cases_not_assessed(ANEW_MAX).await? {
            self.reassess(case, now).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: UnixMillis = UnixMillis(1_795_510_800_000);

    fn scales() -> Arc<Scales> {
        Scales::new(Judge::built_in())
    }

    fn evidence(weight: f64) -> String {
        let feature = belfry_judge::Reason { name: "name".into(), why: "its name".into(), weight };
        let content = belfry_judge::Content::Url;
        let evidence = Evidence { content, link: true, features: vec![feature] };
        serde_json::to_string(&evidence).unwrap()
    }

    fn weighed(weight: f64, proven: u64, at: UnixMillis) -> Weighed {
        let evidence = evidence(weight);
        scales()
            .weigh(&Standing { evidence: &evidence, page: "", proven, reporters: proven, at })
            .unwrap()
    }

    #[test]
    fn a_fresh_sure_case_with_many_reporters_comes_first() {
        let plain = weighed(1.0, 0, AT);
        assert!(weighed(4.0, 0, AT).urgency > plain.urgency);
        assert!(weighed(1.0, 3, AT).urgency > plain.urgency);
        let old = UnixMillis(AT.0 - 3 * 86_400_000);
        assert!(weighed(3.0, 0, old).urgency < plain.urgency);
        assert_eq!(weighed(60.0, 0, AT).urgency, weighed(6.0, 0, AT).urgency);
    }

    #[test]
    fn a_time_has_its_month() {
        for (at, expect) in [
            (0, "1970-01"),
            (951_782_400_000, "2000-02"),
            (951_868_800_000, "2000-03"),
            (1_767_225_599_999, "2025-12"),
            (1_795_510_800_000, "2026-11"),
        ] {
            assert_eq!(month(UnixMillis(at)), expect, "{at}");
        }
    }

    #[test]
    fn what_is_stored_is_what_was_weighed() {
        let found = weighed(1.0, 1, AT);
        assert!(found.score > 0.7 && found.verdict == "undecidable", "{found:?}");
        assert!(found.reasons.contains("one proven reporter"), "{}", found.reasons);
        let broken = Standing { evidence: "no JSON", page: "", proven: 0, reporters: 0, at: AT };
        assert_eq!(scales().weigh(&broken), None);
    }
}
