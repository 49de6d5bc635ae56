//! The files with the keys of primaries: read at the start, and refused there.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use belfry_gate::{ZoneKey, ZoneSettings};

use crate::config::ConfigError;

/// A key takes a few hundred octets.
const KEY_OCTETS_MAX: u64 = 16_384;

/// The key of each `key_file`.
///
/// # Errors
/// [`ConfigError`] for the first that can't be read or is no key.
pub(super) fn read(zones: &[ZoneSettings]) -> Result<BTreeMap<PathBuf, ZoneKey>, ConfigError> {
    let files = zones.iter().filter_map(|zone| zone.key_file.as_ref());
    files.map(|file| Ok((file.clone(), key(file)?))).collect()
}

fn key(path: &Path) -> Result<ZoneKey, ConfigError> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(KEY_OCTETS_MAX).read_to_string(&mut text))
        .map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
    let refused = |error: belfry_gate::KeyError| ConfigError::Refused {
        path: path.to_owned(),
        message: error.to_string(),
    };
    text.parse().map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_or_refused_with_their_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rpz.key");
        let zone = || ZoneSettings { key_file: Some(path.clone()), ..ZoneSettings::default() };
        let missing = read(&[zone()]).unwrap_err().to_string();
        assert!(missing.contains("rpz.key"), "{missing}");
        std::fs::write(&path, "secret").unwrap();
        let refused = read(&[zone()]).unwrap_err().to_string();
        assert!(refused.contains("rpz.key") && refused.contains("tsig-keygen"), "{refused}");
        std::fs::write(&path, "key a { algorithm hmac-sha256; secret \"AAAA\"; };").unwrap();
        let keys = read(&[zone(), ZoneSettings::default(), zone()]).unwrap();
        assert!(keys.len() == 1 && keys.contains_key(&path));
        assert!(!format!("{keys:?}").contains("AAAA"), "a secret in a log");
    }
}
