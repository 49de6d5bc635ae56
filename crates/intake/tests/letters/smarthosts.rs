//! Letters through mail servers that are not ours: Postfix and aiosmtpd.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use belfry_testbed::postfix::{self, Postfix};
use belfry_testbed::{peer, skip, wait_for};

use super::*;

const PATIENCE: Duration = Duration::from_secs(60);

/// Certificate and key in PEM.
fn keys(host: &str) -> (String, String) {
    let made = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

fn over_tls(address: SocketAddr, roots: &str, login: Option<(&str, &str)>) -> Smarthost {
    let login = login.map(|(user, password)| (user.to_owned(), Secret::new(password.into())));
    let (host, tls) = (address.ip().to_string(), Encryption::Starttls);
    let roots = Some(roots.as_bytes());
    Smarthost::new(&host, address.port(), tls, roots, login, "mx.csirt.example").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn postfix_takes_a_letter_over_tls_and_delivers_it() {
    let Some(program) = peer("postfix") else { return };
    if !postfix::may_run() {
        return skip("peer postfix", "an instance of one's own needs root");
    }
    let at = belfry_testbed::loopback();
    let (certificate, key) = keys(&at.to_string());
    let keys = Some((certificate.as_str(), key.as_str()));
    let mut server = Postfix::start_at(&program, at, "example.com", keys).unwrap();
    let hub = Hub::open().await;
    let (report, _) = reported(&hub, "an@example.com", true).await;
    let mut letters = letters(&hub, over_tls(server.address(), &certificate, None));
    letters.look(&CancellationToken::new()).await.unwrap();
    assert_eq!(waiting(&hub).await, (0, 1, 0), "postfix did not take it");
    let maildir = server.maildir();
    let delivered = || {
        let file = fs::read_dir(&maildir).ok()?.next()?.ok()?;
        fs::read_to_string(file.path()).ok()
    };
    let mail = wait_for(delivered, PATIENCE).expect("postfix delivers it");
    assert!(mail.starts_with("Return-Path: <>\n"), "{mail}");
    assert!(mail.contains("\nDelivered-To: an@example.com\n"), "{mail}");
    assert!(mail.contains("(using TLSv1.3 with cipher "), "{mail}");
    assert!(mail.contains("\nAuto-Submitted: auto-replied\n"), "{mail}");
    assert!(mail.contains(&report.receipt.to_string()), "{mail}");
    server.stop().unwrap();
}

/// The script, until it is dropped.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(folder: &Path, certificate: &str, key: &str, at: std::net::Ipv4Addr) -> Option<Self> {
        // Debian's module is of Debian's Python, which need not be the first in PATH.
        let mut pythons = ["python3", "/usr/bin/python3"].into_iter();
        let has = |python: &&str| {
            let tried = Command::new(python).args(["-c", "import aiosmtpd"]).output();
            tried.is_ok_and(|tried| tried.status.success())
        };
        let Some(python) = pythons.find(has) else {
            skip("peer aiosmtpd", "no Python has it (run `cargo xtask setup`)");
            return None;
        };
        fs::write(folder.join("certificate"), certificate).unwrap();
        fs::write(folder.join("key"), key).unwrap();
        fs::write(folder.join("server.py"), include_str!("aiosmtpd.py")).unwrap();
        let mut child = Command::new(python)
            .current_dir(folder)
            .args(["server.py", &at.to_string(), "certificate", "key", "mails"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let address = SocketAddr::from((at, port.trim().parse().unwrap()));
        Some(Self { child, address })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn aiosmtpd_takes_a_letter_with_the_right_login_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    let at = belfry_testbed::loopback();
    let (certificate, key) = keys(&at.to_string());
    let Some(server) = Server::start(folder.path(), &certificate, &key, at) else { return };
    let mails = || fs::read_to_string(folder.path().join("mails")).unwrap_or_default();
    let hub = Hub::open().await;
    let stop = CancellationToken::new();
    let (report, _) = reported(&hub, "an@example.com", true).await;
    for login in [None, Some(("belfry", "wrong"))] {
        let smarthost = over_tls(server.address, &certificate, login);
        letters(&hub, smarthost).look(&stop).await.unwrap();
        assert_eq!((mails(), waiting(&hub).await), (String::new(), (1, 0, 0)), "{login:?}");
        wait(2 * 3_600_000);
    }
    let right = || over_tls(server.address, &certificate, Some(("belfry", "plant-password")));
    letters(&hub, right()).look(&stop).await.unwrap();
    assert_eq!(waiting(&hub).await, (0, 1, 0));
    let taken = mails();
    assert!(taken.starts_with("from <> to ['an@example.com'] tls True\n"), "{taken}");
    assert!(taken.contains(&report.receipt.to_string()), "{taken}");
    // A mailbox that is refused for good is tried again later, and nothing of it is taken.
    reported(&hub, "nobody@example.com", true).await;
    letters(&hub, right()).look(&stop).await.unwrap();
    assert_eq!((mails(), waiting(&hub).await), (taken, (1, 1, 0)));
}
