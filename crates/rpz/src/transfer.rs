//! [`Transfer`]: the messages of one AXFR or IXFR, made one by one.
//!
//! Memory is one message, and the view, which shares what other versions hold too. What
//! a slow secondary has not taken yet is not made yet.

use crate::policy::{Policy, Published};
use crate::record::{push_canary, push_ns, push_policy, push_soa};
use crate::sorted::Place;
use crate::tsig::Signer;
use crate::wire::count;
use crate::zone::{Change, Difference, View, records};

/// A message is closed once it is this long: within a pointer's reach, and a signature fits.
const MESSAGE_OCTETS: usize = 15_000;
/// Records of an IXFR besides those of names: four SOAs and two canaries.
const IXFR_FRAME: u64 = 6;

/// What a transfer carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The whole zone.
    Whole,
    /// What changed since this SOA serial.
    Since(u32),
}

/// One transfer under way.
#[derive(Debug)]
pub struct Transfer {
    view: View,
    /// Header and question, as every message begins.
    head: Vec<u8>,
    step: Step,
    shape: Shape,
    changes: Vec<Change>,
    signer: Option<Signer>,
    messages: u64,
    octets: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    First,
    /// Of a whole zone.
    Apex,
    Name(Place),
    /// Of a difference.
    OldVersion,
    Delete(usize),
    NewVersion,
    Add(usize),
    Last,
    Done,
}

impl Transfer {
    /// The whole zone; `head` is header and question of a reply.
    pub(crate) fn whole(view: View, head: Vec<u8>, signer: Option<Signer>) -> Self {
        Self::new(view, head, Shape::Whole, Vec::new(), signer)
    }

    /// The difference to an older version, or the whole zone where that is shorter.
    pub(crate) fn since(
        view: View,
        head: Vec<u8>,
        difference: &Difference,
        signer: Option<Signer>,
    ) -> Self {
        let changes = difference.condensed();
        let of = |change: &Change| {
            let settings = &view.settings;
            records(settings, gone(change)) + records(settings, come(change))
        };
        if changes.iter().map(of).sum::<u64>() + IXFR_FRAME > view.records + 4 {
            return Self::whole(view, head, signer);
        }
        let shape = Shape::Since(crate::zone::low(difference.from));
        Self::new(view, head, shape, changes, signer)
    }

    fn new(
        view: View,
        head: Vec<u8>,
        shape: Shape,
        changes: Vec<Change>,
        signer: Option<Signer>,
    ) -> Self {
        let (messages, octets, step) = (0, 0, Step::First);
        Self { view, head, step, shape, changes, signer, messages, octets }
    }

    /// What it carries.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The version that it brings a secondary to.
    pub fn serial(&self) -> belfry_journal::Serial {
        self.view.serial
    }

    /// Octets of all messages made so far.
    pub fn octets(&self) -> u64 {
        self.octets
    }

    /// Messages made so far.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// The next message, signed where the request was; `None` after the last.
    pub fn next_message(&mut self, now_seconds: u64) -> Option<Vec<u8>> {
        if self.step == Step::Done {
            return None;
        }
        let mut message = Vec::with_capacity(MESSAGE_OCTETS + 1_500);
        message.extend_from_slice(&self.head);
        let mut records = 0;
        while self.step != Step::Done && message.len() < MESSAGE_OCTETS {
            records += self.push_step(&mut message);
        }
        count(&mut message, 1, records);
        if let Some(signer) = &mut self.signer {
            signer.sign(&mut message, now_seconds);
        }
        self.messages += 1;
        self.octets += u64::try_from(message.len()).unwrap_or(u64::MAX);
        Some(message)
    }

    /// Writes what comes next; how many records.
    fn push_step(&mut self, out: &mut Vec<u8>) -> u16 {
        let settings = &self.view.settings;
        let soa = self.view.soa_serial();
        let (written, next) = match (self.step, self.shape) {
            (Step::First, Shape::Whole) => (self.push_version(out, soa, false), Step::Apex),
            (Step::First, Shape::Since(_)) => {
                (self.push_version(out, soa, false), Step::OldVersion)
            }
            (Step::Apex, _) => {
                push_ns(out, settings);
                push_canary(out, settings, &self.view.canary(soa));
                (2, Step::Name(Place::default()))
            }
            (Step::Name(place), _) => match self.view.next(place) {
                Some(((path, published), after)) => {
                    (push_published(out, &self.view, path, *published), Step::Name(after))
                }
                None => (0, Step::Last),
            },
            (Step::OldVersion, Shape::Since(old)) => {
                (self.push_version(out, old, true), Step::Delete(0))
            }
            (Step::Delete(at), _) => match self.changes.get(at) {
                Some(change) => {
                    let written = push_published(out, &self.view, &change.path, gone(change));
                    (written, Step::Delete(at + 1))
                }
                None => (0, Step::NewVersion),
            },
            (Step::NewVersion, _) => (self.push_version(out, soa, true), Step::Add(0)),
            (Step::Add(at), _) => match self.changes.get(at) {
                Some(change) => {
                    let written = push_published(out, &self.view, &change.path, come(change));
                    (written, Step::Add(at + 1))
                }
                None => (0, Step::Last),
            },
            (Step::Last, _) => (self.push_version(out, soa, false), Step::Done),
            (Step::OldVersion | Step::Done, _) => (0, Step::Done),
        };
        self.step = next;
        written
    }

    /// An SOA record, and the canary that goes or comes with its version.
    fn push_version(&self, out: &mut Vec<u8>, soa: u32, with_canary: bool) -> u16 {
        push_soa(out, &self.view.settings, soa);
        if with_canary {
            push_canary(out, &self.view.settings, &self.view.canary(soa));
        }
        1 + u16::from(with_canary)
    }
}

fn push_published(
    out: &mut Vec<u8>,
    view: &View,
    path: &crate::name::Path,
    published: Published,
) -> u16 {
    push_policy(out, &view.settings, path, false, published.exact)
        + push_policy(out, &view.settings, path, true, published.below)
}

/// What a change takes away.
fn gone(change: &Change) -> Published {
    only_where_other(change.old, change.new)
}

/// What a change brings.
fn come(change: &Change) -> Published {
    only_where_other(change.new, change.old)
}

fn only_where_other(this: Published, other: Published) -> Published {
    let only = |this, other| if this == other { Policy::None } else { this };
    Published { exact: only(this.exact, other.exact), below: only(this.below, other.below) }
}
