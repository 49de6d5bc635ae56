//! Pages of cases with the real binary and real Chromium: an analyst asks for one by CLI and
//! by API, a page of ours on loopback is opened, and what was seen is kept with the case.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]

#[cfg(test)]
mod harness;

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};

use belfry_testbed::{loopback, peer};
use harness::{Belfry, send};
use serde_json::{Value, json};
use tempfile::TempDir;

const PAGE: &str = "<title>Voorbeeldbank</title><h1>Meld u aan</h1>\
     <form action='https://drop.example/take' method=POST>\
     <label>PIN <input type=password name=pin></label><button>Verder</button></form>";

/// A page of ours, for as long as the test runs; answers where it is.
fn site(address: IpAddr) -> SocketAddr {
    let listener = TcpListener::bind((address, 0)).unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    at
}

fn serve(mut stream: TcpStream) {
    let mut request = [0; 8_192];
    if stream.read(&mut request).is_ok_and(|read| read > 0) {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\
                    Connection: close\r\nContent-Length:";
        let _gone = write!(stream, "{head} {}\r\n\r\n{PAGE}", PAGE.len());
    }
}

/// A hub that may open pages on `reachable`.
fn hub(reachable: IpAddr, data: TempDir) -> Option<Belfry> {
    let program = peer("chromium")?;
    // As root, which most containers run tests as, Chromium runs as nobody, without namespaces.
    let root = std::fs::metadata("/proc/self")
        .is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0);
    let user = if root { "sandbox = false\nuser_id = 65534\n" } else { "" };
    let program = program.display();
    let more = format!(
        "[inspect]\nprogram = \"{program}\"\nreachable = [\"{reachable}\"]\nsettle_ms = 500\n{user}"
    );
    Some(Belfry::up_with("inspecting-hub", &more, data))
}

/// A call of the API with a token: status and body.
fn call(hub: &Belfry, token: &str, method: &str, path: &str, body: &str) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(hub.address("http")).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_off(end + 4))
}

fn is_the_login(found: &Value, at: SocketAddr) {
    assert_eq!((&found["status"], &found["seen"]), (&json!("done"), &json!("page")), "{found}");
    let page = &found["page"];
    assert_eq!(page["title"], "Voorbeeldbank");
    assert!(page["text"].as_str().unwrap().contains("Meld u aan"));
    assert_eq!(page["landed"], format!("http://{at}/login"));
    let form = &page["forms"][0];
    assert_eq!((&form["password"], &form["elsewhere"]), (&json!(true), &json!(true)));
    assert_eq!(form["action"], "https://drop.example/take");
    assert_eq!(found["picture"], true);
}

#[test]
fn a_page_that_an_analyst_asks_for_is_opened_and_kept_with_its_case() {
    let address = IpAddr::from(loopback());
    let Some(hub) = hub(address, TempDir::new().unwrap()) else { return };
    let at = site(address);
    let mail = format!(
        "From: Bank <bank@voorbeeldbank.example>\r\nTo: you@example.com\r\nSubject: Uw rekening\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n\
         Uw rekening is beperkt, bevestig hier:\r\nhttp://{at}/login\r\n"
    );
    let case = hub.case_of(&send(hub.address("smtp"), mail.as_bytes()))["id"].to_string();

    // By the CLI, which waits for it.
    let file = hub.folder().join("picture.png");
    let picture = ["--picture", file.to_str().unwrap()];
    let asked = [&["case", "inspect", &case][..], &picture].concat();
    is_the_login(&hub.api(&asked), at);
    assert!(std::fs::read(&file).unwrap().starts_with(b"\x89PNG"));

    // By the API, as a phone.
    let token = hub.cli(&["token", "create", "--role", "analyst", "--name", "an"]);
    let token = token.trim();
    let path = format!("/api/v1/cases/{case}/inspections");
    let (status, body) = call(&hub, token, "POST", &path, "{\"profile\":\"phone\"}");
    assert_eq!(status, 202, "{}", String::from_utf8_lossy(&body));
    let asked: Value = serde_json::from_slice(&body).unwrap();
    let own = format!("/api/v1/inspections/{}", asked["id"]);
    let mut found = Value::Null;
    hub.until("the page was opened", || {
        found = serde_json::from_slice(&call(&hub, token, "GET", &own, "").1).unwrap();
        found["status"] != "waiting"
    });
    is_the_login(&found, at);
    assert_eq!((&found["profile"], &found["by"]), (&json!("phone"), &json!("token:an")));
    let (status, png) = call(&hub, token, "GET", &format!("{own}/picture"), "");
    assert!(status == 200 && png.starts_with(b"\x89PNG"));
    let (_, all) = call(&hub, token, "GET", &path, "");
    let all: Value = serde_json::from_slice(&all).unwrap();
    assert_eq!(all["items"].as_array().unwrap().len(), 2);

    // Who only reports may neither ask nor look.
    let reporter = hub.cli(&["token", "create", "--role", "reporter", "--name", "bo"]);
    for (method, path) in [("POST", &path), ("GET", &own)] {
        assert_eq!(call(&hub, reporter.trim(), method, path, "{}").0, 403, "{method} {path}");
    }

    // It is kept: another process over the same folder, which can't reach the page any more.
    let again = Belfry::up_again("hub-again", hub.stop());
    is_the_login(&again.api(&["case", "inspect", &case, "--last"]), at);
}

#[test]
fn a_page_that_is_not_public_is_refused_unless_the_configuration_allows_it() {
    let Some(hub) = hub(IpAddr::from(loopback()), TempDir::new().unwrap()) else { return };
    let at = site(IpAddr::from(loopback()));
    let text = format!("Subject: x\r\nFrom: a@b.example\r\n\r\nPay at http://{at}/login now\r\n");
    let case = hub.case_of(&send(hub.address("smtp"), text.as_bytes()))["id"].to_string();
    let found = hub.api(&["case", "inspect", &case]);
    assert_eq!((&found["status"], &found["seen"]), (&json!("done"), &json!("refused")), "{found}");
    assert!(found["page"]["why"].as_str().unwrap().contains("is not public"), "{found}");
    assert_eq!(found["page"]["forms"], json!([]));
}
