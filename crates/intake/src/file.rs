//! A report from a file given to the CLI.

use std::path::{Path, PathBuf};

use belfry_casebook::report::{Channel, Content, NewReport, Receipt};
use belfry_casebook::{Casebook, StoreError};
use belfry_web::Clock;
use tokio::io::AsyncReadExt;

use crate::REPORT_BYTES_MAX;

/// Why a file was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It can't be read.
    #[error("{path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is too large.
    #[error("{path} is larger than {REPORT_BYTES_MAX} bytes, the most a report may have")]
    TooLarge {
        /// Which file.
        path: PathBuf,
    },
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes in the file at `path` as `content`, byte for byte; durable when this returns.
///
/// # Errors
/// [`FileError`]: nothing was taken in.
pub async fn receive(
    casebook: &Casebook,
    clock: Clock,
    path: &Path,
    content: Content,
) -> Result<Receipt, FileError> {
    let failed = |source| FileError::Read { path: path.to_owned(), source };
    let file = tokio::fs::File::open(path).await.map_err(failed)?;
    let mut bytes = Vec::new();
    // One octet more than allowed tells a file that is too large from one that just fits.
    let limit = u64::try_from(REPORT_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).await.map_err(failed)?;
    if bytes.len() > REPORT_BYTES_MAX {
        return Err(FileError::TooLarge { path: path.to_owned() });
    }
    let (channel, reporter, received_at) = (Channel::File, None, clock.now());
    let report = NewReport { channel, content, bytes: &bytes, reporter, received_at };
    Ok(casebook.receive(report).await?)
}
