//! The resolvers of Debian, started by our own configurations: they take the zones and
//! answer as what holds says.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use belfry_casebook::access::Role;
use belfry_indicator::Domain;
use belfry_testbed::{Child, Random, free_port, peer};
use serde_json::{Value, json};

use super::settings;
use crate::tests::bench::Bench;

pub(super) const PATIENCE: Duration = Duration::from_secs(30);
pub(super) const WARNING: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 80);
/// What the upstream answers to every A.
pub(super) const REAL: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);
pub(super) const A: u16 = 1;
const MX: u16 = 15;
const AAAA: u16 = 28;
const HTTPS: u16 = 65;

/// A resolver of Debian, and how it is started.
pub(super) struct Software {
    pub(super) word: &'static str,
    pub(super) program: &'static str,
    pub(super) main: &'static str,
    pub(super) arguments: fn(&Path) -> Vec<String>,
    /// What a test changes: no validation, since its upstream signs nothing.
    pub(super) mend: fn(String) -> String,
}

pub(super) const SOFTWARE: [Software; 3] = [
    Software {
        word: "bind",
        program: "named",
        main: "named.conf",
        arguments: |dir| {
            let conf = dir.join("named.conf").display().to_string();
            vec!["-g".into(), "-c".into(), conf]
        },
        mend: |text| text.replace("recursion yes;", "recursion yes;\n    dnssec-validation no;"),
    },
    Software {
        word: "unbound",
        program: "unbound",
        main: "unbound.conf",
        arguments: |dir| {
            vec!["-d".into(), "-c".into(), dir.join("unbound.conf").display().to_string()]
        },
        mend: |text| text.replace("trust-anchor-file:", "# trust-anchor-file:"),
    },
    Software {
        word: "pdns",
        program: "pdns_recursor",
        main: "recursor.conf",
        arguments: |dir| vec![format!("--config-dir={}", dir.display())],
        mend: |text| text + "dnssec=off\n",
    },
];

pub(super) struct Resolver {
    pub(super) word: &'static str,
    pub(super) address: SocketAddr,
    log: PathBuf,
    _child: Child,
}

/// An upstream on a thread: every A is the real address, all else is empty.
pub(super) struct Upstream {
    pub(super) address: SocketAddr,
    stop: Arc<AtomicBool>,
}

impl Upstream {
    pub(super) fn start(host: u8) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::new(127, 71, host, 2), 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let (address, stop) = (socket.local_addr().unwrap(), Arc::new(AtomicBool::new(false)));
        let ended = Arc::clone(&stop);
        std::thread::spawn(move || {
            let mut buffer = [0; 1_500];
            while !ended.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
                if let Some(answer) = real_answer(&buffer[..length]) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Self { address, stop }
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn real_answer(query: &[u8]) -> Option<Vec<u8>> {
    let mut end = 12;
    while *query.get(end)? != 0 {
        end += 1 + usize::from(query[end]);
    }
    end += 5;
    let mut answer = query.get(..end)?.to_vec();
    answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]);
    if query[end - 4..end - 2] == A.to_be_bytes() {
        answer[7] = 1;
        answer.extend_from_slice(b"\xc0\x0c\0\x01\0\x01\0\0\0\x05\0\x04");
        answer.extend_from_slice(&REAL.octets());
    }
    Some(answer)
}

/// Asks; answer code and A records.
pub(super) fn ask(
    server: SocketAddr,
    name: &str,
    kind: u16,
    wants_dnssec: bool,
) -> Option<(u8, Vec<Ipv4Addr>)> {
    let answer = exchange(server, name, kind, wants_dnssec)?;
    let question_end = 16 + Domain::parse(name).unwrap().to_wire().len();
    let mut addresses = Vec::new();
    let mut rest = &answer[question_end..];
    for _ in 0..u16::from_be_bytes([answer[6], answer[7]]) {
        // Owners of what is asked for here are pointers.
        let size = 12 + usize::from(u16::from_be_bytes([rest[10], rest[11]]));
        if rest[2..4] == A.to_be_bytes() {
            addresses.push(Ipv4Addr::new(rest[12], rest[13], rest[14], rest[15]));
        }
        rest = &rest[size..];
    }
    Some((answer[3] & 15, addresses))
}

/// Asks; the answer's octets.
pub(super) fn exchange(
    server: SocketAddr,
    name: &str,
    kind: u16,
    wants_dnssec: bool,
) -> Option<Vec<u8>> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    let mut query = vec![0x42, 0x42, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    query.extend(Domain::parse(name).unwrap().to_wire());
    query.extend([0, 0, 0, 1]);
    let at = query.len() - 4;
    query[at..at + 2].copy_from_slice(&kind.to_be_bytes());
    if wants_dnssec {
        query[11] = 1;
        query.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0x80, 0, 0, 0]);
    }
    socket.send_to(&query, server).unwrap();
    let mut answer = vec![0; 4_096];
    let length = socket.recv(&mut answer).ok()?;
    answer.truncate(length);
    Some(answer)
}

