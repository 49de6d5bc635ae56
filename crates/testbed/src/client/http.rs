//! Just enough HTTP/1.1 for the hub's API: one request a connection.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// How long the hub may take for one answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// More than this is not read of one answer.
const BODY_MAX: u64 = 256 << 20;

/// The API of a hub, under one token.
#[derive(Clone, Debug)]
pub struct Api {
    address: SocketAddr,
    token: String,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
}

impl Api {
    /// The API at `address`; an empty token sends none.
    pub fn new(address: SocketAddr, token: &str) -> Self {
        Self { address, token: token.to_owned() }
    }

    /// A GET.
    ///
    /// # Errors
    /// When no whole answer comes back.
    pub fn get(&self, path: &str) -> io::Result<Reply> {
        self.exchange("GET", path, "application/json", b"")
    }

    /// A GET that must succeed, as JSON.
    ///
    /// # Errors
    /// When no answer, no 2xx or no JSON comes back.
    pub fn get_json(&self, path: &str) -> io::Result<Value> {
        self.get(path)?.json()
    }

    /// A POST of `body`.
    ///
    /// # Errors
    /// When no whole answer comes back.
    pub fn post(&self, path: &str, content_type: &str, body: &[u8]) -> io::Result<Reply> {
        self.exchange("POST", path, content_type, body)
    }

    /// A POST of JSON.
    ///
    /// # Errors
    /// When no whole answer comes back.
    pub fn post_json(&self, path: &str, body: &Value) -> io::Result<Reply> {
        self.post(path, "application/json", body.to_string().as_bytes())
    }

    fn exchange(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> io::Result<Reply> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let (address, length) = (self.address, body.len());
        let token = match self.token.as_str() {
            "" => String::new(),
            token => format!("authorization: Bearer {token}\r\n"),
        };
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\n{token}content-type: {content_type}\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n"
        )
        .into_bytes();
        request.extend_from_slice(body);
        stream.write_all(&request)?;
        read(&mut BufReader::new(stream))
    }
}

impl Reply {
    /// The body as JSON; the answer must be a 2xx.
    ///
    /// # Errors
    /// When it is not, with what it says instead.
    pub fn json(&self) -> io::Result<Value> {
        if !(200..300).contains(&self.status) {
            return Err(io::Error::other(self.to_string()));
        }
        serde_json::from_slice(&self.body).map_err(io::Error::other)
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, String::from_utf8_lossy(&self.body))
    }
}

/// Reads one answer whole: a body that is cut short is an error, never an answer.
fn read(reader: &mut impl BufRead) -> io::Result<Reply> {
    let status = line(reader)?;
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("no status line"))?;
    let (mut length, mut chunked) = (None, false);
    loop {
        let header = line(reader)?.to_ascii_lowercase();
        match header.split_once(':') {
            None => break,
            Some(("content-length", value)) => length = value.trim().parse::<u64>().ok(),
            Some(("transfer-encoding", value)) => chunked = value.trim() == "chunked",
            Some(_) => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        chunks(reader, &mut body)?;
    } else if let Some(length) = length {
        take(reader, length, &mut body)?;
    } else {
        reader.take(BODY_MAX).read_to_end(&mut body)?;
    }
    Ok(Reply { status, body })
}

fn chunks(reader: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let length = u64::from_str_radix(&line(reader)?, 16).map_err(io::Error::other)?;
        take(reader, length, body)?;
        line(reader)?;
        if length == 0 {
            return Ok(());
        }
    }
}

fn take(reader: &mut impl BufRead, length: u64, body: &mut Vec<u8>) -> io::Result<()> {
    let read = reader.take(length.min(BODY_MAX)).read_to_end(body)?;
    if read as u64 == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if reader.take(16 << 10).read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(answer: &str, status: u16, body: &str) {
        let expected = Reply { status, body: body.into() };
        assert_eq!(read(&mut answer.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn an_answer_is_read_by_length_by_chunks_or_to_the_end() {
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok more", 200, "ok");
        let chunked =
            "HTTP/1.1 404 x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
        check(chunked, 404, "abc");
        check("HTTP/1.0 201 x\r\n\r\nto the end", 201, "to the end");
    }

    #[test]
    fn half_an_answer_is_no_answer() {
        for half in
            ["", "HTTP/1.1 201 Created\r\n", "HTTP/1.1 201 x\r\ncontent-length: 5\r\n\r\nab"]
        {
            assert!(read(&mut half.as_bytes()).is_err(), "{half:?}");
        }
    }

    #[test]
    fn only_success_is_json() {
        let reply = |status| Reply { status, body: b"{\"a\":1}".to_vec() };
        assert_eq!(reply(200).json().unwrap()["a"], 1);
        assert_eq!(reply(422).json().unwrap_err().to_string(), "422 {\"a\":1}");
    }
}
