//! Batches over real sockets: order, addresses, lengths, and what fails.

use std::time::Duration;

use super::*;
use crate::listen;

fn pair(any: bool) -> (UdpSocket, UdpSocket) {
    let server = listen(if any { "0.0.0.0:0" } else { "127.0.0.1:0" }.parse().unwrap()).unwrap();
    server.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    client.connect(("127.0.0.1", server.local_addr().unwrap().port())).unwrap();
    (server, client)
}

/// Takes all that a client has sent, upper-cases it, and sends it back.
fn echo(batch: &mut Batch, server: &UdpSocket) -> usize {
    let count = batch.receive(server).unwrap();
    for slot in 0..count {
        let (octets, length) = batch.datagram(slot);
        octets[..length].make_ascii_uppercase();
        batch.answer(slot, length);
    }
    assert_eq!(batch.send(server), 0);
    count
}

fn received(client: &UdpSocket) -> Vec<u8> {
    let mut buffer = [0; DATAGRAM_OCTETS_MAX];
    let length = client.recv(&mut buffer).unwrap();
    buffer[..length].to_vec()
}

#[test]
fn many_datagrams_come_and_go_in_order() {
    for any in [false, true] {
        let (server, client) = pair(any);
        let mut batch = Batch::new(any);
        for round in 0..3 {
            for number in 0..20 {
                client.send(format!("query {round} {number}").as_bytes()).unwrap();
            }
            let mut echoed = 0;
            while echoed < 20 {
                echoed += echo(&mut batch, &server);
            }
            for number in 0..20 {
                assert_eq!(received(&client), format!("QUERY {round} {number}").as_bytes());
            }
        }
    }
}

#[test]
fn more_than_a_batch_takes_several() {
    let (server, client) = pair(false);
    for number in 0..=SLOTS {
        client.send(&[u8::try_from(number).unwrap()]).unwrap();
    }
    let mut batch = Batch::new(false);
    assert_eq!(batch.receive(&server).unwrap(), SLOTS);
    assert_eq!(batch.datagram(SLOTS - 1).0[0], 63);
    assert_eq!(batch.receive(&server).unwrap(), 1);
    assert_eq!(batch.datagram(0), (&mut batch_of(64)[..], 1));
}

fn batch_of(first: u8) -> Vec<u8> {
    let mut buffer = vec![0; DATAGRAM_OCTETS_MAX];
    buffer[0] = first;
    buffer
}

#[test]
fn clients_are_told_apart_and_answered_later() {
    for any in [false, true] {
        let (server, first) = pair(any);
        let second = UdpSocket::bind("127.0.0.1:0").unwrap();
        second.connect(first.peer_addr().unwrap()).unwrap();
        second.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut batch = Batch::new(any);
        let mut paths = Vec::new();
        for client in [&first, &second] {
            client.send(b"x").unwrap();
            assert_eq!(batch.receive(&server).unwrap(), 1);
            assert_eq!(batch.client(0), Some(client.local_addr().unwrap()));
            paths.push(batch.return_path(0));
        }
        drop(batch);
        paths[1].send(&server, b"second").unwrap();
        paths[0].send(&server, b"first").unwrap();
        // A connected client takes only what comes from the address that it asked.
        assert_eq!((received(&first), received(&second)), (b"first".to_vec(), b"second".to_vec()));
        assert_eq!(format!("{:?}", paths[0]), "ReturnPath");
    }
}

#[test]
fn ipv6_clients_are_answered() {
    let Ok(server) = listen("[::]:0".parse().unwrap()) else { return };
    let Ok(client) = UdpSocket::bind("[::1]:0") else { return };
    client.connect(("::1", server.local_addr().unwrap().port())).unwrap();
    client.send(b"six").unwrap();
    let mut batch = Batch::new(true);
    assert_eq!(echo(&mut batch, &server), 1);
    assert_eq!(received(&client), b"SIX");
}

#[test]
fn a_datagram_too_long_is_cut_and_an_empty_one_is_one() {
    let (server, client) = pair(false);
    client.send(&[7; DATAGRAM_OCTETS_MAX + 100]).unwrap();
    client.send(&[]).unwrap();
    let mut batch = Batch::new(false);
    let mut lengths = Vec::new();
    while lengths.len() < 2 {
        for slot in 0..batch.receive(&server).unwrap() {
            lengths.push(batch.datagram(slot).1);
        }
    }
    assert_eq!(lengths, [DATAGRAM_OCTETS_MAX, 0]);
}

#[test]
fn what_is_not_answered_is_not_sent() {
    let (server, client) = pair(false);
    let mut batch = Batch::new(false);
    for octet in b"ab" {
        client.send(&[*octet]).unwrap();
    }
    let mut seen = 0;
    while seen < 2 {
        for slot in 0..batch.receive(&server).unwrap() {
            if batch.datagram(slot).0[0] == b'b' {
                batch.answer(slot, 1);
            }
            seen += 1;
        }
        assert_eq!(batch.send(&server), 0);
    }
    assert_eq!(received(&client), b"b");
}

#[test]
fn a_silent_socket_ends_the_wait() {
    let (server, _client) = pair(false);
    server.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    let mut batch = Batch::new(false);
    assert_eq!(batch.receive(&server).unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

#[test]
#[should_panic(expected = "slot < self.received")]
fn a_slot_that_received_nothing_has_no_datagram() {
    Batch::new(false).datagram(0);
}

#[test]
#[should_panic(expected = "octets <= DATAGRAM_OCTETS_MAX")]
fn no_answer_is_longer_than_its_buffer() {
    let (server, client) = pair(false);
    client.send(b"x").unwrap();
    let mut batch = Batch::new(false);
    batch.receive(&server).unwrap();
    batch.answer(0, DATAGRAM_OCTETS_MAX + 1);
}

#[test]
fn sockets_share_a_port_only_when_asked() {
    let first = listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = first.local_addr().unwrap();
    let second = listen(address).unwrap();
    assert_eq!(second.local_addr().unwrap(), address);
    assert!(UdpSocket::bind(address).is_err());
}
