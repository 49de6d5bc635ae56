//! One measurement each: a start, a load, a swap.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use belfry_testbed::Child;
use serde_json::Value;

use crate::bench::dns::process::{Cpu, memory_mb};
use crate::bench::dns::server::{Kind, PORT, Place, upstream_address};
use crate::command::{self, Result};

/// A start takes longer than this only if it never ends.
const START: Duration = Duration::from_secs(300);
/// Names that must all be blocked before a server counts as started.
const SAMPLE: usize = 60;

/// What one load on one server came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Loaded {
    /// Microseconds of processor time an answer.
    pub(super) total_us: f64,
    /// Of it outside the kernel.
    pub(super) user_us: f64,
    /// Answers a second.
    pub(super) rate: f64,
    /// Of all queries, answered.
    pub(super) answered: f64,
    /// Of all answers, blocked.
    pub(super) blocked: f64,
    /// Microseconds.
    pub(super) p50_us: f64,
    /// Microseconds.
    pub(super) p99_us: f64,
    /// The longest time without an answer, in milliseconds.
    pub(super) gap_ms: f64,
}

/// Asks a server for `queries` and reads off what it used.
pub(super) fn load(
    place: &Place,
    (kind, child): (Kind, &Child),
    queries: &Path,
    seconds: f64,
    pace: [&str; 2],
) -> Result<Loaded> {
    let server = SocketAddr::from((kind.address(), PORT));
    let before = Cpu::of(child.id())?;
    let mut asking = Command::new("taskset");
    asking.args(["-c", super::LOAD_CORE]).arg(place.examples.join("dnsload"));
    // The kernel spreads sockets, not queries, over threads.
    let sockets = if place.threads.0 == "1" { "1" } else { "16" };
    asking.arg(server.to_string()).arg(queries).arg(seconds.to_string()).args(pace).arg(sockets);
    let said: Value = serde_json::from_slice(&command::output(&mut asking)?)?;
    let used = Cpu::of(child.id())?.since(before);
    let number = |key: &str| said.get(key).and_then(Value::as_f64).unwrap_or(0.0);
    let answers = number("answered").max(1.0);
    Ok(Loaded {
        total_us: used.total.as_secs_f64() * 1e6 / answers,
        user_us: used.user.as_secs_f64() * 1e6 / answers,
        rate: number("a_second"),
        answered: number("answered") / number("sent").max(1.0),
        blocked: number("blocked") / answers,
        p50_us: number("p50_us"),
        p99_us: number("p99_us"),
        gap_ms: number("gap_us") / 1e3,
    })
}

/// Starts a server; with it, how long until a sample of names was blocked.
pub(super) fn start(place: &Place, kind: Kind, again: bool) -> Result<(Child, Duration)> {
    let names = std::fs::read_to_string(&place.data.names)?;
    let count = names.lines().count();
    let sample: Vec<_> = names.lines().step_by((count / SAMPLE).max(1)).collect();
    let began = Instant::now();
    let mut child = kind.start(place, again)?;
    let mut first = None;
    for name in sample {
        while !is_blocked(kind.address(), name) {
            if !child.is_running() {
                return Err(format!("{} ended while it started", kind.name()).into());
            }
            if began.elapsed() > START {
                return Err(format!("{} does not block {name}", kind.name()).into());
            }
        }
        first.get_or_insert_with(|| began.elapsed());
    }
    // All of them where some come later than the first: it answered unfiltered between.
    let (all, first) = (began.elapsed(), first.unwrap_or_default());
    let took = if all > first + Duration::from_millis(300) { all } else { first };
    Ok((child, took))
}

/// Whether the server answers a name with the address of blocked ones, at once.
fn is_blocked(server: Ipv4Addr, name: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        socket.connect((server, PORT))?;
        socket.set_read_timeout(Some(Duration::from_millis(200)))?;
        let mut query = b"\x07\x07\x01\0\0\x01\0\0\0\0\0\0".to_vec();
        for label in name.split('.') {
            query.push(u8::try_from(label.len()).unwrap_or(63));
            query.extend(label.bytes());
        }
        query.extend(b"\0\0\x01\0\x01");
        socket.send(&query)?;
        let mut answer = [0; 1_500];
        let octets = socket.recv(&mut answer)?;
        Ok(answer[..octets].ends_with(&[127, 0, 0, 2]))
    };
    let blocked = ask().unwrap_or(false);
    if !blocked {
        std::thread::sleep(Duration::from_millis(2));
    }
    blocked
}

/// What a swap of the whole zone came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Swapped {
    /// The most memory while it lasted, in MB.
    pub(super) memory_mb: f64,
    /// The load beside it.
    pub(super) load: Loaded,
}

/// Puts a steady load on our gate while it takes so many orders a second.
pub(super) fn orders(place: &Place, a_second: &str, rate: &str) -> Result<Loaded> {
    let folder = place.folder.join("orders");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let mut command = Command::new("taskset");
    command.args(["-c", super::SERVER_CORE]).arg(place.examples.join("orders"));
    let at = |address| format!("{address}:{PORT}");
    command.args([at(Kind::Bare.address()), at(upstream_address())]);
    command.arg(&place.data.zone).arg(&folder).arg(a_second);
    let mut child = Child::spawn(command.stdout(std::process::Stdio::null()))?;
    let names = std::fs::read_to_string(&place.data.names)?;
    let name = names.lines().next().unwrap_or_default();
    let began = Instant::now();
    while !is_blocked(Kind::Bare.address(), name) {
        if !child.is_running() || began.elapsed() > START {
            return Err("the gate of the orders does not start".into());
        }
    }
    let server = (Kind::Bare, &child);
    load(place, server, &place.data.warm, 2.0, ["window", "50"])?;
    load(place, server, &place.data.workloads[2], 6.0, ["rate", rate])
}

/// Writes the zone anew, so that our gate takes all of it again, under a steady load.
pub(super) fn swap(place: &Place, child: &Child, rate: &str) -> Result<Swapped> {
    let zone = &place.data.zone;
    let text = std::fs::read(zone)?;
    let (seconds, process) = (6.0, child.id());
    let (tell, told) = std::sync::mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let mut most = 0.0_f64;
        while told.recv_timeout(Duration::from_millis(5)).is_err() {
            most = most.max(memory_mb(process).unwrap_or(0.0));
        }
        most
    });
    std::fs::write(zone, &text)?;
    let pace = ["rate", rate];
    let loaded = load(place, (Kind::Belfry, child), &place.data.workloads[2], seconds, pace);
    let _ = tell.send(());
    let memory_mb = watch.join().map_err(|_| "the watch of memory failed")?;
    Ok(Swapped { memory_mb, load: loaded? })
}
