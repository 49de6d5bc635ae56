//! The life of a case at the desk, over a real casebook: verdict, guard,
//! release, expiry, and lists that change.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use belfry_casebook::access::{Analyst, Principal, Proof, Role};
use belfry_casebook::case::Subject;
use belfry_casebook::report::{Channel, Content, NewReport, ReadingRecord};
use belfry_casebook::verdict::Verdict;
use belfry_casebook::{Casebook, Settings, StoreError};
use belfry_desk::reader::{ReaderPool, ReaderSettings};
use belfry_desk::{Desk, DeskSettings, JudgeError, Ruled, Ruling, TakeBack};
use belfry_guard::{Lists, Rule};
use belfry_indicator::Domain;
use belfry_journal::{Serial, UnixMillis};
use tempfile::TempDir;

static NOW: AtomicU64 = AtomicU64::new(1_795_510_800_000);
const DAY: Duration = Duration::from_secs(86_400);

fn now() -> UnixMillis {
    UnixMillis(NOW.load(Ordering::SeqCst))
}

fn analyst() -> Analyst {
    let name = "token:alice".into();
    Principal { name, role: Role::Analyst, proof: Proof::Token }.authorize().unwrap()
}

fn name(text: &str) -> Domain {
    Domain::parse(text).unwrap()
}

fn lists(never: &[&str]) -> Lists {
    Lists::new([name("hub.example")], never.iter().copied().map(name), [name("bank.example")])
}

async fn desk(folder: &TempDir) -> Desk {
    let settings = Settings { data: folder.path().to_owned() };
    let casebook = Casebook::open(&settings, now()).await.unwrap();
    let readers = ReaderPool::new(ReaderSettings {
        program: "/bin/false".into(),
        arguments: Vec::new(),
        children: 1,
        job_ms_max: 1_000,
        jobs_max: 1,
    });
    let settings = DeskSettings { expiry_free: 2, ..DeskSettings::default() };
    Desk::open(casebook, lists(&[]), readers, settings, now).await.unwrap()
}

/// A case about `host`, out of a report of its own.
async fn case(desk: &Desk, host: &str) -> u64 {
    let subject = Subject::Host { host: name(host), registrable: name(host) };
    let report = NewReport {
        channel: Channel::Api,
        content: Content::Url,
        bytes: host.as_bytes(),
        reporter: None,
        received_at: now(),
    };
    let casebook = desk.casebook();
    let receipt = casebook.receive(report).await.unwrap();
    let report = casebook.report(&receipt).await.unwrap().unwrap();
    let reading = ReadingRecord { json: "{}".into(), defects: 0, read_at: now() };
    casebook.file_reading(report.id, &reading, &[subject]).await.unwrap()[0]
}

fn ruling(case: u64, verdict: Verdict) -> Ruling<'static> {
    Ruling {
        case,
        version: None,
        verdict,
        reason: "seen",
        widen: false,
        compromised: false,
        block_days: None,
    }
}

fn back(case: u64, mistake: bool) -> TakeBack<'static> {
    TakeBack { case, version: None, mistake, reason: "clean again" }
}

async fn status(desk: &Desk, case: u64) -> &'static str {
    desk.casebook().case(case).await.unwrap().unwrap().case.state.name()
}

#[tokio::test]
async fn a_confirmed_case_is_blocked_and_released() {
    let folder = TempDir::new().unwrap();
    let desk = desk(&folder).await;
    let case = case(&desk, "login.evil.example").await;
    let ruled = desk.judge(&analyst(), ruling(case, Verdict::Phishing)).await.unwrap();
    let Ruled::Done(decided) = ruled else { panic!("{ruled:?}") };
    let serial = decided.serial.unwrap();
    assert!(desk.casebook().effective().by_serial(serial).is_some());
    let again = desk.judge(&analyst(), ruling(case, Verdict::Phishing)).await.unwrap_err();
    assert!(matches!(again, JudgeError::Store(StoreError::Move { .. })), "{again}");
    desk.release(&analyst(), back(case, true)).await.unwrap();
    assert_eq!(status(&desk, case).await, "reversed");
    assert!(desk.casebook().effective().is_empty());
    let twice = desk.release(&analyst(), back(case, false)).await.unwrap_err();
    assert!(matches!(twice, JudgeError::Store(StoreError::Move { .. })), "{twice}");
}

