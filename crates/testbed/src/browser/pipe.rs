//! DevTools over a pipe: JSON messages, each ended by a NUL. Chromium reads them from
//! descriptor 3 and writes them to 4; a shell makes those of the ordinary two, so that
//! neither a port is open nor a crate for WebSockets needed.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::Child;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Events kept: a page that floods its test fails it.
const EVENTS_MAX: usize = 20_000;

const SCRIPT: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;

/// A browser's process and its pipe.
#[derive(Debug)]
pub(super) struct Pipe {
    input: ChildStdin,
    messages: Receiver<Value>,
    next: u64,
    pub(super) events: Vec<Value>,
    // Last: killed once nothing is sent any more.
    _child: Child,
}

impl Pipe {
    pub(super) fn start(program: &Path, arguments: &[String]) -> io::Result<Self> {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(SCRIPT).arg(program).args(arguments);
        let mut child = Child::spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let closed = || io::Error::other("the browser has no pipe");
        let input = child.inner().stdin.take().ok_or_else(closed)?;
        let output = child.inner().stdout.take().ok_or_else(closed)?;
        let (sender, messages) = channel();
        thread::spawn(move || {
            for message in BufReader::new(output).split(0).map_while(Result::ok) {
                let Ok(message) = serde_json::from_slice(&message) else { continue };
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Ok(Self { input, messages, next: 0, events: Vec::new(), _child: child })
    }

    /// Asks for one thing and waits for its answer; events on the way are kept.
    pub(super) fn ask(&mut self, session: &str, method: &str, what: &Value) -> io::Result<Value> {
        self.next += 1;
        let id = self.next;
        let mut message = json!({ "id": id, "method": method, "params": what });
        if !session.is_empty() {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input.write_all(&bytes)?;
        self.input.flush()?;
        let end = Instant::now() + PATIENCE;
        loop {
            let answer = self.next(end, method)?;
            if answer["id"] == id {
                return match answer.get("error") {
                    Some(error) => Err(io::Error::other(format!("{method}: {error}"))),
                    None => Ok(answer["result"].clone()),
                };
            }
        }
    }

    /// Takes in what has come meanwhile, for as long as `pause`.
    pub(super) fn listen(&mut self, pause: Duration) {
        let end = Instant::now() + pause;
        while self.next(end, "").is_ok() {}
    }

    fn next(&mut self, end: Instant, what: &str) -> io::Result<Value> {
        let left = end.saturating_duration_since(Instant::now());
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, format!("{what}: no answer"));
        let message = self.messages.recv_timeout(left).map_err(late)?;
        if message.get("method").is_some() && self.events.len() < EVENTS_MAX {
            self.events.push(message.clone());
        }
        Ok(message)
    }
}
