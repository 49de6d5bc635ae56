//! What one resolver is seen to do: which version of each zone it enforces, whether it drops
//! what was taken back, and whether that agrees with what it says it has.
//!
//! No sockets and no clock: questions out, answers in, the time with them. A version is known by
//! its canary, a name that only this version answers; an order by its own name.

use std::collections::VecDeque;

use belfry_indicator::Domain;
use belfry_journal::{Serial, UnixMillis};

use super::finding::{Finding, Latency};

/// Versions of a zone that are remembered.
const VERSIONS_MAX: usize = 64;
/// Canaries of versions before the newest that are asked for while that is not enforced.
const BEFORE: usize = 4;

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) name: Domain,
    about: About,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// A zone by its place, and the version.
    Canary(usize, Serial),
    Order(Serial),
}

impl Question {
    /// Whether it asks for a version, not for the name of an order.
    pub(crate) fn is_canary(&self) -> bool {
        matches!(self.about, About::Canary(..))
    }
}

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Nothing, or nothing that can be read.
    Silence,
    /// The answer of a block.
    Block,
    /// Any other.
    Other,
}

/// A name that an order of late was about, and what should hold now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) order: Serial,
    pub(crate) name: Domain,
    pub(crate) blocked: bool,
}

#[derive(Debug)]
struct Version {
    serial: Serial,
    canary: Domain,
    published: UnixMillis,
    timed: bool,
}

#[derive(Debug)]
struct Zone {
    apex: Domain,
    versions: VecDeque<Version>,
    enforces: Option<Serial>,
    /// Whether it was ever seen to enforce it: else it may not load this zone at all.
    loaded: bool,
    behind_since: Option<UnixMillis>,
    keeps_since: Option<UnixMillis>,
}

#[derive(Debug)]
struct Order {
    expected: Expected,
    since: UnixMillis,
    timed: bool,
    wrong_since: Option<UnixMillis>,
}

/// One resolver.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    zones: Vec<Zone>,
    orders: Vec<Order>,
    silent_since: Option<UnixMillis>,
    asked_at: Option<UnixMillis>,
    heard_at: Option<UnixMillis>,
    latency: Latency,
}

impl Watch {
    /// A zone is at this version now.
    pub(crate) fn publish(
        &mut self,
        apex: &Domain,
        serial: Serial,
        canary: Domain,
        now: UnixMillis,
    ) {
        let at = self.zones.iter().position(|zone| zone.apex == *apex).unwrap_or_else(|| {
            self.zones.push(Zone::new(apex.clone()));
            self.zones.len() - 1
        });
        let zone = &mut self.zones[at];
        if zone.versions.back().is_some_and(|newest| newest.serial == serial) {
            return;
        }
        // The first version may have been there for long: how fast it came is not known.
        let timed = zone.versions.is_empty();
        zone.versions.push_back(Version { serial, canary, published: now, timed });
        if zone.versions.len() > VERSIONS_MAX {
            zone.versions.pop_front();
        }
        if zone.enforces.is_none_or(|enforces| enforces < serial) {
            zone.behind_since.get_or_insert(now);
        }
    }

    /// Zones that are served no longer are watched no longer.
    pub(crate) fn keep_zones(&mut self, served: &[Domain]) {
        self.zones.retain(|zone| served.contains(&zone.apex));
    }

    /// What should hold of the names of late.
    pub(crate) fn expect(&mut self, names: &[Expected], now: UnixMillis) {
        let first = self.orders.is_empty();
        let mut orders = Vec::with_capacity(names.len());
        for expected in names {
            let known = self.orders.iter().position(|order| order.expected == *expected);
            orders.push(match known {
                Some(at) => self.orders.swap_remove(at),
                None => Order {
                    expected: expected.clone(),
                    since: now,
                    timed: first,
                    wrong_since: None,
                },
            });
        }
        self.orders = orders;
    }

    /// What is to be asked now.
    pub(crate) fn questions(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        for (place, zone) in self.zones.iter().enumerate() {
            let newest = zone.versions.back().map(|version| version.serial);
            let before = if zone.enforces == newest { 1 } else { BEFORE };
            let asked =
                zone.versions.iter().rev().enumerate().filter(|(age, version)| {
                    *age <= before || Some(version.serial) == zone.enforces
                });
            questions.extend(asked.map(|(_, version)| Question {
                name: version.canary.clone(),
                about: About::Canary(place, version.serial),
            }));
        }
        questions.extend(self.orders.iter().map(|order| Question {
            name: order.expected.name.clone(),
            about: About::Order(order.expected.order),
        }));
        questions
    }

