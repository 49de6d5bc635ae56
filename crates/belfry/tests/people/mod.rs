//! What must hold for those who trust the hub, with the real binary: reporters hear the
//! outcome and are then forgotten; secrets and people are in no log; ports are protected.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]

mod peers;

use std::fs;
use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Client, StatusCode};
use serde_json::json;
use tempfile::TempDir;

use crate::harness::{Belfry, send_from};
use peers::{Smarthost, dns};

const HOST: &str = "kaart.voorbeeldbank-login.example";
const REPORTER: &str = "plant.reporter@mail.example";

fn mail() -> Vec<u8> {
    let text = String::from_utf8(crate::MAIL.to_vec()).unwrap();
    let text = text
        .replace("<an.janssens@mail.example>", &format!("<{REPORTER}>"))
        .replace("Subject: Fwd: Uw kaart", "Subject: Fwd: plant-subject Uw kaart");
    assert!(text.contains(REPORTER) && text.contains("plant-subject"));
    text.into_bytes()
}

/// The configuration of a hub that checks senders and answers them.
fn letters(smarthost: &Smarthost, password: &Path) -> String {
    format!(
        "[intake.authentication]\nresolvers = [\"{}\"]\n[outgoing]\nsmarthost = \"127.0.0.1\"\n\
         port = {}\nencryption = \"none\"\nuser = \"belfry\"\npassword_file = \"{}\"\n\
         sender = \"Meldpunt <report@csirt.example>\"\n",
        dns("mail.example", "v=spf1 ip4:127.0.0.1 -all"),
        smarthost.address.port(),
        password.display(),
    )
}

fn private_file(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

#[test]
fn a_reporter_hears_the_outcome_and_is_in_no_log_and_no_file() {
    let data = TempDir::new().unwrap();
    let smarthost = Smarthost::start();
    let password = private_file(data.path(), "password", "plant-password\n");
    let hub = Belfry::up_with("trust", &letters(&smarthost, &password), data);
    let receipt = send_from(hub.address("smtp"), REPORTER, &mail());
    let id = hub.case_of(&receipt)["id"].to_string();
    hub.until("the receipt was acknowledged", || smarthost.letters().len() == 1);
    let file = hub.api(&["case", "show", &id]);
    assert_eq!((&file["reporters"], &file["proven_reporters"]), (&json!(1), &json!(1)));
    let sender = json!({"spf": "pass", "dkim": "none", "dmarc": "none", "authentic": true});
    assert_eq!(file["latest_reports"][0]["sender"], sender);
    let token = hub.cli(&["token", "create", "--role", "analyst", "--name", "ada"]);
    let token = token.trim();
    let reason = "plant-reason";
    hub.cli(&["case", "confirm", &id, "--reason", reason]);
    hub.until("the outcome was told", || smarthost.letters().len() == 2);
    for letter in smarthost.letters() {
        assert!(letter.from.is_empty(), "a letter that can bounce: {}", letter.from);
        assert_eq!(letter.to, REPORTER);
        assert!(letter.text.contains(&receipt), "{}", letter.text);
        assert!(letter.text.contains("In-Reply-To: <20261124081244.7f1@mail.example>"));
        for plant in [HOST, "plant-subject", "plant-reason"] {
            assert!(!letter.text.contains(plant), "{plant} in {}", letter.text);
        }
    }
    let [arrived, outcome] = &smarthost.letters()[..] else { panic!("two letters") };
    assert!(arrived.text.contains("Uw bericht is aangekomen"), "{}", arrived.text);
    let flat = outcome.text.replace("=\r\n", "");
    assert!(flat.contains("kaart[.]voorbeeldbank-login[.]example"), "{flat}");
    assert_eq!(smarthost.logins(), "belfry plant-password");

    hub.until("the token works", || api(&hub, token) == StatusCode::OK);
    let folder = hub.stop();
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("TRACE"), "nothing was logged at trace level");
    let plants = [REPORTER, "plant.reporter", "plant-subject", reason, "plant-password", token];
    for plant in plants.into_iter().chain([receipt.as_str()]) {
        assert!(!log.contains(plant), "{plant} is in the log");
    }
    let plants = [REPORTER, "plant-subject", "plant-password", token];
    peers::find_nothing(&folder.path().join("data"), &plants);
}

