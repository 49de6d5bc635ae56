//! Batches that fit and batches that do not.

use belfry_journal::merkle::Hash;
use belfry_journal::{Action, Body, Heartbeat, UnixMillis};
use proptest::prelude::*;

use super::*;
use crate::testing::{JOURNAL, Journal, order};

fn state_of(journal: &Journal) -> State {
    State::new(JOURNAL, journal.set().clone())
}

#[test]
fn a_batch_moves_what_holds_to_its_end() {
    let journal = Journal::of_blocks(3);
    let mut state = State::default();
    let (changes, outcome) = state.fold(&journal.batch(Serial(0), 10));
    assert_eq!(outcome, Ok(()));
    assert_eq!(changes.len(), 3);
    assert_eq!(**state.set(), *journal.set());
    assert_eq!(state.journal(), Some(JOURNAL));
}

#[test]
fn entries_that_change_nothing_move_the_serial_alone() {
    let mut journal = Journal::of_blocks(1);
    let mut state = state_of(&journal);
    journal.heartbeat();
    journal.push(&Body::Void);
    let (changes, outcome) = state.fold(&journal.batch(Serial(1), 10));
    assert_eq!((changes, outcome), (vec![], Ok(())));
    assert_eq!(state.serial(), Serial(3));
}

#[test]
fn a_head_behind_what_holds_is_an_alarm_and_changes_nothing() {
    let journal = Journal::of_blocks(5);
    let mut state = state_of(&journal);
    let batch = Batch { journal: JOURNAL, head: Serial(4), entries: Vec::new() };
    let (_, outcome) = state.fold(&batch);
    let trouble = outcome.unwrap_err();
    assert_eq!(trouble, Trouble::Ahead { serial: Serial(5), head: Serial(4) });
    assert_eq!(trouble.health(true), Health::Ahead);
    assert_eq!(**state.set(), *journal.set());
}

#[test]
fn another_journal_is_an_alarm_however_well_it_fits() {
    let mut journal = Journal::of_blocks(2);
    let mut state = state_of(&journal);
    journal.block("late.example");
    let batch = Batch { journal: JournalId([8; 16]), ..journal.batch(Serial(2), 10) };
    let (changes, outcome) = state.fold(&batch);
    assert!(changes.is_empty());
    assert!(matches!(outcome, Err(Trouble::OtherJournal { .. })), "{outcome:?}");
    assert_eq!(state.serial(), Serial(2));
    let other = state.replace(JournalId([8; 16]), journal.set().clone());
    assert!(matches!(other, Err(Trouble::OtherJournal { .. })), "{other:?}");
}

#[test]
fn a_gap_keeps_what_came_before_it() {
    let journal = Journal::of_blocks(5);
    let mut state = State::default();
    let mut batch = journal.batch(Serial(0), 10);
    batch.entries.remove(2);
    let (changes, outcome) = state.fold(&batch);
    assert!(matches!(outcome, Err(Trouble::Gap(_))), "{outcome:?}");
    assert_eq!(changes.len(), 2);
    assert_eq!(**state.set(), journal.set_at(2));
}

#[test]
fn an_entry_twice_is_a_gap() {
    let journal = Journal::of_blocks(2);
    let mut state = state_of(&journal);
    let (_, outcome) = state.fold(&journal.batch(Serial(1), 10));
    assert!(matches!(outcome, Err(Trouble::Gap(_))), "{outcome:?}");
}

#[test]
fn an_unreadable_order_stops_before_it() {
    let mut journal = Journal::of_blocks(3);
    let mut state = State::default();
    journal.entries[1].body.truncate(3);
    let (changes, outcome) = state.fold(&journal.batch(Serial(0), 10));
    let trouble = outcome.unwrap_err();
    assert!(matches!(trouble, Trouble::Unreadable(_)), "{trouble:?}");
    assert!(trouble.needs_someone());
    assert_eq!((changes.len(), state.serial()), (1, Serial(1)));
}

#[test]
fn a_heartbeat_over_another_past_is_an_alarm() {
    let mut state = state_of(&Journal::of_blocks(2));
    let heartbeat = Heartbeat { at: UnixMillis(1), tree_size: 2, root: Hash([9; 32]) };
    let entry = Entry::new(Serial(3), [1; 32], &Body::Heartbeat(heartbeat));
    let batch = Batch { journal: JOURNAL, head: Serial(3), entries: vec![entry] };
    let (_, outcome) = state.fold(&batch);
    assert_eq!(outcome, Err(Trouble::Forked { at: Serial(3) }));
    assert_eq!(state.serial(), Serial(2));
}

