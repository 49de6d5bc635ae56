//! Clients of the resolvers while all this happens: questions at a steady pace, each
//! answer looked at. What holds changes meanwhile, so both truth and block are right;
//! an answer that nobody has given out never is.

use std::net::SocketAddr;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::ask::{Question, Said, read};
use crate::random::Random;

const PACE: Duration = Duration::from_millis(4);
const ANSWER: Duration = Duration::from_millis(300);

/// What clients saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Watched {
    pub(super) asked: u64,
    pub(super) answered: u64,
    pub(super) failed: u64,
    pub(super) strange: u64,
}

impl Watched {
    fn take(&mut self, said: Said) {
        self.asked += 1;
        match said {
            Said::Truth | Said::Warning | Said::Empty => self.answered += 1,
            Said::Failed(_) => self.failed += 1,
            Said::Strange => self.strange += 1,
            Said::Nothing => {}
        }
    }
}

/// A client that asks until it is stopped.
#[derive(Debug)]
pub(super) struct Client {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Watched>,
}

impl Client {
    /// Asks `server` for these questions in random order.
    pub(super) fn start(server: SocketAddr, questions: Arc<Vec<Question>>, seed: u64) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let (mut watched, mut random) = (Watched::default(), Random::new(seed));
            while !ended.load(Ordering::Relaxed) {
                let question = &questions[random.index(questions.len())];
                watched.take(ask(server, question).unwrap_or(Said::Nothing));
                thread::sleep(PACE);
            }
            watched
        });
        Self { stop, thread }
    }

    /// Stops it; what it saw.
    pub(super) fn stop(self) -> Watched {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

fn ask(server: SocketAddr, question: &Question) -> Option<Said> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
    socket.set_read_timeout(Some(ANSWER)).ok()?;
    socket.connect(server).ok()?;
    socket.send(&question.to_wire(0x4242)).ok()?;
    let mut buffer = [0; 4_096];
    let length = socket.recv(&mut buffer).ok()?;
    Some(read(&buffer[..length], question.kind))
}

#[cfg(test)]
mod tests {
    use super::super::upstream::Upstream;
    use super::*;

    #[test]
    fn a_client_counts_what_it_sees() {
        let upstream = Upstream::start(crate::loopback()).unwrap();
        let questions = Arc::new(Question::all(["a.example"]).collect::<Vec<_>>());
        let client = Client::start(upstream.address, questions, 1);
        thread::sleep(PACE * 10);
        let watched = client.stop();
        assert!(watched.answered > 0 && watched.strange == 0, "{watched:?}");
        let mut all = Watched::default();
        for said in [Said::Truth, Said::Failed(2), Said::Strange, Said::Nothing] {
            all.take(said);
        }
        assert_eq!(all, Watched { asked: 4, answered: 1, failed: 1, strange: 1 });
    }
}
