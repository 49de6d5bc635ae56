//! The templates of this operator as the journal has them, ready to be asked; and what
//! was counted of each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use belfry_follow::{Apply, Effect, EffectsReport};
use belfry_indicator::OperatorName;
use belfry_journal::{Change, EffectiveSet, Mode, Serial, UnixMillis};
use belfry_likeness::{Index, Scratch};

use crate::Filter;

/// Templates that are looked for at once; more are ignored, with an alarm.
const TEMPLATES_MAX: usize = 100_000;

/// Templates, indexed.
#[derive(Debug)]
pub(crate) struct Live {
    index: Index,
    templates: Vec<Held>,
    ignored: u64,
}

#[derive(Clone, Debug)]
struct Held {
    serial: Serial,
    mode: Mode,
    counted: Arc<Counted>,
}

/// What is counted of one template.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    matches: AtomicU64,
    first: AtomicU64,
    applied: AtomicU64,
}

impl Live {
    /// Those of `operator` in `set`; what was counted of each goes on.
    fn of(
        set: &EffectiveSet,
        operator: &OperatorName,
        counted: &mut BTreeMap<Serial, Arc<Counted>>,
        now: UnixMillis,
    ) -> Self {
        let own = set.templates().filter(|(_, order)| order.operator() == operator);
        let all: Vec<_> = own.collect();
        let taken = &all[..all.len().min(TEMPLATES_MAX)];
        let held: BTreeSet<Serial> = taken.iter().map(|(serial, _)| *serial).collect();
        counted.retain(|serial, _| held.contains(serial));
        let templates = taken.iter().map(|(serial, order)| {
            let fresh = || Arc::new(Counted { applied: now.0.into(), ..Counted::default() });
            let counted = Arc::clone(counted.entry(*serial).or_insert_with(fresh));
            Held { serial: *serial, mode: order.mode, counted }
        });
        Self {
            templates: templates.collect(),
            index: Index::new(taken.iter().map(|(_, order)| order.template.text())),
            ignored: (all.len() - taken.len()) as u64,
        }
    }

    /// The template that a text is a mutation of.
    pub(crate) fn find(&self, text: &str, scratch: &mut Scratch) -> Option<(Serial, Mode)> {
        let found = self.index.find(text, scratch)?;
        let held = &self.templates[found.pattern];
        held.counted.matches.fetch_add(1, Ordering::Relaxed);
        Some((held.serial, held.mode))
    }

    pub(crate) fn explain(&self, text: &str) -> Option<(Serial, String)> {
        let mut scratch = Scratch::default();
        let found = self.index.find(text, &mut scratch)?;
        let (_, why) = self.index.compare(found.pattern, text, &mut scratch);
        Some((self.templates[found.pattern].serial, why.to_string()))
    }

    pub(crate) fn len(&self) -> usize {
        self.templates.len()
    }

    pub(crate) fn ignored(&self) -> u64 {
        self.ignored
    }

    fn effects(&self) -> Vec<Effect> {
        let time = |moment: &AtomicU64| {
            Some(moment.load(Ordering::Relaxed)).filter(|at| *at > 0).map(UnixMillis)
        };
        let effect = |held: &Held| Effect {
            order: held.serial,
            blocked_answers: held.counted.matches.load(Ordering::Relaxed),
            warning_views: 0,
            prevented_visits: 0,
            applied_at: time(&held.counted.applied),
            first_blocked_at: time(&held.counted.first),
        };
        self.templates.iter().map(effect).collect()
    }

    /// Notes when a template was first seen to have matched.
    fn note_first(&self, now: UnixMillis) {
        for held in &self.templates {
            if held.counted.matches.load(Ordering::Relaxed) > 0 {
                let first = &held.counted.first;
                let _ = first.compare_exchange(0, now.0, Ordering::Relaxed, Ordering::Relaxed);
            }
        }
    }
}

/// What a follower hands the effective set to.
#[derive(Debug)]
pub struct Followed {
    filter: Filter,
    now: fn() -> UnixMillis,
    instance: [u8; 16],
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    counted: BTreeMap<Serial, Arc<Counted>>,
    changed: Option<Serial>,
    /// What the hub has heard: the serial, and each template's count.
    reported: (Serial, BTreeMap<Serial, u64>),
}

impl Followed {
    /// Keeps `filter` at the journal's templates.
    pub fn new(filter: Filter, now: fn() -> UnixMillis) -> Self {
        let mut instance = [0; 16];
        if getrandom::fill(&mut instance).is_err() {
            tracing::error!(
                "no random name for this run of counters; the hub may add it to another"
            );
        }
        Self { filter, now, instance, state: Mutex::default() }
    }

    fn hold(&self, set: &EffectiveSet) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.changed == Some(set.templates_changed()) {
            return;
        }
        let live = Live::of(set, self.filter.operator(), &mut state.counted, (self.now)());
        if live.ignored > 0 {
            tracing::error!(ignored = live.ignored, "more templates than are looked for at once");
        }
        tracing::info!(templates = live.len(), serial = %set.serial(), "templates hold");
        state.changed = Some(set.templates_changed());
        self.filter.replace(live);
    }
}

impl Apply for Followed {
    fn replace(&self, set: &EffectiveSet) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).changed = None;
        self.hold(set);
    }

    fn change(&self, set: &EffectiveSet, _changes: &[Change]) {
        self.hold(set);
    }

    fn effects(&self, serial: Serial) -> Option<EffectsReport> {
        let now = (self.now)();
        let effects = self.filter.with_live(|live| {
            live.note_first(now);
            live.effects()
        })?;
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (told, counts) = &state.reported;
        let news = |effect: &Effect| counts.get(&effect.order) != Some(&effect.blocked_answers);
        let effects: Vec<_> = effects.into_iter().filter(news).collect();
        let silent = effects.is_empty() && *told == serial;
        (!silent).then_some(EffectsReport { instance: self.instance, serial, effects })
    }

    fn reported(&self, report: &EffectsReport) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.reported.0 = report.serial;
        for effect in &report.effects {
            state.reported.1.insert(effect.order, effect.blocked_answers);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