#[tokio::test]
async fn the_guard_refuses_or_asks_for_a_second_person() {
    let folder = TempDir::new().unwrap();
    let desk = desk(&folder).await;
    let own = case(&desk, "hub.example").await;
    match desk.judge(&analyst(), ruling(own, Verdict::Phishing)).await.unwrap() {
        Ruled::Refused(_, finding) => assert_eq!(finding.rule, Rule::OwnName),
        other => panic!("{other:?}"),
    }
    assert_eq!(status(&desk, own).await, "refused");
    let bank = case(&desk, "bank.example").await;
    match desk.judge(&analyst(), ruling(bank, Verdict::Phishing)).await.unwrap() {
        Ruled::AwaitingSecond(_, finding) => assert_eq!(finding.rule, Rule::TwoPeople),
        other => panic!("{other:?}"),
    }
    assert_eq!(status(&desk, bank).await, "awaiting-second");
    assert_eq!(desk.casebook().head().serial, Serial(0));
}

#[tokio::test]
async fn a_reason_and_a_validity_in_bounds_are_needed() {
    let folder = TempDir::new().unwrap();
    let desk = desk(&folder).await;
    let case = case(&desk, "evil.example").await;
    let empty = Ruling { reason: "  ", ..ruling(case, Verdict::Phishing) };
    assert!(matches!(desk.judge(&analyst(), empty).await, Err(JudgeError::Reason)));
    let long = Ruling { block_days: Some(367), ..ruling(case, Verdict::Phishing) };
    assert!(matches!(desk.judge(&analyst(), long).await, Err(JudgeError::Validity)));
    assert_eq!(status(&desk, case).await, "open");
}

#[tokio::test]
async fn blocks_expire_by_an_entry_and_benign_reopens() {
    let folder = TempDir::new().unwrap();
    let desk = desk(&folder).await;
    let blocked = case(&desk, "evil.example").await;
    let benign = case(&desk, "news.example").await;
    desk.judge(&analyst(), ruling(blocked, Verdict::Malware)).await.unwrap();
    desk.judge(&analyst(), ruling(benign, Verdict::Benign)).await.unwrap();
    assert!(desk.end_what_expired(now().plus(DAY * 29)).await.unwrap().is_empty());
    let written = desk.end_what_expired(now().plus(DAY * 31)).await.unwrap();
    assert_eq!(written, [Serial(2)]);
    assert_eq!(status(&desk, blocked).await, "released");
    assert_eq!(status(&desk, benign).await, "open");
}

#[tokio::test]
async fn too_many_endings_at_once_stop_expiry() {
    let folder = TempDir::new().unwrap();
    let desk = desk(&folder).await;
    for n in 0..3 {
        let case = case(&desk, &format!("evil{n}.example")).await;
        desk.judge(&analyst(), ruling(case, Verdict::Phishing)).await.unwrap();
    }
    assert!(desk.end_what_expired(now().plus(DAY * 31)).await.unwrap().is_empty());
    assert_eq!(desk.casebook().effective().len(), 3);
}

#[tokio::test]
async fn a_name_newly_protected_is_released_at_once() {
    let folder = TempDir::new().unwrap();
    let desk = desk(&folder).await;
    let case = case(&desk, "shop.example").await;
    desk.judge(&analyst(), ruling(case, Verdict::FakeShop)).await.unwrap();
    let written = desk.set_lists(lists(&["shop.example"])).await.unwrap();
    assert_eq!(written, [Serial(2)]);
    assert!(desk.casebook().effective().is_empty());
}
