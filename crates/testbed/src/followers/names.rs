//! The names of a run, nested and overlapping, and what of them is blocked: by our own
//! reading of the journal, which shares nothing with the zones.

use std::collections::BTreeMap;
use std::io;

use serde_json::Value;

use crate::client::Api;

/// What is below each domain; the first is the domain itself.
const BELOW: [&str; 5] = ["", "a.", "b.a.", "c.", "x.c."];
/// Names below these that nobody orders anything for.
const UNDER: [&str; 2] = ["www.", "y.b.a."];
/// What can be said of a name.
pub(super) const VERDICTS: [&str; 4] = ["phishing", "malware", "other-fraud", "fake-shop"];

/// A name that can be blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) name: String,
    /// Whether the name stands for its whole domain at times: it is one.
    pub(super) widens: bool,
}

/// So many domains with the names below them.
pub(super) fn targets(domains: usize) -> Vec<Target> {
    let of = |domain: usize| {
        BELOW.map(|below| Target {
            name: format!("{below}shop-{domain}.example"),
            widens: below.is_empty(),
        })
    };
    (0..domains).flat_map(of).collect()
}

/// Every name that is asked for: the targets and some below them.
pub(super) fn asked(domains: usize) -> Vec<String> {
    let all = BELOW.iter().chain(&UNDER);
    let of = |domain| all.clone().map(move |below| format!("{below}shop-{domain}.example"));
    (0..domains).flat_map(of).collect()
}

/// What holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// Orders by serial: the name, and whether all below it is meant.
    orders: BTreeMap<u64, (String, bool)>,
    /// How many orders hold for a name alone, and for it with all below.
    counts: BTreeMap<(String, bool), usize>,
}

impl Held {
    /// What the journal says, from its first entry.
    pub(super) fn read(api: &Api) -> io::Result<Self> {
        let (mut held, mut after) = (Self::default(), 0);
        loop {
            let page = api.get_json(&format!("/api/v1/orders?after={after}&limit=1000"))?;
            let items = page["items"].as_array().cloned().unwrap_or_default();
            let Some(last) = items.last() else { return Ok(held) };
            after = last["serial"].as_u64().ok_or_else(|| io::Error::other("no serial"))?;
            items.iter().for_each(|item| held.take(item));
        }
    }

    /// Takes one entry.
    fn take(&mut self, item: &Value) {
        let order = &item["order"];
        match order["action"].as_str() {
            Some("block") => {
                let name = order["target"].as_str().unwrap_or_default().to_owned();
                let key = (name, order["level"] == "domain");
                *self.counts.entry(key.clone()).or_default() += 1;
                self.orders.insert(item["serial"].as_u64().unwrap_or_default(), key);
            }
            Some("release") => {
                let of = order["of"].as_u64().unwrap_or_default();
                let Some(key) = self.orders.remove(&of) else { return };
                if let Some(count) = self.counts.get_mut(&key) {
                    *count -= 1;
                    if *count == 0 {
                        self.counts.remove(&key);
                    }
                }
            }
            _ => {}
        }
    }

    /// How many orders hold.
    pub(super) fn len(&self) -> usize {
        self.orders.len()
    }

    /// Whether a name is blocked.
    pub(super) fn blocks(&self, name: &str) -> bool {
        if self.counts.contains_key(&(name.to_owned(), false)) {
            return true;
        }
        let above = name.match_indices('.').map(|(dot, _)| &name[dot + 1..]);
        std::iter::once(name)
            .chain(above)
            .any(|up| self.counts.contains_key(&(up.to_owned(), true)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn held(entries: &[(&str, &str, u64)]) -> Held {
        let mut held = Held::default();
        for (serial, (action, target, of)) in (1_u64..).zip(entries) {
            let (name, level) = match target.strip_prefix("*.") {
                Some(name) => (name, "domain"),
                None => (*target, "host"),
            };
            held.take(&json!({"serial": serial, "order":
                {"action": action, "target": name, "level": level, "of": of}}));
        }
        held
    }

    #[test]
    fn what_holds_is_what_was_not_released() {
        let all = held(&[
            ("block", "a.example", 0),
            ("block", "*.b.example", 0),
            ("block", "x.b.example", 0),
            ("block", "*.b.example", 0),
            ("release", "*.b.example", 2),
            ("release", "a.example", 1),
            ("heartbeat", "", 0),
        ]);
        assert_eq!(all.len(), 2);
        for (name, blocked) in [
            ("a.example", false),
            ("b.example", true),
            ("z.y.b.example", true),
            ("xb.example", false),
            ("example", false),
        ] {
            assert_eq!(all.blocks(name), blocked, "{name}");
        }
        let narrow = held(&[("block", "a.example", 0)]);
        assert!(narrow.blocks("a.example") && !narrow.blocks("x.a.example"));
    }

    #[test]
    fn names_are_nested_and_only_domains_widen() {
        let all = targets(2);
        assert_eq!(all.len(), 10);
        assert_eq!(all.iter().filter(|target| target.widens).count(), 2);
        let asked = asked(2);
        assert!(all.iter().all(|target| asked.contains(&target.name)));
        assert!(asked.len() > all.len());
    }
}
