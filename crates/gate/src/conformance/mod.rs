//! Unbound's own RPZ conversations, played against the engine: its zones, what its
//! upstreams answer, and what clients must hear. `script` reads them, here is what a
//! forwarder has of them, and why the rest is not for it.
//!
//! The names of the conversations are single labels, which the gate's last line
//! refuses: it is off here, and only here.

mod script;
mod transfer;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

use belfry_journal::UnixMillis;

use self::script::{Entry, Script, Turn, ZoneText};
use crate::access::Prefix;
use crate::answer::{Engine, Relay, Step, Transport};
use crate::lastline::LastLine;
use crate::names::Seed;
use crate::relayed::{Caps, Relayed};
use crate::rpz::{Loader, ZoneAction};
use crate::settings::GateSettings;

/// Conversations that are not played, and why.
const NOT_OURS: [(&str, &str); 3] = [
    ("rpz_nsdname", "rpz-nsdname: a forwarder does not see name servers; counted and logged"),
    ("rpz_nsip", "rpz-nsip: nor their addresses; counted and logged"),
    ("rpz_rootwc", "`*` at the apex blocks everything: refused by the last line"),
];

/// Turns of conversations that are played and have something of those in them.
const NOT_THESE: [(&str, &str, &str); 2] = [
    ("rpz_signal_nxdomain_ra", "d.d.a. TXT", "rpz-nsdname"),
    ("rpz_signal_nxdomain_ra", "e.e.a. TXT", "rpz-nsip"),
];

/// Answers that differ, each for a reason: the file, the question, ours.
const DIFFERS: [(&str, &str, &str); 2] = [
    // Two policies at one name: we take the records of the second for what they are, as
    // written; the name of a chain's end is answered under the name asked for.
    ("rpz_qname", "f.example. TXT", "NOERROR f.example. TXT \"local data 2nd zone\""),
    // The chain that leads to a name that does not exist is left out.
    ("rpz_signal_nxdomain_ra", "c.a. TXT", "NXDOMAIN"),
];

fn engine(zones: &[ZoneText]) -> Engine {
    let clients = vec![Prefix::from_str("0.0.0.0/0").unwrap()];
    let settings = GateSettings { clients, ..GateSettings::default() };
    let engine = Engine::new(&settings, [0; 16], [7; 16], || UnixMillis(5));
    let line = LastLine::lax();
    let mut loader = Loader::new(Seed::new([7; 16]), &line, 0);
    for zone in zones {
        let live = zone.action != "disabled";
        let known = Some(&zone.action).filter(|action| live && !action.is_empty());
        let action =
            known.map_or(ZoneAction::Given, |it| ZoneAction::try_from(it.clone()).unwrap());
        let name = zone.name.trim_end_matches('.');
        loader.zone_with(name, live, &action, zone.text.as_bytes()).unwrap();
    }
    engine.blockset.replace_zones(Arc::new(loader.finish().unwrap()));
    engine.readiness.serve();
    engine
}

/// What the client hears, in words.
fn heard(engine: &Engine, script: &Script, turn: &Turn) -> String {
    let transport = if turn.tcp { Transport::Tcp } else { Transport::Udp };
    let packet = turn.question.query();
    let mut step = engine.answer(&packet, turn.client, transport, Instant::now());
    loop {
        match step {
            Step::Drop => return "nothing".to_owned(),
            Step::Reply(reply) => return script::words(&reply),
            Step::Forward(forward) => {
                let asked = &forward.asked().question;
                let message = script.upstream(&asked.name, asked.qtype);
                let caps = Caps { ttl: 0, negative_ttl: 0, trusts_ad: false };
                let answer = Relayed::read(script::ID, asked, &message, caps).unwrap();
                step = match engine.finish(&forward, Ok(&answer)) {
                    Relay::Reply(reply) => reply.map_or(Step::Drop, Step::Reply),
                    Relay::Again(next) => Step::Forward(next),
                };
            }
        }
    }
}

