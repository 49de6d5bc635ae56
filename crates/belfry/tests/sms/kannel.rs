//! A real gateway, Kannel of Debian, through `belfry sms` to an SMSC: messages both ways and
//! in parts, a template's match refused, and a restart of any of the three.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use belfry_testbed::kannel::{Kannel, Programs};
use belfry_testbed::smsc::{Delivery, Smsc};
use belfry_testbed::{loopback, peer};
use tempfile::TempDir;

use super::{FRAUD, MUTATION, confirmed, decision, hub};
use crate::harness::Belfry;

const OURS: Ipv4Addr = Ipv4Addr::new(127, 91, 5, 1);

fn programs() -> Option<Programs> {
    Some(Programs { bearerbox: peer("bearerbox")?, smsbox: peer("smsbox")? })
}

/// The filter at `listen` before `smsc`.
fn before(smsc: &Smsc, listen: SocketAddr, url: &str, token: &str, data: TempDir) -> Belfry {
    let file = data.path().join("token");
    std::fs::write(&file, token).unwrap();
    let (smsc, listen) = (smsc.address().to_string(), listen.to_string());
    let more = ["--smsc", &smsc, "--listen", &listen];
    Belfry::sms_at("filter", url, &more, file.to_str().unwrap(), data)
}

fn until(kannel: &Kannel, what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(60), "not until {what}:\n{}", kannel.log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A message in two parts, as a phone sends it.
fn parts(text: &str) -> [Vec<u8>; 2] {
    let (first, second) = text.as_bytes().split_at(text.len() / 2);
    [[&[5, 0, 3, 9, 2, 1], first].concat(), [&[5, 0, 3, 9, 2, 2], second].concat()]
}

#[test]
fn a_gateway_sends_and_gets_through_the_filter_and_a_match_is_refused_both_ways() {
    let Some(programs) = programs() else { return };
    let (hub, token) = hub();
    let case = confirmed(&hub, &token);
    let smsc = Smsc::start(OURS).unwrap();
    let listen = SocketAddr::from((loopback(), 2775));
    let filter = before(&smsc, listen, &hub.url(), &token, TempDir::new().unwrap());
    hub.cli(&["sms", "template", "order", "1", "--case", &case, "--basis", "1"]);
    filter.until("the template holds", || decision(&filter, FRAUD)["decision"] == "reject");
    let kannel = Kannel::start(&programs, listen, None).unwrap();
    let long = "Tot morgen aan het station. ".repeat(9);
    for text in ["Tot straks", "Prix: 5 € é", &long, MUTATION, "Tot later"] {
        kannel.send(text).unwrap();
    }
    until(&kannel, "all was answered", || {
        kannel.logged("Sent SMS") == 4 && kannel.logged("REJECTED Send SMS") == 1
    });
    let came = smsc.submitted();
    assert_eq!(came.len(), 5, "three short ones and one in two parts");
    assert_eq!(came.iter().filter(|one| one.class & 0x40 != 0).count(), 2);
    assert!(came.iter().all(|one| !String::from_utf8_lossy(&one.text).contains("pakket-los")));

    let (honest, fraud) = (parts(&long), parts(MUTATION));
    let deliveries = [b"Tot straks".to_vec(), MUTATION.as_bytes().to_vec()];
    for (sequence, text) in (1..).zip(deliveries) {
        smsc.deliver(Delivery { sequence, class: 0, text: &text }).unwrap();
    }
    for (sequence, text) in (3..).zip(honest.iter().chain(&fraud)) {
        smsc.deliver(Delivery { sequence, class: 0x40, text }).unwrap();
    }
    until(&kannel, "what was honest came", || kannel.inbox().len() == 2);
    assert_eq!(
        kannel.inbox().iter().map(|text| text.trim()).collect::<Vec<_>>(),
        ["Tot straks", long.trim()]
    );
    until(&kannel, "every delivery was answered", || smsc.answers().len() == 6);
    let refused = smsc.answers().into_iter().filter(|(_, status)| *status == 0x66);
    assert!(refused.map(|(sequence, _)| sequence).eq([2, 5, 6]), "{:?}", smsc.answers());
}

/// Sends these, and waits until each arrived; none may overtake another on its connection.
fn all_arrive(kannel: &Kannel, smsc: &Smsc, numbers: std::ops::Range<u32>) {
    until(kannel, "all arrived", || {
        let came = smsc.submitted();
        let texts: BTreeSet<_> = came.iter().map(|one| one.text.clone()).collect();
        numbers.clone().all(|n| texts.contains(format!("message {n}").as_bytes()))
    });
    let came = smsc.submitted();
    for (one, next) in came.iter().zip(came.iter().skip(1)) {
        let same = one.connection == next.connection;
        assert!(!same || one.sequence < next.sequence, "{one:?} before {next:?}");
    }
}

#[test]
fn whoever_restarts_no_message_of_a_gateway_is_lost() {
    let Some(programs) = programs() else { return };
    let (hub, token) = hub();
    let smsc = Smsc::start(OURS).unwrap();
    let listen = SocketAddr::from((loopback(), 2775));
    let filter = before(&smsc, listen, &hub.url(), &token, TempDir::new().unwrap());
    let kannel = Kannel::start(&programs, listen, None).unwrap();
    let send = |n: u32| kannel.send(&format!("message {n}")).unwrap();
    // The SMSC breaks off again and again, with messages unanswered.
    smsc.ends_after(Some(25));
    (0..60).for_each(send);
    all_arrive(&kannel, &smsc, 0..60);
    smsc.ends_after(None);
    // The filter goes away while messages come, and comes back at the same place.
    (60..90).for_each(send);
    let folder = filter.stop();
    (90..110).for_each(send);
    let filter = before(&smsc, listen, &hub.url(), &token, folder);
    (110..130).for_each(send);
    all_arrive(&kannel, &smsc, 60..130);
    // Without any hub, too.
    drop(hub.stop());
    smsc.cut();
    (130..140).for_each(send);
    all_arrive(&kannel, &smsc, 130..140);
    until(&kannel, "each was answered", || kannel.logged("Sent SMS") == 140);
    assert_eq!(kannel.logged("FAILED Send SMS") + kannel.logged("REJECTED Send SMS"), 0);
    drop(filter);
}

#[test]
fn by_its_configuration_alone_the_filter_serves_a_gateway_within_tls() {
    let Some(programs) = programs() else { return };
    let (hub, token) = hub();
    let smsc = Smsc::start(OURS).unwrap();
    let data = TempDir::new().unwrap();
    let file = data.path().join("token");
    std::fs::write(&file, &token).unwrap();
    let config = format!(
        "[sms]\noperator = 'telco-1'\nsmsc = '{}'\nlisten = '{OURS}:0'\nhub = '{}'\n\
         token_file = '{}'\non_match = 'drop'\n[sms_tls]\nself_signed = true\n",
        smsc.address(),
        hub.url(),
        file.display()
    );
    let filter = Belfry::sms_by("filter", &config, data);
    let trusts = filter.folder().join("sms.pem");
    let kannel = Kannel::start(&programs, filter.address("smpp"), Some(&trusts)).unwrap();
    kannel.send("Tot straks").unwrap();
    until(&kannel, "it was answered", || kannel.logged("Sent SMS") == 1);
    assert_eq!(smsc.submitted()[0].text, b"Tot straks");
}
