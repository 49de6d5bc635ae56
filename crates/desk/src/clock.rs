//! The desk's time: the wall clock, as long as it agrees with the steady one.
//!
//! When the wall clock steps, time here goes on as it went, so that orders keep
//! their order and their terms; what ends by time stops until the wall clock agrees
//! again, or a person says that it is right. Time here never goes back.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use belfry_journal::UnixMillis;

/// The clocks may part by this much.
const STEP_MAX: Duration = Duration::from_secs(60);
/// The wall clock is taken anew as the measure this often, where it agrees: what
/// creeps away from the steady clock does so by [`STEP_MAX`] in this time at most.
const MEASURE_EVERY: Duration = Duration::from_secs(3_600);

/// Where time comes from.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    /// The wall clock, which can be set.
    pub wall: fn() -> UnixMillis,
    /// How long it is since some moment, by a clock that can't be set.
    pub steady: fn() -> Duration,
}

/// The desk's time, cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Timekeeper {
    clocks: Clocks,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug)]
struct Kept {
    /// When, by the steady clock, it was what time.
    measure: (Duration, UnixMillis),
    /// The latest time that was told.
    told: UnixMillis,
    /// By how much the wall clock is off, if by too much.
    stepped: Option<Duration>,
    /// The hub was away for so long that someone must say the wall clock is right.
    away: Option<Duration>,
}

/// What is wrong with the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClockTrouble {
    /// It stepped, back or forward, by so much.
    Stepped(Duration),
    /// By it, the hub was away for so long.
    Away(Duration),
}

impl Timekeeper {
    /// Begins at the wall clock's time, but not before `last`, the journal's last entry.
    /// Past `away_max` after that, someone must say that the wall clock is right.
    pub(crate) fn new(clocks: Clocks, last: Option<UnixMillis>, away_max: Duration) -> Self {
        let now = (clocks.wall)();
        let last = last.unwrap_or(now);
        let begin = now.max(last);
        let back = last.since(now);
        let away = Some(now.since(last)).filter(|away| *away > away_max);
        let stepped = Some(back).filter(|back| *back > STEP_MAX);
        let measure = ((clocks.steady)(), begin);
        let kept = Arc::new(Mutex::new(Kept { measure, told: begin, stepped, away }));
        Self { clocks, kept }
    }

    /// The time.
    pub(crate) fn now(&self) -> UnixMillis {
        self.look().0
    }

    /// The time, and what is wrong with the wall clock.
    pub(crate) fn look(&self) -> (UnixMillis, Option<ClockTrouble>) {
        let (wall, steady) = ((self.clocks.wall)(), (self.clocks.steady)());
        let mut kept = self.kept();
        let passed = steady.saturating_sub(kept.measure.0);
        let expected = kept.measure.1.plus(passed);
        let step = wall.since(expected).max(expected.since(wall));
        kept.stepped = (step > STEP_MAX).then_some(step);
        let now = if kept.stepped.is_some() { expected } else { wall };
        kept.told = kept.told.max(now);
        if kept.stepped.is_none() && passed >= MEASURE_EVERY {
            kept.measure = (steady, kept.told);
        }
        let trouble = kept.stepped.map(ClockTrouble::Stepped);
        (kept.told, trouble.or(kept.away.map(ClockTrouble::Away)))
    }

