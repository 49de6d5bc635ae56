//! A load generator for DNS over UDP that costs less than the servers it measures:
//! whole batches of datagrams, one thread. In a closed loop it keeps so many queries
//! out and shows how fast a server can be; in an open one it asks at a steady rate,
//! whatever comes back, and shows how long answers take and where they stop coming.

mod outstanding;
mod shape;

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use belfry_sys::Batch;

use self::outstanding::Outstanding;
pub use self::shape::Shape;

/// Nothing for so long in a closed loop: what is out is lost.
const LOST_AFTER: Duration = Duration::from_millis(500);

/// How queries are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// So many are out at any time.
    Window(usize),
    /// So many a second.
    Rate(u32),
}

/// What to do.
#[derive(Clone, Debug)]
pub struct Load {
    /// The server.
    pub server: SocketAddr,
    /// How.
    pub pace: Pace,
    /// For how long.
    pub time: Duration,
    /// From so many sockets: a server with several threads tells clients apart by port.
    pub sockets: usize,
}

/// Queries ready to be sent, one after the other and again.
#[derive(Debug, Default)]
pub struct Queries {
    octets: Vec<u8>,
    ends: Vec<usize>,
    next: usize,
}

impl Queries {
    /// One query for A from each line of `text`: its first word is the name.
    pub fn read(text: &str) -> Self {
        let mut queries = Self::default();
        for name in text.lines().filter_map(|line| line.split_whitespace().next()) {
            queries.octets.extend(b"\0\0\x01\0\0\x01\0\0\0\0\0\0");
            for label in name.split('.').filter(|label| !label.is_empty()) {
                queries.octets.push(u8::try_from(label.len()).unwrap_or(63));
                queries.octets.extend(label.bytes().take(63));
            }
            queries.octets.extend(b"\0\0\x01\0\x01");
            queries.ends.push(queries.octets.len());
        }
        queries
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Writes the next query under `id`; how long it is.
    fn write(&mut self, id: u16, into: &mut [u8]) -> usize {
        let number = self.next;
        self.next = if number + 1 == self.ends.len() { 0 } else { number + 1 };
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        let query = &self.octets[start..self.ends[number]];
        into[..query.len()].copy_from_slice(query);
        into[..2].copy_from_slice(&id.to_be_bytes());
        query.len()
    }
}

/// A socket with what is out on it.
struct Line {
    socket: UdpSocket,
    batch: Batch,
    out: Outstanding,
}

/// Asks as `load` says and tells what came back.
///
/// # Errors
/// What the system says about sockets; a server that is not there is no error.
pub fn run(load: &Load, queries: &mut Queries) -> io::Result<Shape> {
    let mut lines = Vec::new();
    for _ in 0..load.sockets.max(1) {
        let any = if load.server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = belfry_sys::listen(any.parse().map_err(io::Error::other)?)?;
        socket.set_nonblocking(true)?;
        lines.push(Line { socket, batch: Batch::new(false), out: Outstanding::new() });
    }
    let mut run = Run { load, queries, lines, shape: Shape::new(), began: Instant::now() };
    match load.pace {
        Pace::Window(window) => run.closed(window),
        Pace::Rate(rate) => run.open(rate),
    }
    Ok(run.shape)
}

struct Run<'a> {
    load: &'a Load,
    queries: &'a mut Queries,
    lines: Vec<Line>,
    shape: Shape,
    began: Instant,
}

