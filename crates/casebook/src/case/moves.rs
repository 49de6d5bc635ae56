//! The moves between states. A move consumes its state; what no method offers
//! can't happen.
//!
//! ```text
//!   Open, AwaitingSecond, Benign,   --block-->        Blocked --release--> Released
//!   Refused, Closed,                --await_second--> AwaitingSecond   \-reverse--> Reversed
//!   Released, Reversed              --refuse-->       Refused
//!   (all that are `Decidable`)      --clear-->        Benign --expire--> Open
//!                                   --close-->        Closed
//!   Released, Reversed, Closed      --reopen-->       Open     (new evidence)
//!   Refused                         --reopen-->       Open     (a person)
//!   AwaitingSecond                  --decline-->      Open     (the second person says no)
//!   Open                            --park-->         Parked --wake-->    Open
//!   Open, Parked, Released, Closed  --merge-->        Merged --unmerge--> Open
//!   Blocked                         --replace-->      Blocked  (renewed by a person)
//! ```

use belfry_guard::Rule;
use belfry_journal::{Category, Serial, UnixMillis};

use super::state::{
    AwaitingSecond, Benign, Blocked, CaseState, Closed, Merged, Open, Parked, Refused, Released,
    Reversed,
};

/// A state in which a case may be decided: every one but [`Blocked`], whose
/// block must be released first.
pub trait Decidable: Sized {
    /// An order blocks it.
    fn block(self, order: Serial) -> Blocked {
        Blocked { order }
    }

    /// A second person must agree.
    fn await_second(self, first: String, category: Category, rule: Rule) -> AwaitingSecond {
        AwaitingSecond { first, category, rule }
    }

    /// The guard refused the block.
    fn refuse(self, rule: Rule) -> Refused {
        Refused { rule }
    }

    /// It is benign until then.
    fn clear(self, until: UnixMillis) -> Benign {
        Benign { until }
    }

    /// It is judged without an order.
    fn close(self) -> Closed {
        Closed
    }
}

impl Decidable for Open {}
impl Decidable for Benign {}
impl Decidable for Released {}
impl Decidable for Reversed {}
impl Decidable for Refused {}
impl Decidable for Closed {}
impl Decidable for Parked {}
impl Decidable for Merged {}

/// A state in which a case may be judged together with another from now on: no order of
/// it holds, and nobody's verdict on it waits.
pub trait Mergeable: Sized {
    /// It follows the case `into`.
    fn merge(self, into: u64) -> Merged {
        Merged { into }
    }
}

impl Mergeable for Open {}
impl Mergeable for Parked {}
impl Mergeable for Released {}
impl Mergeable for Closed {}

impl Open {
    /// It waits until then.
    pub fn park(self, until: UnixMillis) -> Parked {
        Parked { until }
    }
}

impl Parked {
    /// Its time has come, or a person does not want to wait.
    pub fn wake(self) -> Open {
        Open
    }
}

impl Merged {
    /// It is judged alone again.
    pub fn unmerge(self) -> Open {
        Open
    }
}

impl Refused {
    /// A person takes it up again: the guard's lists may have changed.
    pub fn reopen(self) -> Open {
        Open
    }
}

impl AwaitingSecond {
    /// The second person does not agree: nothing waits any more, and it is to be judged anew.
    pub fn decline(self) -> Open {
        Open
    }
}

impl Decidable for AwaitingSecond {
    /// Who was first stays first, so that a second person can still come; not a token,
    /// which counts as nobody, and not for another category.
    fn await_second(self, person: String, category: Category, rule: Rule) -> AwaitingSecond {
        let stays = self.category == category && !self.first.starts_with("token:");
        let first = if stays { self.first } else { person };
        AwaitingSecond { first, category, rule }
    }
}

impl Blocked {
    /// Its order ended or was taken back.
    pub fn release(self, by: Serial) -> Released {
        Released { by }
    }

    /// Its order was a mistake.
    pub fn reverse(self, by: Serial) -> Reversed {
        Reversed { by }
    }

    /// A newer order for the same target, category and mode took the place of its own.
    pub fn replace(self, order: Serial) -> Blocked {
        Blocked { order }
    }
}

impl Benign {
    /// Its term ended.
    pub fn expire(self) -> Open {
        Open
    }
}

impl Released {
    /// New evidence came.
    pub fn reopen(self) -> Open {
        Open
    }
}

impl Reversed {
    /// New evidence came.
    pub fn reopen(self) -> Open {
        Open
    }
}

impl Closed {
    /// New evidence came.
    pub fn reopen(self) -> Open {
        Open
    }
}

/// What a decision came to, with all that its new state needs.
pub(crate) enum Ruling {
    Block(Serial),
    AwaitSecond { first: String, category: Category, rule: Rule },
    Refuse(Rule),
    Clear(UnixMillis),
    Close,
}

impl Ruling {
    fn apply(self, state: impl Decidable) -> CaseState {
        match self {
            Ruling::Block(order) => CaseState::Blocked(state.block(order)),
            Ruling::AwaitSecond { first, category, rule } => {
                CaseState::AwaitingSecond(state.await_second(first, category, rule))
            }
            Ruling::Refuse(rule) => CaseState::Refused(state.refuse(rule)),
            Ruling::Clear(until) => CaseState::Benign(state.clear(until)),
            Ruling::Close => CaseState::Closed(state.close()),
        }
    }
}

