//! A wire of our own between a hub and one follower: TCP and UDP on an address that
//! only this follower has, and that can be cut in the middle of a message.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::net::{AddressFamily, SocketType, bind, connect, socket};

use crate::random::Random;
use crate::wait::wait_until;

/// How long an answer over UDP is waited for.
const ANSWER: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(100);
/// How long a bad wire waits for something to cut.
const TO_CUT: Duration = Duration::from_secs(5);
/// While the wire is bad, a connection carries fewer octets than this towards the follower.
const CUT_WITHIN: u64 = 3_000;

/// The wire; closed when dropped.
#[derive(Debug)]
pub(super) struct Wire {
    /// Where the follower finds the hub.
    pub(super) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    to: SocketAddr,
    from: Ipv4Addr,
    bad: AtomicBool,
    /// How many were cut before it went bad.
    bad_from: AtomicU64,
    stop: AtomicBool,
    cuts: AtomicU64,
    carried: AtomicU64,
    random: Mutex<Random>,
    open: Mutex<HashMap<u64, [TcpStream; 2]>>,
}

impl Wire {
    /// From `address` to the hub's port `to`, which sees the wire's own address.
    pub(super) fn lay(at: Ipv4Addr, to: SocketAddr, seed: u64) -> io::Result<Self> {
        let address = SocketAddr::from((at, to.port()));
        let (listener, datagrams) = (TcpListener::bind(address)?, UdpSocket::bind(address)?);
        datagrams.set_read_timeout(Some(LOOK))?;
        let shared = Arc::new(Shared {
            to,
            from: at,
            bad: AtomicBool::new(false),
            bad_from: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            cuts: AtomicU64::new(0),
            carried: AtomicU64::new(0),
            random: Mutex::new(Random::new(seed)),
            open: Mutex::default(),
        });
        let (streams, packets) = (Arc::clone(&shared), Arc::clone(&shared));
        thread::spawn(move || accept(&streams, &listener));
        thread::spawn(move || forward(&packets, &datagrams));
        Ok(Self { address, shared })
    }

    /// Cuts what is under way, and each connection after a few octets, until it is good again.
    pub(super) fn go_bad(&self) {
        self.shared.bad_from.store(self.cuts(), Ordering::SeqCst);
        self.shared.bad.store(true, Ordering::SeqCst);
        self.shared.close_all();
    }

    /// Is good again, but not before it has cut something, if anything comes at all.
    pub(super) fn be_good(&self) {
        let before = self.shared.bad_from.load(Ordering::SeqCst);
        let _ = wait_until(|| self.cuts() > before, TO_CUT);
        self.shared.bad.store(false, Ordering::SeqCst);
    }

    /// Connections that were cut.
    pub(super) fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::SeqCst)
    }

    /// Octets that came to the follower.
    pub(super) fn carried(&self) -> u64 {
        self.shared.carried.load(Ordering::SeqCst)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.shared.close_all();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn open(&self) -> MutexGuard<'_, HashMap<u64, [TcpStream; 2]>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close_all(&self) {
        for pair in self.open().values() {
            self.cuts.fetch_add(1, Ordering::SeqCst);
            close(pair);
        }
    }

    fn random(&self) -> MutexGuard<'_, Random> {
        self.random.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a bad wire loses this datagram: one in four.
    fn loses(&self) -> bool {
        self.random().chance(25)
    }
}

fn close(pair: &[TcpStream; 2]) {
    pair.iter().for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
}

fn accept(shared: &Arc<Shared>, listener: &TcpListener) {
    for (number, stream) in (0..).zip(listener.incoming()) {
        if shared.stop.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // A hub that is away: the connection ends, as it would without the wire.
            let _ = carry(&shared, number, &stream);
            shared.open().remove(&number);
        });
    }
}

/// Carries both ways until either end closes, or the wire is cut.
fn carry(shared: &Arc<Shared>, number: u64, follower: &TcpStream) -> io::Result<()> {
    let hub = connect_from(shared.from, shared.to)?;
    follower.set_nodelay(true)?;
    hub.set_nodelay(true)?;
    let pair = [follower.try_clone()?, hub.try_clone()?];
    shared.open().insert(number, [follower.try_clone()?, hub.try_clone()?]);
    let (up_from, up_to) = (follower.try_clone()?, hub.try_clone()?);
    let up = thread::spawn(move || pump(up_from, up_to, |_| true));
    let within = shared.random().within(0..CUT_WITHIN);
    let mut octets = 0;
    pump(hub, follower.try_clone()?, |length| {
        octets += length;
        shared.carried.fetch_add(length, Ordering::SeqCst);
        let cut = shared.bad.load(Ordering::SeqCst) && octets > within;
        shared.cuts.fetch_add(u64::from(cut), Ordering::SeqCst);
        !cut
    });
    close(&pair);
    let _ = up.join();
    Ok(())
}

