//! The gate beside Unbound and BIND: the same zone of RPZ, the same upstream, ten
//! thousand mixed questions. Codes and records must agree, but for what is listed
//! here with its reason.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use belfry_gate::{Gate, GateSettings, ZoneSettings};
use belfry_journal::UnixMillis;
use belfry_testbed::{Child, Random, peer, wait_until};
use domain::base::Message;
use domain::base::iana::Rtype;
use domain::rdata::AllRecordData;
use tokio_util::sync::CancellationToken;

const QUESTIONS: usize = 10_000;
const PATIENCE: Duration = Duration::from_secs(30);
const PORT: u16 = 5_361;
const UPSTREAM: Ipv4Addr = Ipv4Addr::new(127, 61, 11, 53);
const UNBOUND: Ipv4Addr = Ipv4Addr::new(127, 61, 11, 1);
/// BIND listens only at addresses that an interface names.
const BIND: Ipv4Addr = Ipv4Addr::LOCALHOST;
const GATE: Ipv4Addr = Ipv4Addr::new(127, 61, 11, 3);

const ZONE: &str = "$ORIGIN rpz.test.
$TTL 60
@ SOA localhost. root.localhost. 1 3600 600 86400 60
@ NS localhost.
nx.example CNAME .
*.nx.example CNAME .
nodata.example CNAME *.
*.nodata.example CNAME *.
local.example A 192.0.2.80
local.example AAAA 2001:db8::80
*.local.example A 192.0.2.81
text.example TXT \"words\"
pass.nx.example CNAME rpz-passthru.
only.example CNAME .
*.below.example CNAME .
deep.a.b.holes.example CNAME .
*.holes.example CNAME .
32.66.2.0.192.rpz-ip CNAME .
24.0.113.0.203.rpz-ip A 192.0.2.99
";

const LABELS: [&str; 8] = ["www", "a", "b", "a.b", "deep.a.b", "x.deep.a.b", "pass", "mail"];
const ZONES: [&str; 12] = [
    "nx.example",
    "nodata.example",
    "local.example",
    "text.example",
    "only.example",
    "below.example",
    "holes.example",
    "good.example",
    "fine.test",
    "bad-address.example",
    "moved-address.example",
    "sub.good.example",
];
const TYPES: [u16; 6] = [1, 28, 16, 15, 65, 33];

/// Upstream: every name has these, but two zones whose addresses are policies.
const UPSTREAM_CONF: &str = "server:
  interface: 127.61.11.53@5361
  do-daemonize: no
  username: \"\"
  chroot: \"\"
  pidfile: \"\"
  use-syslog: no
  logfile: \"\"
  access-control: 127.0.0.0/8 allow
  module-config: \"iterator\"
  local-zone: \".\" redirect
  local-data: \". 3600 IN A 192.0.2.10\"
  local-data: \". 3600 IN TXT upstream\"
  local-zone: \"bad-address.example.\" redirect
  local-data: \"bad-address.example. 3600 IN A 192.0.2.66\"
  local-zone: \"moved-address.example.\" redirect
  local-data: \"moved-address.example. 3600 IN A 203.0.113.7\"
remote-control:
  control-enable: no
";

const UNBOUND_CONF: &str = "server:
  interface: 127.61.11.1@5361
  do-daemonize: no
  username: \"\"
  chroot: \"\"
  directory: \"@DIR@\"
  pidfile: \"\"
  use-syslog: no
  logfile: \"\"
  do-not-query-localhost: no
  access-control: 127.0.0.0/8 allow
  module-config: \"respip iterator\"
  local-zone: \"test.\" nodefault
remote-control:
  control-enable: no
rpz:
  name: \"rpz.test.\"
  zonefile: \"@ZONE@\"
forward-zone:
  name: \".\"
  forward-addr: 127.61.11.53@5361
";

const BIND_CONF: &str = "options {
  directory \"@DIR@\";
  listen-on port 5361 { 127.0.0.1; };
  listen-on-v6 { none; };
  pid-file none; session-keyfile \"@DIR@/session.key\"; managed-keys-directory \"@DIR@\";
  recursion yes; allow-query { any; }; allow-recursion { any; };
  dnssec-validation no; empty-zones-enable no; minimal-responses yes;
  forward only; forwarders { 127.61.11.53 port 5361; };
  response-policy { zone \"rpz.test\" log no; } qname-wait-recurse no min-update-interval 0;
};
controls { };
zone \"rpz.test\" { type primary; file \"@ZONE@\"; allow-query { none; }; notify no; check-names ignore; };
";

/// Where they differ: why, and who is apart from the other two.
fn reason(name: &str) -> Option<&'static str> {
    let under = |zone: &str| name == zone || name.ends_with(&format!(".{zone}"));
    if under("holes.example") {
        // A policy of a deep name makes nodes above it that have none: Unbound and BIND
        // take `*.holes.example` from them, and leave a hole. The gate has no such nodes.
        return Some("no holes beside a deeper policy");
    }
    None
}

fn spawn(program: &Path, arguments: &[&str], config: &Path) -> Child {
    let mut command = Command::new(program);
    command.args(arguments).arg(config).stdout(Stdio::null()).stderr(Stdio::null());
    Child::spawn(&mut command).unwrap()
}

