//! A mail handed over as a citizen's provider would, byte for byte by BDAT (RFC 3030).

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::commands::Failure;

/// Sends `mail`; answers its receipt.
pub(super) async fn send(server: SocketAddr, mail: &[u8]) -> Result<String, Failure> {
    let mut stream = BufReader::new(TcpStream::connect(server).await?);
    reply(&mut stream, "220").await?;
    for line in ["EHLO demo.localhost", "MAIL FROM:<citizen@mail.example>"] {
        say(&mut stream, line.as_bytes()).await?;
        reply(&mut stream, "250").await?;
    }
    say(&mut stream, b"RCPT TO:<suspicious@csirt.example>").await?;
    reply(&mut stream, "250").await?;
    say(&mut stream, format!("BDAT {} LAST", mail.len()).as_bytes()).await?;
    stream.get_mut().write_all(mail).await?;
    let accepted = reply(&mut stream, "250").await?;
    say(&mut stream, b"QUIT").await?;
    let receipt = accepted.rsplit(' ').next().unwrap_or_default();
    Ok(receipt.to_owned())
}

async fn say(stream: &mut BufReader<TcpStream>, line: &[u8]) -> Result<(), Failure> {
    let mut bytes = line.to_vec();
    bytes.extend_from_slice(b"\r\n");
    Ok(stream.get_mut().write_all(&bytes).await?)
}

/// The last line of a reply, which must have this code.
async fn reply(stream: &mut BufReader<TcpStream>, code: &str) -> Result<String, Failure> {
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(Failure::new("the SMTP server hung up"));
        }
        let line = line.trim_end().to_owned();
        if !line.starts_with(code) {
            return Err(Failure::new(format!("the SMTP server said: {line}")));
        }
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(line);
        }
    }
}
