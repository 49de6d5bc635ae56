//! A desk over a casebook of its own, with cases as reports make them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use belfry_casebook::access::{Admin, Analyst, Follower, Principal, Proof, Role};
use belfry_casebook::case::{CaseFile, Subject};
use belfry_casebook::effects::Effect;
use belfry_casebook::report::{
    Channel, CheckResult, Content, NewReport, ReadingRecord, SenderCheck,
};
use belfry_casebook::rules::RuleMode;
use belfry_casebook::verdict::Verdict;
use belfry_casebook::{Casebook, Settings};
use belfry_desk::reader::{ReaderPool, ReaderSettings};
use belfry_desk::{Desk, DeskSettings, Ruling};
use belfry_guard::Lists;
use belfry_indicator::Domain;
use belfry_journal::{Serial, UnixMillis};
use tempfile::TempDir;

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

static NOW: AtomicU64 = AtomicU64::new(1_795_510_800_000);

fn now() -> UnixMillis {
    UnixMillis(NOW.load(Ordering::SeqCst))
}

pub(crate) fn admin() -> Admin {
    let name = "local:root".into();
    Principal { name, role: Role::Admin, proof: Proof::LocalUser }.authorize().unwrap()
}

/// The administrator of the hub's own socket, as one who judges.
pub(crate) fn local_admin() -> Analyst {
    let name = "local:root".into();
    Principal { name, role: Role::Admin, proof: Proof::LocalUser }.authorize().unwrap()
}

pub(crate) fn analyst() -> Analyst {
    let name = "token:alice".into();
    Principal { name, role: Role::Analyst, proof: Proof::Token }.authorize().unwrap()
}

pub(crate) fn ruling(case: u64, verdict: Verdict) -> Ruling<'static> {
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

pub(crate) struct Bench {
    pub(crate) desk: Desk,
    settings: DeskSettings,
    folder: TempDir,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut DeskSettings)) -> Self {
        let mut settings = DeskSettings::default();
        change(&mut settings);
        let folder = TempDir::new().unwrap();
        let desk = open(&folder, settings).await;
        Self { desk, settings, folder }
    }

    /// The same folder, opened anew.
    pub(crate) async fn restart(self) -> Self {
        self.desk.casebook().close().await;
        drop(self.desk);
        let desk = open(&self.folder, self.settings).await;
        Self { desk, ..self }
    }

    pub(crate) fn now(&self) -> UnixMillis {
        now()
    }

    /// Time goes on by so many seconds.
    pub(crate) fn later(&self, seconds: u64) {
        NOW.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }

    /// A case about `host`, its own registrable domain.
    pub(crate) async fn case(&self, host: &str) -> u64 {
        self.case_in(host, host).await
    }

    pub(crate) async fn case_in(&self, host: &str, registrable: &str) -> u64 {
        self.filed(host, registrable, "an@example.com", false).await
    }

    /// A case that these reporters have proven to have reported.
    pub(crate) async fn reported(&self, host: &str, reporters: &[&str]) -> u64 {
        let mut case = 0;
        for reporter in reporters {
            case = self.filed(host, host, reporter, true).await;
        }
        case
    }

    /// A case of so many reporters that nobody has proven.
    pub(crate) async fn unproven(&self, host: &str, reporters: u32) -> u64 {
        let mut case = 0;
        for n in 0..reporters {
            case = self.filed(host, host, &format!("r{n}@example.com"), false).await;
        }
        case
    }

    async fn filed(&self, host: &str, registrable: &str, reporter: &str, proven: bool) -> u64 {
        let name = |text| Domain::parse(text).unwrap();
        let subject = Subject::Host { host: name(host), registrable: name(registrable) };
        let report = NewReport {
            channel: Channel::Api,
            content: Content::Url,
            bytes: host.as_bytes(),
            reporter: Some(reporter),
            received_at: now(),
        };
        let casebook = self.desk.casebook();
        let receipt = casebook.receive(report).await.unwrap();
        let report = casebook.report(&receipt).await.unwrap().unwrap();
        let pass = if proven { CheckResult::Pass } else { CheckResult::None };
        let check = SenderCheck { spf: pass, dkim: pass, dmarc: pass, authentic: proven };
        casebook.record_sender(report.id, &check, None, now()).await.unwrap();
        let reading = ReadingRecord { json: "{}".into(), defects: 0, read_at: now() };
        casebook.file_reading(report.id, &reading, &[subject]).await.unwrap()[0]
    }

    pub(crate) async fn file(&self, case: u64) -> CaseFile {
        self.desk.casebook().case(case).await.unwrap().unwrap()
    }

    pub(crate) async fn status(&self, case: u64) -> &'static str {
        self.file(case).await.case.state.name()
    }

    pub(crate) async fn set(&self, rule: &str, mode: RuleMode) {
        self.desk.set_rule_mode(&admin(), rule, mode).await.unwrap();
    }

    /// A rule that acts.
    pub(crate) async fn live(&self, name: &str, text: &str) {
        self.desk.put_rule(&admin(), name, text).await.unwrap();
        self.set(name, RuleMode::Shadow).await;
        self.set(name, RuleMode::Live).await;
    }

    /// What a rule came to: `mode outcome count`.
    pub(crate) async fn acts(&self, rule: &str) -> Vec<String> {
        let acts = self.desk.casebook().rule_acts(rule, UnixMillis(0)).await.unwrap();
        let told =
            acts.iter().map(|act| format!("{} {} {}", act.mode.name(), act.outcome, act.acts));
        told.collect()
    }

    /// A follower counts blocked answers by order.
    pub(crate) async fn hits(&self, counts: &[(u64, u64)]) {
        let name = "token:gate".into();
        let principal = Principal { name, role: Role::Operator, proof: Proof::Token };
        let by: Follower = principal.authorize().unwrap();
        let effects: Vec<Effect> = counts
            .iter()
            .map(|(order, blocked_answers)| Effect {
                order: Serial(*order),
                blocked_answers: *blocked_answers,
                warning_views: 0,
                prevented_visits: 0,
                applied_at: None,
                first_blocked_at: None,
            })
            .collect();
        let head = self.desk.casebook().head().serial;
        let casebook = self.desk.casebook();
        casebook.record_effects(&by, [7; 16], head, &effects, now()).await.unwrap();
    }
}

async fn open(folder: &TempDir, settings: DeskSettings) -> Desk {
    let data = folder.path().to_owned();
    let casebook = Casebook::open(&Settings { data }, now()).await.unwrap();
    let readers = ReaderPool::new(ReaderSettings {
        program: "/bin/false".into(),
        arguments: Vec::new(),
        children: 1,
        job_ms_max: 1_000,
        jobs_max: 1,
    });
    let name = |text| Domain::parse(text).unwrap();
    let lists = Lists::new([name("hub.example")], [], [name("bank.example")]);
    Desk::open(casebook, lists, readers, settings, now).await.unwrap()
}
