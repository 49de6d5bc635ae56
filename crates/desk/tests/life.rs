//! The life of a case at the desk, over a real casebook: verdict, guard,
//! release, expiry, and lists that change.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use belfry_casebook::access::{Admin, Analyst, Principal, Proof, Role};
use belfry_casebook::case::Subject;
use belfry_casebook::report::{Channel, Content, NewReport, ReadingRecord};
use belfry_casebook::verdict::Verdict;
use belfry_casebook::{Casebook, Settings, StoreError};
use belfry_desk::reader::{ReaderPool, ReaderSettings};
use belfry_desk::{Clocks, Desk, DeskSettings, JudgeError, Ruled, Ruling, Stopped, TakeBack};
use belfry_guard::{Lists, Rule};
use belfry_indicator::Domain;
use belfry_journal::{Serial, UnixMillis};
use tempfile::TempDir;

static NOW: AtomicU64 = AtomicU64::new(1_795_510_800_000);
const DAY: Duration = Duration::from_secs(86_400);

fn now() -> UnixMillis {
    UnixMillis(NOW.load(Ordering::SeqCst))
}

/// A steady clock that does not move: every change of the wall clock is a step.
fn still() -> Duration {
    Duration::ZERO
}

fn admin() -> Admin {
    let name = "local:root".into();
    Principal { name, role: Role::Admin, proof: Proof::LocalUser }.authorize().unwrap()
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
    desk_by(folder, now).await
}

async fn desk_by(folder: &TempDir, wall: fn() -> UnixMillis) -> Desk {
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
    let clocks = Clocks { wall, steady: still };
    Desk::open_by(casebook, lists(&[]), readers, settings, clocks).await.unwrap()
}

/// A case about `host`, out of a report of its own.
async fn case(desk: &Desk, host: &str) -> u64 {
    case_read(desk, host, "{}").await
}

