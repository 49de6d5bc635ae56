//! A mail client that keeps its connection, and tells "received" from all else.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long the server may take for one reply.
const PATIENCE: Duration = Duration::from_secs(30);
const RECEIVED: &str = "250 2.0.0 received as ";

/// A connection on which EHLO was said.
#[derive(Debug)]
pub struct Smtp {
    stream: BufReader<TcpStream>,
}

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The server took it over: its receipt.
    Received(String),
    /// The server said no, in these words.
    Refused(String),
}

impl Smtp {
    /// Connects and says EHLO.
    ///
    /// # Errors
    /// When the server is not there or greets with anything but 220.
    pub fn connect(server: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&server, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut smtp = Self { stream: BufReader::new(stream) };
        let greeting = smtp.reply()?;
        if !greeting.starts_with("220") {
            return Err(io::Error::other(greeting));
        }
        smtp.say(b"EHLO testbed.example\r\n")?;
        Ok(smtp)
    }

    /// Sends one mail byte for byte, by BDAT.
    ///
    /// # Errors
    /// When the connection ends before the final reply: then nobody knows
    /// whether the mail was taken.
    pub fn send(&mut self, mail: &[u8]) -> io::Result<Sent> {
        let mut content = format!("BDAT {} LAST\r\n", mail.len()).into_bytes();
        content.extend_from_slice(mail);
        self.transaction(&[], &content)
    }

    /// Sends one mail by DATA, with dots doubled; it must end in CRLF.
    ///
    /// # Errors
    /// As [`Smtp::send`].
    pub fn send_data(&mut self, mail: &[u8]) -> io::Result<Sent> {
        let mut content = Vec::with_capacity(mail.len() + 16);
        for line in mail.split_inclusive(|octet| *octet == b'\n') {
            if line.starts_with(b".") {
                content.push(b'.');
            }
            content.extend_from_slice(line);
        }
        content.extend_from_slice(b".\r\n");
        self.transaction(b"DATA\r\n", &content)
    }

    fn transaction(&mut self, command: &[u8], content: &[u8]) -> io::Result<Sent> {
        for line in [
            &b"MAIL FROM:<citizen@mail.example>\r\n"[..],
            b"RCPT TO:<suspicious@csirt.example>\r\n",
            command,
        ] {
            if line.is_empty() {
                continue;
            }
            let reply = self.say(line)?;
            if !reply.starts_with(['2', '3']) {
                return Ok(Sent::Refused(reply));
            }
        }
        let reply = self.say(content)?;
        Ok(match reply.strip_prefix(RECEIVED) {
            Some(receipt) => Sent::Received(receipt.to_owned()),
            None => Sent::Refused(reply),
        })
    }

    /// Sends `bytes` and gives the last line of the reply.
    ///
    /// # Errors
    /// When the connection ends or nothing comes back in time.
    pub fn say(&mut self, bytes: &[u8]) -> io::Result<String> {
        self.stream.get_mut().write_all(bytes)?;
        self.reply()
    }

    /// Reads one reply and gives its last line.
    ///
    /// # Errors
    /// When the connection ends before the reply does.
    pub fn reply(&mut self) -> io::Result<String> {
        loop {
            let mut line = String::new();
            (&mut self.stream).take(4096).read_line(&mut line)?;
            if !line.ends_with('\n') {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(line.trim_end().to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// A server that says `replies`, one for each line or chunk that ends as told.
    fn server(replies: &'static [&'static str]) -> (SocketAddr, thread::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let thread = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = Vec::new();
            for reply in replies {
                stream.write_all(reply.as_bytes()).unwrap();
                let mut buffer = [0; 4096];
                let length = stream.read(&mut buffer).unwrap_or(0);
                heard.extend_from_slice(&buffer[..length]);
            }
            heard
        });
        (at, thread)
    }

    const REPLIES: [&str; 6] = [
        "220 hi\r\n",
        "250-a\r\n250 b\r\n",
        "250 ok\r\n",
        "250 ok\r\n",
        "354 go\r\n",
        "250 2.0.0 received as AAAAA\r\n",
    ];

    #[test]
    fn a_receipt_comes_from_the_final_reply_and_dots_are_doubled() {
        let (at, server) = server(&REPLIES);
        let sent = Smtp::connect(at).unwrap().send_data(b"a\r\n.b\r\n").unwrap();
        assert_eq!(sent, Sent::Received("AAAAA".into()));
        let heard = String::from_utf8(server.join().unwrap()).unwrap();
        assert!(heard.ends_with("DATA\r\na\r\n..b\r\n.\r\n"), "{heard}");
    }

    #[test]
    fn a_refusal_is_told_from_a_lost_connection() {
        const BUSY: [&str; 3] = ["220 hi\r\n", "250 b\r\n", "451 4.3.1 later\r\n"];
        let (at, _server) = server(&BUSY);
        let sent = Smtp::connect(at).unwrap().send(b"x").unwrap();
        assert_eq!(sent, Sent::Refused("451 4.3.1 later".into()));
        let (at, _server) = server(&REPLIES[..4]);
        assert!(Smtp::connect(at).unwrap().send(b"x").is_err());
    }
}
