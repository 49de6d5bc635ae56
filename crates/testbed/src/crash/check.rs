//! Holds hub and gate to the ledger, from outside.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use super::figures::Figures;
use super::journal::Journal;
use super::ledger::{Asked, Ledger};
use super::mail::{host, mail, number};
use super::stage::Stage;
use crate::client::{Answer, Api, ask};
use crate::wait::wait_until;

/// How long reading and following may take to catch up.
const PATIENCE: Duration = Duration::from_secs(60);
const ANSWER: Duration = Duration::from_secs(5);
/// Names asked at the gate in each round; all of them at the end.
const NAMES: usize = 40;
const TRIES: usize = 3;

/// What earlier rounds left.
#[derive(Debug, Default)]
pub(super) struct Checker {
    journal: Journal,
    /// Reports found so far.
    reports: u64,
    /// The newest case of the round before.
    last_case: u64,
}

/// What one page of cases says of a mail: its cases, and the reports in them.
type Found = BTreeMap<u64, (u64, u64)>;

impl Checker {
    /// Looks at what the round from mail `first` on promised, and at every order.
    pub(super) fn check(
        &mut self,
        stage: &Stage,
        ledger: &Ledger,
        first: u64,
        figures: &mut Figures,
    ) -> io::Result<Vec<String>> {
        let api = stage.analyst();
        settle(api)?;
        let found = self.new_cases(api)?;
        let mut broken = mails(&found, ledger, first, figures);
        self.reports += found.values().map(|(_, reports)| reports).sum::<u64>();
        let counted = api.get_json("/api/v1/statistics")?["reports"].as_u64();
        if counted != Some(self.reports) {
            broken.push(format!("{counted:?} reports, of which {} are in cases", self.reports));
        }
        broken.extend(bytes(api, ledger, first, figures)?);
        broken.extend(self.journal.read_on(api)?);
        broken.extend(orders(&self.journal, ledger, figures));
        broken.extend(stage.command(&["journal", "verify"]).err().map(|error| error.to_string()));
        broken.extend(gate(stage, &self.journal, NAMES, figures)?);
        broken.extend(effects(api, figures)?);
        Ok(broken)
    }

    /// Looks at everything once more, from the first mail and the first entry on.
    pub(super) fn check_all(
        &mut self,
        stage: &Stage,
        ledger: &Ledger,
        figures: &mut Figures,
    ) -> io::Result<Vec<String>> {
        let api = stage.analyst();
        let mut again = Checker::default();
        let mut sums = figures.clone();
        (sums.lost, sums.doubled) = (0, 0);
        let mut broken = again.check(stage, ledger, 0, &mut sums)?;
        (figures.names_asked, figures.answers_counted) = (sums.names_asked, sums.answers_counted);
        let (before, now) = (self.journal.leaves(), again.journal.leaves());
        if now.get(..before.len()) != Some(before) {
            broken.push("entries have changed since they were first read".into());
        }
        broken.extend(gate(stage, &again.journal, usize::MAX, figures)?);
        broken.extend(api.get("/api/v1/openapi.json").err().map(|error| error.to_string()));
        figures.lost += sums.lost;
        figures.doubled += sums.doubled;
        Ok(broken)
    }

    /// Every case since the last look, by mail.
    fn new_cases(&mut self, api: &Api) -> io::Result<Found> {
        let mut found = Found::new();
        let (mut cursor, mut newest) = (String::new(), self.last_case);
        loop {
            let page = api.get_json(&format!("/api/v1/cases?limit=500{cursor}"))?;
            for case in page["items"].as_array().into_iter().flatten() {
                let id = case["id"].as_u64().unwrap_or_default();
                if id <= self.last_case {
                    self.last_case = newest;
                    return Ok(found);
                }
                newest = newest.max(id);
                let number = case["target"].as_str().and_then(number).unwrap_or_default();
                let (cases, reports) = found.entry(number).or_default();
                *cases += 1;
                *reports += case["reports"].as_u64().unwrap_or_default();
            }
            match page["next"].as_u64() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => {
                    self.last_case = newest;
                    return Ok(found);
                }
            }
        }
    }
}

