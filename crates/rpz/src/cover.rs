//! From orders to what a zone must publish, so that every resolver answers as the
//! orders say.
//!
//! Resolvers read a zone by the rules of DNS: a name that exists, even as an empty
//! node between two others, keeps the wildcard above it from what is below. A
//! narrower block under a blocked domain would open such a hole, and is withheld
//! while the wider one stands. Where a narrower policy *differs*, such as an allowed host
//! under a blocked domain, it is published with its own wildcard, and so is every name on
//! the way to it: no empty node is left.

use std::collections::BTreeMap;

use crate::holdings::{Held, Holdings};
use crate::name::Path;
use crate::policy::{Policy, Published};
use crate::zones::ZoneKind;

/// What a zone's orders say of one name, whatever holds above it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Own {
    host: Policy,
    whole: Policy,
}

impl Own {
    fn of(held: &[Held], kind: &ZoneKind) -> Self {
        let mut own = Self::default();
        for one in held {
            let policy = kind.policy(one);
            let part = if one.whole { &mut own.whole } else { &mut own.host };
            // Pass is the greater: an allow wins.
            *part = policy.max(*part);
        }
        own
    }

    /// What is to hold below the name, and at it, where `above` holds above it.
    fn under(self, above: Policy) -> Published {
        let below = self.whole.max(above);
        Published { exact: self.host.max(below), below }
    }
}

/// The part of a zone that a change at a name can touch: the highest domain over it that has
/// a policy, or the name itself.
pub(crate) fn region<'a>(holdings: &Holdings, kind: &ZoneKind, path: &'a Path) -> &'a [u8] {
    let ruled = |name: &&[u8]| Own::of(holdings.at(name), kind).whole != Policy::None;
    path.ancestors().find(ruled).unwrap_or(path.as_bytes())
}

/// What must be published in a region, the name at its top included. Nothing above it has a
/// policy for what is below.
pub(crate) fn publish(
    holdings: &Holdings,
    kind: &ZoneKind,
    region: &[u8],
) -> BTreeMap<Path, Published> {
    let mut out = BTreeMap::new();
    let mut above: Vec<(&Path, Policy)> = Vec::new();
    for (name, held) in holdings.within(region) {
        while above.last().is_some_and(|(top, _)| !top.is_above(name.as_bytes())) {
            above.pop();
        }
        let inherited = above.last().map_or(Policy::None, |(_, policy)| *policy);
        let wanted = Own::of(held, kind).under(inherited);
        if wanted != (Published { exact: inherited, below: inherited }) {
            if inherited != Policy::None {
                fill_up(name, inherited, &mut out);
            }
            out.insert(name.clone(), wanted);
        }
        above.push((name, wanted.below));
    }
    out
}

/// Publishes what is inherited at every name above `name`, up to the one it is inherited from.
fn fill_up(name: &Path, inherited: Policy, out: &mut BTreeMap<Path, Published>) {
    let above: Vec<&[u8]> = name.ancestors().collect();
    for between in above.into_iter().rev() {
        if out.contains_key(between) {
            return;
        }
        out.insert(Path::from_bytes(between), Published { exact: inherited, below: inherited });
    }
}

#[cfg(test)]
mod tests;
