//! One question over UDP, as `kdig` would ask it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The answer code: 0 no error, 2 server failure, 3 no such name, 5 refused.
    pub rcode: u8,
    /// The A records, where their names are pointers (as the gate writes them).
    pub addresses: Vec<Ipv4Addr>,
}

/// A query for the A records of `host`.
pub fn query(id: u16, host: &str) -> Vec<u8> {
    let [high, low] = id.to_be_bytes();
    let mut query = vec![high, low, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in host.split('.') {
        query.push(u8::try_from(label.len()).unwrap_or_default());
        query.extend(label.bytes());
    }
    query.extend([0, 0, 1, 0, 1]);
    query
}

/// Asks `server` for the A records of `host`; waits at most `timeout`.
///
/// # Errors
/// When nothing comes back in time.
pub fn ask(server: SocketAddr, host: &str, timeout: Duration) -> io::Result<Answer> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(timeout))?;
    socket.connect(server)?;
    let query = query(0x4242, host);
    socket.send(&query)?;
    let mut message = [0; 1232];
    let length = socket.recv(&mut message)?;
    read(&message[..length], query.len()).ok_or_else(|| io::Error::other("a short answer"))
}

/// The answer in `message`, whose question ends at `records`.
fn read(message: &[u8], records: usize) -> Option<Answer> {
    let rcode = message.get(3)? & 15;
    let count = usize::from(u16::from_be_bytes([*message.get(6)?, *message.get(7)?]));
    // Pointer, type, class, TTL, length, then four octets.
    let each = message.get(records..).unwrap_or_default().chunks_exact(16).take(count);
    let addresses = each
        .filter(|record| record[2..4] == [0, 1])
        .map(|record| Ipv4Addr::new(record[12], record[13], record[14], record[15]));
    Some(Answer { rcode, addresses: addresses.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_the_host() {
        let query = query(0x4242, "a.example");
        assert_eq!(&query[..4], [0x42, 0x42, 1, 0]);
        assert_eq!(&query[12..], b"\x01a\x07example\x00\x00\x01\x00\x01");
    }

    #[test]
    fn addresses_are_read_behind_the_question() {
        let question = query(1, "a.example");
        let mut message = question.clone();
        message[3] = 0;
        message[7] = 1;
        message.extend(b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x0a\x00\x04\x7f\x00\x00\x01");
        let expected = Answer { rcode: 0, addresses: vec![Ipv4Addr::LOCALHOST] };
        assert_eq!(read(&message, question.len()), Some(expected));
        assert_eq!(read(&message[..7], question.len()), None);
    }

    #[test]
    fn silence_is_an_error() {
        let deaf = UdpSocket::bind("127.0.0.1:0").unwrap();
        let at = deaf.local_addr().unwrap();
        assert!(ask(at, "a.example", Duration::from_millis(20)).is_err());
    }
}