/// Waits until every report has been read.
fn settle(api: &Api) -> io::Result<()> {
    let unread = || api.get_json("/api/v1/statistics").ok()?["unread"].as_u64();
    if wait_until(|| unread() == Some(0), PATIENCE) {
        return Ok(());
    }
    Err(io::Error::other(format!("still unread: {:?}", unread())))
}

/// Every promised mail once, every other at most once, and none that nobody sent.
fn mails(found: &Found, ledger: &Ledger, first: u64, figures: &mut Figures) -> Vec<String> {
    let mut broken = Vec::new();
    let mut sent = BTreeMap::new();
    for (number, asked) in ledger.mails(first) {
        sent.insert(number, ());
        let (cases, reports) = found.get(&number).copied().unwrap_or_default();
        let promised = matches!(asked, Asked::Promised(_));
        if promised {
            figures.mails_promised += 1;
        } else {
            figures.mails_unanswered += 1;
            figures.mails_unanswered_kept += usize::from(reports > 0);
        }
        if promised && reports == 0 {
            figures.lost += 1;
            broken.push(format!("mail {number} ({asked:?}) is lost"));
        }
        if cases > 1 || reports > 1 {
            figures.doubled += 1;
            broken.push(format!("mail {number} is {reports} reports in {cases} cases"));
        }
    }
    let strange = found.keys().filter(|number| !sent.contains_key(number));
    broken.extend(strange.map(|number| format!("a case of mail {number}, refused or never sent")));
    broken
}

/// Every promised mail, byte for byte.
fn bytes(api: &Api, ledger: &Ledger, first: u64, figures: &mut Figures) -> io::Result<Vec<String>> {
    let mut broken = Vec::new();
    for (number, asked) in ledger.mails(first) {
        let Asked::Promised(receipt) = asked else { continue };
        let reply = api.get(&format!("/api/v1/reports/{receipt}/original"))?;
        if reply.status != 200 || reply.body != mail(ledger.seed(), number) {
            figures.lost += 1;
            let octets = reply.body.len();
            broken.push(format!("mail {number}: {} with {octets} octets", reply.status));
        }
    }
    Ok(broken)
}

/// Every promised verdict and release has the order that was named, and no other.
fn orders(journal: &Journal, ledger: &Ledger, figures: &mut Figures) -> Vec<String> {
    let mut broken = Vec::new();
    (figures.orders_promised, figures.orders_unanswered, figures.orders_unanswered_kept) =
        (0, 0, 0);
    let blocks = ledger.blocks().iter().map(|(mail, asked)| (*mail, asked, journal.blocks(*mail)));
    let releases =
        ledger.releases().iter().map(|(mail, asked)| (*mail, asked, journal.releases(*mail)));
    for (mail, asked, serials) in blocks.chain(releases) {
        if let Asked::Promised(serial) = asked {
            figures.orders_promised += 1;
            if !serials.contains(serial) {
                figures.lost += 1;
                broken.push(format!("order {serial} of mail {mail} is lost: {serials:?}"));
            }
        } else {
            figures.orders_unanswered += 1;
            figures.orders_unanswered_kept += usize::from(!serials.is_empty());
        }
        if serials.len() > 1 {
            figures.doubled += 1;
            broken.push(format!("mail {mail} has orders {serials:?} for one decision"));
        }
    }
    let strange = journal.effective().filter(|(mail, _)| !ledger.blocks().contains_key(mail));
    broken.extend(strange.map(|(mail, _)| format!("an order for mail {mail} that nobody gave")));
    broken
}

