//! Folds the journal into zones as it grows.

use std::sync::PoisonError;

use belfry_journal::{Kind, Serial};
use tokio_util::sync::CancellationToken;

use super::{TransferError, Transfers};

/// Entries taken in at once.
const PAGE: u32 = 500;
/// This many are taken in where the task is; more go to a thread that may be busy for a while.
const FEW: usize = 20;

/// Follows the journal's head until `stop`.
pub(super) async fn run(transfers: Transfers, stop: CancellationToken) {
    let mut head = transfers.inner.casebook.watch_head();
    loop {
        match transfers.catch_up().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%error, "zones stand still: the journal can't be followed");
                let mut stopped =
                    transfers.inner.stopped.lock().unwrap_or_else(PoisonError::into_inner);
                *stopped = Some(format!("zones stand still: {error}"));
                return;
            }
        }
        let here = transfers.with_zones(belfry_rpz::Zones::serial);
        tokio::select! {
            () = stop.cancelled() => return,
            news = head.wait_for(|serial| *serial > here) => if news.is_err() { return },
        }
    }
}

impl Transfers {
    /// Takes a page of entries in; whether there was any.
    pub(super) async fn catch_up(&self) -> Result<bool, TransferError> {
        let after = self.with_zones(belfry_rpz::Zones::serial);
        let entries = self.inner.casebook.entries(after, PAGE).await?;
        if entries.is_empty() {
            return Ok(false);
        }
        // A selection must be known before the entry that makes its zone is taken in.
        if entries.iter().any(|entry| entry.kind == Kind::View) {
            self.reload().await?;
        }
        let inner = self.inner.clone();
        let fold = move || -> Result<Option<Serial>, TransferError> {
            let mut zones = inner.zones.write().unwrap_or_else(PoisonError::into_inner);
            let mut changed = None;
            for entry in &entries {
                if zones.apply(entry)? {
                    changed = Some(entry.serial);
                }
            }
            Ok(changed)
        };
        let many = self.with_zones(|zones| zones.serial().0 + FEW as u64)
            < self.inner.casebook.head().serial.0;
        let changed = if many {
            let folded = tokio::task::spawn_blocking(fold).await;
            folded.map_err(|error| TransferError::Setting(error.to_string()))??
        } else {
            fold()?
        };
        if let Some(serial) = changed {
            self.inner.changed.send_replace(serial);
        }
        Ok(true)
    }
}