impl Run<'_> {
    fn closed(&mut self, window: usize) {
        let share = window.div_ceil(self.lines.len());
        (0..self.lines.len()).for_each(|line| self.prime(line, share));
        loop {
            let now = self.began.elapsed();
            if now >= self.load.time {
                break;
            }
            for line in 0..self.lines.len() {
                self.answers(line, true);
            }
            if now.saturating_sub(self.shape.last_answer()) > LOST_AFTER {
                self.shape.answered_late(now);
                for line in 0..self.lines.len() {
                    self.lines[line].out.forget();
                    self.prime(line, share);
                }
            }
        }
        self.shape.end(self.began.elapsed());
    }

    fn open(&mut self, rate: u32) {
        let mut turn = 0;
        loop {
            let now = self.began.elapsed();
            if now >= self.load.time {
                break;
            }
            let due = now.as_nanos() * u128::from(rate) / 1_000_000_000;
            while u128::from(self.shape.sent) < due {
                turn = (turn + 1) % self.lines.len();
                self.ask(turn);
            }
            for line in 0..self.lines.len() {
                self.answers(line, false);
            }
            std::hint::spin_loop();
        }
        self.shape.end(self.began.elapsed());
    }

    fn prime(&mut self, line: usize, share: usize) {
        (0..share).for_each(|_| self.ask(line));
    }

    fn ask(&mut self, line: usize) {
        let mut buffer = [0; 512];
        let line = &mut self.lines[line];
        let id = line.out.sends(self.began.elapsed());
        let octets = self.queries.write(id, &mut buffer);
        self.shape.sent += 1;
        // A full socket or a refusal counts as a query without an answer.
        let _ = line.socket.send_to(&buffer[..octets], self.load.server);
    }

    /// Takes what has come, and in a closed loop asks as much again.
    fn answers(&mut self, line: usize, asks_again: bool) {
        let line = &mut self.lines[line];
        let Ok(count) = line.batch.receive(&line.socket) else { return };
        let now = self.began.elapsed();
        for slot in 0..count {
            let (octets, length) = line.batch.datagram(slot);
            let Some(sent) = line.out.answered(&octets[..length]) else {
                self.shape.strays += 1;
                continue;
            };
            self.shape.answer(&octets[..length], sent, now);
            if asks_again {
                let id = line.out.sends(now);
                let octets = self.queries.write(id, octets);
                line.batch.answer(slot, octets);
                self.shape.sent += 1;
            }
        }
        line.batch.send(&line.socket);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// Answers every query with 127.0.0.2, but for each tenth, which it drops.
    fn server() -> SocketAddr {
        let socket = UdpSocket::bind((crate::loopback(), 0)).unwrap();
        let address = socket.local_addr().unwrap();
        thread::spawn(move || {
            let mut buffer = [0; 512];
            for number in 0.. {
                let (length, from) = socket.recv_from(&mut buffer).unwrap();
                if number % 10 == 9 {
                    continue;
                }
                buffer[2] |= 0x80;
                buffer[7] = 1;
                buffer[length..length + 4].copy_from_slice(&[127, 0, 0, 2]);
                socket.send_to(&buffer[..length + 4], from).unwrap();
            }
        });
        address
    }

    fn load(pace: Pace) -> Shape {
        let load = Load { server: server(), pace, time: Duration::from_millis(1_500), sockets: 2 };
        run(&load, &mut Queries::read("a.example A\nlonger.name.example AAAA\n")).unwrap()
    }

    #[test]
    fn queries_are_sent_in_turn_under_their_ids() {
        let mut queries = Queries::read("ab.c A\n\nd\n");
        let mut buffer = [0; 64];
        let first = queries.write(0x1234, &mut buffer);
        assert_eq!(&buffer[..first], b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x02ab\x01c\0\0\x01\0\x01");
        let second = queries.write(1, &mut buffer);
        assert_eq!(&buffer[12..second], b"\x01d\0\0\x01\0\x01");
        assert_eq!(queries.write(2, &mut buffer), first);
        assert!(!queries.is_empty() && Queries::read("").is_empty());
    }

    #[test]
    fn a_closed_loop_goes_on_where_answers_are_lost() {
        let shape = load(Pace::Window(8));
        assert!(shape.answered > 20, "{shape:?}");
        assert_eq!(shape.blocked, shape.answered);
    }

    #[test]
    fn an_open_loop_asks_whatever_comes_back() {
        let shape = load(Pace::Rate(200));
        assert!((200..=300).contains(&shape.sent), "{}", shape.sent);
        assert!(shape.answered > 100 && shape.answered < shape.sent, "{}", shape.answered);
    }
}