/// Carries one way while `goes_on` says so; ends the way's other end with it.
fn pump(mut from: TcpStream, mut to: TcpStream, mut goes_on: impl FnMut(u64) -> bool) {
    let mut buffer = [0; 1_024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if !goes_on(length as u64) || to.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// A connection from an address of our choice.
fn connect_from(from: Ipv4Addr, to: SocketAddr) -> io::Result<TcpStream> {
    let opened = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    bind(&opened, &SocketAddr::from((from, 0)))?;
    connect(&opened, &to)?;
    Ok(TcpStream::from(opened))
}

fn forward(shared: &Arc<Shared>, datagrams: &UdpSocket) {
    let mut buffer = [0; 4_096];
    while !shared.stop.load(Ordering::SeqCst) {
        let Ok((length, from)) = datagrams.recv_from(&mut buffer) else { continue };
        if shared.bad.load(Ordering::SeqCst) && shared.loses() {
            continue;
        }
        let Ok(back) = datagrams.try_clone() else { continue };
        let (question, (own, to)) = (buffer[..length].to_vec(), (shared.from, shared.to));
        thread::spawn(move || {
            if let Ok(answer) = exchange(own, to, &question) {
                let _ = back.send_to(&answer, from);
            }
        });
    }
}

fn exchange(from: Ipv4Addr, to: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let socket = UdpSocket::bind((from, 0))?;
    socket.set_read_timeout(Some(ANSWER))?;
    socket.connect(to)?;
    socket.send(question)?;
    let mut answer = vec![0; 4_096];
    let length = socket.recv(&mut answer)?;
    answer.truncate(length);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hub that sends back what it gets, and how it sees the other end.
    fn echo() -> (SocketAddr, UdpSocket) {
        let at = crate::free_addr();
        let (listener, socket) = (TcpListener::bind(at).unwrap(), UdpSocket::bind(at).unwrap());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, mut buffer) = (stream.unwrap(), vec![0; 100_000]);
                thread::spawn(move || {
                    while let Ok(length @ 1..) = stream.read(&mut buffer) {
                        let _ = stream.write_all(&buffer[..length]);
                    }
                });
            }
        });
        (at, socket)
    }

    #[test]
    fn a_good_wire_carries_and_a_bad_one_cuts() {
        let (hub, _socket) = echo();
        let wire = Wire::lay(crate::loopback(), hub, 1).unwrap();
        let mut stream = TcpStream::connect(wire.address).unwrap();
        stream.write_all(&[7; 5_000]).unwrap();
        let mut back = [0; 5_000];
        stream.read_exact(&mut back).unwrap();
        assert!(back == [7; 5_000] && wire.carried() >= 5_000);

        wire.go_bad();
        assert_eq!(stream.read(&mut back).unwrap_or(0), 0, "what was open is cut");
        let mut stream = TcpStream::connect(wire.address).unwrap();
        let _ = stream.write_all(&[7; 5_000]);
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.len() < 5_000, "{} octets came through", rest.len());
        assert!(wire.cuts() >= 2);

        wire.be_good();
        let mut stream = TcpStream::connect(wire.address).unwrap();
        stream.write_all(&[7; 5_000]).unwrap();
        stream.read_exact(&mut [0; 5_000]).unwrap();
    }

    #[test]
    fn a_datagram_comes_from_the_wire_and_its_answer_goes_back() {
        let (hub, socket) = echo();
        let wire = Wire::lay(crate::loopback(), hub, 1).unwrap();
        let client = UdpSocket::bind("127.0.0.1:0").unwrap();
        client.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        client.send_to(b"question", wire.address).unwrap();
        let mut buffer = [0; 100];
        let (length, from) = socket.recv_from(&mut buffer).unwrap();
        assert_eq!((&buffer[..length], from.ip()), (&b"question"[..], wire.address.ip()));
        socket.send_to(b"answer", from).unwrap();
        let (length, from) = client.recv_from(&mut buffer).unwrap();
        assert_eq!((&buffer[..length], from), (&b"answer"[..], wire.address));
    }
}
