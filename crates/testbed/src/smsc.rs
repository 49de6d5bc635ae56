//! An SMSC of our own for tests: it takes every message of a peer, in order, notes what came
//! by which connection, and delivers what it is told to.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

const SUBMIT_SM: u32 = 4;
const DELIVER_SM: u32 = 5;
const RESPONSE: u32 = 0x8000_0000;
/// Octets of the longest PDU that it takes.
const PDU_MAX: usize = 1 << 17;

/// A running SMSC; its connections end when it is dropped.
#[derive(Debug)]
pub struct Smsc {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

/// A message that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// By which connection, counted from 0.
    pub connection: usize,
    /// The number that the peer gave it.
    pub sequence: u32,
    /// Its ESM class.
    pub class: u8,
    /// Its data coding.
    pub coding: u8,
    /// The octets of its text, with a user data header if it has one.
    pub text: Vec<u8>,
}

/// A message to be delivered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Delivery<'a> {
    /// The number that the peer answers by.
    pub sequence: u32,
    /// The ESM class.
    pub class: u8,
    /// The octets of its text.
    pub text: &'a [u8],
}

#[derive(Debug, Default)]
struct State {
    connections: Vec<TcpStream>,
    submitted: Vec<Submitted>,
    /// Number and status of what was answered to deliveries.
    answers: Vec<(u32, u32)>,
    ends_after: Option<usize>,
}

impl Smsc {
    /// Starts one at this address, on a free port.
    ///
    /// # Errors
    /// There is no port.
    pub fn start(at: Ipv4Addr) -> io::Result<Self> {
        let listener = TcpListener::bind((at, 0))?;
        let (address, state) = (listener.local_addr()?, Arc::new(Mutex::new(State::default())));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &shared));
            }
        });
        Ok(Self { address, state })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What came, in the order in which it came.
    pub fn submitted(&self) -> Vec<Submitted> {
        self.with(|state| state.submitted.clone())
    }

    /// Number and status of each answer to a delivery.
    pub fn answers(&self) -> Vec<(u32, u32)> {
        self.with(|state| state.answers.clone())
    }

    /// From now on a connection ends, without an answer, at the message after so many.
    pub fn ends_after(&self, messages: Option<usize>) {
        self.with(|state| state.ends_after = messages);
    }

    /// Ends every connection, as one that restarts does.
    pub fn cut(&self) {
        self.with(|state| {
            for connection in &state.connections {
                let _ = connection.shutdown(Shutdown::Both);
            }
        });
    }

    /// Delivers a message by the latest connection.
    ///
    /// # Errors
    /// There is none, or it is gone.
    pub fn deliver(&self, delivery: Delivery<'_>) -> io::Result<()> {
        let pdu = deliver_sm(delivery);
        self.with(|state| match state.connections.last_mut() {
            Some(connection) => connection.write_all(&pdu),
            None => Err(io::ErrorKind::NotConnected.into()),
        })
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Smsc {
    fn drop(&mut self) {
        self.cut();
    }
}

/// Answers a peer until it goes away.
fn serve(mut stream: TcpStream, shared: &Mutex<State>) {
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    let Ok(writes) = stream.try_clone() else { return };
    let connection = {
        let mut state = lock();
        state.connections.push(writes);
        state.connections.len() - 1
    };
    let mut count = 0;
    while let Ok((command, status, sequence, body)) = pdu(&mut stream) {
        let mut state = lock();
        match command {
            SUBMIT_SM => {
                count += 1;
                if state.ends_after.is_some_and(|most| count > most) {
                    let _ = stream.shutdown(Shutdown::Both);
                    return;
                }
                state.submitted.extend(submitted(connection, sequence, &body));
            }
            command if command == DELIVER_SM | RESPONSE => state.answers.push((sequence, status)),
            _ => {}
        }
        if command & RESPONSE == 0 {
            let answer = answer(command, sequence);
            if state.connections[connection].write_all(&answer).is_err() {
                return;
            }
        }
    }
}

/// The next PDU: command, status, number and body.
fn pdu(stream: &mut TcpStream) -> io::Result<(u32, u32, u32, Vec<u8>)> {
    let mut head = [0; 16];
    stream.read_exact(&mut head)?;
    let [length, command, status, sequence] = [0, 4, 8, 12]
        .map(|at| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]));
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if !(16..=PDU_MAX).contains(&length) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; length - 16];
    stream.read_exact(&mut body)?;
    Ok((command, status, sequence, body))
}