fn play(file: &str) {
    let path = format!("conformance/unbound_rpz/{file}.rpl");
    let Some(path) = belfry_testbed::corpus(&path) else { return };
    let script = Script::read(&std::fs::read_to_string(path).unwrap());
    let engine = engine(&script.zones);
    assert!(!script.turns.is_empty(), "{file} has no turns");
    let turns: Vec<&Turn> = script.turns.iter().collect();
    hear(file, &engine, &script, &turns);
}

/// These turns, of which all but those that have their reason must be as in the script.
fn hear(file: &str, engine: &Engine, script: &Script, turns: &[&Turn]) {
    let mut wrong = Vec::new();
    for turn in turns {
        let question = turn.question.title();
        if NOT_THESE.iter().any(|(name, asked, _)| *name == file && *asked == question) {
            continue;
        }
        let expect = DIFFERS.iter().find(|(name, asked, _)| *name == file && *asked == question);
        let expect = expect.map_or_else(|| turn.expect.clone(), |(_, _, ours)| (*ours).to_owned());
        let got = heard(engine, script, turn);
        if got != expect {
            wrong.push(format!("{question}\n  unbound {expect}\n  belfry  {got}"));
        }
    }
    assert!(wrong.is_empty(), "{file}:\n{}", wrong.join("\n"));
}

#[test]
fn qname_triggers() {
    play("rpz_qname");
}

#[test]
fn qname_triggers_over_tcp_only() {
    play("rpz_qname_tcponly");
}

#[test]
fn response_address_triggers() {
    play("rpz_respip");
}

#[test]
fn response_address_triggers_over_tcp_only() {
    play("rpz_respip_tcponly");
}

#[test]
fn client_triggers() {
    play("rpz_clientip");
}

#[test]
fn a_zone_that_lets_pass_ends_the_search() {
    play("rpz_passthru");
}

#[test]
fn actions_in_place_of_a_zones_own() {
    play("rpz_qname_override");
    play("rpz_respip_override");
}

/// Without the option itself: it clears RA, which is not compared.
#[test]
fn nxdomain_by_each_trigger() {
    play("rpz_signal_nxdomain_ra");
}

#[test]
fn a_zone_that_is_transferred_takes_the_place_of_what_was() {
    transfer::play("rpz_axfr", "whole");
    transfer::play("rpz_ixfr", "difference");
}

#[test]
fn every_conversation_is_played_or_has_its_reason() {
    let Some(folder) = belfry_testbed::corpus("conformance/unbound_rpz") else { return };
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
    let mut files: Vec<_> = files.filter_map(|name| name.into_string().ok()).collect();
    files.retain(|name| name.ends_with(".rpl"));
    let played = [
        "rpz_qname",
        "rpz_qname_tcponly",
        "rpz_respip",
        "rpz_respip_tcponly",
        "rpz_clientip",
        "rpz_passthru",
        "rpz_qname_override",
        "rpz_respip_override",
        "rpz_signal_nxdomain_ra",
        "rpz_axfr",
        "rpz_ixfr",
    ];
    let mut known: Vec<_> = NOT_OURS.iter().map(|(name, _)| *name).chain(played).collect();
    known.sort_unstable();
    files.sort();
    let names: Vec<_> = files.iter().map(|name| name.trim_end_matches(".rpl")).collect();
    assert_eq!(names, known);
}

#[test]
fn an_entry_becomes_a_message_and_words_again() {
    let entry = Entry::read(
        "REPLY QR NOERROR\nSECTION QUESTION\na. IN A\nSECTION ANSWER\na. IN A 192.0.2.1\nb. 60 IN TXT \"x y\"\n",
    );
    assert_eq!(entry.title(), "a. A");
    assert_eq!(script::words(&entry.message()), "NOERROR a. A 192.0.2.1; b. TXT \"x y\"");
}
