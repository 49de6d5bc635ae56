//! `LocalSource`: the journal of the same process, for `belfry up`.

use std::time::Duration;

use belfry_casebook::access::{Follower, Principal, Proof, Role};
use belfry_casebook::effects::Effect;
use belfry_casebook::{Casebook, StoreError};
use belfry_follow::{Batch, EffectsReport, Source, SourceError};
use belfry_journal::{EffectiveSet, JournalId, Serial};

use crate::clock::now;

/// Entries handed over at once.
const BATCH: u32 = 1_000;
/// Effects in one transaction; more would keep a verdict waiting.
const EFFECTS_AT_ONCE: usize = 1_000;
/// The longest wait for a new entry.
const WAIT: Duration = Duration::from_secs(20);

/// The casebook of this process.
#[derive(Clone, Debug)]
pub(crate) struct LocalSource(pub(crate) Casebook);

impl Source for LocalSource {
    async fn next(&self, after: Serial) -> Result<Batch, SourceError> {
        let mut head = self.0.watch_head();
        let news = head.wait_for(|serial| *serial > after);
        if let Ok(Err(_)) = tokio::time::timeout(WAIT, news).await {
            return Err(SourceError::Unreachable("the casebook is closed".into()));
        }
        let entries = self.0.entries(after, BATCH).await.map_err(unreachable)?;
        let head = self.0.head();
        Ok(Batch { journal: head.journal, head: head.serial, entries })
    }

    async fn snapshot(&self) -> Result<(JournalId, EffectiveSet), SourceError> {
        Ok((self.0.head().journal, EffectiveSet::clone(&self.0.effective())))
    }

    async fn report(&self, report: &EffectsReport) -> Result<(), SourceError> {
        let effects: Vec<Effect> = report
            .effects
            .iter()
            .map(|effect| Effect {
                order: effect.order,
                blocked_answers: effect.blocked_answers,
                warning_views: effect.warning_views,
                prevented_visits: effect.prevented_visits,
                applied_at: effect.applied_at,
                first_blocked_at: effect.first_blocked_at,
            })
            .collect();
        // A report without totals still says how far the gate is.
        let gate = own_gate();
        let pieces = effects.len().div_ceil(EFFECTS_AT_ONCE).max(1);
        let mut chunks = effects.chunks(EFFECTS_AT_ONCE);
        for _ in 0..pieces {
            let (run, some) = (report.instance, chunks.next().unwrap_or_default());
            let recorded = self.0.record_effects(&gate, run, report.serial, some, now()).await;
            recorded.map_err(unreachable)?;
        }
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn unreachable(error: StoreError) -> SourceError {
    SourceError::Unreachable(error.to_string())
}

/// The gate of this process, as the casebook names it.
fn own_gate() -> Follower {
    Principal { name: "local:gate".into(), role: Role::Operator, proof: Proof::LocalUser }
        .authorize()
        .expect("an operator may follow")
}
