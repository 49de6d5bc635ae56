//! A Kannel of our own (bearerbox and smsbox), which binds to an SMSC as operators' and
//! companies' gateways do, sends what it is asked to over HTTP, and hands on what it gets.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::net::loopback;
use crate::process::Child;
use crate::wait::wait_for;

const START: Duration = Duration::from_secs(30);
const STOP: Duration = Duration::from_secs(10);
/// Messages that it has under way.
const WINDOW: usize = 10;
/// Its ports, at an address of its own: for administration, between its boxes, to send.
const PORTS: [u16; 3] = [13_000, 13_001, 13_013];

/// A running Kannel; stopped when dropped.
#[derive(Debug)]
pub struct Kannel {
    folder: tempfile::TempDir,
    send: SocketAddr,
    inbox: Arc<Mutex<Vec<String>>>,
    // The smsbox goes first.
    smsbox: Child,
    bearerbox: Child,
}

/// Its two programs.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The one that speaks SMPP.
    pub bearerbox: PathBuf,
    /// The one that speaks HTTP.
    pub smsbox: PathBuf,
}

impl Kannel {
    /// Starts one that binds to `smsc` as a transceiver; within TLS where the file with the
    /// certificate that it trusts is given.
    ///
    /// # Errors
    /// It can't be started, or does not answer.
    pub fn start(programs: &Programs, smsc: SocketAddr, trusts: Option<&Path>) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("belfry-kannel").tempdir()?;
        let (inbox, got) = (Arc::new(Mutex::new(Vec::new())), TcpListener::bind("127.0.0.1:0")?);
        let (own, [_, boxes, send]) = (loopback(), PORTS);
        let config = folder.path().join("kannel.conf");
        let text = configuration(folder.path(), own, smsc, got.local_addr()?, trusts);
        fs::write(&config, text)?;
        let noted = Arc::clone(&inbox);
        thread::spawn(move || {
            while let Ok((stream, _)) = got.accept() {
                let _ = note(stream, &noted);
            }
        });
        let bearerbox = run(&programs.bearerbox, &config)?;
        answers((own, boxes).into())?;
        let smsbox = run(&programs.smsbox, &config)?;
        let send = SocketAddr::from((own, send));
        answers(send)?;
        Ok(Self { folder, send, inbox, smsbox, bearerbox })
    }

    /// Has it send a text; it answers once it has queued it.
    ///
    /// # Errors
    /// It does not take it.
    pub fn send(&self, text: &str) -> io::Result<()> {
        let mut stream = TcpStream::connect(self.send)?;
        let request = format!(
            "GET /cgi-bin/sendsms?username=test&password=test&from=32470000001&to=32470000002&\
             charset=UTF-8&text={} HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            escaped(text)
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let taken = answer.lines().next().is_some_and(|status| status.contains(" 202 "));
        if taken { Ok(()) } else { Err(io::Error::other(answer)) }
    }

    /// The texts that it got, in the order in which it handed them on.
    pub fn inbox(&self) -> Vec<String> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many lines of its access log hold these words: `Sent SMS`, `REJECTED Send SMS`.
    pub fn logged(&self, words: &str) -> usize {
        let log = fs::read(self.folder.path().join("access.log")).unwrap_or_default();
        String::from_utf8_lossy(&log).lines().filter(|line| line.contains(words)).count()
    }

    /// What it logged of messages and, at last, of all else, for a person.
    pub fn log(&self) -> String {
        let read = |name| fs::read(self.folder.path().join(name)).unwrap_or_default();
        let [access, all] = ["access.log", "bearerbox.log"]
            .map(|name| String::from_utf8_lossy(&read(name)).into_owned());
        let last = all.lines().rev().take(20).collect::<Vec<_>>();
        format!("{access}\n{}", last.into_iter().rev().collect::<Vec<_>>().join("\n"))
    }
}

impl Drop for Kannel {
    fn drop(&mut self) {
        let _ = self.smsbox.terminate(STOP);
        let _ = self.bearerbox.terminate(STOP);
    }
}

fn run(program: &Path, config: &Path) -> io::Result<Child> {
    let mut command = Command::new(program);
    command.arg("-v").arg("4").arg(config);
    Child::spawn(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()))
}

