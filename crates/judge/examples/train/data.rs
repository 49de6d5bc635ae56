//! The corpora as examples: read from where they lie, never copied.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use belfry_indicator::{EmbeddedSuffixes, Suffixes, Url};
use belfry_testbed::read_xz;
use sha2::{Digest, Sha256};

use crate::Result;

/// At most so many phishing URLs of one registrable domain, so that no large
/// campaign decides what phishing looks like.
const PER_DOMAIN: usize = 5;

/// A labelled URL.
pub(crate) struct Sample {
    pub(crate) url: Url,
    /// Its registrable domain, with the private section; the host where there is none.
    pub(crate) domain: String,
    /// When it was first seen, for phishing; the source, for benign.
    pub(crate) mark: String,
}

/// Where a corpus lies.
pub(crate) fn file(name: &str) -> Result<PathBuf> {
    belfry_testbed::corpus(name)
        .ok_or_else(|| format!("{name} is not there: set BELFRY_SHARED").into())
}

/// The first octets of a file's SHA-256, for the model's card.
pub(crate) fn digest(path: &Path) -> Result<String> {
    let digest = Sha256::digest(std::fs::read(path)?);
    Ok(digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

/// Phishing URLs first seen from `from` until before `until`, at most a few a domain.
pub(crate) fn phishing(from: &str, until: &str) -> Result<Vec<Sample>> {
    let text = String::from_utf8(read_xz(&file("urls/openphish_history_dev.tsv.xz")?)?)?;
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut samples = Vec::new();
    for line in text.lines() {
        let mut fields = line.split('\t');
        let (Some(first), Some(_), Some(url)) = (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        if first < from || first >= until {
            continue;
        }
        let Some(sample) = sample(url, first) else { continue };
        let count = seen.entry(sample.domain.clone()).or_default();
        *count += 1;
        if *count <= PER_DOMAIN {
            samples.push(sample);
        }
    }
    Ok(samples)
}

/// All domains that phishing used before `until`.
pub(crate) fn phishing_domains(until: &str) -> Result<BTreeSet<String>> {
    Ok(phishing("", until)?.into_iter().map(|sample| sample.domain).collect())
}

/// Benign URLs; those whose host is also in the phishing feed are left out.
pub(crate) fn benign() -> Result<Vec<Sample>> {
    let text = String::from_utf8(read_xz(&file("urls/benign_dev.tsv.xz")?)?)?;
    let rows = text.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [url, _, _, source, _, host_seen, _] = fields[..] else { return None };
        (host_seen == "0").then(|| sample(url, source)).flatten()
    });
    Ok(rows.collect())
}

/// A URL as an example.
pub(crate) fn sample(url: &str, mark: &str) -> Option<Sample> {
    let url = Url::parse(url).ok()?;
    let domain = url.host().domain()?;
    let domain = EmbeddedSuffixes.registrable(domain).unwrap_or_else(|| domain.clone());
    Some(Sample { domain: domain.as_str().to_owned(), url, mark: mark.to_owned() })
}

/// Which tenth a domain falls into, by its hash: the same for all its URLs.
pub(crate) fn tenth(domain: &str) -> u8 {
    Sha256::digest(domain)[0] % 10
}
