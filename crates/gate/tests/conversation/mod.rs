//! Plays one line of a conversation after the other.

mod client;
mod journal;
mod upstream;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use belfry_gate::{Gate, GateSettings};
use belfry_journal::UnixMillis;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use self::client::Ask;
use self::journal::Journal;
use self::upstream::Upstream;

/// A gate, its upstream and its journal, with the answer that is being checked.
pub(crate) struct Stage {
    upstream: Upstream,
    journal: Journal,
    address: SocketAddr,
    answer: VecDeque<String>,
    stop: CancellationToken,
    // Last, so that the gate's tasks end after all else.
    _runtime: Runtime,
}

impl Stage {
    /// A stage with the settings that `text` sets.
    pub(crate) fn new(text: &str) -> Self {
        let upstream = Upstream::start();
        let settings = settings(text, upstream.address());
        let gate = Gate::new(settings, || UnixMillis(1)).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let stop = CancellationToken::new();
        let bound = runtime.block_on(gate.bind(None)).unwrap();
        let address = bound.addresses()[0];
        runtime.spawn(bound.run(stop.clone()));
        let journal = Journal::new(gate.apply());
        Self { upstream, journal, address, answer: VecDeque::new(), stop, _runtime: runtime }
    }

    /// Where the gate listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Plays one line.
    ///
    /// # Errors
    /// What differs from what the line expects.
    pub(crate) fn play(&mut self, line: &str) -> Result<(), String> {
        if let Some(expected) = line.strip_prefix("< ") {
            let got = self.answer.pop_front().unwrap_or_else(|| "(the answer's end)".to_owned());
            return if got == expected { Ok(()) } else { Err(format!("got      {got}")) };
        }
        if let Some(more) = self.answer.front() {
            return Err(format!("the answer goes on: {more}"));
        }
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "" | "#" | "set" => {}
            "order" => self.journal.order(rest),
            "release" => self.journal.release(rest.parse().unwrap()),
            "upstream" => self.upstream.script(rest),
            "wait" => std::thread::sleep(Duration::from_millis(rest.parse().unwrap())),
            ">" => self.answer = Ask::read(rest).answer(self.address()).into(),
            "asked" if rest == self.upstream.asked().to_string() => {}
            "asked" => {
                return Err(format!("the upstream was asked {} times", self.upstream.asked()));
            }
            _ => return Err(format!("no such line: {line}")),
        }
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn settings(text: &str, upstream: SocketAddr) -> GateSettings {
    let mut settings = serde_json::json!({
        "listen": [SocketAddr::from((belfry_testbed::loopback(), 0))],
        "upstreams": [upstream],
        "warning": {"ipv4": "192.0.2.80", "ipv6": "2001:db8::80"},
        "upstream_timeout_ms": 1_000,
    });
    for line in text.lines() {
        if let Some((key, value)) = line.strip_prefix("set ").and_then(|set| set.split_once(' ')) {
            settings[key] = serde_json::from_str(value).unwrap();
        }
    }
    serde_json::from_value(settings).unwrap()
}
