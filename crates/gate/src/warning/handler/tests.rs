//! The page as browsers, scripts and strangers ask for it, over a real socket.

use std::sync::atomic::{AtomicU64, Ordering};

use belfry_journal::{Category, PublicReason, Serial, UnixMillis};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::warning::{WarningFacts, serve};

#[derive(Default)]
struct One(AtomicU64);

impl Blocks for One {
    fn blocked(&self, name: &Domain) -> Option<WarningFacts> {
        (name.as_str() == "evil.example").then_some(WarningFacts {
            serial: Serial(17),
            category: Category::Phishing,
            reason: PublicReason::Impersonation,
            issued_at: UnixMillis(1_795_510_800_000),
            valid_until: UnixMillis(1_798_102_800_000),
        })
    }
    fn count_view(&self, serial: Serial) {
        assert_eq!(serial, Serial(17));
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

const BROWSER: &str = "Accept: text/html,*/*;q=0.8\r\n";

/// The answer to `line` with `headers`, and how many views were counted.
async fn ask(line: &str, headers: &str) -> (String, u64) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let blocks = Arc::new(One::default());
    let stop = CancellationToken::new();
    let shown: Arc<dyn Blocks> = Arc::clone(&blocks) as _;
    tokio::spawn(serve(listener, WarningSettings::default(), shown, stop.clone()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{line} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    stop.cancel();
    (String::from_utf8(answer).unwrap(), blocks.0.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_browser_sees_the_page_in_its_language_and_is_counted() {
    let check = async |line: &str, accept: &str, words: &str| {
        let headers = format!("Host: evil.example\r\n{BROWSER}Accept-Language: {accept}\r\n");
        let (answer, views) = ask(line, &headers).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        assert!(answer.contains(words), "{accept}: {answer}");
        assert_eq!(views, 1);
    };
    check("GET /", "nl-BE", "Deze website is niet veilig").await;
    check("GET /login", "fr,en;q=0.1", "Ce site web n’est pas sûr").await;
    check("GET /a?b=c", "de", "Diese Website ist nicht sicher").await;
    check("GET /", "en", "This website is not safe").await;
    check("GET /", "es", "Deze website is niet veilig").await;
    check("GET /?x=1&lang=de", "en", "Diese Website ist nicht sicher").await;
}

#[tokio::test]
async fn the_page_says_what_why_when_by_whom_and_what_to_do() {
    let headers = format!("Host: EVIL.example:80\r\n{BROWSER}Accept-Language: en\r\n");
    let (answer, _) = ask("GET /", &headers).await;
    for words in [
        "evil[.]example",
        "Phishing",
        "24.11.2026, 09:00 UTC",
        "<dd>17</dd>",
        "Card Stop",
        "tel:078170170",
        "Call your bank",
        "police",
        "Is this your website?",
        "lang=\"en\"",
    ] {
        assert!(answer.contains(words), "{words} is missing: {answer}");
    }
}

#[tokio::test]
async fn nothing_is_set_loaded_or_run() {
    let (answer, _) = ask("GET /", &format!("Host: evil.example\r\n{BROWSER}")).await;
    let lower = answer.to_ascii_lowercase();
    for absent in ["set-cookie", "<script", "src=", "http://", "https://", "@import", "url("] {
        assert!(!lower.contains(absent), "{absent}: {answer}");
    }
    for present in ["default-src 'none'", "nosniff", "no-referrer", "no-store", "x-frame-options"] {
        assert!(lower.contains(present), "{present}: {answer}");
    }
}

#[tokio::test]
async fn what_is_no_person_gets_one_line_and_is_not_counted() {
    for headers in [
        "Accept: image/avif,*/*\r\nSec-Fetch-Dest: image\r\n",
        "Accept: text/html\r\nSec-Fetch-Dest: empty\r\n",
        "Accept: */*\r\n",
        "",
    ] {
        let (answer, views) = ask("GET /x.png", &format!("Host: evil.example\r\n{headers}")).await;
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("text/plain"), "{answer}");
        assert!(!answer.contains('<'), "{answer}");
        assert_eq!(views, 0);
    }
}

#[tokio::test]
async fn a_body_is_not_read_and_the_page_says_so() {
    let headers = format!(
        "Host: evil.example\r\n{BROWSER}Accept-Language: en\r\nContent-Length: 999999999\r\n"
    );
    let (answer, _) = ask("POST /login", &headers).await;
    assert!(answer.contains("was not read here"), "{answer}");
    assert!(answer.to_ascii_lowercase().contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn hostile_hosts_and_unblocked_names_have_nothing_blocked() {
    for host in ["news.example", "<script>alert(1)</script>", "192.0.2.1", "a..b", "\"><b>", "[::1]:80"] {
        let headers = format!("Host: {host}\r\n{BROWSER}Accept-Language: en\r\n");
        let (answer, views) = ask("GET /<script>", &headers).await;
        assert!(!answer.contains("<script>") && !answer.contains("\"><b>"), "{host}: {answer}");
        assert!(!answer.contains("not safe"), "{host}: {answer}");
        assert_eq!(views, 0);
    }
}
