//! The journal's orders become rules of the block set: what holds for this
//! operator, less what the last line refuses. Never asks, waits or stores.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use belfry_follow::{Apply, EffectsReport};
use belfry_indicator::Target;
use belfry_journal::{
    Action, Audience, Category, Change, Effective, EffectiveSet, Key, Mode, Serial,
};

use crate::answer::Engine;
use crate::blockset::{BlockSet, Effect, Rule, Slot};
use crate::brake::Brake;
use crate::lastline::{LastLine, Skipped};

/// What a follower hands the effective set to.
#[derive(Debug)]
pub struct Followed {
    engine: Arc<Engine>,
    lastline: LastLine,
    operator: Option<String>,
    door: Mutex<Door>,
}

/// What lets changes in; whoever has it is the only one that changes the block set.
#[derive(Debug)]
struct Door {
    brake: Brake,
    /// What would hold, where it is held back.
    waiting: Option<BlockSet>,
    /// The last entry that was seen, and the last that holds.
    seen: Serial,
    holds: Serial,
}

impl Followed {
    pub(crate) fn new(
        engine: Arc<Engine>,
        lastline: LastLine,
        operator: Option<String>,
        change_percent_max: u32,
    ) -> Self {
        let brake = Brake::new(change_percent_max);
        let door = Door { brake, waiting: None, seen: Serial(0), holds: Serial(0) };
        Self { engine, lastline, operator, door: Mutex::new(door) }
    }

    /// Takes what is held, at once; false where nothing is.
    pub(crate) fn confirm(&self) -> bool {
        let mut door = self.door();
        let Some(next) = door.waiting.take() else { return false };
        self.take(&mut door, &next);
        true
    }

    /// What is held, in words.
    pub(crate) fn held(&self) -> Option<String> {
        self.door().brake.held().map(ToOwned::to_owned)
    }

    fn door(&self) -> MutexGuard<'_, Door> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a whole set in the place of the one that holds.
    fn take(&self, door: &mut Door, next: &BlockSet) {
        let Engine { blockset, effects, metrics, now, .. } = &*self.engine;
        // What a gate begins with has held before: only later orders take hold now.
        let before = (blockset.len() > 0).then(|| blockset.serials());
        blockset.adopt(next);
        let serials = next.serials();
        if let Some(before) = before {
            serials.difference(&before).for_each(|serial| effects.applied(*serial, now()));
        }
        effects.keep_only(|serial| serials.contains(&serial));
        door.brake.release();
        metrics.held.set(0);
        self.hold(door);
        tracing::info!(rules = blockset.len(), serial = %door.seen, "block set holds");
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

    /// Changes one slot of `set`; with the rule that it held.
    fn change_one(
        &self,
        blockset: &BlockSet,
        set: &EffectiveSet,
        change: &Change,
    ) -> [Option<Rule>; 2] {
        let (key, effective) = match change {
            Change::None => return [None; 2],
            Change::Set(key) => (key, set.get(key)),
            Change::Removed(key) => (key, None),
        };
        let name = key.target.name().to_wire();
        let rule = effective.and_then(|effective| self.rule(&effective));
        let before = match rule {
            Some(rule) => blockset.set(&name, rule),
            None => blockset.remove(&name, key_slot(key)),
        };
        [before, rule]
    }

    /// What is counted of a slot that now holds another rule.
    fn count(&self, [before, now]: [Option<Rule>; 2]) {
        let serial = |rule: Option<Rule>| rule.map(|rule| rule.serial);
        if let Some(rule) = now {
            self.engine.effects.applied(rule.serial, (self.engine.now)());
        }
        if let Some(ended) = serial(before).filter(|ended| Some(*ended) != serial(now)) {
            self.engine.effects.ended(ended);
        }
    }

    fn hold(&self, door: &mut Door) {
        door.holds = door.seen;
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.engine.metrics.rules.set(number(self.engine.blockset.len() as u64));
        self.engine.metrics.serial.set(number(door.holds.0));
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
        let mut door = self.door();
        door.seen = set.serial();
        let next = self.engine.blockset.empty_beside();
        next.replace(set.iter().filter_map(|(key, effective)| {
            Some((key.target.name().to_wire(), self.rule(&effective)?))
        }));
        let (before, after) = (self.engine.blockset.len(), next.len());
        let changes = self.engine.blockset.names_changed(&next);
        // It is judged by itself: what was held before is no longer what would hold.
        if door.waiting.take().is_some() {
            door.brake.release();
        }
        if door.brake.lets_pass(before, changes, Instant::now()) {
            return self.take(&mut door, &next);
        }
        door.waiting = Some(next);
        self.engine.metrics.held.set(1);
        tracing::error!(before, after, changes, "the change of all orders is held");
    }

    fn change(&self, set: &EffectiveSet, changes: &[Change]) {
        let mut door = self.door();
        door.seen = set.serial();
        let blockset = &self.engine.blockset;
        let count = changes.iter().filter(|change| **change != Change::None).count();
        if door.brake.lets_pass(blockset.len(), count, Instant::now()) {
            for change in changes {
                self.count(self.change_one(blockset, set, change));
            }
            return self.hold(&mut door);
        }
        if door.waiting.is_none() {
            tracing::error!(count, "changes of the orders are held");
        }
        self.engine.metrics.held.set(1);
        let waiting = door.waiting.get_or_insert_with(|| blockset.beside());
        for change in changes {
            self.change_one(waiting, set, change);
        }
    }

    fn effects(&self, serial: Serial) -> Option<EffectsReport> {
        let uncounted = i64::try_from(self.engine.effects.uncounted()).unwrap_or(i64::MAX);
        self.engine.metrics.uncounted.set(uncounted);
        // A gate that holds changes back is not in step.
        let door = self.door();
        let serial = if door.waiting.is_some() { door.holds } else { serial };
        drop(door);
        self.engine.effects.report(serial)
    }

    fn reported(&self, report: &EffectsReport) {
        self.engine.effects.reported(report);
    }
}

#[cfg(test)]
mod tests {
    use belfry_indicator::Domain;
    use belfry_journal::{Body, Cause, Entry, Order, PublicReason, UnixMillis};

