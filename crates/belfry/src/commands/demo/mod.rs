//! `belfry demo`: the main job on one mail, each step timed. Everything is the
//! real thing on free ports and a temporary folder; nothing leaves this machine
//! but one look-up of the name, before it is blocked.

mod dns;
mod smtp;
mod steps;

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, HOST};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::cli::{DataArgs, DemoArgs};
use crate::client::Client;
use crate::commands::Failure;
use crate::commands::demo::steps::Steps;
use crate::commands::up::Running;
use crate::config::{Config, load};

const SAMPLE: &[u8] = include_bytes!("../../../fixtures/demo.eml");
/// How long reading or enforcement may take before the demo gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the whole chain and prints each step.
pub(crate) async fn demo(args: &DemoArgs) -> Result<(), Failure> {
    let mail = match &args.file {
        Some(file) => std::fs::read(file)
            .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?,
        None => SAMPLE.to_vec(),
    };
    let folder = tempfile::tempdir()?;
    let config = config(folder.path())?;
    let stop = CancellationToken::new();
    let mut steps = Steps::new(args.json);
    let running = Running::start(&config, true, &stop).await?;
    steps.done("start", "hub, gate and warning page are up, in one process, on free ports")?;
    let told = tell(&running, &config, &mail, &mut steps).await;
    stop.cancel();
    let drained = running.drain().await;
    told.and(drained)?;
    steps.finish()
}

/// Every port a free one, everything else as shipped.
fn config(folder: &Path) -> Result<Config, Failure> {
    let mut config = load(&DataArgs { config: None, data: Some(folder.join("data")) }, &[])?.config;
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    config.listen.smtp = vec![free];
    config.listen.http = free;
    config.listen.metrics = free;
    config.gate.listen = vec![free];
    config.warning.listen = free;
    config.transfers.listen = vec![free];
    config.follow.report_seconds = 1;
    Ok(config)
}

async fn tell(
    running: &Running,
    config: &Config,
    mail: &[u8],
    steps: &mut Steps,
) -> Result<(), Failure> {
    let client = Client::connect(config).await?;
    let receipt = smtp::send(address(running, "smtp")?, mail).await?;
    steps.done("report", format!("{} octets by SMTP, durable: receipt {receipt}", mail.len()))?;
    let case = read(&client, &receipt, steps).await?;
    let Some(host) = blockable(&case, steps)? else { return Ok(()) };
    let gate = address(running, "dns")?;
    let before = dns::ask(gate, &host).await;
    steps.done("before", format!("{} is not blocked: {before}", defanged(&host)))?;
    let Some(serial) = confirm(&client, &case, steps).await? else { return Ok(()) };
    let blocked = until_blocked(gate, &host, serial).await?;
    steps.done("blocked", format!("DNS answers {} with {blocked}", defanged(&host)))?;
    warn(address(running, "warning")?, &host, steps).await?;
    count(&client, &case, steps).await
}

fn address(running: &Running, name: &str) -> Result<SocketAddr, Failure> {
    let gate = running.gate.iter().flat_map(|gate| &gate.addresses);
    running
        .hub
        .addresses
        .iter()
        .chain(gate)
        .find(|(port, _)| *port == name)
        .map(|(_, address)| *address)
        .ok_or_else(|| Failure::new(format!("there is no port named {name}")))
}

/// Waits for the reading, and takes the first case of it that has a host.
async fn read(client: &Client, receipt: &str, steps: &mut Steps) -> Result<Value, Failure> {
    let path = format!("/api/v1/reports/{receipt}");
    let report = patiently("the report was not read", async || {
        let report: Value = client.get(&path).await?;
        Ok((report["status"] == "read").then_some(report))
    })
    .await?;
    let reading: Value = client.get(&format!("{path}/reading")).await?;
    let count = |key: &str| reading[key].as_array().map_or(0, Vec::len);
    steps.done("reading", format!("{} links, {} defects", count("links"), count("defects")))?;
    let mut cases = Vec::new();
    for id in report["cases"].as_array().into_iter().flatten() {
        cases.push(client.get::<Value>(&format!("/api/v1/cases/{id}")).await?);
    }
    let chosen = cases.iter().find(|case| case["kind"] == "host").or(cases.first()).cloned();
    chosen.ok_or_else(|| Failure::new("the report raised no case"))
}

fn blockable(case: &Value, steps: &mut Steps) -> Result<Option<String>, Failure> {
    let target = case["target"].as_str().unwrap_or_default();
    if case["kind"] == "host" {
        steps.done("case", format!("case {} is open: {}", case["id"], defanged(target)))?;
        return Ok(Some(target.to_owned()));
    }
    let why = case["why_not_blockable"].as_str().unwrap_or("it names no link that matters");
    steps.done("case", format!("case {} is open for a person: {why}", case["id"]))?;
    Ok(None)
}

async fn confirm(client: &Client, case: &Value, steps: &mut Steps) -> Result<Option<u64>, Failure> {
    let path = format!("/api/v1/cases/{}/verdict", case["id"]);
    let body = json!({ "verdict": "phishing", "reason": "the demo", "version": case["version"] });
    let decision: Value = match client.post(&path, &body).await {
        Ok(decision) => decision,
        Err(refused) => {
            steps.done("verdict", refused.to_string())?;
            return Ok(None);
        }
    };
    match decision["serial"].as_u64() {
        Some(serial) => {
            steps
                .done("verdict", format!("confirmed as phishing: order {serial} in the journal"))?;
            Ok(Some(serial))
        }
        None => {
            let why = decision["explanation"].as_str().unwrap_or_default();
            steps.done("verdict", format!("awaits a second person: {why}"))?;
            Ok(None)
        }
    }
}

async fn until_blocked(gate: SocketAddr, host: &str, serial: u64) -> Result<String, Failure> {
    let order = format!("order {serial}");
    patiently("the block did not take hold", async || {
        let answer = dns::ask(gate, host).await;
        Ok(answer
            .error
            .as_deref()
            .is_some_and(|text| text.contains(&order))
            .then(|| answer.to_string()))
    })
    .await
}

async fn warn(page: SocketAddr, host: &str, steps: &mut Steps) -> Result<(), Failure> {
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()?
        .get(format!("http://{page}/"))
        .header(HOST, host)
        .header(ACCEPT, "text/html")
        .send()
        .await?;
    let status = answer.status();
    let length = answer.bytes().await?.len();
    steps.done("warning", format!("the visitor sees the warning page ({status}, {length} octets)"))
}

/// The counts come back by the gate's next upload.
async fn count(client: &Client, case: &Value, steps: &mut Steps) -> Result<(), Failure> {
    let path = format!("/api/v1/cases/{}", case["id"]);
    let order = patiently("the counts did not come back", async || {
        let file: Value = client.get(&path).await?;
        let order = file["orders"][0].clone();
        Ok((order["warning_views"].as_u64() >= Some(1)).then_some(order))
    })
    .await?;
    let (answers, views) = (&order["blocked_answers"], &order["warning_views"]);
    steps.done(
        "effect",
        format!("back at the case: {answers} blocked answers, {views} warnings seen"),
    )
}

/// Asks until there is an answer, at most [`PATIENCE`].
async fn patiently<T>(
    otherwise: &str,
    ask: impl AsyncFn() -> Result<Option<T>, Failure>,
) -> Result<T, Failure> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(found) = ask().await? {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Err(Failure::new(format!("{otherwise} within {} s", PATIENCE.as_secs())))
}

fn defanged(host: &str) -> String {
    host.replace('.', "[.]")
}
