//! The least that a DNS server over UDP can do: `bare ADDRESS` sends every query
//! back with one address, in batches. What it costs is the kernel's price, and the
//! ceiling for any server on sockets.

use std::error::Error;
use std::net::SocketAddr;

use belfry_sys::Batch;

/// An A record of the question's name: 127.0.0.2 for 60 seconds.
const ANSWER: [u8; 16] = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 2];

fn main() -> Result<(), Box<dyn Error>> {
    let address: SocketAddr = std::env::args().nth(1).ok_or("bare ADDRESS")?.parse()?;
    let socket = belfry_sys::listen(address)?;
    let mut batch = Batch::new(false);
    loop {
        let count = batch.receive(&socket)?;
        for slot in 0..count {
            let (octets, length) = batch.datagram(slot);
            let end = length + ANSWER.len();
            if length < 12 || end > octets.len() {
                continue;
            }
            octets[2] |= 0x80;
            octets[3] = 0x80;
            octets[7] = 1;
            octets[length..end].copy_from_slice(&ANSWER);
            batch.answer(slot, end);
        }
        batch.send(&socket);
    }
}
