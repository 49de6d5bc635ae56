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

    /// A server that says `last` to each mail; answers what it was sent, in the end.
    fn server(
        last: &'static str,
        clients: usize,
    ) -> (SocketAddr, std::thread::JoinHandle<Vec<u8>>) {
        let listener = std::net::TcpListener::bind((belfry_testbed::loopback(), 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let serve = move || {
            let mut sent = Vec::new();
            for _ in 0..clients {
                let mut stream = BufReader::new(listener.accept().unwrap().0);
                stream.get_mut().write_all(b"220 hello\r\n").unwrap();
                let mut content = false;
                let mut line = Vec::new();
                while stream.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                    let reply = match &line[..] {
                        b".\r\n" => last,
                        _ if content => "",
                        b"QUIT\r\n" => break,
                        b"DATA\r\n" => "354 go on\r\n",
                        _ if line.starts_with(b"EHLO") => "250-hello\r\n250 PIPELINING\r\n",
                        _ => "250 ok\r\n",
                    };
                    if content {
                        sent.extend_from_slice(&line);
                    }
                    content = line == b"DATA\r\n" || (content && line != b".\r\n");
                    line.clear();
                    stream.get_mut().write_all(reply.as_bytes()).unwrap();
                }
            }
            sent
        };
        (address, std::thread::spawn(serve))
    }

    #[test]
    fn every_mail_is_sent_once() {
        let all = [on_the_wire(b"one"), on_the_wire(b".two"), on_the_wire(b"three")];
        let (address, served) = server("250 queued\r\n", 1);
        send(address, &all, 1).unwrap();
        assert_eq!(served.join().unwrap(), all.concat());
    }

    #[test]
    fn a_mail_that_is_refused_ends_the_benchmark_in_words() {
        let (address, served) = server("451 4.3.1 no room\r\n", 1);
        let error = send(address, &[on_the_wire(b"one")], 1).unwrap_err().to_string();
        assert!(error.contains("451 4.3.1 no room"), "{error}");
        served.join().unwrap();
        // Nobody is there at all.
        assert!(send(address, &[on_the_wire(b"one")], 1).is_err());
    }
}