fn query(random: &mut Random) -> (String, u16, Vec<u8>) {
    let zone = ZONES[random.index(ZONES.len())];
    let name = match random.chance(30) {
        true => zone.to_owned(),
        false => format!("{}.{zone}", LABELS[random.index(LABELS.len())]),
    };
    let rtype = TYPES[random.index(TYPES.len())];
    let edns = u8::from(random.chance(50));
    let mut packet = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, edns];
    for label in name.split('.') {
        packet.push(u8::try_from(label.len()).unwrap());
        packet.extend(label.bytes().map(|octet| match random.chance(20) {
            true => octet.to_ascii_uppercase(),
            false => octet,
        }));
    }
    packet.push(0);
    packet.extend(rtype.to_be_bytes());
    packet.extend([0, 1]);
    if edns == 1 {
        packet.extend([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
    }
    (name, rtype, packet)
}

/// Code and answers, in words; names in lower case, TTLs aside.
fn ask(server: Ipv4Addr, packet: &[u8]) -> String {
    let socket = UdpSocket::bind(("127.61.11.9", 0)).unwrap();
    socket.connect((server, PORT)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    socket.send(packet).unwrap();
    let mut buffer = [0; 4_096];
    let Ok(length) = socket.recv(&mut buffer) else { return "nothing".to_owned() };
    let message = Message::from_slice(&buffer[..length]).unwrap();
    let answers = message.answer().unwrap().map(|record| {
        let record = record.unwrap();
        let (owner, rtype) = (record.owner().to_string().to_lowercase(), record.rtype());
        let data = record.to_any_record::<AllRecordData<_, _>>().unwrap().data().to_string();
        format!("{owner} {rtype} {}", data.to_lowercase())
    });
    let mut answers: Vec<_> = answers.collect();
    answers.sort();
    format!("{} {}", message.header().rcode(), answers.join("; "))
}

fn is_up(server: Ipv4Addr) -> bool {
    let packet = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x02nx\x07example\0\0\x01\0\x01";
    let expect = if server == UPSTREAM { "NOERROR nx.example" } else { "NXDOMAIN" };
    wait_until(|| ask_quickly(server, packet).starts_with(expect), PATIENCE)
}

fn ask_quickly(server: Ipv4Addr, packet: &[u8]) -> String {
    std::thread::sleep(Duration::from_millis(50));
    ask(server, packet)
}

async fn gate(zone: &Path, stop: &CancellationToken) -> Gate {
    let settings = GateSettings {
        listen: vec![SocketAddr::from((GATE, PORT))],
        upstreams: vec![SocketAddr::from((UPSTREAM, PORT)).into()],
        zones: vec![ZoneSettings {
            name: Some("rpz.test".to_owned()),
            ..ZoneSettings::of_file(zone.to_owned())
        }],
        ..GateSettings::default()
    };
    let gate = Gate::new(settings, || UnixMillis(1)).unwrap();
    gate.load_zones(None, true).unwrap();
    gate.serve_zones();
    let bound = gate.bind(None).await.unwrap();
    tokio::spawn(bound.run(stop.clone()));
    gate
}

#[test]
fn ten_thousand_answers_are_those_of_unbound_and_bind() {
    let (Some(unbound), Some(named)) = (peer("unbound"), peer("named")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        let folder = folder.path().to_str().unwrap();
        let zone = format!("{folder}/rpz.zone");
        fs::write(&path, text.replace("@DIR@", folder).replace("@ZONE@", &zone)).unwrap();
        path
    };
    let zone = write("rpz.zone", ZONE);
    let _upstream = spawn(&unbound, &["-d", "-c"], &write("upstream.conf", UPSTREAM_CONF));
    let _unbound = spawn(&unbound, &["-d", "-c"], &write("unbound.conf", UNBOUND_CONF));
    let _bind = spawn(&named, &["-f", "-n", "1", "-c"], &write("named.conf", BIND_CONF));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let stop = CancellationToken::new();
    let _gate = runtime.block_on(gate(&zone, &stop));
    for server in [UPSTREAM, UNBOUND, BIND, GATE] {
        assert!(is_up(server), "{server} does not answer");
    }
    let mut random = Random::new(20_261_124);
    let mut differences: BTreeMap<String, usize> = BTreeMap::new();
    let mut explained = 0;
    for _ in 0..QUESTIONS {
        let (name, rtype, packet) = query(&mut random);
        let [ours, unbound, bind] = [GATE, UNBOUND, BIND].map(|server| ask(server, &packet));
        if ours == unbound && ours == bind {
            continue;
        }
        if reason(&name).is_some() {
            explained += 1;
            continue;
        }
        let rtype = Rtype::from_int(rtype);
        let line =
            format!("{name} {rtype}\n  gate    {ours}\n  unbound {unbound}\n  bind    {bind}");
        *differences.entry(line).or_default() += 1;
    }
    stop.cancel();
    println!("{explained} of {QUESTIONS} differ for a reason that is listed");
    let lines: Vec<_> = differences.keys().map(String::as_str).collect();
    assert!(lines.is_empty(), "{} differ:\n{}", lines.len(), lines.join("\n"));
}
