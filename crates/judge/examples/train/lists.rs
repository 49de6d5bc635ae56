//! Names of harmless sites that many use: top lists, universities, banks.

use std::collections::BTreeSet;

use belfry_judge::Popular;
use belfry_testbed::untar_xz;

use crate::Result;
use crate::data::{self, Sample};

pub(crate) const ARCHIVE: &str = "lists_benign/lists_benign.tar.xz";
const LISTS: [&str; 8] = [
    "misp_cloudflare-top100k.txt",
    "misp_tranco10k.txt",
    "misp_cisco_top20k.txt",
    "misp_majestic_million.txt",
    "misp_university_domains.txt",
    "misp_bank-website.txt",
    "sublime_tranco_top_50k.csv",
    "sublime_free_email_providers.txt",
];

/// The names of all lists, in order, each once. What is no name is passed over.
fn names() -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for (file, bytes) in untar_xz(&data::file(ARCHIVE)?)? {
        if !LISTS.iter().any(|list| file.ends_with(list)) {
            continue;
        }
        let text = String::from_utf8(bytes)?;
        let lines = text.lines().map(|line| line.rsplit(',').next().unwrap_or(line).trim());
        names.extend(lines.filter(|line| line.contains('.')).map(str::to_lowercase));
    }
    Ok(names)
}

/// The filter of all of them.
pub(crate) fn popular() -> Result<Popular> {
    let names = names()?;
    Ok(Popular::of(names.iter().map(String::as_str)))
}

/// Those whose domain phishing did not use, and that are `wanted`, as examples.
pub(crate) fn harmless(
    phishing: &BTreeSet<String>,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Sample>> {
    let samples = names()?;
    let samples =
        samples.iter().filter_map(|name| data::sample(&format!("https://{name}/"), "list"));
    Ok(samples.filter(|one| !phishing.contains(&one.domain) && wanted(&one.domain)).collect())
}
