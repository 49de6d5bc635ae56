//! Addresses that a test has to itself.
//!
//! All of 127.0.0.0/8 is this machine on Linux, so each call gets an address of
//! its own and parallel tests never meet, whatever ports they use.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// How many different addresses one process gets before they repeat.
const ADDRESSES: u32 = 250;
/// How often [`free_port`] tries for a port free under both UDP and TCP.
const ATTEMPTS: usize = 100;

/// A loopback address of one's own, different at each call.
pub fn loopback() -> Ipv4Addr {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    nth(process::id(), CALLS.fetch_add(1, Ordering::Relaxed))
}

/// The address number `call` of the process `pid`. Tests that run at the same
/// time have different low halves of the process id.
fn nth(pid: u32, call: u32) -> Ipv4Addr {
    let [.., second] = (1 + call % ADDRESSES).to_be_bytes();
    let [.., third, fourth] = pid.to_be_bytes();
    Ipv4Addr::new(127, second, third, fourth)
}

/// A port that is free at this moment under TCP and UDP on 127.0.0.1.
///
/// Another process can take it before its use. Prefer port 0, or a fixed port
/// on [`loopback`], or [`free_addr`].
///
/// # Panics
/// When the machine has no such port.
pub fn free_port() -> u16 {
    free_port_at(Ipv4Addr::LOCALHOST.into())
}

/// A port that is free under TCP and UDP on a [`loopback`] address of one's own.
///
/// # Panics
/// When the machine has no such port.
pub fn free_addr() -> SocketAddr {
    let address = loopback().into();
    SocketAddr::new(address, free_port_at(address))
}

fn free_port_at(address: IpAddr) -> u16 {
    (0..ATTEMPTS)
        .find_map(|_| try_port(address).ok())
        .expect("a machine that runs tests has a free port on its loopback")
}

fn try_port(address: IpAddr) -> io::Result<u16> {
    let tcp = TcpListener::bind((address, 0))?;
    let port = tcp.local_addr()?.port();
    UdpSocket::bind((address, port))?;
    Ok(port)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_call_gets_its_own_address() {
        let all: HashSet<_> = (0..ADDRESSES).map(|call| nth(7, call)).collect();
        assert_eq!(all.len(), 250);
        assert!(all.iter().all(Ipv4Addr::is_loopback));
        assert!(!all.contains(&Ipv4Addr::LOCALHOST));
    }

    #[test]
    fn processes_side_by_side_never_share_an_address() {
        let all: HashSet<_> = (32_000..32_100).flat_map(|pid| [nth(pid, 0), nth(pid, 1)]).collect();
        assert_eq!(all.len(), 200);
    }

    #[test]
    fn a_free_address_can_be_bound_under_both_transports() {
        let address = free_addr();
        let _tcp = TcpListener::bind(address).unwrap();
        let _udp = UdpSocket::bind(address).unwrap();
        assert_ne!(address.ip(), free_addr().ip());
    }

    #[test]
    fn a_free_port_is_not_one_in_use() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        assert_ne!(free_port(), taken.local_addr().unwrap().port());
    }
}
