//! The page as browsers and worse clients meet it.

use std::sync::Mutex;

use axum::body::{Body, to_bytes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::ServiceExt;

use super::*;
use crate::http::HttpMetrics;

const HTML: &str = "text/html,*/*;q=0.8";

/// Blocks `evil.example` by order 7 and notes each view.
#[derive(Default)]
struct OneBlock(Mutex<Vec<u64>>);

impl Blocks for OneBlock {
    fn blocked(&self, name: &Domain) -> Option<WarningFacts> {
        (name.as_str() == "evil.example").then_some(WarningFacts {
            serial: Serial(7),
            category: Category::Phishing,
            reason: PublicReason::Impersonation,
            issued_at: UnixMillis(1_795_510_800_000),
            valid_until: UnixMillis(1_798_102_800_000),
        })
    }

    fn count_view(&self, serial: Serial) {
        self.0.lock().unwrap().push(serial.0);
    }
}

struct Answer {
    response: Response<()>,
    text: String,
    views: Vec<u64>,
}

async fn ask(settings: WarningSettings, request: axum::http::request::Builder) -> Answer {
    let blocks = Arc::new(OneBlock::default());
    let request = request.body(Body::empty()).unwrap();
    let response = router(settings, blocks.clone()).oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let text = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
    let views = blocks.0.lock().unwrap().clone();
    Answer { response: Response::from_parts(head, ()), text, views }
}

fn get(path: &str, host: &str, accept: &str) -> axum::http::request::Builder {
    Request::builder().uri(path).header("host", host).header("accept", accept)
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }
}

#[tokio::test]
async fn a_visitor_sees_the_page_and_is_counted_once() {
    let request = get("/login?x=1", "evil.example:8081", HTML).header("accept-language", "en");
    let page = ask(WarningSettings::default(), request).await;
    assert_eq!(page.response.status(), StatusCode::FORBIDDEN);
    assert_eq!(page.views, [7]);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("content-language"), "en");
    let (start, end) = (page.text.find("<style>").unwrap(), page.text.find("</style>").unwrap());
    let shown = format!("{}{}", &page.text[..start], &page.text[end + "</style>".len()..]);
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn the_policy_allows_the_pages_own_style_and_nothing_else() {
    let page = ask(WarningSettings::default(), get("/", "evil.example", HTML)).await;
    let style = page.text.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let hash = data_encoding::BASE64.encode(&<sha2::Sha256 as sha2::Digest>::digest(style));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with(&format!("default-src 'none'; style-src 'sha256-{hash}';")));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("x-frame-options", "DENY"),
        ("set-cookie", ""),
        ("connection", ""),
    ] {
        assert_eq!(page.header(name), value, "{name}");
    }
    assert!(!page.text.contains("<script") && !page.text.contains("style=\""));
}

#[tokio::test]
async fn the_language_follows_the_switch_then_the_browser() {
    for (path, accepted, title) in [
        ("/", "", "Deze website is geblokkeerd"),
        ("/", "en;q=0.4, fr-BE;q=0.9", "Ce site web est bloqué"),
        ("/?lang=de", "fr", "Diese Website ist gesperrt"),
        ("/?lang=en", "fr", "This website is blocked"),
    ] {
        let request = get(path, "evil.example", HTML).header("accept-language", accepted);
        let page = ask(WarningSettings::default(), request).await;
        assert!(page.text.contains(&format!("<h1>{title}</h1>")), "{path} {accepted}");
        assert_eq!(page.text.matches("<h1>").count(), 1);
    }
}

#[tokio::test]
async fn hostile_hosts_and_paths_never_reach_the_page() {
    for host in ["<script>alert(1)</script>", "a\"onload=x", "evil.example<", "[::1]", "-", ""] {
        let page = ask(WarningSettings::default(), get("/?lang=%3Cscript%3E", host, HTML)).await;
        assert_eq!(page.response.status(), StatusCode::NOT_FOUND, "{host}");
        assert!(!page.text.contains("<script") && !page.text.contains("onload"), "{host}");
        assert!(page.views.is_empty());
    }
}

