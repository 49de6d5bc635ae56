//! The journal's orders become rules of the block set: what holds for this
//! operator, less what the last line refuses. Never asks, waits or stores.

use std::sync::Arc;

use belfry_follow::{Apply, EffectsReport};
use belfry_indicator::Target;
use belfry_journal::{
    Action, Audience, Category, Change, Effective, EffectiveSet, Key, Mode, Serial,
};

use crate::answer::Engine;
use crate::blockset::{Effect, Rule, Slot};
use crate::lastline::{LastLine, Skipped};

/// What a follower hands the effective set to.
#[derive(Debug)]
pub struct Followed {
    engine: Arc<Engine>,
    lastline: LastLine,
    operator: Option<String>,
}

impl Followed {
    pub(crate) fn new(engine: Arc<Engine>, lastline: LastLine, operator: Option<String>) -> Self {
        Self { engine, lastline, operator }
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
        let rules = set.iter().filter_map(|(key, effective)| {
            Some((key.target.name().to_wire(), self.rule(effective)?))
        });
        self.engine.blockset.replace(rules);
        self.hold(set);
        tracing::info!(rules = self.engine.blockset.len(), serial = %set.serial(), "block set holds");
    }

    fn change(&self, set: &EffectiveSet, changes: &[Change]) {
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
