//! What the gate counted, kept beside its snapshots, so that a restart counts on.
//! A disk that fails costs counts, never an answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use belfry_gate::Gate;
use tokio_util::sync::CancellationToken;

/// Between two looks for new counts.
const SAVE: Duration = Duration::from_secs(2);

fn file(data: &Path) -> PathBuf {
    data.join("gate").join("effects.belfry")
}

/// Goes on from what a run before has kept.
pub(super) fn restore(gate: &Gate, data: &Path) {
    let path = file(data);
    if let Ok(octets) = fs::read(&path)
        && !gate.restore_effects(&octets)
    {
        tracing::warn!(path = %path.display(), "counts of the run before are damaged: from zero");
    }
}

/// Keeps new counts until `stop`, and once more then.
pub(super) async fn keep(gate: Gate, data: PathBuf, stop: CancellationToken) {
    let mut kept = Vec::new();
    let mut complained = false;
    loop {
        let goes_on = stop.run_until_cancelled(tokio::time::sleep(SAVE)).await.is_some();
        let octets = gate.save_effects();
        if octets != kept {
            let path = file(&data);
            let written = octets.clone();
            let saved = tokio::task::spawn_blocking(move || save(&path, &written)).await;
            match saved {
                Ok(Ok(())) => (kept, complained) = (octets, false),
                Ok(Err(error)) if !complained => {
                    tracing::warn!(%error, "counts are not kept: a restart would begin at zero");
                    complained = true;
                }
                Ok(Err(_)) | Err(_) => {}
            }
        }
        if !goes_on {
            return;
        }
    }
}

/// Replaces the file whole. Not synced: a power cut may cost the last counts.
fn save(path: &Path, octets: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = path.with_extension("new");
    fs::write(&new, octets)?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_a_folder_that_is_none_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path());
        save(&path, b"first").unwrap();
        save(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert!(!path.with_extension("new").exists());
        assert!(save(&path.join("deeper"), b"x").is_err());
    }
}