pub(super) async fn start(
    bench: &Bench,
    host: u8,
    number: u8,
    software: &Software,
    upstream: &Upstream,
) -> Option<Resolver> {
    let program = peer(software.program)?;
    let address = address(software, host, number);
    let dir = configure(bench, software, address, upstream.address).await;
    Some(run(software, &program, address, &dir))
}

/// Where a resolver answers.
pub(super) fn address(software: &Software, host: u8, number: u8) -> SocketAddr {
    // BIND listens on addresses of interfaces only, and the loopback's is this one.
    match software.word {
        "bind" => SocketAddr::from(([127, 0, 0, 1], free_port())),
        _ => SocketAddr::from(([127, 71, host, number], 5300)),
    }
}

/// Writes the files that our own command gives out into a folder, which is answered.
pub(super) async fn configure(
    bench: &Bench,
    software: &Software,
    address: SocketAddr,
    upstream: SocketAddr,
) -> PathBuf {
    // The resolver's user may be another than ours: a folder that it can reach.
    let dir = bench.folder().join(software.word);
    fs::create_dir_all(&dir).unwrap();
    let uri = format!(
        "/api/v1/operators/isp/config?for={}&listen={address}&dir={}&upstream={}",
        software.word,
        dir.display(),
        upstream
    );
    let (_, answer) = bench.get(&uri, Role::Admin).await;
    for file in answer["files"].as_array().unwrap_or_else(|| panic!("{answer}")) {
        let (name, text) = (file["name"].as_str().unwrap(), file["text"].as_str().unwrap());
        let main = name == software.main;
        let text = if main { (software.mend)(text.to_owned()) } else { text.to_owned() };
        fs::write(dir.join(name), text).unwrap();
    }
    dir
}

/// Starts the real server on its files.
pub(super) fn run(
    software: &Software,
    program: &Path,
    address: SocketAddr,
    dir: &Path,
) -> Resolver {
    let log = fs::File::create(dir.join("log")).unwrap();
    let child = Child::spawn(
        Command::new(program)
            .args((software.arguments)(dir))
            .stdout(Stdio::from(log.try_clone().unwrap()))
            .stderr(Stdio::from(log)),
    );
    Resolver { word: software.word, address, log: dir.join("log"), _child: child.unwrap() }
}

/// What holds, as a test keeps it: case by name and level.
#[derive(Default)]
pub(super) struct Expected {
    pub(super) cases: BTreeMap<(String, bool), u64>,
}

impl Expected {
    /// Blocks or releases one of the names, at random.
    pub(super) async fn step(&mut self, bench: &Bench, names: &[String], random: &mut Random) {
        let name = &names[random.index(names.len())];
        let whole = random.chance(33);
        if let Some(case) = self.cases.remove(&(name.clone(), whole)) {
            return bench.free(case).await;
        }
        // One case for a host: the other level must be free first.
        if let Some(case) = self.cases.remove(&(name.clone(), !whole)) {
            bench.free(case).await;
        }
        let case = bench.block_as(name, whole).await;
        self.cases.insert((name.clone(), whole), case);
    }

    pub(super) fn blocks(&self, name: &str) -> bool {
        let query = Domain::parse(name).unwrap();
        self.cases.keys().any(|(text, whole)| {
            let target = Domain::parse(text).unwrap();
            if *whole { query.is_within(&target) } else { query == target }
        })
    }
}

