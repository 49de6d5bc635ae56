//! Resolvers of our own that do wrong, over real sockets; the time is passed in.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use belfry_casebook::access::Role;
use belfry_journal::{OperatorName, Serial, UnixMillis};
use belfry_rpz::wire::Reader;
use serde_json::{Value, json};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use crate::tests::bench::Bench;
use crate::transfer::TransferSettings;

const WARNING: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 80);
const REAL: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);
const MINUTE: u64 = 60_000;

/// Names that are answered by a block.
type Blocks = Arc<Mutex<Vec<String>>>;

/// A resolver that blocks just these names.
struct Resolver {
    address: SocketAddr,
    blocks: Blocks,
    task: JoinHandle<()>,
}

impl Drop for Resolver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Resolver {
    async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (address, blocks) = (socket.local_addr().unwrap(), Blocks::default());
        let known = Arc::clone(&blocks);
        let task = tokio::spawn(async move {
            let mut buffer = [0; 512];
            loop {
                let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
                let mut answer = buffer[..length].to_vec();
                let question = Reader::after_header(&answer).question().unwrap();
                let blocked = known.lock().unwrap().iter().any(|name| {
                    belfry_indicator::Domain::parse(name).unwrap().to_wire() == question.name
                });
                let address = if blocked { WARNING } else { REAL };
                (answer[2], answer[7]) = (answer[2] | 0x80, 1);
                answer.extend_from_slice(&[0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4]);
                answer.extend_from_slice(&address.octets());
                socket.send_to(&answer, from).await.unwrap();
            }
        });
        Self { address, blocks, task }
    }

    /// Blocks what a zone says now; what it blocked before goes on where it drops nothing.
    fn load(&self, bench: &Bench, names: &[&str], drops: bool) {
        let mut blocks = self.blocks.lock().unwrap();
        if drops {
            blocks.clear();
        }
        blocks.extend(names.iter().map(|name| (*name).to_owned()));
        bench.transfers().with_zones(|zones| {
            for zone in zones.iter() {
                let zone = zone.read().unwrap();
                blocks.push(zone.canary(zone.serial()).to_string());
            }
        });
    }
}

async fn bench(host: u8, resolver: &Resolver) -> Bench {
    let bench = Bench::with_transfers(TransferSettings {
        listen: vec![SocketAddr::from(([127, 71, host, 1], 0))],
        origin: "rpz.test".to_owned(),
        warning_ipv4: Some(WARNING),
        // Rounds of the test's own only.
        probe_seconds: 0,
        ..TransferSettings::default()
    })
    .await;
    let body = json!({ "name": "isp", "probes": [resolver.address.to_string()] });
    bench.post("/api/v1/operators", Role::Admin, &body).await;
    bench
}

/// Waits until zones have what the journal has.
async fn folded(bench: &Bench) {
    while bench.transfers().figures().0 < bench.casebook.head().serial {
        tokio::task::yield_now().await;
    }
}

/// A round at a minute; then the words of what is found.
async fn round(bench: &Bench, minute: u64) -> Vec<&'static str> {
    folded(bench).await;
    let now = UnixMillis(minute * MINUTE);
    bench.transfers().probe(now).await.unwrap();
    let isp = OperatorName::parse("isp").unwrap();
    let [probed] = &bench.transfers().probed(&isp, now)[..] else { panic!("one resolver") };
    probed.findings.iter().map(crate::probe::Finding::word).collect()
}