#[tokio::test]
async fn an_operators_words_are_escaped_and_only_web_links_are_links() {
    let settings = WarningSettings {
        authority: "<b>CERT & Co</b>".into(),
        objection_url: Some("javascript:alert(1)".into()),
        report_url: Some("https://report.example/?a=1&b=\"".into()),
        helpline_phone: "+32 <i>78".into(),
        ..WarningSettings::default()
    };
    let page = ask(settings, get("/?lang=en", "evil.example", HTML)).await;
    assert!(!page.text.contains("<b>") && !page.text.contains("<i>"));
    assert!(!page.text.contains("javascript:") && page.text.contains("quote the order number"));
    assert!(page.text.contains("https://report.example/?a=1&#38;b=&#34;"), "{}", page.text);
    assert!(page.text.contains("href=\"tel:+3278\""));
}

#[tokio::test]
async fn the_sites_own_parts_get_a_line_and_count_nothing() {
    for dest in ["script", "image", "empty", "style"] {
        let request = get("/x.js", "evil.example", HTML).header("sec-fetch-dest", dest);
        let line = ask(WarningSettings::default(), request).await;
        assert_eq!(line.response.status(), StatusCode::FORBIDDEN);
        assert_eq!(line.header("content-type"), "text/plain; charset=utf-8");
        assert!(line.text.starts_with("Geblokkeerd: ") && line.text.lines().count() == 1);
        assert!(line.views.is_empty());
    }
}

#[tokio::test]
async fn a_head_is_not_a_view() {
    let page = ask(WarningSettings::default(), get("/", "evil.example", HTML).method("HEAD")).await;
    assert_eq!((page.response.status(), page.views.len()), (StatusCode::FORBIDDEN, 0));
}

#[tokio::test]
async fn an_unblocked_name_is_told_so() {
    let page = ask(WarningSettings::default(), get("/?lang=en", "good.example", HTML)).await;
    assert_eq!(page.response.status(), StatusCode::NOT_FOUND);
    assert!(page.text.contains("<h1>Nothing is blocked under this name now</h1>"));
    assert!(page.text.contains("good[.]example") && page.views.is_empty());
}

/// A large upload is answered whole: its connection is not reset under the answer.
#[tokio::test]
async fn an_upload_does_not_cost_its_sender_the_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (blocks, stop) = (Arc::new(OneBlock::default()), CancellationToken::new());
    tokio::spawn(serve(
        listener,
        WarningSettings::default(),
        blocks,
        HttpMetrics::default(),
        stop.clone(),
    ));
    for method in ["POST", "PATCH"] {
        let mut client = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "{method} /?lang=en HTTP/1.1\r\nHost: evil.example\r\nAccept: text/html\r\n\
             Content-Length: 8000000\r\n\r\n"
        );
        client.write_all(head.as_bytes()).await.unwrap();
        client.write_all(&vec![b'x'; 8_000_000]).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    }
    stop.cancel();
}

#[test]
fn french_has_its_spaces() {
    let french = include_str!("texts/fr.rs");
    for bad in [" :", " ?", " !", " ;"] {
        assert!(!french.contains(bad), "{bad:?} can be broken at the end of a line");
    }
    assert!(french.contains("\\u{a0}:") && french.contains("\\u{202f}?"));
}

/// The body never comes; the answer does, and then the end of the connection.
#[tokio::test]
async fn a_form_is_answered_unread_and_its_connection_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (blocks, stop) = (Arc::new(OneBlock::default()), CancellationToken::new());
    let server = serve(
        listener,
        WarningSettings::default(),
        blocks.clone(),
        HttpMetrics::default(),
        stop.clone(),
    );
    let server = tokio::spawn(server);
    let mut client = TcpStream::connect(address).await.unwrap();
    let head = "POST /pay?lang=en HTTP/1.1\r\nHost: evil.example\r\nAccept: text/html\r\n\
                Content-Length: 4000000000\r\n\r\npin=1234";
    client.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = client.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(answer.to_lowercase().contains("connection: close"));
    assert!(answer.contains("What you just sent was not read") && !answer.contains("1234"));
    assert!(!answer.to_lowercase().contains("set-cookie"));
    assert_eq!(*blocks.0.lock().unwrap(), [7]);
    stop.cancel();
    server.await.unwrap();
}
