//! What the casebook's tests share: a casebook in a folder of its own, people,
//! reports and orders as the desk makes them.

use std::time::Duration;

use belfry_casebook::access::{Admin, Analyst, Authority, Follower, Principal, Proof, Role};
use belfry_casebook::case::{Case, CaseState, Subject};
use belfry_casebook::report::{Channel, Content, NewReport, ReadingRecord, Report};
use belfry_casebook::verdict::{Asked, Consequence, Decided, Decision, Verdict, Withdrawal};
use belfry_casebook::{Casebook, Settings, StoreError};
use belfry_guard::{Approvals, Cleared, Lists, Outcome, check};
use belfry_indicator::{Domain, EmbeddedSuffixes, Target};
use belfry_journal::{
    Action, Audience, Category, Cause, Mode, Order, PublicReason, Serial, UnixMillis,
};

pub(crate) const NOW: UnixMillis = UnixMillis(1_795_510_800_000);
const DAY: Duration = Duration::from_secs(86_400);

/// A casebook and the folder it lives in.
pub(crate) struct Bench {
    pub(crate) casebook: Casebook,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) lists: Lists,
}

pub(crate) fn lists(never_block: &[&str]) -> Lists {
    Lists::new([], never_block.iter().map(|name| domain(name)), [])
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let casebook = open(folder.path()).await.unwrap();
        let lists = lists(&[]);
        casebook.set_lists_version(lists.version(), "of a test", UnixMillis(1)).await.unwrap();
        Self { casebook, folder, lists }
    }

    /// The same folder, opened again.
    pub(crate) async fn reopen(self) -> Self {
        self.casebook.close().await;
        let casebook = open(self.folder.path()).await.unwrap();
        Self { casebook, ..self }
    }

    /// Waits until what the last process left in the spool is in the store.
    pub(crate) async fn moved(&self) {
        while std::fs::read_dir(self.folder.path().join("spool")).unwrap().next().is_some() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A report about `host`, received, read and filed; answers its case.
    pub(crate) async fn case_about(&self, host: &str) -> u64 {
        let report = self.receive(b"Subject: hello\r\n\r\ntext", None).await;
        let cases =
            self.casebook.file_reading(report.id, &reading(), &[subject(host)]).await.unwrap();
        cases[0]
    }

    pub(crate) async fn receive(&self, bytes: &[u8], reporter: Option<&str>) -> Report {
        let report = NewReport {
            channel: Channel::Smtp,
            content: Content::Mail,
            bytes,
            reporter,
            received_at: NOW,
        };
        let receipt = self.casebook.receive(report).await.unwrap();
        self.casebook.report(&receipt).await.unwrap().unwrap()
    }

    pub(crate) fn cleared(&self, order: Order) -> Cleared {
        match check(order, &self.lists, &EmbeddedSuffixes, &Approvals::none(), NOW) {
            Outcome::Cleared(cleared) => cleared,
            other => panic!("the guard did not clear a test's order: {other:?}"),
        }
    }

    pub(crate) async fn block(&self, case: u64, target: Target) -> Result<Decided, StoreError> {
        self.decide(case, None, Consequence::Block(self.cleared(block_order(case, target)))).await
    }

    pub(crate) async fn decide(
        &self,
        case: u64,
        version: Option<u64>,
        consequence: Consequence,
    ) -> Result<Decided, StoreError> {
        let by = analyst("local:an");
        self.casebook
            .decide(Decision {
                case,
                version,
                verdict: Verdict::Phishing,
                reason: "it asks for a card number",
                by: &by,
                at: NOW,
                consequence,
                asked: Asked::default(),
            })
            .await
    }

    pub(crate) async fn release(
        &self,
        case: u64,
        of: Serial,
        mistake: bool,
    ) -> Result<Decided, StoreError> {
        let order = Order {
            action: Action::Release { of },
            cause: Cause::Withdrawal { case },
            reason: PublicReason::Resolved,
            ..block_order(case, Target::Host(domain("any.example")))
        };
        let by = analyst("local:bo");
        self.casebook
            .release(Withdrawal {
                case,
                version: None,
                mistake,
                reason: "the owner cleaned it",
                by: &by,
                at: NOW,
                order: self.cleared(order),
            })
            .await
    }

    pub(crate) fn expiry_of(&self, of: Serial, host: &str) -> Cleared {
        self.cleared(Order {
            action: Action::Release { of },
            cause: Cause::Expiry,
            reason: PublicReason::Ended,
            ..block_order(0, Target::Host(domain(host)))
        })
    }

    pub(crate) async fn state(&self, case: u64) -> CaseState {
        self.case(case).await.state
    }

    pub(crate) async fn case(&self, case: u64) -> Case {
        self.casebook.case(case).await.unwrap().unwrap().case
    }
}

pub(crate) async fn open(data: &std::path::Path) -> Result<Casebook, StoreError> {
    Casebook::open(&Settings { data: data.into() }, NOW).await
}

pub(crate) fn reading() -> ReadingRecord {
    ReadingRecord { json: r#"{"links":[]}"#.into(), defects: 2, read_at: NOW }
}

pub(crate) fn domain(name: &str) -> Domain {
    Domain::parse(name).unwrap()
}

/// A host under `evil.example`-like names: its registrable domain is its last two labels.
pub(crate) fn subject(host: &str) -> Subject {
    let labels: Vec<_> = host.split('.').collect();
    let registrable = labels[labels.len().saturating_sub(2)..].join(".");
    Subject::Host { host: domain(host), registrable: domain(&registrable) }
}

pub(crate) fn block_order(case: u64, target: Target) -> Order {
    Order {
        action: Action::Block,
        target,
        category: Category::Phishing,
        mode: Mode::Live,
        issued_at: NOW,
        valid_until: NOW.plus(30 * DAY),
        audience: Audience::Everyone,
        cause: Cause::Verdict { case },
        reason: PublicReason::Impersonation,
        keeps_mail: false,
    }
}

pub(crate) fn host(name: &str) -> Target {
    Target::Host(domain(name))
}

fn authority<A: Authority>(name: &str, role: Role, proof: Proof) -> A {
    Principal { name: name.into(), role, proof }.authorize().unwrap()
}

pub(crate) fn analyst(name: &str) -> Analyst {
    authority(name, Role::Analyst, Proof::LocalUser)
}

pub(crate) fn admin() -> Admin {
    authority("local:root", Role::Admin, Proof::LocalUser)
}

pub(crate) fn follower(name: &str) -> Follower {
    authority(name, Role::Operator, Proof::Token)
}

/// Whether any file under `folder` holds `needle`, in any letter case.
pub(crate) fn holds(folder: &std::path::Path, needle: &str) -> bool {
    let needle = needle.to_lowercase().into_bytes();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
            if bytes.windows(needle.len()).any(|window| window == needle) {
                return true;
            }
        }
    }
    false
}

/// Changes a closed casebook's rows behind its back.
pub(crate) async fn by_hand(folder: &std::path::Path, statements: &[&'static str]) {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(folder.join("casebook.sqlite"))
        .foreign_keys(false);
    let hand = sqlx::SqlitePool::connect_with(options).await.unwrap();
    for sql in statements {
        sqlx::query(*sql).execute(&hand).await.unwrap();
    }
    hand.close().await;
}