/// The same, with what was read in it.
async fn case_read(desk: &Desk, host: &str, reading: &str) -> u64 {
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
    let reading = ReadingRecord { json: reading.into(), defects: 0, read_at: now() };
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

/// A sent SMS about a look-alike of a bank, as the reader finds it.
fn sms() -> belfry_reading::Reading {
    let text = "Uw kaart vervalt: https://belfius-kaart.example/nl";
    let limits = belfry_reading::Limits::default();
    belfry_reading::read_sms(text.as_bytes(), &belfry_indicator::EmbeddedSuffixes, &limits)
}

#[tokio::test]
async fn a_case_is_judged_by_its_reading_and_again_to_the_same_answer() {
    let folder = TempDir::new().unwrap();
    let desk = desk(&folder).await;
    let host = "belfius-kaart.example";
    let case = case_read(&desk, host, &serde_json::to_string(&sms()).unwrap()).await;
    let assessment = async || desk.casebook().case(case).await.unwrap().unwrap().assessment;
    assert_eq!(assessment().await, None);
    desk.reassess(case, now()).await.unwrap();
    let first = assessment().await.unwrap();
    assert!(first.score > 0.8 && first.reasons.contains("belfius"), "{first:?}");
    assert!(first.models.starts_with("url ") && first.lists.starts_with("brands "), "{first:?}");
    desk.reassess(case, now()).await.unwrap();
    assert_eq!(assessment().await.unwrap(), first);
    assert!(desk.reassess(99, now()).await.is_err());
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
    let log = desk.casebook().audit(&admin(), None, 10).await.unwrap();
    let change = log.iter().find(|act| act.action == "guard-lists").unwrap();
    assert!(change.detail.contains("configured (never-block, version "), "{}", change.detail);
    assert!(log.iter().any(|act| act.detail.contains("never-block")), "the release says why");
}

#[tokio::test]
async fn a_clock_that_steps_ends_nothing_and_time_goes_on() {
    static WALL: AtomicU64 = AtomicU64::new(1_795_510_800_000);
    fn wall() -> UnixMillis {
        UnixMillis(WALL.load(Ordering::SeqCst))
    }
    let folder = TempDir::new().unwrap();
    let desk = desk_by(&folder, wall).await;
    let begun = desk.time();
    let first = case(&desk, "evil.example").await;
    desk.judge(&analyst(), ruling(first, Verdict::Phishing)).await.unwrap();
    for step_days in [40_i64, -40, 4_000] {
        WALL.store(begun.0.saturating_add_signed(step_days * 86_400_000), Ordering::SeqCst);
        assert_eq!(desk.expire_now().await.unwrap(), [], "{step_days} days");
        assert!(matches!(desk.stopped(), Some(Stopped::Clock(_))), "{step_days} days");
        assert_eq!(desk.time(), begun, "{step_days} days");
        // The desk goes on meanwhile, and its orders stay in order and keep their terms.
        let host = format!("evil{}.example", step_days.unsigned_abs());
        let id = case(&desk, &format!("x{}{host}", u8::from(step_days < 0))).await;
        let ruled = desk.judge(&analyst(), ruling(id, Verdict::Phishing)).await.unwrap();
        let Ruled::Done(decided) = ruled else { panic!("{ruled:?}") };
        let effective = desk.casebook().effective();
        let order = &effective.by_serial(decided.serial.unwrap()).unwrap().order;
        assert_eq!((order.issued_at, order.valid_until), (begun, begun.plus(DAY * 30)));
    }
    WALL.store(begun.0 + 1_000, Ordering::SeqCst);
    assert_eq!(desk.expire_now().await.unwrap(), []);
    assert_eq!(desk.stopped(), None, "the clock is back");
    // Forty days have really passed, a person says.
    WALL.store(begun.0 + 40 * 86_400_000, Ordering::SeqCst);
    desk.expire_now().await.unwrap();
    assert_eq!(desk.accept_expiry(&admin()).await.unwrap().len(), 4);
    assert_eq!((desk.stopped(), desk.time()), (None, wall()));
    assert!(desk.casebook().effective().is_empty());
    let log = desk.casebook().audit(&admin(), None, 50).await.unwrap();
    let accepted = log.iter().find(|act| act.action == "accept-expiry").unwrap();
    assert!(accepted.detail.contains("the clock is off by"), "{}", accepted.detail);
}

#[tokio::test]
async fn many_endings_at_once_end_once_a_person_says_so() {
    let folder = TempDir::new().unwrap();
    let desk = desk(&folder).await;
    for n in 0..5 {
        let case = case(&desk, &format!("evil{n}.example")).await;
        let short = Ruling { block_days: Some(1), ..ruling(case, Verdict::Phishing) };
        desk.judge(&analyst(), short).await.unwrap();
    }
    let late = now().plus(DAY * 2);
    assert!(desk.end_what_expired(late).await.unwrap().is_empty());
    assert_eq!(desk.stopped(), Some(Stopped::Mass { ending: 5, all: 5 }));
    // Accepting frees what had ended by then, not what ends later.
    desk.accept_expiry(&admin()).await.unwrap();
    assert!(desk.end_what_expired(late).await.unwrap().is_empty());
    assert_eq!(desk.casebook().effective().len(), 5);
}

#[tokio::test]
async fn a_hub_started_with_its_clock_set_back_writes_no_entry_before_its_last() {
    static WALL: AtomicU64 = AtomicU64::new(1_795_510_800_000);
    fn wall() -> UnixMillis {
        UnixMillis(WALL.load(Ordering::SeqCst))
    }
    let folder = TempDir::new().unwrap();
    let desk = desk_by(&folder, wall).await;
    let last = desk.time();
    desk.casebook().heartbeat(last).await.unwrap();
    desk.casebook().close().await;
    drop(desk);
    WALL.store(last.0 - 86_400_000, Ordering::SeqCst);
    let desk = desk_by(&folder, wall).await;
    assert_eq!(desk.time(), last);
    desk.expire_now().await.unwrap();
    assert_eq!(desk.stopped(), Some(Stopped::Clock(86_400)));
}

#[tokio::test]
async fn upkeep_erases_what_was_kept_for_its_time_and_not_before() {
    let folder = TempDir::new().unwrap();
    let desk = desk(&folder).await;
    let spam = case(&desk, "spam.example").await;
    let open = case(&desk, "open.example").await;
    desk.judge(&analyst(), ruling(spam, Verdict::Spam)).await.unwrap();
    let after = async |days: u32| desk.end_what_was_kept(now().plus(DAY * days)).await.unwrap();
    assert_eq!(after(89).await.reports, 0);
    let erased = after(91).await;
    assert_eq!((erased.reports, erased.cases), (1, 1));
    assert_eq!(status(&desk, open).await, "open");
    assert_eq!(after(366).await.reports, 1);
    desk.casebook().verify_audit().await.unwrap();
}