    /// Takes a round's answers in.
    pub(crate) fn hear(&mut self, answers: &[(Question, Heard)], now: UnixMillis) {
        self.asked_at = Some(now);
        if answers.iter().all(|(_, heard)| *heard == Heard::Silence) {
            self.silent_since.get_or_insert(now);
            return;
        }
        (self.silent_since, self.heard_at) = (None, Some(now));
        for (place, zone) in self.zones.iter_mut().enumerate() {
            let heard = answers.iter().filter_map(|(question, heard)| match question.about {
                About::Canary(of, serial) if of == place => Some((serial, *heard)),
                _ => None,
            });
            let heard: Vec<_> = heard.collect();
            // One lost packet says nothing.
            if heard.iter().all(|(_, heard)| *heard != Heard::Silence) {
                zone.hear(&heard, now, &mut self.latency);
            }
        }
        for order in &mut self.orders {
            let about = About::Order(order.expected.order);
            let heard = answers.iter().find(|(question, _)| question.about == about);
            match heard {
                Some((_, Heard::Block)) => order.hear(true, now, &mut self.latency),
                Some((_, Heard::Other)) => order.hear(false, now, &mut self.latency),
                Some((_, Heard::Silence)) | None => {}
            }
        }
    }

    /// Whether something was changed that it is not seen to do yet.
    pub(crate) fn is_waiting(&self) -> bool {
        let zones = self.zones.iter().any(|zone| zone.loaded && zone.behind_since.is_some());
        zones || self.orders.iter().any(|order| order.wrong_since.is_some())
    }

    /// What is wrong at `now` for longer than `patience_ms`. `claims` is the version of a zone
    /// that the operator's servers said they have.
    pub(crate) fn findings(
        &self,
        claims: impl Fn(&Domain) -> Option<Serial>,
        patience_ms: u64,
        now: UnixMillis,
    ) -> Vec<Finding> {
        let over = |since: Option<UnixMillis>| {
            since.filter(|since| now.0.saturating_sub(since.0) > patience_ms)
        };
        if let Some(since) = over(self.silent_since) {
            return vec![Finding::Silent { since }];
        }
        if self.heard_at.is_none() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for zone in &self.zones {
            let late = over(zone.behind_since);
            if let (Some(since), Some(claimed)) = (late, claims(&zone.apex))
                && zone.has_not(claimed, |version| over(Some(version.published)).is_some())
            {
                let (zone, enforces) = (zone.apex.clone(), zone.enforces);
                found.push(Finding::Claims { zone, claimed, enforces, since });
            } else if let (Some(since), true) = (late, zone.loaded) {
                let (zone, enforces) = (zone.apex.clone(), zone.enforces);
                found.push(Finding::Behind { zone, enforces, since });
            }
            if let Some(since) = over(zone.keeps_since) {
                found.push(Finding::KeepsVersion { zone: zone.apex.clone(), since });
            }
        }
        let none = !self.zones.is_empty() && !self.zones.iter().any(|zone| zone.loaded);
        if none && let Some(since) = over(self.zones.iter().filter_map(|z| z.behind_since).min()) {
            found.push(Finding::Nothing { since });
        }
        for order in &self.orders {
            if let Some(since) = over(order.wrong_since) {
                let Expected { order, name, blocked } = order.expected.clone();
                found.push(match blocked {
                    true => Finding::Misses { order, name, since },
                    false => Finding::Keeps { order, name, since },
                });
            }
        }
        found
    }

    /// The version that each zone is seen at, and the newest of it.
    pub(crate) fn zones(&self) -> impl Iterator<Item = (&Domain, Option<Serial>, Option<Serial>)> {
        self.zones.iter().map(|zone| {
            (&zone.apex, zone.enforces, zone.versions.back().map(|version| version.serial))
        })
    }

    /// From order to enforced, as far as it was seen.
    pub(crate) fn latency(&self) -> &Latency {
        &self.latency
    }