fn answers(at: SocketAddr) -> io::Result<()> {
    let connect = || TcpStream::connect(at).ok();
    let missing = || io::Error::new(io::ErrorKind::TimedOut, "kannel does not answer");
    wait_for(connect, START).map(drop).ok_or_else(missing)
}

fn configuration(
    folder: &Path,
    own: Ipv4Addr,
    smsc: SocketAddr,
    inbox: SocketAddr,
    trusts: Option<&Path>,
) -> String {
    let (at, host, port) = (folder.display(), smsc.ip(), smsc.port());
    let [admin, boxes, send] = PORTS;
    let authority = trusts.map(|file| format!("ssl-trusted-ca-file = \"{}\"\n", file.display()));
    let secure = trusts.map(|_| "use-ssl = true\n");
    let (authority, secure) = (authority.unwrap_or_default(), secure.unwrap_or_default());
    format!(
        "group = core\nadmin-port = {admin}\nadmin-interface = {own}\nadmin-password = test\n\
         smsbox-port = {boxes}\nsmsbox-interface = {own}\nbox-allow-ip = \"127.*.*.*\"\n\
         log-file = \"{at}/bearerbox.log\"\nlog-level = 0\naccess-log = \"{at}/access.log\"\n\
         dlr-storage = internal\nsms-resend-freq = 1\n{authority}\n\
         group = smsc\nsmsc = smpp\nsmsc-id = belfry\nhost = {host}\nport = {port}\n\
         transceiver-mode = true\nsmsc-username = kannel\nsmsc-password = secret\n\
         system-type = \"\"\nreconnect-delay = 1\nenquire-link-interval = 5\n\
         max-pending-submits = {WINDOW}\n{secure}\n\
         group = smsbox\nbearerbox-host = {own}\nsendsms-port = {send}\n\
         sendsms-interface = {own}\nlog-file = \"{at}/smsbox.log\"\n\n\
         group = sendsms-user\nusername = test\npassword = test\nmax-messages = 10\n\
         concatenation = true\n\n\
         group = sms-service\nkeyword = default\nget-url = \"http://{inbox}/?text=%a\"\n\
         max-messages = 0\n"
    )
}

/// Takes one request of the smsbox's and notes the text in it.
fn note(mut stream: TcpStream, inbox: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut line = String::new();
    BufReader::new(stream.try_clone()?).read_line(&mut line)?;
    let text = line.split(' ').nth(1).and_then(|path| path.strip_prefix("/?text="));
    inbox.lock().unwrap_or_else(PoisonError::into_inner).extend(text.map(unescaped));
    stream.write_all(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, octet| {
        if octet.is_ascii_alphanumeric() {
            out.push(char::from(octet));
        } else {
            let _ = write!(out, "%{octet:02X}");
        }
        out
    })
}

fn unescaped(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let hex = rest.get(1..3).filter(|_| first == b'%');
        if let Some(octet) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            octets.push(octet);
            rest = &rest[3..];
        } else {
            octets.push(if first == b'+' { b' ' } else { first });
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_come_back() {
        for text in ["", "a b+c%", "é € 日"] {
            assert_eq!(unescaped(&escaped(text)), text);
        }
        assert_eq!(unescaped("a+b%2"), "a b%2");
    }

    #[test]
    fn its_configuration_keeps_to_loopback_and_its_folder() {
        let own = Ipv4Addr::new(127, 3, 4, 5);
        let [smsc, inbox] = ["127.1.2.3:2775", "127.0.0.1:4"].map(|at| at.parse().unwrap());
        let text = configuration(Path::new("/kannel"), own, smsc, inbox, None);
        assert_eq!(text.matches("-interface = 127.3.4.5\n").count(), 3);
        for line in text.lines().filter(|line| line.contains("log = ") || line.contains("-file")) {
            assert!(line.contains("\"/kannel/"), "{line}");
        }
        assert!(!text.contains("ssl"));
        let trusts = Some(Path::new("/ca.pem"));
        let text = configuration(Path::new("/kannel"), own, smsc, inbox, trusts);
        assert!(text.contains("use-ssl = true\n") && text.contains("ca-file = \"/ca.pem\"\n"));
    }
}
