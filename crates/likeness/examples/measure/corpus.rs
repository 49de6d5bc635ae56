//! The corpus `sms`: earlier messages of campaigns that came back, their later ones,
//! and honest texts.

use std::collections::HashSet;

use serde_json::Value;

/// What is measured on.
pub(crate) struct Corpus {
    pub(crate) patterns: Vec<String>,
    /// Earlier messages of campaigns that are labelled honest.
    pub(crate) mislabelled: Vec<String>,
    pub(crate) later: Vec<String>,
    pub(crate) honest: Vec<String>,
    /// Fraud and spam of all kinds, to fill an index.
    pub(crate) many: Vec<String>,
    clusters: [Vec<String>; 2],
}

impl Corpus {
    /// Reads it, or records that it is missing.
    pub(crate) fn load() -> Option<Self> {
        let (dev, later) = (lines("dev.jsonl.xz")?, lines("recurring_campaigns.jsonl.xz")?);
        let campaigns: HashSet<&str> = later.iter().map(|line| field(line, "cluster")).collect();
        let (of_campaigns, others): (Vec<&Value>, Vec<&Value>) =
            dev.iter().partition(|line| campaigns.contains(field(line, "cluster")));
        let ham = |line: &&&Value| field(line, "label") == "ham";
        let (mislabelled, patterns): (Vec<&Value>, Vec<&Value>) =
            of_campaigns.into_iter().partition(|line| ham(&line));
        let names = |line: &Value| field(line, "cluster").to_owned();
        Some(Self {
            clusters: [
                patterns.iter().map(|line| names(line)).collect(),
                later.iter().map(names).collect(),
            ],
            mislabelled: mislabelled.into_iter().map(text).collect(),
            patterns: patterns.into_iter().map(text).collect(),
            later: later.iter().map(text).collect(),
            honest: others.iter().filter(ham).map(|line| text(line)).collect(),
            many: dev.iter().filter(|line| !ham(&line)).map(text).collect(),
        })
    }

    /// Patterns and later messages of one half of the campaigns.
    pub(crate) fn half(&self, half: u32) -> (Vec<&str>, Vec<&str>) {
        let take = |texts: &'_ [String], clusters: &[String]| -> Vec<usize> {
            let of_half = |cluster: &String| {
                cluster.chars().next().and_then(|c| c.to_digit(16)).map(|digit| digit % 2)
                    == Some(half)
            };
            (0..texts.len()).filter(|at| of_half(&clusters[*at])).collect()
        };
        let patterns = take(&self.patterns, &self.clusters[0]);
        let later = take(&self.later, &self.clusters[1]);
        (
            patterns.into_iter().map(|at| self.patterns[at].as_str()).collect(),
            later.into_iter().map(|at| self.later[at].as_str()).collect(),
        )
    }
}

fn lines(name: &str) -> Option<Vec<Value>> {
    let file = belfry_testbed::corpus("sms")?.join(name);
    let bytes = belfry_testbed::read_xz(&file).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    Some(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

fn field<'a>(line: &'a Value, name: &str) -> &'a str {
    line[name].as_str().unwrap_or_default()
}

fn text(line: &Value) -> String {
    field(line, "text").to_owned()
}