    /// The wall clock is right, a person says. One that was ahead leaves its mark: time
    /// here stands still until the wall clock has come past what was told.
    pub(crate) fn accept(&self) -> UnixMillis {
        let (wall, steady) = ((self.clocks.wall)(), (self.clocks.steady)());
        let mut kept = self.kept();
        kept.measure = (steady, wall);
        (kept.stepped, kept.away) = (None, None);
        kept.told = kept.told.max(wall);
        kept.told
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The steady clock of this process.
pub(crate) fn steady() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const DAY: u64 = 86_400;

    thread_local! {
        static WALL: Cell<u64> = const { Cell::new(0) };
        static STEADY: Cell<u64> = const { Cell::new(0) };
    }

    fn wall() -> UnixMillis {
        UnixMillis(WALL.get() * 1_000)
    }

    fn steady() -> Duration {
        Duration::from_secs(STEADY.get())
    }

    /// Both clocks go on.
    fn pass(seconds: u64) {
        WALL.set(WALL.get() + seconds);
        STEADY.set(STEADY.get() + seconds);
    }

    fn keeper(last: Option<u64>) -> Timekeeper {
        WALL.set(1_000 * DAY);
        let last = last.map(|last| UnixMillis(last * 1_000));
        Timekeeper::new(Clocks { wall, steady }, last, Duration::from_secs(7 * DAY))
    }

    #[test]
    fn while_both_agree_it_is_the_wall_clock() {
        let keeper = keeper(None);
        for _ in 0..10_000 {
            pass(30);
            assert_eq!(keeper.look(), (wall(), None));
        }
    }

    #[test]
    fn a_step_changes_nothing_until_it_is_taken_back() {
        for (there, back) in [(366 * DAY, 0), (0, 366 * DAY), (61, 0), (0, 61)] {
            let keeper = keeper(None);
            pass(100);
            let before = keeper.now();
            WALL.set(WALL.get() + there - back.min(WALL.get()));
            for n in 1..=100 {
                pass(60);
                let (now, trouble) = keeper.look();
                assert_eq!(now, before.plus(Duration::from_secs(60 * n)));
                let step = Duration::from_secs(there.max(back));
                assert_eq!(trouble, Some(ClockTrouble::Stepped(step)), "for as long as it is off");
            }
            WALL.set(WALL.get() + back - there.min(WALL.get()));
            assert_eq!(keeper.look(), (wall(), None));
        }
    }

    #[test]
    fn a_step_that_a_person_accepts_is_the_time() {
        let keeper = keeper(None);
        WALL.set(WALL.get() + 3 * DAY);
        assert!(keeper.look().1.is_some());
        assert_eq!(keeper.accept(), wall());
        pass(10);
        assert_eq!(keeper.look(), (wall(), None));
    }

    #[test]
    fn time_never_goes_back_even_where_a_step_back_is_accepted() {
        let keeper = keeper(None);
        let before = keeper.now();
        WALL.set(WALL.get() - DAY);
        keeper.accept();
        assert_eq!(keeper.look(), (before, None), "it stands still");
        pass(DAY + 5);
        assert_eq!(keeper.now(), before.plus(Duration::from_secs(5)));
        WALL.set(WALL.get() - 30);
        assert_eq!(keeper.now(), before.plus(Duration::from_secs(5)), "a small step back too");
    }

    #[test]
    fn a_clock_that_creeps_is_noticed() {
        let keeper = keeper(None);
        let mut noticed = false;
        for _ in 0..120 {
            pass(30);
            WALL.set(WALL.get() + 2);
            noticed |= keeper.look().1.is_some();
        }
        assert!(noticed, "two minutes an hour are too many");
    }

    #[test]
    fn a_start_looks_at_the_journals_last_entry() {
        let check = |last, expect| assert_eq!(keeper(Some(last)).look().1, expect, "{last}");
        check(1_000 * DAY, None);
        check(1_000 * DAY - 6 * DAY, None);
        let away = Duration::from_secs(8 * DAY);
        check(1_000 * DAY - 8 * DAY, Some(ClockTrouble::Away(away)));
        check(1_000 * DAY + 30, None);
        let back = Duration::from_secs(DAY);
        check(1_001 * DAY, Some(ClockTrouble::Stepped(back)));
        assert_eq!(keeper(Some(1_001 * DAY)).now(), UnixMillis(1_001 * DAY * 1_000));
        let late = keeper(Some(1));
        late.accept();
        assert_eq!(late.look(), (wall(), None));
    }
}