fn answer(command: u32, sequence: u32) -> Vec<u8> {
    let body: &[u8] = match command {
        1 | 2 | 9 => b"smsc\0",
        SUBMIT_SM => b"id\0",
        _ => b"",
    };
    whole(command | RESPONSE, sequence, body)
}

fn whole(command: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + body.len()).unwrap_or(u32::MAX);
    let mut pdu = [length, command, 0, sequence].map(u32::to_be_bytes).concat();
    pdu.extend_from_slice(body);
    pdu
}

fn deliver_sm(delivery: Delivery<'_>) -> Vec<u8> {
    let mut body = b"\0\x01\x0132470000001\0\x01\x0132470000002\0".to_vec();
    body.extend_from_slice(&[delivery.class, 0, 0, 0, 0, 0, 0, 0, 0]);
    body.push(u8::try_from(delivery.text.len()).unwrap_or(u8::MAX));
    body.extend_from_slice(delivery.text);
    whole(DELIVER_SM, delivery.sequence, &body)
}

/// Reads the fields of a submit_sm.
fn submitted(connection: usize, sequence: u32, body: &[u8]) -> Option<Submitted> {
    let mut rest = body;
    let mut take = |length: usize| {
        let (taken, left) = rest.split_at_checked(length)?;
        rest = left;
        Some(taken.to_vec())
    };
    // A text that ends in a zero, then so many octets.
    let mut texts = |after: usize| {
        while *take(1)?.first()? != 0 {}
        take(after)
    };
    texts(2)?;
    texts(2)?;
    let class = *texts(3)?.first()?;
    texts(0)?;
    let fields = texts(5)?;
    let text = take(usize::from(fields[4]))?;
    Some(Submitted { connection, sequence, class, coding: fields[2], text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_delivered_reads_as_what_is_submitted() {
        let delivery = Delivery { sequence: 7, class: 0x40, text: b"hello" };
        let pdu = deliver_sm(delivery);
        let read = submitted(3, 7, &pdu[16..]).unwrap();
        assert_eq!((read.connection, read.sequence, read.class), (3, 7, 0x40));
        assert_eq!((read.coding, read.text), (0, b"hello".to_vec()));
        assert_eq!(submitted(3, 7, &pdu[16..30]), None);
    }

    #[test]
    fn it_answers_and_ends_when_told() {
        let smsc = Smsc::start(Ipv4Addr::LOCALHOST).unwrap();
        smsc.ends_after(Some(1));
        let mut peer = TcpStream::connect(smsc.address()).unwrap();
        let body = &deliver_sm(Delivery { text: b"hi", ..Delivery::default() })[16..];
        peer.write_all(&whole(SUBMIT_SM, 1, body)).unwrap();
        let (command, status, sequence, id) = pdu(&mut peer).unwrap();
        assert_eq!((command, status, sequence), (SUBMIT_SM | RESPONSE, 0, 1));
        assert_eq!(id, b"id\0");
        smsc.deliver(Delivery { sequence: 9, ..Delivery::default() }).unwrap();
        assert_eq!(pdu(&mut peer).unwrap().2, 9);
        peer.write_all(&whole(SUBMIT_SM, 2, body)).unwrap();
        assert!(pdu(&mut peer).is_err(), "it went away");
        assert_eq!(smsc.submitted().len(), 1);
    }
}
