//! The story, end to end, with the real binary: a mail comes in by SMTP, is read,
//! becomes a case, is confirmed, is blocked at the gate and at an operator's gate,
//! is released; and an operator's gate blocks on with its hub gone.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]

mod harness;
mod people;

use harness::{Belfry, ask, send};
use serde_json::{Value, json};

const HOST: &str = "kaart.voorbeeldbank-login.example";
const MAIL: &[u8] = include_bytes!("../fixtures/demo.eml");

#[test]
fn a_forwarded_mail_becomes_a_blocked_answer_and_is_released() {
    let hub = Belfry::up("story");
    let receipt = send(hub.address("smtp"), MAIL);
    let case = hub.case_of(&receipt);
    assert_eq!(case["target"], HOST);
    assert_eq!(case["status"], "open");
    let file: Value = hub.api(&["case", "show", &case["id"].to_string()]);
    assert!(file["assessment"]["score"].as_f64() > Some(0.5), "{file}");
    assert!(file["assessment"]["reasons"].as_array().is_some_and(|all| all.len() > 2), "{file}");
    assert_eq!(hub.api(&["case", "list", "--sort", "urgency"])["items"][0]["id"], case["id"]);
    assert_eq!(hub.cli_bytes(&["report", "original", &receipt]), MAIL);

    let (rcode, addresses) = ask(hub.address("dns"), HOST);
    assert_ne!((rcode, &addresses[..]), (0, &["127.0.0.1".to_owned()][..]));
    let id = case["id"].to_string();
    let said = hub.cli(&["case", "confirm", &id, "--reason", "asks for card data"]);
    // Entry 1 says what zones are made by.
    assert!(said.starts_with(&format!("case {id} is blocked, order 2")), "{said}");
    hub.until_blocked(HOST);

    let page = hub.get_page(HOST);
    assert!(page.contains("kaart[.]voorbeeldbank-login[.]example"), "{page}");
    hub.until("the counts came back", || {
        let file: Value = hub.api(&["case", "show", &id]);
        file["orders"][0]["warning_views"] == json!(1)
            && file["orders"][0]["blocked_answers"].as_u64() > Some(0)
            && file["orders"][0]["first_blocked_at"].is_string()
    });

    hub.cli(&["case", "release", &id, "--reason", "a drill"]);
    hub.until("the release held", || ask(hub.address("dns"), HOST).1 != ["127.0.0.1"]);
    assert_eq!(hub.api(&["case", "show", &id])["status"], "released");
    let verified = hub.cli(&["journal", "verify"]);
    assert!(verified.contains("without gaps"), "{verified}");
    proves(&hub);
}

/// The record proves itself: to the hub's own command, and to one that has the proof alone.
fn proves(hub: &Belfry) {
    let folder = tempfile::tempdir().unwrap();
    let save = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let key = hub.cli(&["journal", "checkpoint", "--key"]);
    let before = save("before", &hub.cli(&["journal", "checkpoint", "--size", "1"]));
    let signed = ["journal", "verify", "--checkpoint", &before, "--key", key.trim()];
    assert!(hub.cli(&signed).contains("is how this journal began"));
    let proof = save("proof", &hub.cli(&["journal", "prove", "2", "--from", "1", "--json"]));
    let check = ["journal", "check", &proof, "--key", key.trim(), "--checkpoint", &before];
    assert!(hub.cli(&check).contains("the tree is signed"));
}

#[test]
fn the_same_mail_twice_is_two_reports_of_one_case() {
    let hub = Belfry::up("twice");
    let (first, second) = (send(hub.address("smtp"), MAIL), send(hub.address("smtp"), MAIL));
    assert_ne!(first, second);
    let (one, other) = (hub.case_of(&first), hub.case_of(&second));
    assert_eq!(one["id"], other["id"]);
    assert_eq!(hub.api(&["case", "show", &one["id"].to_string()])["reports"], json!(2));
}

#[test]
fn two_mutations_of_a_mail_are_one_campaign_and_it_says_why() {
    let hub = Belfry::up("campaign");
    let mutated = String::from_utf8(MAIL.to_vec())
        .unwrap()
        .replace("kaart.voorbeeldbank", "pas.voorbeeldbank2");
    let one = hub.case_of(&send(hub.address("smtp"), MAIL))["id"].clone();
    let other = hub.case_of(&send(hub.address("smtp"), mutated.as_bytes()))["id"].clone();
    assert_ne!(one, other);
    let why: Value = hub.api(&["campaign", "why", &one.to_string(), &other.to_string()]);
    assert_eq!((&why["together"], &why["why"][0]["kind"]), (&json!(true), &json!("text")), "{why}");
    let campaigns = hub.api(&["campaign", "list"]);
    assert_eq!(campaigns["items"][0]["cases"], json!(2), "{campaigns}");
    let shown = hub.cli(&["campaign", "show", &campaigns["items"][0]["id"].to_string()]);
    assert!(shown.contains("2 cases since"), "{shown}");
}

#[test]
fn an_operators_gate_follows_and_blocks_on_with_its_hub_gone() {
    let hub = Belfry::up("hub");
    let id = hub.case_of(&send(hub.address("smtp"), MAIL))["id"].to_string();
    hub.cli(&["case", "confirm", &id, "--reason", "asks for card data"]);
    let token = hub.cli(&["token", "create", "--role", "operator", "--name", "isp-one"]);
    let gate = Belfry::gate("isp", &hub, token.trim());
    gate.until_blocked(HOST);
    gate.until("a snapshot is on disk", || gate.has_snapshot());
    let data = gate.stop();
    let url = hub.url();
    hub.stop();
    let restarted = Belfry::gate_again("isp-again", &url, token.trim(), data);
    restarted.until_blocked(HOST);
}

#[test]
fn a_hub_that_is_started_again_has_everything() {
    let hub = Belfry::up("again");
    let receipt = send(hub.address("smtp"), MAIL);
    let id = hub.case_of(&receipt)["id"].to_string();
    hub.cli(&["case", "confirm", &id, "--reason", "asks for card data"]);
    hub.until_blocked(HOST);
    let data = hub.stop();
    let hub = Belfry::up_again("again-2", data);
    hub.until_blocked(HOST);
    assert_eq!(hub.api(&["case", "show", &id])["status"], "blocked");
    assert_eq!(hub.cli_bytes(&["report", "original", &receipt]), MAIL);
}

#[test]
fn the_cli_opens_the_folder_itself_where_no_hub_runs() {
    let data = Belfry::up("offline").stop();
    let listed = Belfry::offline(data.path(), &["case", "list", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&listed).unwrap(), json!({"items": [], "next": null}));
    let token =
        Belfry::offline(data.path(), &["token", "create", "--role", "reader", "--name", "x"]);
    assert!(token.starts_with("belfry_") && token.lines().count() == 1, "{token}");
}

#[test]
fn health_readiness_and_metrics_answer() {
    let hub = Belfry::up("health");
    let metrics = hub.address("metrics");
    for (path, words) in [("/healthz", "ok"), ("/readyz", "ready"), ("/metrics", "belfry_")] {
        let answer = harness::http_get(metrics, path, "localhost");
        assert!(answer.contains(words), "{path}: {answer}");
    }
}