/// The gate is where the journal is, and answers as the effective set says.
fn gate(
    stage: &Stage,
    journal: &Journal,
    names: usize,
    figures: &mut Figures,
) -> io::Result<Vec<String>> {
    let metrics = stage.gate_metrics();
    let serial = || gate_serial(&String::from_utf8(metrics.get("/metrics").ok()?.body).ok()?);
    if !wait_until(|| serial() >= Some(journal.head()), PATIENCE) {
        return Ok(vec![format!("the gate is at {:?} of {}", serial(), journal.head())]);
    }
    let mut broken = Vec::new();
    let all: Vec<_> = journal.effective().collect();
    for (mail, blocked) in all.iter().rev().take(names) {
        let answer = answer(stage, &host(*mail), figures)?;
        if answer.addresses.is_empty() == *blocked {
            broken.push(format!("the gate says {answer:?} for mail {mail}, blocked {blocked}"));
        }
    }
    Ok(broken)
}

/// Asks as a resolver would: again, where an answer got lost. Each try may count.
fn answer(stage: &Stage, host: &str, figures: &mut Figures) -> io::Result<Answer> {
    let mut tried = Err(io::Error::other("never asked"));
    for _ in 0..TRIES {
        figures.names_asked += 1;
        tried = ask(stage.dns(), host, ANSWER);
        if tried.is_ok() {
            break;
        }
    }
    tried
}

/// What the gate counted comes back, and no count comes twice: a gate that dies
/// takes what it has not sent with it, and a hub that dies takes nothing.
fn effects(api: &Api, figures: &mut Figures) -> io::Result<Vec<String>> {
    let counted = api.get_json("/api/v1/statistics")?["blocked_answers"].as_u64();
    let counted = usize::try_from(counted.unwrap_or_default()).unwrap_or(usize::MAX);
    let mut broken = Vec::new();
    if counted > figures.names_asked {
        broken.push(format!("{counted} blocked answers of {} questions", figures.names_asked));
    }
    if counted < figures.answers_counted {
        broken.push(format!("{counted} blocked answers, {} before", figures.answers_counted));
    }
    figures.answers_counted = counted;
    Ok(broken)
}

fn gate_serial(metrics: &str) -> Option<u64> {
    let mut lines = metrics.lines().filter(|line| !line.starts_with('#'));
    lines.find_map(|line| line.split_once("gate_serial ")?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Ledger {
        let mut ledger = Ledger::new(1);
        for _ in 0..3 {
            ledger.mail_begins();
        }
        ledger.mail_received(1, "R1".into());
        ledger.mail_received(2, "R2".into());
        ledger
    }

    #[test]
    fn lost_doubled_and_strange_mails_are_told() {
        let mut figures = Figures::default();
        let found = Found::from([(2, (1, 2)), (3, (1, 1)), (9, (1, 1))]);
        let broken = mails(&found, &ledger(), 0, &mut figures);
        assert_eq!(broken.len(), 3, "{broken:?}");
        assert_eq!((figures.lost, figures.doubled), (1, 1));
        assert_eq!((figures.mails_promised, figures.mails_unanswered_kept), (2, 1));
        let fine = Found::from([(1, (1, 1)), (2, (1, 1))]);
        assert!(mails(&fine, &ledger(), 0, &mut figures).is_empty());
    }

    #[test]
    fn an_order_that_is_missing_is_told() {
        let mut ledger = ledger();
        ledger.block_begins(1);
        let (journal, mut figures) = (Journal::default(), Figures::default());
        assert!(orders(&journal, &ledger, &mut figures).is_empty());
        ledger.block_ordered(1, 5);
        assert_eq!(orders(&journal, &ledger, &mut figures).len(), 1);
        assert_eq!((figures.lost, figures.orders_promised), (1, 1));
    }

    #[test]
    fn the_gates_serial_is_read_from_its_metrics() {
        let metrics = "# TYPE belfry_gate_serial gauge\nbelfry_gate_serial 17\n";
        assert_eq!(gate_serial(metrics), Some(17));
        assert_eq!(gate_serial("belfry_gate_rules 3\n"), None);
    }
}
