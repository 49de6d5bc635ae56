//! Conversations whose zone is transferred on the way: their primary on a real connection,
//! and the gate's own follower.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use belfry_rpz::wire::{Request, kind};
use domain::base::iana::Rtype;

use super::script::{Entry, Script, Turn, ZoneText};
use crate::primary::look_once;

/// A primary: of the zone's first version, then of what the script says.
struct Primary {
    script: Script,
    is_later: AtomicBool,
}

impl Primary {
    fn start(script: Script) -> (Arc<Self>, SocketAddr) {
        let primary = Arc::new(Self { script, is_later: AtomicBool::new(false) });
        let listener = TcpListener::bind((belfry_testbed::loopback(), 0)).unwrap();
        let (address, of_thread) = (listener.local_addr().unwrap(), Arc::clone(&primary));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                of_thread.talk(&mut stream.unwrap());
            }
        });
        (primary, address)
    }

    /// Answers one question.
    fn talk(&self, stream: &mut TcpStream) {
        let mut length = [0; 2];
        stream.read_exact(&mut length).unwrap();
        let mut question = vec![0; u16::from_be_bytes(length).into()];
        stream.read_exact(&mut question).unwrap();
        let asked = Request::read(&question).unwrap().question;
        let is_first = !self.is_later.load(Ordering::Relaxed);
        let mut answer = match asked.kind {
            kind::AXFR if is_first => Entry::of_zone(&self.script.zones[0]).message(),
            of_type => self.script.upstream(&asked.name, Rtype::from_int(of_type)),
        };
        answer[..2].copy_from_slice(&question[..2]);
        let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
        stream.write_all(&[&length[..], &answer].concat()).unwrap();
    }
}

/// Plays the conversation; the zone must come in this way.
pub(super) fn play(file: &str, way: &str) {
    let path = format!("conformance/unbound_rpz/{file}.rpl");
    let Some(path) = belfry_testbed::corpus(&path) else { return };
    let script = Script::read(&std::fs::read_to_string(path).unwrap());
    let (later, before): (Vec<&Turn>, Vec<&Turn>) =
        script.turns.iter().partition(|turn| turn.later);
    assert!(!later.is_empty() && !before.is_empty(), "{file} has no turns");
    super::hear(file, &super::engine(&script.zones), &script, &before);
    let folder = tempfile::tempdir().unwrap();
    let name = script.zones[0].name.trim_end_matches('.').to_owned();
    let (primary, address) = Primary::start(script);
    if way == "difference" {
        assert_eq!(look_once(address, &name, folder.path()), Ok("whole"));
    }
    primary.is_later.store(true, Ordering::Relaxed);
    assert_eq!(look_once(address, &name, folder.path()), Ok(way), "{file}");
    let kept = std::fs::read_to_string(crate::primary::file_of(folder.path(), &name)).unwrap();
    let zone = ZoneText { text: kept, ..primary.script.zones[0].clone() };
    let later: Vec<&Turn> = primary.script.turns.iter().filter(|turn| turn.later).collect();
    super::hear(file, &super::engine(&[zone]), &primary.script, &later);
}
