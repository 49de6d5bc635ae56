//! Alarms: what someone must look at although the hub does its work. They stand until
//! what raised them is over; nothing here decides.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use belfry_journal::UnixMillis;

/// Alarms of one kind that are kept; more are counted as one.
const EACH_MAX: usize = 100;

/// What kind of alarm it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmKind {
    /// A list of the guard was refused; the old one stays.
    GuardLists,
    /// A new order has far more hits than a phishing site has: probably a wrong block.
    Surge,
    /// The brake is pulled: no rule acts.
    Brake,
    /// Rules would order more than persons expected.
    Rules,
    /// A resolver of an operator does not do what the journal says, or nothing goes out.
    Operators,
}

impl AlarmKind {
    /// Every kind.
    pub const ALL: [AlarmKind; 5] = [
        AlarmKind::GuardLists,
        AlarmKind::Surge,
        AlarmKind::Brake,
        AlarmKind::Rules,
        AlarmKind::Operators,
    ];

    /// The name of API and metrics.
    pub fn name(self) -> &'static str {
        match self {
            AlarmKind::GuardLists => "guard-lists",
            AlarmKind::Surge => "surge",
            AlarmKind::Brake => "brake",
            AlarmKind::Rules => "rules",
            AlarmKind::Operators => "operators",
        }
    }
}

/// One alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Of what kind.
    pub kind: AlarmKind,
    /// About what: `order 7`, a list's name.
    pub about: String,
    /// What is wrong and what to do, in words.
    pub text: String,
    /// Since when.
    pub since: UnixMillis,
}

/// The alarms that stand; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Alarms(Arc<Mutex<BTreeMap<(AlarmKind, String), Alarm>>>);

impl Alarms {
    /// Raises an alarm, or gives the one that stands other words. Answers whether it is new.
    pub fn raise(&self, kind: AlarmKind, about: &str, text: String, now: UnixMillis) -> bool {
        let mut standing = self.standing();
        let key = (kind, about.to_owned());
        if let Some(alarm) = standing.get_mut(&key) {
            alarm.text = text;
            return false;
        }
        if standing.keys().filter(|(of, _)| *of == kind).count() >= EACH_MAX {
            return false;
        }
        tracing::error!(alarm = kind.name(), about, %text, "alarm");
        standing.insert(key, Alarm { kind, about: about.to_owned(), text, since: now });
        true
    }

    /// What raised it is over.
    pub fn clear(&self, kind: AlarmKind, about: &str) {
        self.standing().remove(&(kind, about.to_owned()));
    }

    /// Clears all alarms of a kind for which `stands` does not hold.
    pub fn keep(&self, kind: AlarmKind, stands: impl Fn(&Alarm) -> bool) {
        self.standing().retain(|(of, _), alarm| *of != kind || stands(alarm));
    }

    /// All that stand, by kind.
    pub fn all(&self) -> Vec<Alarm> {
        self.standing().values().cloned().collect()
    }

    fn standing(&self) -> MutexGuard<'_, BTreeMap<(AlarmKind, String), Alarm>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_stands_once_until_it_is_cleared() {
        let alarms = Alarms::default();
        let raise = |text: &str, at| {
            alarms.raise(AlarmKind::Surge, "order 7", text.to_owned(), UnixMillis(at))
        };
        assert!(raise("many", 1));
        assert!(!raise("more", 2));
        let [alarm] = &alarms.all()[..] else { panic!("one alarm stands") };
        assert_eq!((alarm.text.as_str(), alarm.since), ("more", UnixMillis(1)));
        alarms.clear(AlarmKind::Brake, "order 7");
        assert_eq!(alarms.all().len(), 1);
        alarms.keep(AlarmKind::Surge, |alarm| alarm.about != "order 7");
        assert_eq!(alarms.all(), []);
        assert!(raise("again", 3));
    }

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let mut names: Vec<_> = AlarmKind::ALL.into_iter().map(AlarmKind::name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), AlarmKind::ALL.len());
        let spelled = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(names.into_iter().all(spelled), "metrics and the API spell them so");
    }

    #[test]
    fn the_number_of_alarms_has_a_bound() {
        let alarms = Alarms::default();
        for n in 0..2 * EACH_MAX {
            let about = format!("order {n}");
            alarms.raise(AlarmKind::Surge, &about, String::new(), UnixMillis(1));
        }
        assert_eq!(alarms.all().len(), EACH_MAX);
    }
}
