//! Inspections: the pages of cases, opened one after the other in a browser that can do no
//! harm, and what was seen of them weighed with the case.
//!
//! Only a suspected call to action is opened, as nobody in particular: a link as its reading
//! holds it, without the person it was sent to. What was seen adds to a score or does not;
//! nothing seen never clears a case.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::access::Analyst;
use belfry_casebook::case::{CaseFile, Subject};
use belfry_casebook::inspection::{Device, Inspection, Progress, SeenPage};
use belfry_casebook::report::{Content, ReportId};
use belfry_indicator::{EmbeddedSuffixes, RedactedUrl};
use belfry_inspect::{Capture, InspectError, Profile, Seen, stand_in};
use belfry_judge::{PageForm, PageSeen, Reason};
use belfry_reading::Reading;
use tokio_util::sync::CancellationToken;

use crate::Desk;
use crate::grouping::links_of;

/// Between two looks for what waits, where nobody rings.
const LOOK: Duration = Duration::from_secs(5);
/// Characters of why a capture could not be tried.
const WHY_CHARS: usize = 300;

/// Opens pages: a browser, or a test's stand-in for one.
pub trait OpenPage: Send + Sync {
    /// Opens `url` and answers what was seen.
    fn open<'a>(
        &'a self,
        url: &'a str,
        profile: Profile,
    ) -> Pin<Box<dyn Future<Output = Result<Capture, InspectError>> + Send + 'a>>;
}

/// What opens pages, and when without being asked.
#[derive(Clone)]
pub(crate) struct Eyes {
    browser: Arc<dyn OpenPage>,
    /// From this score on a case's page is opened without anyone's asking; never, if `None`.
    unasked_from: Option<f64>,
    bell: Arc<tokio::sync::Notify>,
}

impl std::fmt::Debug for Eyes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Eyes").field("unasked_from", &self.unasked_from).finish_non_exhaustive()
    }
}

/// Why no inspection was asked for.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// There is no browser.
    #[error("this hub has no browser: install Debian's `chromium`, or set inspect.program")]
    NoBrowser,
    /// A message without a link has no page.
    #[error("case {0} is about a message, which has no page")]
    NoPage(u64),
    /// The casebook's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Desk {
    /// Opens pages of cases by `browser`; from the score `unasked_from` on without being asked.
    #[must_use]
    pub fn with_browser(self, browser: Arc<dyn OpenPage>, unasked_from: Option<f64>) -> Self {
        Self { eyes: Some(Eyes { browser, unasked_from, bell: Arc::default() }), ..self }
    }

    /// Asks for the page of a case; answers the inspection's number.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn inspect(&self, by: &Analyst, case: u64, device: Device) -> Result<u64, AskError> {
        let eyes = self.eyes.as_ref().ok_or(AskError::NoBrowser)?;
        let missing = || StoreError::Missing { what: "case", id: case.to_string() };
        let file = self.casebook.case(case).await?.ok_or_else(missing)?;
        if matches!(file.case.subject, Subject::Message { .. }) {
            return Err(AskError::NoPage(case));
        }
        let id = self.casebook.ask_inspection(by, case, device, self.time()).await?;
        eyes.bell.notify_one();
        Ok(id)
    }

    /// Asks for the pages of cases that a report has just joined, where that is set.
    pub(crate) async fn inspect_unasked(&self, cases: &[u64], content: Content) {
        let Some(eyes) = &self.eyes else { return };
        let Some(from) = eyes.unasked_from else { return };
        // What comes by SMS shows itself to phones.
        let device = if content == Content::Sms { Device::Phone } else { Device::Desktop };
        for case in cases {
            match self.ask_unasked(*case, from, device).await {
                Ok(true) => eyes.bell.notify_one(),
                Ok(false) => {}
                Err(error) => tracing::warn!(case, %error, "its page is not opened"),
            }
        }
    }

    async fn ask_unasked(&self, case: u64, from: f64, device: Device) -> Result<bool, StoreError> {
        let Some(file) = self.casebook.case(case).await? else { return Ok(false) };
        let is_page = !matches!(file.case.subject, Subject::Message { .. });
        let undecided = file.case.state.name() == "open";
        if !is_page || !undecided || file.case.score.is_none_or(|score| score < from) {
            return Ok(false);
        }
        Ok(self.casebook.ask_first_inspection(case, device, self.time()).await?.is_some())
    }

    /// Opens what waits, one after the other, until `stop`; a page under way is left.
    pub async fn run_inspections(&self, stop: CancellationToken) {
        let Some(eyes) = self.eyes.clone() else { return };
        loop {
            let looked = stop.run_until_cancelled(self.inspect_next()).await;
            match looked {
                None => return,
                Some(Ok(true)) => continue,
                Some(Ok(false)) => {}
                Some(Err(error)) => tracing::error!(%error, "pages wait to be opened"),
            }
            let rest = tokio::time::timeout(LOOK, eyes.bell.notified());
            if stop.run_until_cancelled(rest).await.is_none() {
                return;
            }
        }
    }

    /// Opens the page whose turn it is; answers whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] of the database: it still waits.
    pub async fn inspect_next(&self) -> Result<bool, StoreError> {
        let Some(eyes) = &self.eyes else { return Ok(false) };
        let Some(next) = self.casebook.next_inspection().await? else { return Ok(false) };
        let outcome = match self.link_of(next.case).await? {
            None => Err("no link of its reports is left".to_owned()),
            Some((url, report)) => {
                let profile = profile(next.device);
                let opened = eyes.browser.open(&stand_in(&url), profile).await;
                opened.map(|capture| (capture, report)).map_err(|error| error.to_string())
            }
        };
        let kept = match outcome {
            Ok((capture, report)) => self.keep(&next, report, capture).await,
            Err(why) => {
                tracing::warn!(inspection = next.id, why, "a page could not be opened");
                let why: String = why.chars().take(WHY_CHARS).collect();
                self.casebook.fail_inspection(next.id, &why, self.time()).await
            }
        };
        match kept {
            // Erased while its page was opened.
            Err(StoreError::Missing { .. }) => Ok(true),
            other => other.map(|()| true),
        }
    }

    async fn keep(
        &self,
        next: &Inspection,
        report: ReportId,
        mut capture: Capture,
    ) -> Result<(), StoreError> {
        let json = serde_json::to_string(&capture).unwrap_or_default();
        let seen = seen_word(capture.seen);
        let page = SeenPage { json, picture: std::mem::take(&mut capture.picture) };
        self.casebook.keep_page(next.id, report, seen, &page, self.time()).await?;
        tracing::debug!(case = next.case, seen, "its page was opened");
        self.mark_by_page(next.case, report, &capture).await?;
        self.reassess(next.case, self.time()).await?;
        self.apply_rules(&[next.case]).await;
        Ok(())
    }

    /// The link of a case's latest report that can still be read, and that report.
    async fn link_of(&self, case: u64) -> Result<Option<(RedactedUrl, ReportId)>, StoreError> {
        let Some(file) = self.casebook.case(case).await? else { return Ok(None) };
        let lists = self.lists.load_full();
        for report in &file.reports {
            let reading = match self.casebook.reading(report.id).await {
                Ok(Some(record)) => {
                    serde_json::from_str::<Reading>(&record.json).unwrap_or_default()
                }
                Ok(None) | Err(StoreError::Evidence { .. }) => continue,
                Err(error) => return Err(error),
            };
            let links = links_of(&file.case.subject, &reading, &lists, &EmbeddedSuffixes);
            if let Some(link) = links.first() {
                return Ok(Some((link.url.clone(), report.id)));
            }
        }
        Ok(by_subject(&file))
    }

    /// What the latest page that was opened adds to the case, as the judge stores it;
    /// empty where none was.
    pub(crate) async fn features_of_page(&self, case: u64) -> Result<String, StoreError> {
        for inspection in self.casebook.inspections(case).await? {
            if !matches!(inspection.progress, Progress::Done { .. }) {
                continue;
            }
            let page = match self.casebook.seen_page(inspection.id).await {
                Ok(Some(page)) => page,
                Ok(None) | Err(StoreError::Evidence { .. }) => continue,
                Err(error) => return Err(error),
            };
            let Ok(capture) = serde_json::from_str::<Capture>(&page.json) else { continue };
            let facts = self.page_facts(&capture, inspection.asked_at.0 / 1_000);
            if !facts.is_empty() {
                return Ok(serde_json::to_string(&facts).unwrap_or_default());
            }
        }
        Ok(String::new())
    }

    fn page_facts(&self, capture: &Capture, at_seconds: u64) -> Vec<Reason> {
        let told: Vec<Vec<String>> = capture.forms.iter().map(told_fields).collect();
        self.scales.page(&page_seen(capture, &told, at_seconds))
    }

    /// Puts the case with those whose pages are of the same kit.
    async fn mark_by_page(
        &self,
        case: u64,
        report: ReportId,
        capture: &Capture,
    ) -> Result<(), StoreError> {
        let told: Vec<Vec<String>> = capture.forms.iter().map(told_fields).collect();
        let marks = self.scales.page_marks(&page_seen(capture, &told, 0));
        if marks.is_empty() {
            return Ok(());
        }
        self.casebook.mark_more(case, report, marks, self.scales.as_ref(), self.time()).await
    }
}

