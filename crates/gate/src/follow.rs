//! The journal's orders become rules of the block set: what holds for this
//! operator, less what the last line refuses. Never asks, waits or stores.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use belfry_follow::{Apply, EffectsReport};
use belfry_indicator::Target;
use belfry_journal::{
    Action, Audience, Category, Change, Effective, EffectiveSet, Key, Mode, Serial,
};

use crate::answer::Engine;
use crate::blockset::{Effect, Rule, Slot};
use crate::brake::{Brake, Verdict};
use crate::lastline::{LastLine, Skipped};

/// What a follower hands the effective set to.
#[derive(Debug)]
pub struct Followed {
    engine: Arc<Engine>,
    lastline: LastLine,
    operator: Option<String>,
    brake: Mutex<Brake>,
}

impl Followed {
    pub(crate) fn new(
        engine: Arc<Engine>,
        lastline: LastLine,
        operator: Option<String>,
        change_percent_max: u32,
    ) -> Self {
        let brake = Mutex::new(Brake::new(change_percent_max));
        Self { engine, lastline, operator, brake }
    }

    /// Takes what is held with the next entry; false where nothing is.
    pub(crate) fn confirm(&self) -> bool {
        self.brake().confirm()
    }

    /// What is held, in words.
    pub(crate) fn held(&self) -> Option<String> {
        self.brake().held().map(ToOwned::to_owned)
    }

    fn brake(&self) -> MutexGuard<'_, Brake> {
        self.brake.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_all(&self, set: &EffectiveSet) {
        let rules = set.iter().filter_map(|(key, effective)| {
            Some((key.target.name().to_wire(), self.rule(effective)?))
        });
        self.engine.blockset.replace(rules);
        let serials: HashSet<Serial> = set.iter().map(|(_, effective)| effective.serial).collect();
        self.engine.effects.keep_only(|serial| serials.contains(&serial));
        self.hold(set);
        let rules = self.engine.blockset.len();
        tracing::info!(rules, serial = %set.serial(), "block set holds");
    }

    /// The rule that an order becomes; none for a block that is refused.
    fn rule(&self, effective: &Effective) -> Option<Rule> {
        let order = &effective.order;
        let effect = match (order.action, order.mode) {
            (Action::Block, Mode::Live) => Effect::Block,
            (Action::Block, Mode::Shadow) => Effect::Shadow,
            (Action::Allow, Mode::Live) => Effect::Allow,
            (Action::Allow, Mode::Shadow) | (Action::Release { .. }, _) => return None,
        };
        if let Some(why) = self.skips(effective, effect) {
            self.engine.metrics.skip(why);
            tracing::warn!(order = %effective.serial, %why, "the gate does not hold this order");
            return None;
        }
        Some(Rule {
            slot: slot(&order.target, order.category, order.mode),
            effect,
            keeps_mail: order.keeps_mail,
            serial: effective.serial,
            reason: order.reason,
            issued_at: order.issued_at,
            valid_until: order.valid_until,
        })
    }

    fn skips(&self, effective: &Effective, effect: Effect) -> Option<Skipped> {
        if let Audience::Operators(names) = &effective.order.audience {
            let own = self.operator.as_deref();
            if !names.iter().any(|name| Some(name.to_string().as_str()) == own) {
                return Some(Skipped::Audience);
            }
        }
        if effect == Effect::Allow {
            return None;
        }
        self.lastline.refuses(&effective.order.target)
    }

    fn change_one(&self, set: &EffectiveSet, change: &Change) {
        let (key, effective) = match change {
            Change::None => return,
            Change::Set(key) => (key, set.get(key)),
            Change::Removed(key) => (key, None),
        };
        let name = key.target.name().to_wire();
        let before = match effective.and_then(|effective| self.rule(effective)) {
            Some(rule) => {
                self.engine.effects.applied(rule.serial, (self.engine.now)());
                self.engine.blockset.set(&name, rule)
            }
            None => self.engine.blockset.remove(&name, key_slot(key)),
        };
        if let Some(ended) = before.filter(|rule| Some(rule.serial) != effective.map(|e| e.serial))
        {
            self.engine.effects.ended(ended.serial);
        }
    }

    fn hold(&self, set: &EffectiveSet) {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.engine.metrics.rules.set(number(self.engine.blockset.len() as u64));
        self.engine.metrics.serial.set(number(set.serial().0));
        self.engine.readiness.serve();
    }
}

fn slot(target: &Target, category: Category, mode: Mode) -> Slot {
    Slot { subtree: matches!(target, Target::Domain(_)), category, shadow: mode == Mode::Shadow }
}

fn key_slot(key: &Key) -> Slot {
    slot(&key.target, key.category, key.mode)
}

impl Apply for Followed {
    fn replace(&self, set: &EffectiveSet) {
        let before = self.engine.blockset.len();
        // Rules are counted, not compared: which names they are costs more than it tells.
        let changed = before.abs_diff(set.len());
        if !self.brake().lets_pass(before, changed, Instant::now()) {
            self.engine.metrics.held.set(1);
            tracing::error!(before, after = set.len(), "the change of all orders is held");
            return;
        }
        self.take_all(set);
    }

    fn change(&self, set: &EffectiveSet, changes: &[Change]) {
        let count = changes.iter().filter(|change| **change != Change::None).count();
        let verdict = self.brake().verdict(self.engine.blockset.len(), count, Instant::now());
        self.engine.metrics.held.set(i64::from(verdict == Verdict::Held));
        match verdict {
            Verdict::Pass => {}
            // What was confirmed may be more than this: all of it.
            Verdict::All => return self.take_all(set),
            Verdict::Held => return,
        }
        for change in changes {
            self.change_one(set, change);
        }
        self.hold(set);
    }

    fn effects(&self, serial: Serial) -> Option<EffectsReport> {
        let uncounted = i64::try_from(self.engine.effects.uncounted()).unwrap_or(i64::MAX);
        self.engine.metrics.uncounted.set(uncounted);
        self.engine.effects.report(serial)
    }

    fn reported(&self, report: &EffectsReport) {
        self.engine.effects.reported(report);
    }
}
