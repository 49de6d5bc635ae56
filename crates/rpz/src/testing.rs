//! Test only: journals of short texts, and a secondary that follows a zone through
//! whole sessions.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, RwLock};

use belfry_indicator::{Domain, Target};
use belfry_journal::{
    Action, Audience, Body, Category, Cause, Entry, Mode, OperatorName, Order, PublicReason,
    Serial, UnixMillis,
};

use crate::record::{BlockAnswer, RecordSettings};
use crate::secondary::{Ask, Receiver, Replica, SecondaryError, Update, request};
use crate::session::{Answer, Asked, Asker, Directory, Transport, answer};
use crate::tsig::Key;
use crate::zone::Zone;
use crate::zones::Zones;

pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

pub(crate) fn settings() -> RecordSettings {
    RecordSettings {
        origin: Domain::parse("rpz.test").unwrap(),
        block: BlockAnswer::Redirect { ipv4: Some(Ipv4Addr::LOCALHOST), ipv6: None },
        ttl_seconds: 30,
        refresh_seconds: 60,
    }
}

/// `block evil.example`, `block *.evil.example` (the whole domain), `allow …`, `malware …`,
/// `shadow …`, `only-isp …`, `release 3`, `restored`, `view`.
pub(crate) fn entry(serial: u64, text: &str) -> Entry {
    let (verb, rest) = text.split_once(' ').unwrap_or((text, "none.example"));
    if verb == "restored" {
        let restored = belfry_journal::Restored {
            at: UnixMillis(1),
            kept: Serial(serial - 1),
            tree_size: 0,
            root: belfry_journal::merkle::Hash([0; 32]),
        };
        return Entry::new(Serial(serial), [1; 32], &Body::Restored(restored));
    }
    if verb == "view" {
        let change = belfry_journal::ViewChange { at: UnixMillis(1), digest: [9; 32] };
        return Entry::new(Serial(serial), [1; 32], &Body::View(change));
    }
    let action = match verb {
        "allow" => Action::Allow,
        "release" => Action::Release { of: Serial(rest.parse().unwrap()) },
        _ => Action::Block,
    };
    let name = if verb == "release" { "none.example" } else { rest };
    let target = match name.strip_prefix("*.") {
        Some(name) => Target::Domain(Domain::parse(name).unwrap()),
        None => Target::Host(Domain::parse(name).unwrap()),
    };
    let audience = match verb {
        "only-isp" => Audience::Operators(BTreeSet::from([OperatorName::parse("isp").unwrap()])),
        _ => Audience::Everyone,
    };
    let order = Order {
        action,
        target,
        category: if verb == "malware" { Category::Malware } else { Category::Phishing },
        mode: if verb == "shadow" { Mode::Shadow } else { Mode::Live },
        issued_at: UnixMillis(1),
        valid_until: UnixMillis(2),
        audience,
        cause: Cause::Verdict { case: 1 },
        reason: PublicReason::Impersonation,
        keeps_mail: false,
    };
    Entry::new(Serial(serial), [1; 32], &Body::Order(order))
}

/// Zones after these entries.
pub(crate) fn zones(texts: &[&str]) -> Zones {
    let mut zones = Zones::new(settings()).unwrap();
    for (serial, text) in (1..).zip(texts) {
        zones.apply(&entry(serial, text)).unwrap();
    }
    zones
}

pub(crate) fn zone(zones: &Zones, label: &str) -> Arc<RwLock<Zone>> {
    let apex = Domain::parse(&format!("{label}.rpz.test")).unwrap();
    Arc::clone(zones.find(&apex).unwrap())
}

/// Gives every zone to whoever asks, or only to whoever has the key.
pub(crate) struct Open<'a> {
    pub(crate) zones: &'a Zones,
    pub(crate) key: Option<Key>,
}

impl Directory for Open<'_> {
    fn key(&self, name: &[u8]) -> Option<Key> {
        self.key.clone().filter(|key| key.name() == name)
    }

    fn zone(&self, asker: Asker<'_>, apex: &Domain) -> Option<Arc<RwLock<Zone>>> {
        let may = self.key.as_ref().is_none_or(|key| asker.key == Some(key.name()));
        self.zones.find(apex).filter(|_| may).map(Arc::clone)
    }
}

/// Asks over a stream; every message of the answer.
pub(crate) fn ask(zones: &Zones, bytes: &[u8], key: Option<Key>) -> (Vec<Vec<u8>>, Asked) {
    let directory = Open { zones, key };
    let (answer, asked) = answer(bytes, Transport::Stream, HERE, &directory, NOW);
    let messages = match answer {
        Answer::Silence => Vec::new(),
        Answer::Message(message) => vec![message],
        Answer::Transfer(mut transfer) => {
            std::iter::from_fn(|| transfer.next_message(NOW)).collect()
        }
    };
    (messages, asked)
}

/// What a secondary of `label` gets for this question.
pub(crate) fn fetch(zones: &Zones, label: &str, asked: Ask) -> Result<Update, SecondaryError> {
    let apex = Domain::parse(&format!("{label}.rpz.test")).unwrap();
    let mut receiver = Receiver::new(7, &apex, asked, 1_000_000);
    for message in ask(zones, &request(7, &apex, asked), None).0 {
        receiver.take(&message)?;
    }
    Ok(receiver.finish().expect("the answer is whole"))
}

/// Brings a replica up to date, as a secondary does.
pub(crate) fn follow(zones: &Zones, label: &str, replica: &mut Replica) {
    let asked = replica.serial().map_or(Ask::Whole, Ask::Since);
    let update = fetch(zones, label, asked).unwrap();
    replica.apply(update).unwrap();
}