fn page_seen<'a>(capture: &'a Capture, told: &'a [Vec<String>], at_seconds: u64) -> PageSeen<'a> {
    let forms = capture.forms.iter().zip(told).map(|(form, fields)| PageForm {
        action: &form.action,
        password: form.password,
        fields: fields.iter().map(String::as_str).collect(),
    });
    let certificate = capture.certificate.as_ref();
    let from = certificate.and_then(|held| u64::try_from(held.valid_from_seconds).ok());
    PageSeen {
        landed: &capture.landed,
        way: capture.hops.iter().map(|hop| hop.url.as_str()).collect(),
        title: &capture.title,
        text: &capture.text,
        forms: forms.collect(),
        certificate_days: from.map(|from| at_seconds.saturating_sub(from) / 86_400),
        file: capture.seen == Seen::Download,
    }
}

/// Type, name and label of each field.
fn told_fields(form: &belfry_inspect::Form) -> Vec<String> {
    form.fields
        .iter()
        .map(|field| format!("{} {} {}", field.kind, field.name, field.label))
        .collect()
}

/// Where no reading has a link any more: the name itself, under the latest report.
fn by_subject(file: &CaseFile) -> Option<(RedactedUrl, ReportId)> {
    let report = file.reports.first()?.id;
    let url = match &file.case.subject {
        Subject::Host { host, .. } => RedactedUrl::stored(&format!("https://{host}/")).ok()?,
        Subject::Url { url, .. } => url.clone(),
        Subject::Message { .. } => return None,
    };
    Some((url, report))
}

fn profile(device: Device) -> Profile {
    match device {
        Device::Desktop => Profile::Desktop,
        Device::Phone => Profile::Phone,
    }
}

/// Its name on the API.
fn seen_word(seen: Seen) -> &'static str {
    match seen {
        Seen::Page => "page",
        Seen::Nothing => "nothing",
        Seen::Error => "error",
        Seen::Refused => "refused",
        Seen::Download => "download",
        Seen::Loop => "loop",
        Seen::Exceeded => "exceeded",
    }
}
