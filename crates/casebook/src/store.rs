//! Opening the casebook: the database, its pools, keys and folders.

use std::path::PathBuf;

use belfry_journal::{Serial, UnixMillis};
use tokio::sync::watch;

use crate::StoreError;

/// Where the casebook lives.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The data folder: `casebook.sqlite`, `evidence/`, `keys/`.
    pub data: PathBuf,
}

/// The casebook, cheap to clone.
#[derive(Clone, Debug)]
pub struct Casebook {}

impl Casebook {
    /// Opens the data folder, creating what is missing (0700), and migrates.
    ///
    /// # Errors
    /// [`StoreError`]: the folder, the keys or the database are unusable.
    pub async fn open(settings: &Settings, now: UnixMillis) -> Result<Self, StoreError> {
        let _ = (settings, now);
        todo!()
    }

    /// The head of the journal, told at each commit.
    pub fn watch_head(&self) -> watch::Receiver<Serial> {
        todo!()
    }

    /// Woken at each new report (the value counts reports received since the start).
    pub fn watch_reports(&self) -> watch::Receiver<u64> {
        todo!()
    }

    /// Whether the database answers a query and a write would find room; for `/readyz`.
    ///
    /// # Errors
    /// [`StoreError`] says what does not answer.
    pub async fn ready(&self) -> Result<(), StoreError> {
        todo!()
    }

    /// Closes the pools; what was acknowledged is on disk already.
    pub async fn close(&self) {
        todo!()
    }
}
