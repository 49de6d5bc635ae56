//! A signed archive that is checked without us: `sha256sum -c SHA256SUMS` and OpenSSL, by
//! the steps in its README.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use belfry_journal::UnixMillis;
use data_encoding::{BASE64, HEXLOWER};

/// An Ed25519 public key as DER begins so (RFC 8410).
const DER: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

const README: &str = "A case of Belfry with its evidence.\n\n\
    case.json   target, state, score with reasons, verdicts, orders\n\
    reports/    what people handed in, byte for byte: hostile, do not open it\n\
    readings/   what was read in each\n\
    LEFT_OUT    what is not here, and why\n\n\
    To check that nothing was changed:\n\n\
    \x20   sha256sum -c SHA256SUMS\n\
    \x20   openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin \\\n\
    \x20       -in SHA256SUMS -sigfile SHA256SUMS.sig\n\n\
    Compare public-key.pem with the key that the sender gave you on another way.\n";

/// Why a bundle could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BundleError {
    #[error("the signing key is not usable")]
    Key,
    #[error("the archive could not be written: {0}")]
    Archive(#[from] std::io::Error),
}

/// Files on their way into the archive.
pub(crate) struct Bundle {
    at: UnixMillis,
    files: Vec<(String, Vec<u8>)>,
}

impl Bundle {
    pub(crate) fn new(at: UnixMillis) -> Self {
        let mut bundle = Self { at, files: Vec::new() };
        bundle.add("README", README.as_bytes().to_vec());
        bundle
    }

    /// Puts a file in; its name is ours.
    pub(crate) fn add(&mut self, name: &str, bytes: Vec<u8>) {
        self.files.push((name.to_owned(), bytes));
    }

    /// Octets of all files so far.
    pub(crate) fn octets(&self) -> usize {
        self.files.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// The archive, signed by the key that `seed` makes.
    pub(crate) fn sign(mut self, seed: &[u8; 32]) -> Result<Vec<u8>, BundleError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| BundleError::Key)?;
        let der = [&DER[..], pair.public_key().as_ref()].concat();
        let pem = BASE64.encode(&der);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----\n");
        self.add("public-key.pem", pem.into_bytes());
        let sum = |(name, bytes): &(String, Vec<u8>)| {
            format!("{}  {name}\n", HEXLOWER.encode(digest(&SHA256, bytes).as_ref()))
        };
        let sums: String = self.files.iter().map(sum).collect();
        let signature = pair.sign(sums.as_bytes()).as_ref().to_vec();
        self.add("SHA256SUMS", sums.into_bytes());
        self.add("SHA256SUMS.sig", signature);
        self.archive()
    }

    fn archive(self) -> Result<Vec<u8>, BundleError> {
        let mut archive = tar::Builder::new(Vec::with_capacity(self.octets() + (64 << 10)));
        for (name, bytes) in &self.files {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o600);
            header.set_mtime(self.at.0 / 1_000);
            archive.append_data(&mut header, name, &bytes[..])?;
        }
        Ok(archive.into_inner()?)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;

    fn unpacked() -> tempfile::TempDir {
        let mut bundle = Bundle::new(UnixMillis(1_795_510_800_000));
        bundle.add("case.json", b"{}".to_vec());
        bundle.add("reports/A-B.eml", b"Subject: x\r\n\r\ny".to_vec());
        let bytes = bundle.sign(&[7; 32]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        tar::Archive::new(&bytes[..]).unpack(folder.path()).unwrap();
        folder
    }

    fn succeeds(folder: &tempfile::TempDir, line: &str) -> Option<bool> {
        let mut words = line.split(' ');
        let mut command = Command::new(words.next()?);
        let output = command.args(words).current_dir(folder.path()).output().ok()?;
        Some(output.status.success())
    }

    #[test]
    fn others_check_it_by_the_steps_in_its_readme_and_see_a_change() {
        let folder = unpacked();
        let verify = "openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in SHA256SUMS \
                      -sigfile SHA256SUMS.sig";
        let Some(signed) = succeeds(&folder, verify) else {
            belfry_testbed::skip("openssl", "is not installed");
            return;
        };
        assert!(signed && succeeds(&folder, "sha256sum -c SHA256SUMS") == Some(true));
        fs::write(folder.path().join("case.json"), "{ }").unwrap();
        assert_eq!(succeeds(&folder, "sha256sum -c SHA256SUMS"), Some(false));
        fs::write(folder.path().join("SHA256SUMS"), "").unwrap();
        assert_eq!(succeeds(&folder, verify), Some(false));
    }

    #[test]
    fn the_same_case_at_the_same_time_is_the_same_archive() {
        let make = || Bundle::new(UnixMillis(1)).sign(&[7; 32]).unwrap();
        assert_eq!(make(), make());
        let other = Bundle::new(UnixMillis(1)).sign(&[8; 32]).unwrap();
        assert_ne!(make(), other);
    }
}
