//! Owners to triggers: the records of one name are collected, then held as one policy,
//! less what the last line refuses. Triggers of other kinds go to their own tables.

use crate::lastline::Refused;
use crate::name::{NAME_OCTETS_MAX, ancestors};
use crate::names::Labels;
use crate::rpz::address;
use crate::rpz::intern::Side;
use crate::rpz::load::owner::{labels_of_text, push_plain};
use crate::rpz::load::reader::{Meaning, ZoneReader};
use crate::rule::push_number;

/// The trigger whose records are being collected.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// The owner as written, without `*.`.
    pub(super) text: Vec<u8>,
    /// The trigger's name on the wire; empty where there is none to hold.
    pub(super) wire: Vec<u8>,
    pub(super) policy: u32,
}

impl ZoneReader<'_, '_> {
    #[inline]
    pub(super) fn record(&mut self, owner: &[u8], meaning: Meaning) {
        let Meaning::Policy(record) = meaning else {
            self.remember(owner);
            return;
        };
        let same = std::mem::take(&mut self.owner);
        let written = if owner.is_empty() { &same[..] } else { owner };
        let (name, side) = match written.strip_prefix(b"*.") {
            Some(name) => (name, Side::Below),
            None => (written, Side::Exact),
        };
        if name != self.pending.text {
            self.settle();
            self.open(name);
        }
        if !self.pending.wire.is_empty() {
            let (policy, number) = (self.pending.policy, self.number);
            self.pending.policy = self.loader.interner.grow(policy, number, side, record);
        } else {
            self.other_trigger(written, record);
        }
        self.owner = same;
        self.remember(owner);
    }

    #[inline]
    fn remember(&mut self, owner: &[u8]) {
        if !owner.is_empty() {
            self.owner.clear();
            self.owner.extend_from_slice(owner);
        }
    }

    /// Begins with a trigger: its name, unless it is one of another kind.
    #[inline]
    fn open(&mut self, text: &[u8]) {
        self.pending.text.clear();
        self.pending.text.extend_from_slice(text);
        self.pending.policy = 0;
        let mut wire = std::mem::take(&mut self.pending.wire);
        wire.clear();
        let is_relative = self.apex.as_ref() == Some(&self.origin);
        if !(is_relative && push_plain(&mut wire, text)) {
            wire.clear();
            wire.extend(self.trigger(text).unwrap_or_default());
        }
        let special = |(_, name): (usize, &[u8])| {
            name.get(1..5) == Some(b"rpz-") && name.len() == usize::from(name[0]) + 2
        };
        if wire.len() <= 1 || (ends_like_a_trigger(&wire) && ancestors(&wire).any(special)) {
            wire.clear();
        }
        self.pending.wire = wire;
    }

    /// The name that an owner triggers on, in lower case.
    fn trigger(&self, text: &[u8]) -> Option<Vec<u8>> {
        let full = self.full_name(text)?;
        let apex = self.apex.as_ref().unwrap_or(&self.origin);
        let trigger = full.strip_suffix(&apex[..])?;
        // The apex must begin where a label does.
        let mut wire = trigger.to_vec();
        wire.push(0);
        (crate::name::end_of_name(&wire, 0) == Some(wire.len())).then_some(wire)
    }

    /// A name as written, on the wire and in lower case, below the origin.
    pub(super) fn full_name(&self, text: &[u8]) -> Option<Vec<u8>> {
        if text == b"@" {
            return Some(self.origin.clone());
        }
        let (mut wire, absolute) = labels_of_text(text)?;
        if absolute {
            wire.push(0);
        } else {
            wire.extend(&self.origin);
        }
        (wire.len() <= NAME_OCTETS_MAX).then_some(wire)
    }

    /// Triggers that are not names.
    fn other_trigger(&mut self, owner: &[u8], record: u32) {
        let Some(wire) = self.trigger(owner) else {
            self.unhonoured.unreadable += 1;
            return;
        };
        let labels: Vec<&[u8]> =
            ancestors(&wire).map(|(_, name)| &name[1..=usize::from(name[0])]).collect();
        match labels.split_last() {
            Some((kind, labels)) if matches!(*kind, b"rpz-ip" | b"rpz-client-ip") => {
                let clients = *kind == b"rpz-client-ip";
                let triggers = if clients { &mut self.clients } else { &mut self.addresses };
                let Some(prefix) = address::prefix(labels) else {
                    self.unhonoured.unreadable += 1;
                    return;
                };
                let set = triggers.set(prefix, 0).unwrap_or_default();
                triggers.set(prefix, self.loader.interner.add(set, record));
                self.policies += 1;
            }
            Some((kind, _)) if *kind == b"rpz-nsip" => self.unhonoured.name_server_address += 1,
            Some((kind, _)) if *kind == b"rpz-nsdname" => self.unhonoured.name_server += 1,
            // `*` at the apex: everything. The last line refuses it, as it does the root.
            Some(_) | None => self.unhonoured.refused += 1,
        }
    }

    pub(super) fn pending_done(&mut self) {
        self.settle();
        self.pending.text.clear();
    }

    /// Holds the trigger whose records have all come, less what is refused.
    #[inline]
    pub(super) fn settle(&mut self) {
        let policy = std::mem::take(&mut self.pending.policy);
        if policy == 0 {
            return;
        }
        let wire = std::mem::take(&mut self.pending.wire);
        let Refused { exact, below } = self.loader.lastline.refuses_wire(&wire);
        let kept =
            if exact || below { self.loader.interner.refuse(policy, exact, below) } else { policy };
        self.unhonoured.refused += u64::from(kept != policy);
        if kept != 0 {
            self.policies += 1;
            self.hold(&wire, kept);
        }
        self.pending.wire = wire;
    }

    #[inline]
    pub(super) fn hold(&mut self, wire: &[u8], policy: u32) {
        let Some(builder) = &mut self.loader.builder else {
            self.sample.push((wire.to_vec(), policy));
            return;
        };
        let Some(labels) = Labels::of(wire) else { return };
        let hash = labels.hash(self.loader.seed, wire);
        self.held.clear();
        push_number(&mut self.held, policy.into());
        builder.push_hashed(hash, labels.len(), wire, &self.held);
    }
}

/// Whether the label next to the root begins as those of other triggers do.
#[inline]
fn ends_like_a_trigger(wire: &[u8]) -> bool {
    // The longest of them is `rpz-client-ip`.
    let tail = &wire[wire.len().saturating_sub(15)..];
    tail.windows(4).any(|four| four == b"rpz-")
}