    /// When it was asked last, and when it answered last.
    pub(crate) fn times(&self) -> (Option<UnixMillis>, Option<UnixMillis>) {
        (self.asked_at, self.heard_at)
    }
}

impl Zone {
    fn new(apex: Domain) -> Self {
        Self {
            apex,
            versions: VecDeque::new(),
            enforces: None,
            loaded: false,
            behind_since: None,
            keeps_since: None,
        }
    }

    fn hear(&mut self, heard: &[(Serial, Heard)], now: UnixMillis, latency: &mut Latency) {
        let blocks = heard.iter().filter(|(_, heard)| *heard == Heard::Block);
        let mut enforced: Vec<Serial> = blocks.map(|(serial, _)| *serial).collect();
        enforced.sort_unstable();
        self.enforces = enforced.last().copied();
        self.loaded |= self.enforces.is_some();
        // A canary of before beside a newer one: what was deleted is still there.
        match enforced.len() > 1 {
            true => _ = self.keeps_since.get_or_insert(now),
            false => self.keeps_since = None,
        }
        let Some(here) = self.enforces else { return };
        for version in self.versions.iter_mut().filter(|version| version.serial <= here) {
            if !std::mem::replace(&mut version.timed, true) {
                latency.note(now.0.saturating_sub(version.published.0));
            }
        }
        let next = self.versions.iter().find(|version| version.serial > here);
        self.behind_since = next.map(|version| version.published);
    }

    /// Whether `claimed` is more than what is enforced, since long.
    fn has_not(&self, claimed: Serial, old: impl Fn(&Version) -> bool) -> bool {
        let claimed = self.versions.iter().rev().find(|version| version.serial <= claimed);
        claimed.is_some_and(|version| {
            old(version) && self.enforces.is_none_or(|enforces| enforces < version.serial)
        })
    }
}

