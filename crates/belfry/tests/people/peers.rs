//! Peers of a hub under test: a mail server that keeps what it is given, a DNS server
//! with one record, and openssl.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use data_encoding::BASE64;

/// One letter as it came.
#[derive(Clone, Debug, Default)]
pub(super) struct Letter {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) text: String,
}

/// A mail server that takes everything from who logs in.
pub(super) struct Smarthost {
    pub(super) address: SocketAddr,
    kept: Arc<Mutex<(Vec<Letter>, String)>>,
}

impl Smarthost {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let kept = Arc::<Mutex<(Vec<Letter>, String)>>::default();
        let keep = Arc::clone(&kept);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // A client that goes away early costs its own connection only.
                let _ = converse(stream.unwrap(), &keep);
            }
        });
        Self { address, kept }
    }

    pub(super) fn letters(&self) -> Vec<Letter> {
        self.kept.lock().unwrap().0.clone()
    }

    /// The latest login, as `user password`.
    pub(super) fn logins(&self) -> String {
        self.kept.lock().unwrap().1.clone()
    }
}

fn converse(stream: TcpStream, keep: &Mutex<(Vec<Letter>, String)>) -> std::io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    let mut letter = Letter::default();
    writer.write_all(b"220 sink\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let inner = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let reply = match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250-sink\r\n250 AUTH PLAIN\r\n",
            "AUTH" => {
                let login = line.rsplit(' ').next().unwrap_or_default();
                let login = String::from_utf8(BASE64.decode(login.as_bytes()).unwrap()).unwrap();
                keep.lock().unwrap().1 = login.trim_matches('\0').replace('\0', " ");
                "235 ok\r\n"
            }
            "MAIL" => {
                letter.from = inner();
                "250 ok\r\n"
            }
            "RCPT" => {
                letter.to = inner();
                "250 ok\r\n"
            }
            "DATA" => {
                writer.write_all(b"354 go\r\n")?;
                for line in lines.by_ref() {
                    let line = line?;
                    if line == "." {
                        break;
                    }
                    letter.text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    letter.text.push_str("\r\n");
                }
                keep.lock().unwrap().0.push(std::mem::take(&mut letter));
                "250 taken\r\n"
            }
            _ => "250 ok\r\n",
        };
        writer.write_all(reply.as_bytes())?;
        if line == "QUIT" {
            break;
        }
    }
    Ok(())
}

/// A DNS server that has one TXT record, of `name`; all else does not exist.
pub(super) fn dns(name: &'static str, text: &'static str) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut packet = [0; 1_024];
        while let Ok((length, client)) = socket.recv_from(&mut packet) {
            socket.send_to(&answer(&packet[..length], name, text), client).unwrap();
        }
    });
    address
}

fn answer(asked: &[u8], name: &str, text: &str) -> Vec<u8> {
    let labels: Vec<u8> = name
        .split('.')
        .flat_map(|label| [&[u8::try_from(label.len()).unwrap()][..], label.as_bytes()].concat())
        .chain([0])
        .collect();
    let end = 12 + asked[12..].iter().position(|octet| *octet == 0).unwrap() + 5;
    let question = &asked[12..end];
    let is_text = question.ends_with(&[0, 16, 0, 1]);
    let known = question[..question.len() - 4].eq_ignore_ascii_case(&labels);
    let found = known && is_text;
    let code = if known { 0 } else { 3 };
    let mut reply = asked[..2].to_vec();
    reply.extend_from_slice(&[0x81, 0x80 | code, 0, 1, 0, u8::from(found), 0, 0, 0, 0]);
    reply.extend_from_slice(question);
    if found {
        let length = u8::try_from(text.len()).unwrap();
        reply.extend_from_slice(&[0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, length + 1, length]);
        reply.extend_from_slice(text.as_bytes());
    }
    reply
}

/// A handshake by openssl, which must trust `certificate` alone and come to TLS 1.3.
pub(super) fn openssl(arguments: &[&str], certificate: &Path) {
    let Some(program) = belfry_testbed::peer("openssl") else { return };
    let output = Command::new(program)
        .args(["s_client", "-brief", "-verify_return_error", "-CAfile"])
        .arg(certificate)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("TLSv1.3") && said.contains("Verification: OK"), "{said}");
}

/// Fails where one of `plants` stands in a file of `folder`.
pub(super) fn find_nothing(folder: &Path, plants: &[&str]) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find_nothing(&path, plants);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        for plant in plants {
            let found = bytes.windows(plant.len()).any(|window| window == plant.as_bytes());
            assert!(!found, "{plant} stands in {}", path.display());
        }
    }
}
