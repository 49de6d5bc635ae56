//! An order as the gate holds it, and as octets in a level: what a name holds is
//! the rules at it, one after the other. Decides nothing.

use belfry_journal::{Category, PublicReason, Serial, UnixMillis};

/// Whether a rule acts, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Effect {
    /// Never block.
    Allow,
    /// Answer with the warning.
    Block,
    /// Count what a block would have done.
    Shadow,
}

/// What at most one order holds at a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    /// Names below are meant too.
    pub(crate) subtree: bool,
    /// The category.
    pub(crate) category: Category,
    /// Counted only.
    pub(crate) shadow: bool,
}

/// An order as the gate holds it at its target's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Its place at the name.
    pub(crate) slot: Slot,
    /// What it does.
    pub(crate) effect: Effect,
    /// MX and TXT go on being answered.
    pub(crate) keeps_mail: bool,
    /// Its entry.
    pub(crate) serial: Serial,
    /// What the public may read.
    pub(crate) reason: PublicReason,
    /// When it was ordered.
    pub(crate) issued_at: UnixMillis,
    /// Until when.
    pub(crate) valid_until: UnixMillis,
}

const CATEGORIES: [Category; 4] =
    [Category::Phishing, Category::Malware, Category::FakeShop, Category::OtherFraud];
const EFFECTS: [Effect; 3] = [Effect::Allow, Effect::Block, Effect::Shadow];
const REASONS: [PublicReason; 7] = [
    PublicReason::Impersonation,
    PublicReason::Malware,
    PublicReason::FakeShop,
    PublicReason::Fraud,
    PublicReason::Ended,
    PublicReason::Mistake,
    PublicReason::Resolved,
];

const SUBTREE: u8 = 1;
const SHADOW: u8 = 2;
const KEEPS_MAIL: u8 = 4;
const EFFECT_AT: u8 = 3;

impl Rule {
    /// Appends the rule's octets.
    pub(crate) fn push(&self, into: &mut Vec<u8>) {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        into.push(
            flag(self.slot.subtree, SUBTREE)
                | flag(self.slot.shadow, SHADOW)
                | flag(self.keeps_mail, KEEPS_MAIL)
                | (self.effect as u8) << EFFECT_AT,
        );
        into.push((self.slot.category as u8) << 4 | self.reason as u8);
        for number in [self.serial.0, self.issued_at.0, self.valid_until.0] {
            push_number(into, number);
        }
    }
}

/// The rules in what a name holds.
pub(crate) fn rules(held: &[u8]) -> impl Iterator<Item = Rule> + '_ {
    let mut rest = held;
    std::iter::from_fn(move || read(&mut rest))
}

fn read(rest: &mut &[u8]) -> Option<Rule> {
    let ([flags, kind], numbers) = rest.split_first_chunk()?;
    *rest = numbers;
    let slot = Slot {
        subtree: flags & SUBTREE != 0,
        category: *CATEGORIES.get(usize::from(kind >> 4))?,
        shadow: flags & SHADOW != 0,
    };
    Some(Rule {
        slot,
        effect: *EFFECTS.get(usize::from(flags >> EFFECT_AT))?,
        keeps_mail: flags & KEEPS_MAIL != 0,
        reason: *REASONS.get(usize::from(kind & 15))?,
        serial: Serial(read_number(rest)?),
        issued_at: UnixMillis(read_number(rest)?),
        valid_until: UnixMillis(read_number(rest)?),
    })
}

/// Seven bits an octet, the lowest first; the eighth says that more follow.
pub(crate) fn push_number(into: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            return into.push(low & 127);
        }
        into.push(low | 128);
    }
}

/// Reads what [`push_number`] wrote.
#[inline]
pub(crate) fn read_number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (octet, more) = rest.split_first()?;
        *rest = more;
        number |= u64::from(octet & 127) << shift;
        if octet & 128 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_comes_back() {
        for (number, category) in (0_u64..).zip(CATEGORIES) {
            for (effect, reason) in EFFECTS.into_iter().zip(REASONS) {
                let rule = Rule {
                    slot: Slot {
                        subtree: number & 1 == 0,
                        category,
                        shadow: effect == Effect::Shadow,
                    },
                    effect,
                    keeps_mail: number & 2 == 0,
                    serial: Serial(u64::MAX >> number),
                    reason,
                    issued_at: UnixMillis(number),
                    valid_until: UnixMillis(1_764_000_000_123),
                };
                let mut held = Vec::new();
                rule.push(&mut held);
                rule.push(&mut held);
                assert_eq!(rules(&held).collect::<Vec<_>>(), [rule, rule]);
                held.pop();
                assert_eq!(rules(&held).count(), 1, "a rule that is cut is none");
            }
        }
    }

    #[test]
    fn numbers_take_as_few_octets_as_they_need() {
        for (number, octets) in
            [(0, 1), (127, 1), (128, 2), (u64::from(u32::MAX), 5), (u64::MAX, 10)]
        {
            let mut held = Vec::new();
            push_number(&mut held, number);
            assert_eq!(held.len(), octets);
            assert_eq!(read_number(&mut &held[..]), Some(number));
        }
        assert_eq!(read_number(&mut &[128; 20][..]), None);
    }
}
