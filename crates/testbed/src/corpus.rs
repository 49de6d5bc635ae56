//! Where the corpora are. They are not part of this repository: a clone without
//! them passes its tests and says which it skipped.

use std::env;
use std::path::{Path, PathBuf};

use crate::skip::skip;

/// Where Cargo puts what it builds: `CARGO_TARGET_DIR`, else `target`.
pub fn target() -> PathBuf {
    let named = env::var_os("CARGO_TARGET_DIR").filter(|path| !path.is_empty());
    workspace().join(named.unwrap_or_else(|| "target".into()))
}

/// The root of this workspace.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// The folder of shared material: `BELFRY_SHARED`, else `../shared` beside the
/// workspace. It need not exist.
pub fn shared() -> PathBuf {
    match env::var_os("BELFRY_SHARED") {
        Some(path) if !path.is_empty() => PathBuf::from(path),
        _ => workspace().join("..").join("shared"),
    }
}

/// The corpus at `path` under the shared folder's `data`, or `None` with the
/// skip recorded. `path` is like `urls/phish_dev.tsv.xz`.
pub fn corpus(path: &str) -> Option<PathBuf> {
    find(&shared(), path).or_else(|| {
        skip(&format!("corpus {path}"), "is not there (set BELFRY_SHARED)");
        None
    })
}

fn find(shared: &Path, path: &str) -> Option<PathBuf> {
    Some(shared.join("data").join(path)).filter(|found| found.exists())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_workspace_is_the_folder_with_this_crate_in_it() {
        assert!(workspace().join("crates/testbed/Cargo.toml").is_file());
    }

    #[test]
    fn a_corpus_is_found_under_data_only() {
        let shared = tempfile::tempdir().unwrap();
        fs::create_dir_all(shared.path().join("data/urls")).unwrap();
        fs::write(shared.path().join("data/urls/x.tsv"), b"").unwrap();
        fs::write(shared.path().join("y.tsv"), b"").unwrap();

        let found = shared.path().join("data/urls/x.tsv");
        assert_eq!(find(shared.path(), "urls/x.tsv"), Some(found));
        assert_eq!(find(shared.path(), "y.tsv"), None);
        assert_eq!(find(shared.path(), "urls/z.tsv"), None);
    }
}