impl Order {
    fn hear(&mut self, blocked: bool, now: UnixMillis, latency: &mut Latency) {
        if blocked == self.expected.blocked {
            self.wrong_since = None;
            if !std::mem::replace(&mut self.timed, true) {
                latency.note(now.0.saturating_sub(self.since.0));
            }
        } else {
            self.wrong_since.get_or_insert(self.since);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    fn name(text: &str) -> Domain {
        Domain::parse(text).unwrap()
    }

    fn canary(serial: u64) -> Domain {
        name(&format!("s{serial}.phishing.canary.test"))
    }

    /// A resolver of which each version's canary and each name is answered as `blocks` says.
    struct Bench {
        watch: Watch,
        zone: Domain,
    }

    impl Bench {
        fn new() -> Self {
            let zone = name("phishing.rpz.test");
            let mut bench = Self { watch: Watch::default(), zone };
            bench.publish(1, 0);
            bench
        }

        fn publish(&mut self, serial: u64, at: u64) {
            self.watch.publish(&self.zone, Serial(serial), canary(serial), UnixMillis(at));
        }

        fn round(&mut self, at: u64, blocks: impl Fn(&str) -> bool) {
            let answers = self.watch.questions().into_iter().map(|question| {
                let heard =
                    if blocks(question.name.as_str()) { Heard::Block } else { Heard::Other };
                (question, heard)
            });
            let answers: Vec<_> = answers.collect();
            self.watch.hear(&answers, UnixMillis(at));
        }

        /// The words of what is found two minutes' patience on.
        fn words(&self, claims: Option<u64>, at: u64) -> Vec<&'static str> {
            let claims = |_: &Domain| claims.map(Serial);
            let found = self.watch.findings(claims, 2 * MINUTE, UnixMillis(at));
            found.iter().map(Finding::word).collect()
        }
    }

    fn at(serial: u64) -> impl Fn(&str) -> bool {
        move |name| name == canary(serial).as_str()
    }

    #[test]
    fn one_in_step_is_and_says_how_fast() {
        let mut bench = Bench::new();
        bench.round(0, at(1));
        bench.publish(2, 1_000);
        assert!(bench.watch.is_waiting());
        bench.round(1_500, at(1));
        bench.round(2_250, at(2));
        assert!(!bench.watch.is_waiting());
        assert_eq!(bench.words(Some(2), 10 * MINUTE), [] as [&str; 0]);
        assert_eq!(bench.watch.latency().figures(), Some((1, 1_250, 1_250)));
    }

    #[test]
    fn one_ten_minutes_behind_is_caught_and_one_that_follows_slowly_is_not() {
        let mut bench = Bench::new();
        bench.round(0, at(1));
        for minute in 1..30 {
            bench.publish(minute + 1, minute * MINUTE);
            bench.round(minute * MINUTE, at(minute.saturating_sub(9).max(1)));
        }
        assert_eq!(bench.words(None, 29 * MINUTE), ["behind"]);
        let mut slow = Bench::new();
        for minute in 1..30 {
            slow.publish(minute + 1, minute * MINUTE);
            slow.round(minute * MINUTE + 1_000, at(minute));
        }
        assert_eq!(slow.words(None, 29 * MINUTE + 1_000), [] as [&str; 0]);
    }

    #[test]
    fn one_that_drops_nothing_is_caught_by_its_old_canaries() {
        let mut bench = Bench::new();
        bench.round(0, at(1));
        bench.publish(2, 0);
        bench.round(1_000, |_| true);
        assert_eq!(bench.words(Some(2), 1_000), [] as [&str; 0], "a cache may hold it for a while");
        bench.round(3 * MINUTE, |_| true);
        assert_eq!(bench.words(Some(2), 4 * MINUTE), ["keeps-version"]);
        bench.round(5 * MINUTE, at(2));
        assert_eq!(bench.words(Some(2), 9 * MINUTE), [] as [&str; 0]);
    }

    #[test]
    fn one_that_says_more_than_it_does_is_caught() {
        let mut bench = Bench::new();
        bench.round(0, at(1));
        bench.publish(2, 0);
        bench.round(3 * MINUTE, at(1));
        assert_eq!(bench.words(Some(2), 3 * MINUTE), ["claims"]);
        assert_eq!(bench.words(Some(1), 3 * MINUTE), ["behind"], "it says what it does");
        let mut never = Bench::new();
        never.round(3 * MINUTE, |_| false);
        assert_eq!(never.words(Some(1), 3 * MINUTE), ["claims", "nothing"]);
        assert_eq!(never.words(None, 3 * MINUTE), ["nothing"]);
    }

    #[test]
    fn a_name_that_is_missed_and_one_that_is_kept_are_caught() {
        let mut bench = Bench::new();
        let expected = |order, blocked| Expected {
            order: Serial(order),
            name: name(&format!("n{order}.example")),
            blocked,
        };
        bench.watch.expect(&[expected(1, true), expected(2, false)], UnixMillis(0));
        let does = |one: bool| {
            move |name: &str| match name {
                "n1.example" => one,
                "n2.example" => !one,
                other => at(1)(other),
            }
        };
        bench.round(0, does(false));
        bench.round(3 * MINUTE, does(false));
        assert_eq!(bench.words(Some(1), 3 * MINUTE), ["misses", "keeps"]);
        bench.round(4 * MINUTE, does(true));
        assert_eq!(bench.words(Some(1), 9 * MINUTE), [] as [&str; 0]);
        // The first is released: from now on it has to answer otherwise.
        bench.watch.expect(&[expected(1, false), expected(2, false)], UnixMillis(9 * MINUTE));
        bench.round(9 * MINUTE, |name| name == "n1.example" || at(1)(name));
        assert_eq!(bench.words(Some(1), 10 * MINUTE), [] as [&str; 0], "it may take a while");
        assert_eq!(bench.words(Some(1), 12 * MINUTE), ["keeps"]);
    }

    #[test]
    fn one_that_is_silent_is_said_to_be_nothing_else() {
        let mut bench = Bench::new();
        bench.round(0, at(1));
        bench.publish(2, 0);
        for minute in 1..4 {
            let silent: Vec<_> = bench
                .watch
                .questions()
                .into_iter()
                .map(|question| (question, Heard::Silence))
                .collect();
            bench.watch.hear(&silent, UnixMillis(minute * MINUTE));
        }
        assert_eq!(bench.words(Some(2), 4 * MINUTE), ["silent"]);
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let mut bench = Bench::new();
        for serial in 2..1_000 {
            bench.publish(serial, serial);
        }
        assert_eq!(bench.watch.zones[0].versions.len(), VERSIONS_MAX);
        assert!(bench.watch.questions().len() <= BEFORE + 2);
        bench.watch.keep_zones(&[]);
        assert!(bench.watch.questions().is_empty());
    }
}
