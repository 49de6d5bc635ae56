//! Inspections at a case: what is opened, what it adds, and that nothing seen clears nothing.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use belfry_casebook::access::{Analyst, Principal, Proof, Role};
use belfry_casebook::case::{CaseFile, Subject};
use belfry_casebook::inspection::{Device, Progress};
use belfry_casebook::report::{Channel, Content, NewReport, ReadingRecord};
use belfry_casebook::{Casebook, Settings};
use belfry_desk::grouping::subjects;
use belfry_desk::reader::{ReaderPool, ReaderSettings};
use belfry_desk::{AskError, Desk, DeskSettings, OpenPage};
use belfry_guard::Lists;
use belfry_indicator::EmbeddedSuffixes;
use belfry_inspect::{Capture, Form, InspectError, Profile, Seen};
use belfry_journal::UnixMillis;
use belfry_reading::{Limits, read_sms};
use tempfile::TempDir;

/// A desk over a casebook of its own.
struct Bench {
    desk: Desk,
    _folder: TempDir,
}

fn now() -> UnixMillis {
    UnixMillis(1_795_510_800_000)
}

impl Bench {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let settings = Settings { data: folder.path().to_owned() };
        let casebook = Casebook::open(&settings, now()).await.unwrap();
        let readers = ReaderPool::new(ReaderSettings {
            program: "/bin/false".into(),
            arguments: Vec::new(),
            children: 1,
            job_ms_max: 1_000,
            jobs_max: 1,
        });
        let lists = Lists::new([], [], []);
        let desk = Desk::open(casebook, lists, readers, DeskSettings::default(), now).await;
        Self { desk: desk.unwrap(), _folder: folder }
    }
}

fn analyst() -> Analyst {
    let name = "token:alice".into();
    Principal { name, role: Role::Analyst, proof: Proof::Token }.authorize().unwrap()
}

/// A browser that has seen this already, and writes down what it was asked for.
struct Browser {
    capture: Capture,
    opened: Mutex<Vec<(String, Profile)>>,
}

impl OpenPage for Browser {
    fn open<'a>(
        &'a self,
        url: &'a str,
        profile: Profile,
    ) -> Pin<Box<dyn Future<Output = Result<Capture, InspectError>> + Send + 'a>> {
        self.opened.lock().unwrap().push((url.to_owned(), profile));
        let capture = self.capture.clone();
        let broken = url.contains("broken");
        Box::pin(async move {
            if broken { Err(InspectError::Protocol("gone".into())) } else { Ok(capture) }
        })
    }
}

fn seen(seen: Seen, title: &str, forms: Vec<Form>) -> Arc<Browser> {
    let capture = Capture {
        requested: String::new(),
        profile: Profile::Phone,
        seen,
        why: String::new(),
        landed: "https://parcel-fee.example/nl/".into(),
        hops: Vec::new(),
        title: title.into(),
        text: String::new(),
        forms,
        certificate: None,
        dialogs: 0,
        addresses: Vec::new(),
        traffic_bytes: 0,
        took_ms: 0,
        picture: b"\x89PNG".to_vec(),
    };
    Arc::new(Browser { capture, opened: Mutex::default() })
}

fn login() -> Form {
    Form {
        action: "https://drop.example/".into(),
        method: "post".into(),
        fields: Vec::new(),
        password: true,
        elsewhere: true,
    }
}

/// A case of an SMS with this text, judged.
async fn sms(desk: &Desk, text: &str) -> u64 {
    let casebook = desk.casebook();
    let at = desk.time();
    let report = NewReport {
        channel: Channel::Api,
        content: Content::Sms,
        bytes: text.as_bytes(),
        reporter: Some("an@example.com"),
        received_at: at,
    };
    let receipt = casebook.receive(report).await.unwrap();
    let report = casebook.report(&receipt).await.unwrap().unwrap();
    let mut reading = read_sms(text.as_bytes(), &EmbeddedSuffixes, &Limits::default());
    let raised = subjects(&mut reading, &desk.lists(), &EmbeddedSuffixes);
    let json = serde_json::to_string(&reading).unwrap();
    let record = ReadingRecord { json, defects: 0, read_at: at };
    let case = casebook.file_reading(report.id, &record, &raised).await.unwrap()[0];
    desk.reassess(case, at).await.unwrap();
    case
}

async fn file(desk: &Desk, case: u64) -> CaseFile {
    desk.casebook().case(case).await.unwrap().unwrap()
}

const TEXT: &str = "Uw pakket wacht: https://parcel-fee.example/nl/?id=4";

