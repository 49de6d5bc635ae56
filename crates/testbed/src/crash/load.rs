//! Clients that report, confirm and release at once, until the kill cuts them off.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::ledger::Ledger;
use super::mail::{mail, number};
use super::stage::{Stage, Victim};
use crate::client::{Api, Sent, Smtp};
use crate::random::Random;
use crate::wait::wait_until;

/// SMTP connections at once.
const SENDERS: u64 = 4;
/// Mails over one of them in one round: what is sent must be read before the checks.
const MAILS_MAX: u32 = 150;
/// A client that is cut off waits so long for word of the kill.
const WORD: Duration = Duration::from_secs(2);

/// What the clients of one round share.
struct Round<'a> {
    ledger: Mutex<&'a mut Ledger>,
    /// Set once the victim is dead.
    over: AtomicBool,
}

impl Round<'_> {
    fn write<T>(&self, entry: impl FnOnce(&mut Ledger) -> T) -> T {
        entry(&mut self.ledger.lock().expect("no client panics over the ledger"))
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// A client's end: cut off by the kill is what this is for; else it is told.
    fn end(&self, who: &str, ended: io::Result<()>) -> Option<String> {
        match ended {
            Ok(()) => None,
            Err(_) if wait_until(|| self.is_over(), WORD) => None,
            Err(error) => Some(format!("{who}: {error}")),
        }
    }
}

/// Loads the hub, kills `victim` at `moment`, and gives what went wrong beside that.
pub(super) fn until_killed(
    stage: &mut Stage,
    ledger: &mut Ledger,
    victim: Victim,
    moment: Duration,
    seed: u64,
) -> io::Result<Vec<String>> {
    let round = Round { ledger: Mutex::new(ledger), over: AtomicBool::new(false) };
    let (smtp, reporter, analyst) =
        (stage.smtp(), stage.reporter().clone(), stage.analyst().clone());
    let anomalies = thread::scope(|scope| {
        let mut clients = Vec::new();
        for sender in 0..SENDERS {
            let (round, seed) = (&round, seed ^ sender);
            clients.push(
                scope.spawn(move || {
                    round.end("a sender", send(round, smtp, &mut Random::new(seed)))
                }),
            );
        }
        let (round, reporter, analyst) = (&round, &reporter, &analyst);
        clients.push(scope.spawn(move || round.end("the reporter", report(round, reporter))));
        clients.push(scope.spawn(move || {
            round.end("the analyst", decide(round, analyst, &mut Random::new(!seed)))
        }));
        thread::sleep(moment);
        stage.kill(victim);
        round.over.store(true, Ordering::SeqCst);
        let ends = clients.into_iter().map(thread::ScopedJoinHandle::join);
        ends.map(|end| end.unwrap_or_else(|_| Some("a client panicked".into()))).collect::<Vec<_>>()
    });
    Ok(anomalies.into_iter().flatten().collect())
}

/// Mails over one connection, by DATA and by BDAT.
fn send(round: &Round<'_>, smtp: std::net::SocketAddr, random: &mut Random) -> io::Result<()> {
    let mut connection = Smtp::connect(smtp)?;
    for _ in 0..MAILS_MAX {
        if round.is_over() {
            break;
        }
        let (number, bytes) = next_mail(round);
        let sent = if random.chance(50) {
            connection.send(&bytes)?
        } else {
            connection.send_data(&bytes)?
        };
        match sent {
            Sent::Received(receipt) => round.write(|ledger| ledger.mail_received(number, receipt)),
            Sent::Refused(why) if why.starts_with('4') => {
                round.write(|ledger| ledger.mail_refused(number));
                thread::sleep(Duration::from_millis(50));
            }
            Sent::Refused(why) => return Err(io::Error::other(why)),
        }
        thread::sleep(Duration::from_millis(random.within(0..5)));
    }
    Ok(())
}

/// Mails over HTTP, one a connection.
fn report(round: &Round<'_>, api: &Api) -> io::Result<()> {
    for _ in 0..MAILS_MAX {
        if round.is_over() {
            break;
        }
        let (number, bytes) = next_mail(round);
        let reply = api.post("/api/v1/reports", "message/rfc822", &bytes)?;
        match reply.status {
            201 => {
                let receipt = text(&reply.json()?, "receipt")?;
                round.write(|ledger| ledger.mail_received(number, receipt));
            }
            503 => round.write(|ledger| ledger.mail_refused(number)),
            _ => return Err(io::Error::other(reply.to_string())),
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Confirms what is open; takes a third of it back.
fn decide(round: &Round<'_>, api: &Api, random: &mut Random) -> io::Result<()> {
    while !round.is_over() {
        let page = api.get_json("/api/v1/cases?status=open&limit=20")?;
        for case in page["items"].as_array().into_iter().flatten() {
            let Some(number) = case["target"].as_str().and_then(number) else {
                return Err(io::Error::other(format!("a case of no mail: {case}")));
            };
            let verdict = json!({"verdict": "phishing", "reason": "asks for card data"});
            round.write(|ledger| ledger.block_begins(number));
            let serial = ordered(api, case, "verdict", &verdict)?;
            round.write(|ledger| ledger.block_ordered(number, serial));
            if random.chance(33) {
                round.write(|ledger| ledger.release_begins(number));
                let serial = ordered(api, case, "release", &json!({"reason": "a drill"}))?;
                round.write(|ledger| ledger.release_ordered(number, serial));
            }
            if round.is_over() {
                break;
            }
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Posts a decision on `case`; the serial of its order.
fn ordered(api: &Api, case: &Value, verb: &str, body: &Value) -> io::Result<u64> {
    let decided = api.post_json(&format!("/api/v1/cases/{}/{verb}", case["id"]), body)?.json()?;
    decided["serial"].as_u64().ok_or_else(|| io::Error::other(format!("no order: {decided}")))
}

fn next_mail(round: &Round<'_>) -> (u64, Vec<u8>) {
    let (number, seed) = round.write(|ledger| (ledger.mail_begins(), ledger.seed()));
    (number, mail(seed, number))
}

fn text(json: &Value, field: &str) -> io::Result<String> {
    let found = json[field].as_str().map(str::to_owned);
    found.ok_or_else(|| io::Error::other(format!("no {field} in {json}")))
}