/// Asks the API in clear.
fn api(hub: &Belfry, token: &str) -> StatusCode {
    let client = Client::builder().no_proxy().build().unwrap();
    status(&client, &format!("{}/api/v1/cases", hub.url()), token)
}

fn status(client: &Client, url: &str, token: &str) -> StatusCode {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let patience = Duration::from_secs(10);
    let asked = async { client.get(url).bearer_auth(token).timeout(patience).send().await };
    runtime.block_on(asked).map_or(StatusCode::BAD_GATEWAY, |answer| answer.status())
}

/// A client that trusts the certificate in `file` alone; `None` while there is none.
fn trusting(file: &Path) -> Option<Client> {
    let root = Certificate::from_pem(&fs::read(file).ok()?).ok()?;
    Client::builder().no_proxy().tls_certs_only([root]).build().ok()
}

#[test]
fn ports_are_protected_and_a_gate_follows_over_tls() {
    let data = TempDir::new().unwrap();
    let more = "[http_tls]\nself_signed = true\n[smtp_tls]\nself_signed = true\n\
                [http]\nfailures_burst = 3\nfailures_per_minute = 1\n";
    let hub = Belfry::up_with("protected", more, data);
    let url = format!("https://{}", hub.address("http"));
    let certificate = hub.folder().join("http.pem");
    let client = trusting(&certificate).unwrap();
    let token = hub.cli(&["token", "create", "--role", "operator", "--name", "isp"]);
    let orders = format!("{url}/api/v1/orders");
    assert_eq!(status(&client, &orders, token.trim()), StatusCode::OK);
    // In clear, nothing is answered.
    assert_eq!(api(&hub, token.trim()), StatusCode::BAD_GATEWAY);

    let id = hub.case_of(&send_from(hub.address("smtp"), REPORTER, &mail()))["id"].to_string();
    hub.cli(&["case", "confirm", &id, "--reason", "asks for card data"]);
    let gate = Belfry::gate_trusting("isp", &url, token.trim(), &certificate);
    gate.until_blocked(HOST);

    for guess in ["wrong-1", "wrong-2", "wrong-3"] {
        assert_eq!(status(&client, &orders, guess), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(status(&client, &orders, "wrong-4"), StatusCode::TOO_MANY_REQUESTS);
    // The hub's own socket goes on all the same.
    assert_eq!(hub.api(&["case", "show", &id])["status"], json!("blocked"));
    let smtp = hub.address("smtp").to_string();
    let arguments = ["-starttls", "smtp", "-connect", &smtp];
    peers::openssl(&arguments, &hub.folder().join("smtp.pem"));
}

#[test]
fn certificates_are_read_again_on_hangup() {
    let data = TempDir::new().unwrap();
    let (chain, key) = (data.path().join("chain.pem"), data.path().join("key.pem"));
    let write = || {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        fs::write(&chain, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    };
    write();
    let more =
        format!("[http_tls]\ncertificate = \"{}\"\nkey = \"{}\"\n", chain.display(), key.display());
    let hub = Belfry::up_with("hangup", &more, data);
    let url = format!("https://{}/api/v1/openapi.json", hub.address("http"));
    let first = trusting(&chain).unwrap();
    assert_eq!(status(&first, &url, "none"), StatusCode::OK);
    write();
    let second = trusting(&chain).unwrap();
    assert_eq!(status(&second, &url, "none"), StatusCode::BAD_GATEWAY);
    hub.signal("HUP");
    hub.until("the new one is served", || status(&second, &url, "none") == StatusCode::OK);
    fs::write(&chain, "broken").unwrap();
    hub.signal("HUP");
    assert_eq!(status(&second, &url, "none"), StatusCode::OK);
    hub.stop();
}