#[test]
fn a_declared_restore_asks_for_a_snapshot_where_the_past_differs() {
    let mut restored = Journal::of_blocks(2);
    restored.restored(5);
    let mut ahead = state_of(&Journal::of_blocks(5));
    let (changes, outcome) = ahead.fold(&restored.batch(Serial(5), 10));
    let trouble = outcome.unwrap_err();
    assert!(trouble.wants_snapshot() && !trouble.needs_someone(), "{trouble}");
    assert!(trouble.to_string().contains("up to entry 2"), "{trouble}");
    assert_eq!((changes.len(), trouble.health(true)), (0, Health::Stale));
    assert_eq!(ahead.replace(JOURNAL, restored.set().clone()), Ok(()));
    let mut behind = state_of(&Journal::of_blocks(2));
    assert_eq!(behind.fold(&restored.batch(Serial(2), 10)).1, Ok(()));
    assert_eq!(behind.set(), ahead.set());
}

#[test]
fn an_older_snapshot_does_not_replace_what_holds() {
    let journal = Journal::of_blocks(4);
    let mut state = state_of(&journal);
    let outcome = state.replace(JOURNAL, journal.set_at(3));
    assert!(matches!(outcome, Err(Trouble::Ahead { .. })), "{outcome:?}");
    assert_eq!(state.serial(), Serial(4));
}

#[test]
fn a_save_in_progress_keeps_its_own_view() {
    let mut journal = Journal::of_blocks(1);
    let mut state = state_of(&journal);
    let saving = Arc::clone(state.set());
    journal.block("second.example");
    let (_, outcome) = state.fold(&journal.batch(Serial(1), 10));
    assert_eq!(outcome, Ok(()));
    assert_eq!((saving.serial(), state.serial()), (Serial(1), Serial(2)));
}

#[test]
fn nothing_yet_is_empty_and_a_refusal_is_slow() {
    let refused = Trouble::Source(SourceError::Refused("401".into()));
    assert_eq!(refused.health(false), Health::Empty);
    assert_eq!(refused.health(true), Health::Stale);
    assert!(refused.needs_someone());
    assert!(!Trouble::Source(SourceError::Unreachable("gone".into())).needs_someone());
}

/// A journal of blocks, replacements, releases, heartbeats and voids.
fn journal(steps: &[(u8, u8)]) -> Journal {
    let mut journal = Journal::default();
    for (step, which) in steps {
        let name = format!("host{}.example", which % 5);
        match step % 6 {
            0..=2 => journal.block(&name),
            3 => journal.push(&order(Action::Allow, &name)),
            4 => {
                let first = journal.set().iter().next();
                let held = first.map(|(key, held)| (key.target.name().to_string(), held.serial));
                match held {
                    Some((name, of)) => journal.push(&order(Action::Release { of }, &name)),
                    None => journal.push(&Body::Void),
                }
            }
            _ => journal.heartbeat(),
        };
    }
    journal
}

proptest! {
    /// Whoever joins late, by any snapshot and any batches, holds the same.
    #[test]
    fn joining_anywhere_ends_equal(
        steps in prop::collection::vec((any::<u8>(), any::<u8>()), 1..40),
        joined in any::<prop::sample::Index>(),
        batches in prop::collection::vec(1usize..7, 40),
    ) {
        let journal = journal(&steps);
        let joined = joined.index(steps.len() + 1) as u64;
        let mut state = State::new(JOURNAL, journal.set_at(joined));
        for most in batches {
            let (_, outcome) = state.fold(&journal.batch(state.serial(), most));
            prop_assert_eq!(outcome, Ok(()));
        }
        prop_assert_eq!(&**state.set(), journal.set());
    }

    /// What changed is exactly what differs between before and after.
    #[test]
    fn changes_tell_all_that_changed(
        steps in prop::collection::vec((any::<u8>(), any::<u8>()), 1..40),
        joined in any::<prop::sample::Index>(),
    ) {
        let journal = journal(&steps);
        let before = journal.set_at(joined.index(steps.len() + 1) as u64);
        let mut state = State::new(JOURNAL, before.clone());
        let (changes, _) = state.fold(&journal.batch(before.serial(), 1_000));
        let mut told = std::collections::BTreeSet::new();
        for change in &changes {
            match change {
                Change::Set(key) | Change::Removed(key) => { told.insert(key.clone()); }
                Change::None => prop_assert!(false, "nothing is no change"),
            }
        }
        let keys = before.iter().chain(journal.set().iter()).map(|(key, _)| key);
        for key in keys.filter(|key| before.get(key) != journal.set().get(key)) {
            prop_assert!(told.contains(&key), "{:?} changed untold", key);
        }
    }
}
