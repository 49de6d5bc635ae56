//! Who orders: cases raised by import, then blocked and released in random order over the
//! API, as an analyst would; and what they remember of it.

use std::collections::BTreeMap;
use std::io;

use serde_json::json;

use super::names::{Target, VERDICTS};
use crate::client::Api;
use crate::random::Random;

/// Names in one import.
const IMPORT: usize = 250;

/// Cases, and which of them are blocked; remembered apart from the hub.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    free: Vec<(u64, Target)>,
    blocked: Vec<(u64, Target)>,
}

impl Ledger {
    /// Raises a case for each target.
    pub(super) fn raise(api: &Api, targets: &[Target]) -> io::Result<Self> {
        let mut free = Vec::with_capacity(targets.len());
        for part in targets.chunks(IMPORT) {
            let names: Vec<&str> = part.iter().map(|target| target.name.as_str()).collect();
            let body = json!({ "text": names.join("\n"), "reason": "a drill" });
            let done = api.post_json("/api/v1/imports", &body)?.json()?;
            let cases: BTreeMap<&str, u64> = done["items"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|item| Some((item["target"].as_str()?, item["case"].as_u64()?)))
                .collect();
            for target in part {
                let case = cases.get(target.name.as_str());
                let case = case.ok_or_else(|| io::Error::other(format!("no case: {done}")))?;
                free.push((*case, target.clone()));
            }
        }
        Ok(Self { free, blocked: Vec::new() })
    }

    /// Blocks a random free target: the host, or a domain with all below it.
    pub(super) fn block(&mut self, api: &Api, random: &mut Random) -> io::Result<()> {
        if self.free.is_empty() {
            return Err(io::Error::other("every name is blocked already"));
        }
        let (case, target) = self.free.swap_remove(random.index(self.free.len()));
        let level = if target.widens && random.chance(50) { "domain" } else { "host" };
        let verdict = VERDICTS[random.index(VERDICTS.len())];
        ordered(api, case, "verdict", level, verdict)?;
        self.blocked.push((case, target));
        Ok(())
    }

    /// Releases a random blocked one; whether there was any.
    pub(super) fn release(&mut self, api: &Api, random: &mut Random) -> io::Result<bool> {
        if self.blocked.is_empty() {
            return Ok(false);
        }
        let (case, target) = self.blocked.swap_remove(random.index(self.blocked.len()));
        let body = json!({ "reason": "a drill" });
        serial(&api.post_json(&format!("/api/v1/cases/{case}/release"), &body)?.json()?)?;
        self.free.push((case, target));
        Ok(true)
    }

    /// How many are blocked.
    pub(super) fn blocked(&self) -> usize {
        self.blocked.len()
    }
}

/// Raises a case for `name` and blocks it at once; the order's serial.
pub(super) fn block_now(api: &Api, name: &str, verdict: &str) -> io::Result<u64> {
    let body = json!({ "text": name, "reason": "a drill" });
    let done = api.post_json("/api/v1/imports", &body)?.json()?;
    let case = done["items"][0]["case"].as_u64();
    let case = case.ok_or_else(|| io::Error::other(format!("no case: {done}")))?;
    ordered(api, case, "verdict", "host", verdict)
}

fn ordered(api: &Api, case: u64, verb: &str, level: &str, verdict: &str) -> io::Result<u64> {
    let body = json!({ "verdict": verdict, "level": level, "reason": "asks for card data" });
    serial(&api.post_json(&format!("/api/v1/cases/{case}/{verb}"), &body)?.json()?)
}

fn serial(decided: &serde_json::Value) -> io::Result<u64> {
    decided["serial"].as_u64().ok_or_else(|| io::Error::other(format!("no order: {decided}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_ordered_is_said() {
        let api = Api::new("127.0.0.1:1".parse().unwrap(), "");
        let mut empty = Ledger { free: Vec::new(), blocked: Vec::new() };
        let mut random = Random::new(1);
        assert!(!empty.release(&api, &mut random).unwrap());
        let full = empty.block(&api, &mut random).unwrap_err();
        assert_eq!(full.to_string(), "every name is blocked already");
        assert!(serial(&json!({"serial": null})).is_err());
        assert_eq!(serial(&json!({"serial": 7})).unwrap(), 7);
        assert_eq!(empty.blocked(), 0);
    }
}
