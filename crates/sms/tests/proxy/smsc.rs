//! An SMSC of our own: it answers every message, in order, and notes its number.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Smsc {
    pub(crate) address: SocketAddr,
    received: Arc<Mutex<Vec<u32>>>,
}

impl Smsc {
    /// Starts one that ends each connection after so many messages, if any are given.
    pub(crate) async fn start(ends_after: Option<usize>) -> Self {
        let listener = TcpListener::bind(("127.91.0.2", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((peer, _)) = listener.accept().await {
                let noted = Arc::clone(&noted);
                tokio::spawn(async move { answer(peer, &noted, ends_after).await });
            }
        });
        Self { address, received }
    }

    pub(crate) fn received(&self) -> Vec<u32> {
        self.received.lock().unwrap().clone()
    }
}

async fn answer(mut peer: TcpStream, noted: &Mutex<Vec<u32>>, ends_after: Option<usize>) {
    let (mut waiting, mut count) = (Vec::new(), 0);
    let mut buffer = vec![0; 65_536];
    loop {
        match peer.read(&mut buffer).await {
            Ok(length) if length > 0 => waiting.extend_from_slice(&buffer[..length]),
            _ => return,
        }
        let mut out = Vec::new();
        for (command, _, sequence) in pdus(&mut waiting) {
            if command == 4 {
                count += 1;
                if ends_after.is_some_and(|most| count > most) {
                    return;
                }
                noted.lock().unwrap().push(sequence);
            }
            let body: &[u8] = match command {
                4 => b"id\0",
                1 | 2 | 9 => b"smsc\0",
                _ => b"",
            };
            let length = 16 + u32::try_from(body.len()).unwrap();
            for word in [length, command | 0x8000_0000, 0, sequence] {
                out.extend_from_slice(&word.to_be_bytes());
            }
            out.extend_from_slice(body);
        }
        if peer.write_all(&out).await.is_err() {
            return;
        }
    }
}

/// Command, status and number of each whole PDU, taken off.
pub(crate) fn pdus(waiting: &mut Vec<u8>) -> Vec<(u32, u32, u32)> {
    let word = |bytes: &[u8], at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    let (mut at, mut all) = (0, Vec::new());
    while waiting.len() - at >= 16 {
        let pdu = &waiting[at..];
        let length = word(pdu, 0) as usize;
        if pdu.len() < length {
            break;
        }
        all.push((word(pdu, 4), word(pdu, 8), word(pdu, 12)));
        at += length;
    }
    waiting.drain(..at);
    all
}

/// A submit_sm with an honest text.
pub(crate) fn message(sequence: u32) -> Vec<u8> {
    let text = b"Ik ben er om vijf uur, tot straks aan het station";
    let mut body = b"\0\x01\x0132470000001\0\x01\x0132470000002\0".to_vec();
    body.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 3, 0]);
    body.push(u8::try_from(text.len()).unwrap());
    body.extend_from_slice(text);
    let mut pdu = Vec::new();
    for word in [16 + u32::try_from(body.len()).unwrap(), 4, 0, sequence] {
        pdu.extend_from_slice(&word.to_be_bytes());
    }
    pdu.extend(body);
    pdu
}