#[tokio::test]
async fn one_that_follows_is_in_step_and_the_api_says_so() {
    let resolver = Resolver::start().await;
    let bench = bench(60, &resolver).await;
    for minute in 0..6 {
        let name = format!("n{minute}.example");
        bench.block(&name).await;
        folded(&bench).await;
        let names: Vec<String> = (0..=minute).map(|n| format!("n{n}.example")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        resolver.load(&bench, &names, true);
        assert_eq!(round(&bench, minute).await, [] as [&str; 0], "{minute}");
    }
    let (_, shown) = bench.get("/api/v1/operators/isp", Role::Reader).await;
    let probe = &shown["probed"][0];
    assert_eq!(probe["state"], "in-step", "{shown}");
    assert_eq!(probe["resolver"], resolver.address.to_string());
    assert!(probe["latency"]["changes"].as_u64() > Some(0), "{probe}");
    let zones: Vec<&Value> = probe["zones"].as_array().unwrap().iter().collect();
    assert!(zones.iter().all(|zone| zone["enforces"] == zone["newest"]), "{probe}");
}

#[tokio::test]
async fn one_that_ignores_deletions_is_caught() {
    let resolver = Resolver::start().await;
    let bench = bench(61, &resolver).await;
    let case = bench.block_as("a.example", false).await;
    folded(&bench).await;
    resolver.load(&bench, &["a.example"], false);
    assert_eq!(round(&bench, 0).await, [] as [&str; 0]);
    bench.free(case).await;
    folded(&bench).await;
    resolver.load(&bench, &[], false);
    assert_eq!(round(&bench, 1).await, [] as [&str; 0], "a cache may hold it for a while");
    let found = round(&bench, 5).await;
    assert!(found.contains(&"keeps-version") && found.contains(&"keeps"), "{found:?}");
    let alarms = bench.transfers().alarms(UnixMillis(5 * MINUTE)).await.unwrap();
    assert!(alarms.iter().any(|(about, _)| about.starts_with("operator isp")), "{alarms:?}");
}

#[tokio::test]
async fn one_that_is_ten_minutes_behind_is_caught() {
    let resolver = Resolver::start().await;
    let bench = bench(62, &resolver).await;
    bench.block("old.example").await;
    folded(&bench).await;
    resolver.load(&bench, &["old.example"], true);
    assert_eq!(round(&bench, 0).await, [] as [&str; 0]);
    for minute in 1..10 {
        bench.block(&format!("n{minute}.example")).await;
        let found = round(&bench, minute).await;
        let expected: &[&str] = if minute > 3 { &["behind", "misses"] } else { &[] };
        assert!(expected.iter().all(|word| found.contains(word)), "{minute}: {found:?}");
        assert_eq!(found.is_empty(), minute <= 3, "{minute}: {found:?}");
    }
    folded(&bench).await;
    let names: Vec<String> = (1..10).map(|n| format!("n{n}.example")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.push("old.example");
    resolver.load(&bench, &names, true);
    assert_eq!(round(&bench, 11).await, [] as [&str; 0], "it has caught up");
}

#[tokio::test]
async fn one_that_lies_about_its_serial_is_caught() {
    let resolver = Resolver::start().await;
    let bench = bench(63, &resolver).await;
    bench.block("a.example").await;
    folded(&bench).await;
    resolver.load(&bench, &["a.example"], true);
    assert_eq!(round(&bench, 0).await, [] as [&str; 0]);
    bench.block("b.example").await;
    folded(&bench).await;
    let isp = OperatorName::parse("isp").unwrap();
    let head: Serial = bench.casebook.head().serial;
    bench.transfers().acknowledge_for_test(&isp, "phishing.rpz.test", head);
    assert_eq!(round(&bench, 1).await, [] as [&str; 0]);
    let found = round(&bench, 5).await;
    assert!(found.contains(&"claims"), "{found:?}");
}

#[tokio::test]
async fn one_that_is_gone_and_a_journal_that_stands_still_alarm() {
    let resolver = Resolver::start().await;
    let bench = bench(64, &resolver).await;
    bench.block("a.example").await;
    folded(&bench).await;
    resolver.load(&bench, &["a.example"], true);
    assert_eq!(round(&bench, 0).await, [] as [&str; 0]);
    resolver.task.abort();
    assert_eq!(round(&bench, 1).await, [] as [&str; 0], "one round says nothing");
    assert_eq!(round(&bench, 4).await, ["silent"]);
    let last = bench.casebook.last_entry_at().await.unwrap().unwrap();
    let later = UnixMillis(last.0 + 11 * MINUTE);
    let alarms = bench.transfers().alarms(later).await.unwrap();
    assert!(alarms.iter().any(|(about, _)| about == "feed"), "{alarms:?}");
}
