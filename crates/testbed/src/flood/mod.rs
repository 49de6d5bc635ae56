//! Ten times what the hub and the gate are set to take, on every port, for some
//! seconds each, while a bystander goes on asking.
//!
//! What holds: each refusal is a clear one, memory stays under a bound, the API
//! and the gate go on answering the bystander, and nothing received is lost.
//! No figure of time decides; times are printed.

mod bystander;
mod dns;
mod figures;
mod http;
mod memory;
mod smtp;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

pub use self::figures::Figures;

use self::bystander::Bystander;
use self::figures::Phase;
use crate::client::Api;
use crate::hub::Hub;
use crate::net::loopback;
use crate::wait::wait_for;

/// What the hub is set to take at once; ten times as many come.
const CONNECTIONS_MAX: usize = 50;
const FACTOR: usize = 10;
/// Octets of mails in flight that the hub is set to hold.
const MEMORY_MAX: u64 = 32 << 20;
/// The most that hub and gate, one process, may ever hold.
const RESIDENT_MAX: u64 = 400 << 20;
/// The host that the bystander sees blocked.
const BLOCKED: &str = "flood.shop.example";
const PATIENCE: Duration = Duration::from_secs(60);

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The binary under test.
    pub binary: PathBuf,
    /// An empty folder.
    pub folder: PathBuf,
    /// How long each flood lasts.
    pub each: Duration,
}

/// Where everything is.
#[derive(Debug)]
struct Target {
    hub: Hub,
    /// The API as the flood speaks to it, which may be told to slow down.
    api: Api,
    /// The API under a token of its own.
    bystander: Api,
    each: Duration,
}

impl Target {
    fn address(&self, port: &str) -> SocketAddr {
        self.hub.address(port)
    }
}

/// Floods every port in turn.
///
/// # Errors
/// In words, with the figures so far: what did not hold.
pub fn run(plan: &Plan) -> Result<Figures, String> {
    let mut figures = Figures::default();
    let outcome = phases(plan, &mut figures);
    let broken = match outcome {
        Ok(()) => figures.broken(RESIDENT_MAX),
        Err(problem) => vec![problem.to_string()],
    };
    if broken.is_empty() { Ok(figures) } else { Err(format!("{}\n{figures}", broken.join("\n"))) }
}

type Flood = fn(&Target, &mut Phase) -> io::Result<()>;

fn phases(plan: &Plan, figures: &mut Figures) -> io::Result<()> {
    memory::allow_many_files()?;
    let target = start(plan)?;
    let floods: [(&'static str, Flood); 6] = [
        ("SMTP connections", smtp::connections),
        ("SMTP mails", smtp::mails),
        ("HTTP connections", http::connections),
        ("HTTP reports", http::reports),
        ("DNS over UDP", dns::udp),
        ("DNS over TCP", dns::tcp),
    ];
    for (name, flood) in floods {
        let bystander = Bystander::start(&target);
        let mut phase = Phase::new(name);
        let flooded = flood(&target, &mut phase);
        phase.seen = bystander.stop();
        phase.resident = memory::most_resident(target.hub.id())?;
        figures.phases.push(phase);
        flooded?;
    }
    afterwards(&target, figures)
}

fn start(plan: &Plan) -> io::Result<Target> {
    let hub = Hub::start(&plan.binary, &plan.folder.join("data"), &config())?;
    let api = Api::new(hub.address("http"), &hub.token("analyst", "flood")?);
    api.post_json("/api/v1/reports", &json!({"url": format!("https://{BLOCKED}/x")}))?.json()?;
    let find = || api.get_json("/api/v1/cases").ok()?["items"][0]["id"].as_u64();
    let case = wait_for(find, PATIENCE).ok_or_else(|| io::Error::other("no case"))?;
    let verdict = json!({"verdict": "phishing", "reason": "a drill"});
    api.post_json(&format!("/api/v1/cases/{case}/verdict"), &verdict)?.json()?;
    let bystander = Api::new(hub.address("http"), &hub.token("reader", "bystander")?);
    let target = Target { hub, api, bystander, each: plan.each };
    let blocked = || bystander::is_blocked(target.address("dns")).then_some(());
    wait_for(blocked, PATIENCE).ok_or_else(|| io::Error::other("the block never held"))?;
    Ok(target)
}

/// Everything received is there, and every port serves again.
fn afterwards(target: &Target, figures: &mut Figures) -> io::Result<()> {
    let received: u64 = figures.phases.iter().map(|phase| phase.received).sum();
    let counted = target.bystander.get_json("/api/v1/statistics")?["reports"].as_u64();
    // The first is the one that the bystander's block came from.
    figures.lost = (received + 1).saturating_sub(counted.unwrap_or_default());
    wait_for(|| smtp::one(target).ok(), PATIENCE)
        .ok_or_else(|| io::Error::other("SMTP does not come back"))?;
    wait_for(|| dns::one_over_tcp(target).ok(), PATIENCE)
        .ok_or_else(|| io::Error::other("DNS over TCP does not come back"))
}

fn config() -> String {
    let at = loopback();
    // The upstream never answers: what is not blocked waits there. Flood and bystander
    // come from one address, so it is their tokens that tell them apart.
    format!(
        "[listen]\nsmtp = [\"{at}:0\"]\nhttp = \"{at}:0\"\nmetrics = \"{at}:0\"\n\
         [http]\nconnections_max = {CONNECTIONS_MAX}\nheader_seconds = 2\n\
         connections_per_address_max = 1000\n\
         client_burst = 1000000\nclient_per_minute = 100000000\n\
         [smtp]\nconnections_max = {CONNECTIONS_MAX}\n\
         connections_per_address_max = {CONNECTIONS_MAX}\nmemory_bytes_max = {MEMORY_MAX}\n\
         [transfers]\nlisten = [\"{at}:0\"]\n\
         [gate]\nlisten = [\"{at}:0\"]\nupstreams = [\"{}\"]\nclients = [\"127.0.0.0/8\"]\n\
         tcp_connections_max = {CONNECTIONS_MAX}\ntcp_idle_seconds = 2\n\
         warning = {{ ipv4 = \"127.0.0.1\" }}\n[warning]\nlisten = \"{at}:0\"\n",
        dns::black_hole()
    )
}