impl CaseState {
    /// The state after a ruling; a blocked case is given back as it was.
    pub(crate) fn decided(self, ruling: Ruling) -> Result<CaseState, Blocked> {
        match self {
            CaseState::Blocked(blocked) => Err(blocked),
            CaseState::Open(state) => Ok(ruling.apply(state)),
            CaseState::AwaitingSecond(state) => Ok(ruling.apply(state)),
            CaseState::Benign(state) => Ok(ruling.apply(state)),
            CaseState::Released(state) => Ok(ruling.apply(state)),
            CaseState::Reversed(state) => Ok(ruling.apply(state)),
            CaseState::Refused(state) => Ok(ruling.apply(state)),
            CaseState::Closed(state) => Ok(ruling.apply(state)),
            CaseState::Parked(state) => Ok(ruling.apply(state)),
            CaseState::Merged(state) => Ok(ruling.apply(state)),
        }
    }

    /// The state of a case that a person takes up again; what can't be is given back.
    pub(crate) fn taken_up(self) -> Result<Open, CaseState> {
        match self {
            CaseState::Released(state) => Ok(state.reopen()),
            CaseState::Reversed(state) => Ok(state.reopen()),
            CaseState::Closed(state) => Ok(state.reopen()),
            CaseState::Refused(state) => Ok(state.reopen()),
            CaseState::Parked(state) => Ok(state.wake()),
            CaseState::Benign(state) => Ok(state.expire()),
            CaseState::Open(_)
            | CaseState::AwaitingSecond(_)
            | CaseState::Blocked(_)
            | CaseState::Merged(_) => Err(self),
        }
    }

    /// The state of a case whose proposal is declined; where nothing waits, it is given back.
    pub(crate) fn declined(self) -> Result<Open, CaseState> {
        match self {
            CaseState::AwaitingSecond(state) => Ok(state.decline()),
            other => Err(other),
        }
    }

    /// The state of a case that follows `into`; what can't be merged is given back.
    pub(crate) fn merged(self, into: u64) -> Result<Merged, CaseState> {
        match self {
            CaseState::Open(state) => Ok(state.merge(into)),
            CaseState::Parked(state) => Ok(state.merge(into)),
            CaseState::Released(state) => Ok(state.merge(into)),
            CaseState::Closed(state) => Ok(state.merge(into)),
            CaseState::AwaitingSecond(_)
            | CaseState::Blocked(_)
            | CaseState::Benign(_)
            | CaseState::Reversed(_)
            | CaseState::Refused(_)
            | CaseState::Merged(_) => Err(self),
        }
    }

    /// The state that a new report moves it to, if it moves it.
    pub(crate) fn with_new_evidence(self) -> Option<Open> {
        match self {
            CaseState::Released(state) => Some(state.reopen()),
            CaseState::Reversed(state) => Some(state.reopen()),
            CaseState::Closed(state) => Some(state.reopen()),
            CaseState::Open(_)
            | CaseState::AwaitingSecond(_)
            | CaseState::Blocked(_)
            | CaseState::Benign(_)
            | CaseState::Refused(_)
            | CaseState::Parked(_)
            | CaseState::Merged(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<CaseState> {
        let awaiting = AwaitingSecond {
            first: "local:an".into(),
            category: Category::Phishing,
            rule: Rule::TwoPeople,
        };
        vec![
            CaseState::Open(Open),
            CaseState::AwaitingSecond(awaiting),
            CaseState::Blocked(Blocked { order: Serial(1) }),
            CaseState::Benign(Benign { until: UnixMillis(9) }),
            CaseState::Released(Released { by: Serial(2) }),
            CaseState::Reversed(Reversed { by: Serial(2) }),
            CaseState::Refused(Refused { rule: Rule::NeverBlock }),
            CaseState::Closed(Closed),
            CaseState::Parked(Parked { until: UnixMillis(9) }),
            CaseState::Merged(Merged { into: 1 }),
        ]
    }

    #[test]
    fn only_a_blocked_case_is_not_decided() {
        for state in all() {
            let name = state.name();
            let decided = state.decided(Ruling::Close);
            assert_eq!(decided.is_err(), name == "blocked", "{name}");
        }
    }

    #[test]
    fn new_evidence_reopens_what_was_closed_or_taken_back() {
        let reopened: Vec<_> = all()
            .into_iter()
            .map(|state| (state.name(), state.with_new_evidence().is_some()))
            .filter_map(|(name, reopened)| reopened.then_some(name))
            .collect();
        assert_eq!(reopened, ["released", "reversed", "closed"]);
    }

    #[test]
    fn what_a_person_may_take_up_again_and_merge() {
        let named = |able: fn(CaseState) -> bool| -> Vec<&str> {
            let states = all().into_iter().map(|state| (state.name(), able(state)));
            states.filter_map(|(name, able)| able.then_some(name)).collect()
        };
        let taken_up = named(|state| state.taken_up().is_ok());
        assert_eq!(taken_up, ["benign", "released", "reversed", "refused", "closed", "parked"]);
        let merged = named(|state| state.merged(7) == Ok(Merged { into: 7 }));
        assert_eq!(merged, ["open", "released", "closed", "parked"]);
        let declined = named(|state| state.declined().is_ok());
        assert_eq!(declined, ["awaiting-second"]);
    }

    #[test]
    fn names_are_those_listed() {
        let names: Vec<_> = all().iter().map(CaseState::name).collect();
        assert_eq!(names, CaseState::NAMES);
    }

    fn check_first(first: &str, category: Category, expect: &str) {
        let rule = Rule::TwoPeople;
        let waiting = AwaitingSecond { first: first.into(), category: Category::Phishing, rule };
        assert_eq!(waiting.await_second("local:bo".into(), category, rule).first, expect);
    }

    #[test]
    fn the_first_person_stays_first() {
        check_first("local:an", Category::Phishing, "local:an");
        check_first("local:an", Category::Malware, "local:bo");
        check_first("token:ci", Category::Phishing, "local:bo");
    }
}