    use super::*;
    use crate::settings::GateSettings;

    const ORDERS: u64 = 2_000;

    /// A journal that is folded here, and a gate that follows it.
    struct Stage {
        followed: Followed,
        set: EffectiveSet,
    }

    impl Stage {
        fn new() -> Self {
            let settings = GateSettings::default();
            let engine = Engine::new(&settings, [0; 16], [7; 16], || UnixMillis(5));
            let line = LastLine::new(settings.warning.name.clone(), Vec::new());
            let followed = Followed::new(Arc::new(engine), line, None, 50);
            let mut stage = Self { followed, set: EffectiveSet::new() };
            for number in 0..ORDERS {
                stage.fold(number, Action::Block);
            }
            stage.followed.replace(&stage.set);
            stage
        }

        /// One more entry, about a name of this number.
        fn fold(&mut self, number: u64, action: Action) -> Change {
            let order = Order {
                action,
                target: Target::Domain(Domain::parse(&format!("n{number}.example")).unwrap()),
                category: Category::Phishing,
                mode: Mode::Live,
                issued_at: UnixMillis(1),
                valid_until: UnixMillis(2),
                audience: Audience::Everyone,
                cause: Cause::Verdict { case: 1 },
                reason: PublicReason::Impersonation,
                keeps_mail: false,
            };
            let serial = self.set.serial().next();
            self.set.apply(&Entry::new(serial, [7; 32], &Body::Order(order))).unwrap()
        }

        fn order(&mut self, number: u64) {
            let change = self.fold(number, Action::Block);
            self.followed.change(&self.set, &[change]);
        }

        fn blocks(&self, number: u64) -> bool {
            let name = Domain::parse(&format!("n{number}.example")).unwrap().to_wire();
            self.followed.engine.blockset.find(&name).block.is_some()
        }

        fn reported(&self) -> u64 {
            self.followed.effects(self.set.serial()).unwrap().serial.0
        }
    }

    #[test]
    fn what_is_held_holds_the_moment_it_is_confirmed() {
        let mut stage = Stage::new();
        assert!(!stage.followed.confirm(), "nothing is held");
        for number in ORDERS..2 * ORDERS + 1 {
            stage.order(number);
        }
        let held = stage.followed.held().unwrap();
        assert!(held.contains("1001 changes"), "{held}");
        assert!(stage.blocks(0) && stage.blocks(ORDERS) && !stage.blocks(2 * ORDERS));
        assert_eq!(stage.reported(), ORDERS + 1_000, "the hub is not told that all of it holds");
        assert!(stage.followed.confirm());
        assert!(stage.blocks(0) && stage.blocks(2 * ORDERS) && stage.followed.held().is_none());
        assert_eq!(stage.reported(), 2 * ORDERS + 1);
        assert!(!stage.followed.confirm());
        stage.order(9_999);
        assert!(stage.blocks(9_999));
    }

    #[test]
    fn a_set_with_as_many_orders_of_other_names_is_held() {
        let mut stage = Stage::new();
        let first = std::mem::take(&mut stage.set);
        for number in ORDERS..2 * ORDERS {
            stage.fold(number, Action::Block);
        }
        stage.followed.replace(&stage.set);
        assert!(stage.followed.held().unwrap().contains("4000 changes"));
        assert!(stage.blocks(0) && !stage.blocks(ORDERS));
        stage.set = first;
        stage.followed.replace(&stage.set);
        assert!(stage.followed.held().is_none(), "the hub has put it right");
        assert!(stage.blocks(0));
    }

    #[test]
    fn orders_that_hold_by_confirmation_are_counted_from_then_on() {
        let mut stage = Stage::new();
        let effects = &stage.followed.engine.effects;
        assert_eq!(effects.report(Serial(1)).unwrap().effects.len(), 0, "those it began with");
        stage.set = EffectiveSet::new();
        for number in ORDERS..2 * ORDERS {
            stage.fold(number, Action::Block);
        }
        stage.followed.replace(&stage.set);
        assert!(stage.followed.confirm());
        stage.order(1);
        let report = stage.followed.engine.effects.report(Serial(1)).unwrap();
        assert!(report.effects.iter().all(|effect| effect.applied_at == Some(UnixMillis(5))));
        assert!(report.effects.iter().any(|effect| effect.order == Serial(ORDERS + 1)));
    }
}