#[tokio::test]
async fn what_was_seen_adds_to_the_score_by_name() {
    let bench = Bench::new().await;
    let browser = seen(Seen::Page, "Belfius", vec![login()]);
    let desk = bench.desk.clone().with_browser(browser.clone(), None);
    let case = sms(&desk, TEXT).await;
    let before = file(&desk, case).await.assessment.unwrap();
    desk.inspect(&analyst(), case, Device::Phone).await.unwrap();
    assert!(desk.inspect_next().await.unwrap());
    assert!(!desk.inspect_next().await.unwrap(), "nothing waits any more");
    let after = file(&desk, case).await.assessment.unwrap();
    assert!(after.score > before.score, "{} {}", after.score, before.score);
    for name in ["page-brand", "page-password", "page-posts-elsewhere"] {
        assert!(after.reasons.contains(name), "{name}: {}", after.reasons);
    }
    let opened = browser.opened.lock().unwrap().clone();
    assert_eq!(opened, [("https://parcel-fee.example/nl/?id=4".to_owned(), Profile::Phone)]);
    let page = desk.casebook().seen_page(1).await.unwrap().unwrap();
    assert!(page.json.contains("drop.example") && page.picture == b"\x89PNG");
    desk.reassess(case, desk.time()).await.unwrap();
    assert_eq!(file(&desk, case).await.assessment.unwrap().reasons, after.reasons);
}

#[tokio::test]
async fn cases_whose_pages_are_of_one_kit_are_one_campaign_and_it_shows_why() {
    let bench = Bench::new().await;
    let browser = seen(Seen::Page, "Meld u aan bij uw bank", vec![login()]);
    let desk = bench.desk.clone().with_browser(browser, None);
    let one = sms(&desk, "Uw pakket wacht op betaling: https://parcel-fee.example/nl/").await;
    let other = sms(&desk, "Mutualité: remboursement en attente https://zorg-terug.test/").await;
    assert_eq!(file(&desk, other).await.case.campaign, None);
    for case in [one, other] {
        desk.inspect(&analyst(), case, Device::Phone).await.unwrap();
        assert!(desk.inspect_next().await.unwrap());
    }
    let campaign = file(&desk, one).await.case.campaign;
    assert!(campaign.is_some() && campaign == file(&desk, other).await.case.campaign);
    let ties = desk.similar(one, other).await.unwrap();
    let told: Vec<_> = ties.iter().map(|tie| (tie.kind.as_str(), tie.shown.as_str())).collect();
    assert!(told.contains(&("drop", "posts to drop[.]example")), "{told:?}");
    assert!(told.iter().any(|(kind, _)| *kind == "form"), "{told:?}");
}

#[tokio::test]
async fn nothing_seen_changes_nothing() {
    for how in [Seen::Nothing, Seen::Error, Seen::Refused, Seen::Loop, Seen::Exceeded] {
        let bench = Bench::new().await;
        let desk = bench.desk.clone().with_browser(seen(how, "", Vec::new()), None);
        let case = sms(&desk, TEXT).await;
        let before = file(&desk, case).await;
        desk.inspect(&analyst(), case, Device::Desktop).await.unwrap();
        desk.inspect_next().await.unwrap();
        let after = file(&desk, case).await;
        assert_eq!(after.case.state, before.case.state, "{how:?}");
        let scores = [after, before].map(|file| file.assessment.unwrap().score);
        assert_eq!(scores[0], scores[1], "{how:?}");
    }
}

#[tokio::test]
async fn a_page_that_could_not_be_tried_is_told_and_not_tried_for_ever() {
    let bench = Bench::new().await;
    let desk = bench.desk.clone().with_browser(seen(Seen::Page, "", Vec::new()), None);
    let case = sms(&desk, "Kijk: https://broken.example/").await;
    desk.inspect(&analyst(), case, Device::Phone).await.unwrap();
    assert!(desk.inspect_next().await.unwrap());
    assert!(!desk.inspect_next().await.unwrap());
    let told = desk.casebook().inspections(case).await.unwrap();
    let Progress::Failed { why, .. } = &told[0].progress else { panic!("{told:?}") };
    assert_eq!(why, "Chromium answered unusably: gone");
}

#[tokio::test]
async fn without_a_browser_or_a_page_nothing_is_asked_for() {
    let bench = Bench::new().await;
    let case = sms(&bench.desk, TEXT).await;
    let refused = bench.desk.inspect(&analyst(), case, Device::Phone).await;
    assert!(matches!(refused, Err(AskError::NoBrowser)), "{refused:?}");
    let desk = bench.desk.clone().with_browser(seen(Seen::Page, "", Vec::new()), None);
    let message = sms(&desk, "Hoi mama, dit is mijn nieuwe nummer").await;
    assert!(matches!(file(&desk, message).await.case.subject, Subject::Message { .. }));
    let refused = desk.inspect(&analyst(), message, Device::Phone).await;
    assert!(matches!(refused, Err(AskError::NoPage(_))), "{refused:?}");
    let missing = desk.inspect(&analyst(), 99, Device::Phone).await;
    assert!(matches!(missing, Err(AskError::Store(_))), "{missing:?}");
}
