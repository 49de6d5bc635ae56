//! The SMS shield as its users meet it: a customer hands a text over, an analyst confirms it,
//! the operator's filter refuses its mutations, and nothing of any other message stays.

#![expect(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

#[cfg(test)]
#[path = "../harness/mod.rs"]
mod harness;
mod kannel;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use harness::{Belfry, http_get};
use serde_json::{Value, json};
use tempfile::TempDir;

const FRAUD: &str = "Douane: uw zending werd tegengehouden. Voldoe de invoerkosten van 2,99 via \
                     https://zending-vrijgeven.example/x1";
const MUTATION: &str = "DOUANE: uw zending werd tegengehoudenn. Voldoe de invoerkosten van 4,49 \
                        via https://pakket-los.example/q7";
const HONEST: &str = "Hoi mam, ik ben om zes uur thuis. Neem jij brood mee? Kusjes, Zwaluwstaart";

/// One POST of JSON over a connection of its own: the status and the answer.
fn post(at: SocketAddr, path: &str, token: &str, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let mut stream = TcpStream::connect(at).unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

fn decision(filter: &Belfry, text: &str) -> Value {
    post(filter.address("decide"), "/v1/decide", "", &json!({ "text": text })).1
}

/// A hub with an operator that has a legal basis; the operator's token.
fn hub() -> (Belfry, String) {
    let hub = Belfry::up_with("hub", "", TempDir::new().unwrap());
    let arguments = ["token", "create", "--role", "operator", "--name", "telco-1.sms"];
    let token = hub.cli(&arguments).trim().to_owned();
    let basis = ["sms", "basis", "add", "telco-1", "--authority", "Act 121/8", "--until"];
    let said = hub.cli(&[&basis[..], &["2099-01-01"]].concat());
    assert!(said.starts_with("basis 1 of telco-1 holds"), "{said}");
    (hub, token)
}

/// Hands the fraud over and has it confirmed; the case.
fn confirmed(hub: &Belfry, token: &str) -> String {
    let sms = json!({ "text": FRAUD, "sender": "DOUANE" });
    let (status, handed) = post(hub.address("http"), "/api/v1/sms/handovers", token, &sms);
    assert_eq!((status, &handed["operator"]), (201, &json!("telco-1")), "{handed}");
    let case = hub.case_of(handed["receipt"].as_str().unwrap())["id"].to_string();
    let early = ["sms", "template", "order", "1", "--case", &case, "--basis", "1"];
    assert!(hub.refused(&early).contains("found to be fraud"));
    hub.cli(&["case", "confirm", &case, "--reason", "no customs office asks so"]);
    case
}

fn filter(hub: &Belfry, token: &str) -> Belfry {
    Belfry::sms("filter", &hub.url(), token, TempDir::new().unwrap())
}

#[test]
fn a_text_that_a_customer_handed_over_stops_with_its_mutations_and_is_released() {
    let (hub, token) = hub();
    let case = confirmed(&hub, &token);
    let filter = filter(&hub, &token);
    assert_eq!(decision(&filter, FRAUD)["decision"], "pass");
    let draft = ["1", "--case", &case, "--basis", "1"];
    let ask = |verb| hub.cli(&[&["sms", "template", verb], &draft[..]].concat());
    assert!(ask("check").starts_with("it may be ordered\n"));
    let said = ask("order");
    assert!(said.contains("hxxps://zending-vrijgeven[.]example/x1"), "{said}");
    let serial = said.split(['\n', ' ']).nth(2).unwrap().to_owned();
    filter.until("the template holds", || decision(&filter, FRAUD)["decision"] == "reject");
    assert_eq!(
        decision(&filter, MUTATION),
        json!({"decision": "reject", "template": serial.parse::<u64>().unwrap()})
    );
    assert_eq!(decision(&filter, HONEST)["decision"], "pass");
    hub.until("the count came back", || {
        let listed = hub.cli(&["sms", "template", "list"]);
        !listed.contains(" 0 matches") && listed.contains(" matches")
    });
    let released = hub.cli(&["sms", "template", "release", &serial, "--reason", "mistake"]);
    assert!(released.starts_with(&format!("template {serial} is released")), "{released}");
    filter.until("the release held", || decision(&filter, FRAUD)["decision"] == "pass");
    assert_eq!(hub.cli(&["sms", "template", "list"]), "no template holds\n");
    assert!(hub.cli(&["journal", "verify"]).contains("without gaps"));
}

#[test]
fn the_end_of_the_legal_basis_is_the_end_of_its_templates() {
    let (hub, token) = hub();
    let case = confirmed(&hub, &token);
    let filter = filter(&hub, &token);
    hub.cli(&["sms", "template", "order", "1", "--case", &case, "--basis", "1"]);
    filter.until("the template holds", || decision(&filter, FRAUD)["decision"] == "reject");
    let said = hub.cli(&["sms", "basis", "end", "1"]);
    assert_eq!(said, "basis 1 no longer holds; 1 templates ended with it\n");
    filter.until("it ended", || decision(&filter, FRAUD)["decision"] == "pass");
    let again = ["sms", "template", "order", "1", "--case", &case, "--basis", "1"];
    assert!(hub.refused(&again).contains("legal basis"), "{}", hub.refused(&again));
    let sms = json!({ "text": FRAUD });
    let (status, problem) = post(hub.address("http"), "/api/v1/sms/handovers", &token, &sms);
    assert_eq!((status, &problem["type"]), (403, &json!("urn:belfry:problem:legal-basis")));
}

#[test]
fn without_a_hand_over_no_text_becomes_a_template() {
    let (hub, _) = hub();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(FRAUD.as_bytes()).unwrap();
    let reporter = hub.cli(&["token", "create", "--role", "reporter", "--name", "telco-1b"]);
    let report = json!({ "sms": { "text": FRAUD } });
    let (status, made) = post(hub.address("http"), "/api/v1/reports", reporter.trim(), &report);
    assert_eq!(status, 201, "{made}");
    let case = hub.case_of(made["receipt"].as_str().unwrap())["id"].to_string();
    hub.cli(&["case", "confirm", &case, "--reason", "a drill"]);
    for mode in [&[][..], &["--shadow"]] {
        let order = ["sms", "template", "order", "1", "--case", &case, "--basis", "1"];
        let said = hub.refused(&[&order[..], mode].concat());
        assert!(said.contains("no hand-over 1"), "{said}");
    }
    // A reporter's token hands nothing over, and no token at all even less.
    for token in [reporter.trim(), "none"] {
        let sms = json!({ "text": FRAUD });
        let (status, _) = post(hub.address("http"), "/api/v1/sms/handovers", token, &sms);
        assert!(status == 401 || status == 403, "{status}");
    }
    assert_eq!(hub.cli(&["sms", "handover", "list"]), "nothing was handed over\n");
}

/// What the SMSC sends for a customer's message to the short code.
fn delivered(sequence: u32, text: &str) -> Vec<u8> {
    let mut body = b"\0\x01\x0132470000001\0\x03\08450\0\0\0\0\0\0\0\0\0\0".to_vec();
    body.push(u8::try_from(text.len()).unwrap());
    body.extend_from_slice(text.as_bytes());
    let length = u32::try_from(16 + body.len()).unwrap();
    let head = [length, 5, 0, sequence].map(u32::to_be_bytes).concat();
    [head, body].concat()
}

/// The next PDU: its command, its status, and all of it.
fn pdu(stream: &mut TcpStream) -> (u32, u32, Vec<u8>) {
    let mut head = [0; 16];
    stream.read_exact(&mut head).unwrap();
    let word = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().unwrap());
    let mut whole = head.to_vec();
    whole.resize(word(0) as usize, 0);
    stream.read_exact(&mut whole[16..]).unwrap();
    (word(4), word(8), whole)
}