pub(super) async fn until_in_step(bench: &Bench, resolvers: &[Resolver]) {
    // The last order is in the journal before it is in the zones.
    while bench.transfers().with_zones(belfry_rpz::Zones::serial) < bench.casebook.head().serial {
        tokio::task::yield_now().await;
    }
    let canary = bench.transfers().with_zones(|zones| {
        let apex = Domain::parse("phishing.rpz.belfry.internal").unwrap();
        let zone = zones.find(&apex).unwrap().read().unwrap();
        zone.canary(zone.serial()).to_string()
    });
    until_blocked(resolvers, &canary).await;
}

/// Waits until each answers this name with the warning host.
pub(super) async fn until_blocked(resolvers: &[Resolver], blocked: &str) {
    for resolver in resolvers {
        let start = Instant::now();
        loop {
            let (address, name) = (resolver.address, blocked.to_owned());
            let asked = tokio::task::spawn_blocking(move || ask(address, &name, A, false));
            let found = asked.await.unwrap();
            if found == Some((0, vec![WARNING])) {
                break;
            }
            if start.elapsed() > PATIENCE {
                let log = fs::read_to_string(&resolver.log).unwrap_or_default();
                panic!("{} answers {blocked} with {found:?}:\n{log}", resolver.word);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

pub(super) fn check(resolvers: &[Resolver], expected: &Expected, names: &[String]) {
    for resolver in resolvers {
        for name in names {
            let blocked = expected.blocks(name);
            for wants_dnssec in [false, true] {
                let address = if blocked { WARNING } else { REAL };
                for (kind, addresses) in
                    [(A, vec![address]), (AAAA, vec![]), (HTTPS, vec![]), (MX, vec![])]
                {
                    let found = ask(resolver.address, name, kind, wants_dnssec);
                    let word = resolver.word;
                    let said = format!("{word}: {name} type {kind} DO {wants_dnssec}");
                    assert_eq!(found, Some((0, addresses)), "{said}, blocked {blocked}");
                }
            }
        }
    }
}

/// Names above and below each other.
pub(super) fn names() -> Vec<String> {
    ["", "a.", "b.a.", "c.", "x.c.", "d.b.a."]
        .iter()
        .flat_map(|below| (0..12).map(move |n| format!("{below}evil-{n}.example")))
        .collect()
}

/// A few hundred blocks and releases in random order, wider and narrower ones among them.
#[tokio::test(flavor = "multi_thread")]
async fn debians_resolvers_answer_as_what_holds_says() {
    const HOST: u8 = 20;
    const STEPS: usize = 200;
    let bench = Bench::with_transfers(settings_for_resolvers(HOST)).await;
    let upstream = Upstream::start(HOST);
    let body = json!({
        "name": "isp",
        "addresses": [format!("127.71.{HOST}.0/24"), "127.0.0.1"],
        "notify": (3..6).map(|n| format!("127.71.{HOST}.{n}:53")).collect::<Vec<_>>(),
    });
    super::add(&bench, body).await;
    bench.block("first.example").await;
    let mut resolvers = Vec::new();
    for (software, number) in SOFTWARE.iter().zip(3..) {
        resolvers.extend(start(&bench, HOST, number, software, &upstream).await);
    }
    let notify: Vec<String> = resolvers.iter().map(|one| one.address.to_string()).collect();
    let set = json!({
        "addresses": [format!("127.71.{HOST}.0/24"), "127.0.0.1"], "notify": notify,
    });
    let (_, shown): (_, Value) = bench.put("/api/v1/operators/isp", &set).await;
    assert_eq!(shown["notify"].as_array().map(Vec::len), Some(resolvers.len()));
    let (names, mut expected, mut random) = (names(), Expected::default(), Random::new(7));
    for step in 0..STEPS {
        expected.step(&bench, &names, &mut random).await;
        if step == STEPS / 2 || step == STEPS - 1 {
            until_in_step(&bench, &resolvers).await;
            tokio::task::block_in_place(|| check(&resolvers, &expected, &names));
        }
    }
}

pub(super) fn settings_for_resolvers(host: u8) -> super::TransferSettings {
    // Not below `test.`: Unbound answers for that itself.
    let origin = "rpz.belfry.internal".to_owned();
    super::TransferSettings { connections_per_address_max: 40, origin, ..settings(host) }
}
