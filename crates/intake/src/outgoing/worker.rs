//! The worker: takes due letters from the casebook, writes and sends them, one by one.
//!
//! A letter is noted as sent after the smarthost took it: one that we die over is
//! sent again, with the same number.

use std::time::Duration;

use belfry_casebook::correspondence::{Due, Stage};
use belfry_casebook::{Casebook, StoreError};
use belfry_journal::UnixMillis;
use belfry_web::Clock;
use tokio_util::sync::CancellationToken;

use super::compose::{self, Words};
use super::outcome::Outcome;
use super::settings::LetterSettings;
use super::smarthost::{Sent, Smarthost};
use super::texts::Texts;
use crate::metrics::{IntakeMetrics, Letter};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(5);
/// Letters of one look.
const BATCH: u32 = 100;
/// Cases that changed so shortly before the last look are looked at again: a decision's
/// time is taken before it is written.
const OVERLAP_MS: u64 = 120_000;
/// How often all reports are looked at, not only those of changed cases.
const WHOLE_EVERY: Duration = Duration::from_secs(3_600);
/// The first pause after a failure; each further one is twice as long.
const RETRY: Duration = Duration::from_secs(60);
const RETRY_MAX: Duration = Duration::from_secs(6 * 3_600);
/// Tries of an acknowledgement; after them only the outcome is told.
const ACKNOWLEDGE_TRIES_MAX: u64 = 6;
const HOUR: Duration = Duration::from_secs(3_600);

/// Sends what is due.
#[derive(Debug)]
pub struct Letters {
    casebook: Casebook,
    clock: Clock,
    smarthost: Smarthost,
    settings: LetterSettings,
    metrics: IntakeMetrics,
    looked_at: Option<UnixMillis>,
    whole_at: UnixMillis,
}

impl Letters {
    /// A worker that is not running yet.
    pub fn new(
        casebook: Casebook,
        clock: Clock,
        smarthost: Smarthost,
        settings: LetterSettings,
        metrics: IntakeMetrics,
    ) -> Self {
        Self {
            casebook,
            clock,
            smarthost,
            settings,
            metrics,
            looked_at: None,
            whole_at: UnixMillis(0),
        }
    }

    /// Sends letters until `stop`; the one in hand is finished.
    pub async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.look(&stop).await {
                tracing::error!(%error, "letters wait");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// One look: ends what is over, finds outcomes, sends what is due.
    ///
    /// # Errors
    /// [`StoreError`] of the database; the rest waits.
    pub async fn look(&mut self, stop: &CancellationToken) -> Result<(), StoreError> {
        let now = self.clock.now();
        let ended = self.casebook.end_correspondence_by(now).await?;
        self.metrics.letters(Letter::GivenUp, ended);
        let whole = self.looked_at.is_none() || now.since(self.whole_at) >= WHOLE_EVERY;
        let since =
            self.looked_at.filter(|_| !whole).map(|at| UnixMillis(at.0.saturating_sub(OVERLAP_MS)));
        let give_up_at = now.plus(self.settings.give_up);
        self.casebook.outcomes_known(since, now, give_up_at).await?;
        self.looked_at = Some(now);
        if whole {
            self.casebook.forget_letters(now).await?;
            self.whole_at = now;
        }
        for due in self.casebook.letters_due(now, BATCH).await? {
            if stop.is_cancelled() || !self.deliver(&due, now).await? {
                break;
            }
        }
        self.metrics.correspondence(self.casebook.correspondence().await?);
        Ok(())
    }

    /// Sends one letter; answers whether there is a smarthost to go on with.
    async fn deliver(&self, due: &Due, now: UnixMillis) -> Result<bool, StoreError> {
        let Some(words) = self.words(due).await? else {
            self.casebook.letter_done(due, now).await?;
            return Ok(true);
        };
        let most = self.settings.per_hour_max;
        if !self.casebook.count_letter(&due.pseudonym, most, now).await? {
            self.metrics.letters(Letter::Limited, 1);
            match due.stage {
                // Who sends much knows that we are here.
                Stage::Acknowledge => self.casebook.letter_done(due, now).await?,
                Stage::Awaiting | Stage::Inform => {
                    self.casebook.letter_delayed(due, now.plus(HOUR)).await?;
                }
            }
            return Ok(true);
        }
        let sent = match compose::message(due, words, &self.settings, now) {
            Ok((envelope, message)) => self.smarthost.send(&envelope, &message).await,
            Err(compose::Unwritable) => {
                self.metrics.letters(Letter::GivenUp, 1);
                self.casebook.end_correspondence(due.report).await?;
                return Ok(true);
            }
        };
        self.note(due, sent, now).await?;
        Ok(sent != Sent::Unreachable)
    }

    async fn note(&self, due: &Due, sent: Sent, now: UnixMillis) -> Result<(), StoreError> {
        if sent == Sent::Taken {
            let letter =
                if due.stage == Stage::Acknowledge { Letter::Receipt } else { Letter::Outcome };
            self.metrics.letters(letter, 1);
            return self.casebook.letter_done(due, now).await;
        }
        self.metrics.letters(Letter::Failed, 1);
        if due.stage == Stage::Acknowledge && due.tries + 1 >= ACKNOWLEDGE_TRIES_MAX {
            return self.casebook.letter_done(due, now).await;
        }
        self.casebook.letter_delayed(due, now.plus(pause(due.tries))).await
    }

    /// What the letter says; `None` where there is nothing to say any more.
    async fn words(&self, due: &Due) -> Result<Option<Words>, StoreError> {
        let own = due.correspondent.language.as_deref().unwrap_or(&self.settings.language);
        let texts = Texts::of(own);
        if due.stage == Stage::Acknowledge {
            return Ok(Some(compose::acknowledgement(texts, &due.receipt, &self.settings)));
        }
        let findings = self.casebook.findings(due.report).await?;
        let outcome = Outcome::of(&findings, due.received_at);
        Ok(outcome.map(|outcome| compose::outcome(texts, &outcome, &due.receipt, &self.settings)))
    }
}

/// The pause after a try that failed, `tries` having failed before.
fn pause(tries: u64) -> Duration {
    let doubled = u32::try_from(tries.min(16)).unwrap_or(16);
    RETRY.saturating_mul(1 << doubled).min(RETRY_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_have_an_end() {
        assert_eq!(pause(0), RETRY);
        assert_eq!(pause(3), RETRY * 8);
        assert_eq!(pause(9), RETRY_MAX);
        assert_eq!(pause(u64::MAX), RETRY_MAX);
    }
}