#[test]
fn what_is_forwarded_to_the_short_code_is_handed_over_and_thanked_for() {
    let (hub, token) = hub();
    let smsc = std::net::TcpListener::bind("127.91.4.1:0").unwrap();
    let at = smsc.local_addr().unwrap().to_string();
    let data = TempDir::new().unwrap();
    let (secret, file) = (data.path().join("password"), data.path().join("token"));
    std::fs::write(&secret, "secret\n").unwrap();
    std::fs::write(&file, &token).unwrap();
    let (secret, file) = (secret.to_str().unwrap().to_owned(), file.to_str().unwrap().to_owned());
    let more = [
        "--smsc",
        &at,
        "--short-code",
        "8450",
        "--short-code-account",
        "belfry",
        "--short-code-password-file",
        &secret,
        "--thanks",
        "Bedankt: {receipt}",
    ];
    let filter = Belfry::sms_at("short code", &hub.url(), &more, &file, data);
    let (mut stream, _) = smsc.accept().unwrap();
    let (command, _, bind) = pdu(&mut stream);
    assert_eq!((command, &bind[16..30]), (9, &b"belfry\0secret\0"[..]));
    stream.write_all(&[16, 0x8000_0009, 0, 1].map(u32::to_be_bytes).concat()).unwrap();
    stream.write_all(&delivered(7, FRAUD)).unwrap();
    let (command, status, _) = pdu(&mut stream);
    assert_eq!((command, status), (0x8000_0005, 0));
    let (command, _, thanks) = pdu(&mut stream);
    let thanks = String::from_utf8_lossy(&thanks).into_owned();
    let (_, receipt) = thanks.split_once("Bedankt: ").unwrap();
    assert!(command == 4 && thanks.contains("32470000001"), "{thanks}");
    assert_eq!(hub.case_of(receipt)["status"], "open");
    assert!(hub.cli(&["sms", "handover", "list"]).contains(receipt));
    assert!(hub.cli(&["sms", "handover", "text", "1"]).contains("zending-vrijgeven[.]example"));
    // Nobody's number went to the hub, and none stays here.
    for folder in [hub.stop(), filter.stop()] {
        assert_eq!(files_with(folder.path(), b"32470000001"), Vec::<String>::new());
    }
}

/// Every file below `folder` that holds these octets.
fn files_with(folder: &Path, planted: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, planted));
        } else if let Ok(bytes) = std::fs::read(&path)
            && bytes.windows(planted.len()).any(|window| window == planted)
        {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn nothing_of_a_message_stays_at_the_filter() {
    let (hub, token) = hub();
    let case = confirmed(&hub, &token);
    let filter = filter(&hub, &token);
    hub.cli(&["sms", "template", "order", "1", "--case", &case, "--basis", "1"]);
    filter.until("the template holds", || decision(&filter, FRAUD)["decision"] == "reject");
    for _ in 0..20 {
        decision(&filter, HONEST);
        decision(&filter, MUTATION);
    }
    let metrics = filter.metrics("/metrics");
    assert!(metrics.contains("sms_passed"), "{metrics}");
    for planted in ["Zwaluwstaart", "pakket-los", "tegengehoudenn"] {
        assert!(!metrics.contains(planted));
        assert!(!http_get(filter.address("metrics"), "/readyz", "localhost").contains(planted));
    }
    let folder = filter.stop();
    for planted in ["Zwaluwstaart", "pakket-los", "tegengehoudenn"] {
        assert_eq!(files_with(folder.path(), planted.as_bytes()), Vec::<String>::new());
    }
    // What must be there is: the template itself, in the last snapshot.
    assert!(!files_with(folder.path(), b"zending-vrijgeven").is_empty());
}
