//! Sends mails over several connections, as fast as the server answers.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::command::Result;

const PATIENCE: Duration = Duration::from_secs(120);
const ENVELOPE: &[u8] =
    b"MAIL FROM:<reporter@bench.example>\r\nRCPT TO:<report@belfry.example>\r\nDATA\r\n";

/// A mail as DATA carries it: lines end in CRLF, dots at their beginning are doubled,
/// and the dot alone ends it.
pub(super) fn on_the_wire(mail: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(mail.len() + mail.len() / 16 + 8);
    for line in mail.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b".") {
            wire.push(b'.');
        }
        // A bare CR is a line's end to some and not to others.
        wire.extend(line.iter().map(|byte| if *byte == b'\r' { b' ' } else { *byte }));
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b".\r\n");
    wire
}

/// Sends every mail of `all` once; each must be accepted.
pub(super) fn send(server: SocketAddr, all: &[Vec<u8>], connections: usize) -> Result {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let senders: Vec<_> =
            (0..connections).map(|_| scope.spawn(|| send_some(server, all, &next))).collect();
        senders.into_iter().try_for_each(|sender| {
            let sent = sender.join().map_err(|_| "a sender panicked")?;
            sent.map_err(|error| error.to_string().into())
        })
    })
}

fn send_some(server: SocketAddr, all: &[Vec<u8>], next: &AtomicUsize) -> io::Result<()> {
    let stream = TcpStream::connect(server)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut stream = BufReader::new(stream);
    expect(&mut stream, "220")?;
    stream.get_mut().write_all(b"EHLO bench.example\r\n")?;
    expect(&mut stream, "250")?;
    while let Some(mail) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
        // Pipelined, as real senders do where it is offered; both servers offer it.
        stream.get_mut().write_all(ENVELOPE)?;
        for code in ["250", "250", "354"] {
            expect(&mut stream, code)?;
        }
        stream.get_mut().write_all(mail)?;
        expect(&mut stream, "250")?;
    }
    stream.get_mut().write_all(b"QUIT\r\n")
}

/// Reads one reply, of however many lines.
fn expect(stream: &mut BufReader<TcpStream>, code: &str) -> io::Result<()> {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        if !line.starts_with(code) {
            return Err(io::Error::other(format!("{code} was expected: {line}")));
        }
        if line.get(3..4) != Some("-") {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_crlf_and_dots_are_doubled() {
        let wire = on_the_wire(b"a\n.b\r\nc\rd\n");
        assert_eq!(wire, b"a\r\n..b\r\nc d\r\n\r\n.\r\n");
    }
}
