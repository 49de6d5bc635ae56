//! What is due when, and what the hub is told.

use belfry_indicator::{Domain, Target};
use belfry_journal::{
    Action, Audience, Body, Category, Cause, Entry, Mode, Order, PublicReason, UnixMillis,
};
use belfry_rpz::Policy;

use super::*;
use crate::settings::tests::settings;

/// A journal in the making, handed on as a follower does.
#[derive(Default)]
pub(crate) struct Journal {
    pub(crate) set: EffectiveSet,
}

impl Journal {
    /// `*.NAME` is the whole domain.
    pub(crate) fn order(&mut self, action: Action, name: &str) -> Change {
        let whole = name.strip_prefix("*.");
        let domain = Domain::parse(whole.unwrap_or(name)).unwrap();
        let order = Order {
            action,
            target: if whole.is_some() { Target::Domain(domain) } else { Target::Host(domain) },
            category: Category::Phishing,
            mode: Mode::Live,
            issued_at: UnixMillis(1),
            valid_until: UnixMillis(2),
            audience: Audience::Everyone,
            cause: Cause::Verdict { case: 1 },
            reason: PublicReason::Impersonation,
            keeps_mail: false,
        };
        let entry = Entry::new(self.set.serial().next(), [1; 32], &Body::Order(order));
        self.set.apply(&entry).unwrap()
    }

    pub(crate) fn block(&mut self, keeper: &Keeper, name: &str) {
        let change = self.order(Action::Block, name);
        keeper.change(&self.set, &[change]);
    }

    pub(crate) fn release(&mut self, keeper: &Keeper, of: u64) {
        let change = self.order(Action::Release { of: Serial(of) }, "none.example");
        keeper.change(&self.set, &[change]);
    }
}

fn keeper() -> Keeper {
    Keeper::new(settings("").zone().unwrap())
}

#[test]
fn the_first_entries_of_a_journal_are_no_whole_set() {
    let (keeper, mut journal) = (keeper(), Journal::default());
    journal.block(&keeper, "a.example");
    assert!(!keeper.is_due());
    keeper.complete();
    assert!(keeper.is_due());
    let job = keeper.take(None, 10);
    assert_eq!((job.serial, job.view.names_len(), job.patch.is_none()), (Serial(1), 1, true));
    assert!(!keeper.is_due());
}

#[test]
fn what_changes_nothing_is_not_due_and_yet_told() {
    let (keeper, mut journal) = (keeper(), Journal::default());
    keeper.replace(&journal.set);
    assert!(keeper.is_due(), "an empty set is one");
    let base = keeper.take(None, 10);
    keeper.wrote(base.serial);
    assert_eq!(keeper.effects(Serial(0)).unwrap().serial, Serial(0));
    journal.release(&keeper, 7);
    assert!(!keeper.is_due());
    let report = keeper.effects(Serial(1)).unwrap();
    assert_eq!((report.serial, report.effects.len()), (Serial(1), 0));
    keeper.reported(&report);
    assert_eq!(keeper.effects(Serial(1)), None);
}

#[test]
fn only_what_is_in_files_is_told() {
    let (keeper, mut journal) = (keeper(), Journal::default());
    journal.block(&keeper, "a.example");
    keeper.replace(&journal.set);
    let base = keeper.take(None, 10);
    journal.block(&keeper, "*.b.example");
    assert_eq!(keeper.effects(Serial(2)), None, "nothing is written yet");
    keeper.wrote(base.serial);
    assert_eq!(keeper.effects(Serial(2)).unwrap().serial, Serial(1));
    assert!(keeper.is_due());
    let job = keeper.take(Some(&base.view), 10);
    let patch = job.patch.unwrap();
    let said: Vec<_> =
        patch.iter().map(|(path, said)| (path.to_text(), said.exact, said.below)).collect();
    let block = Some(Policy::Block);
    assert_eq!(said, [("b.example".to_owned(), block, block)]);
    keeper.failed();
    assert!(keeper.is_due());
    keeper.take(Some(&base.view), 10);
    keeper.wrote(job.serial);
    assert_eq!(keeper.effects(Serial(2)).unwrap().serial, Serial(2));
}

#[test]
fn one_batch_may_block_and_release() {
    let (keeper, mut journal) = (keeper(), Journal::default());
    keeper.replace(&journal.set);
    let block = journal.order(Action::Block, "a.example");
    let release = journal.order(Action::Release { of: Serial(1) }, "none.example");
    keeper.take(None, 10);
    keeper.change(&journal.set, &[block, release]);
    assert_eq!(keeper.take(None, 10).view.names_len(), 0);
}
