//! The journal as the API gives it, read on from where the last look ended.

use std::collections::BTreeMap;
use std::io;

use serde_json::Value;

use super::mail::number;
use crate::client::Api;

/// All entries so far.
#[derive(Debug, Default)]
pub(super) struct Journal {
    id: Option<String>,
    /// The leaf of each entry: what was read once must never change.
    leaves: Vec<String>,
    /// The serials of the blocks of each mail's host.
    blocks: BTreeMap<u64, Vec<u64>>,
    /// The serials of its releases.
    releases: BTreeMap<u64, Vec<u64>>,
}

impl Journal {
    /// Reads to the head; gives what is wrong with it.
    pub(super) fn read_on(&mut self, api: &Api) -> io::Result<Vec<String>> {
        let mut broken = Vec::new();
        loop {
            let path = format!("/api/v1/orders?after={}&limit=1000", self.leaves.len());
            let page = api.get_json(&path)?;
            let items = page["items"].as_array().cloned().unwrap_or_default();
            broken.extend(self.page(&page, &items));
            if items.is_empty() || !broken.is_empty() {
                return Ok(broken);
            }
        }
    }

    /// The last serial.
    pub(super) fn head(&self) -> u64 {
        u64::try_from(self.leaves.len()).unwrap_or(u64::MAX)
    }

    pub(super) fn leaves(&self) -> &[String] {
        &self.leaves
    }

    pub(super) fn blocks(&self, mail: u64) -> &[u64] {
        self.blocks.get(&mail).map_or(&[], Vec::as_slice)
    }

    pub(super) fn releases(&self, mail: u64) -> &[u64] {
        self.releases.get(&mail).map_or(&[], Vec::as_slice)
    }

    /// Each mail's host that was ever blocked, and whether it still is.
    pub(super) fn effective(&self) -> impl Iterator<Item = (u64, bool)> {
        self.blocks.iter().map(|(mail, blocks)| (*mail, blocks.len() > self.releases(*mail).len()))
    }

    fn page(&mut self, page: &Value, items: &[Value]) -> Vec<String> {
        let mut broken = Vec::new();
        let id = page["journal"].as_str().unwrap_or_default();
        if self.id.get_or_insert_with(|| id.to_owned()) != id {
            broken.push(format!("another journal: {id}"));
        }
        for item in items {
            if item["serial"].as_u64() != Some(self.head() + 1) {
                broken.push(format!("entry {} follows {}", item["serial"], self.head()));
                return broken;
            }
            self.leaves.push(item["leaf"].as_str().unwrap_or_default().to_owned());
            broken.extend(self.order(&item["order"]));
        }
        broken
    }

    fn order(&mut self, order: &Value) -> Option<String> {
        let serial = self.head();
        let mail = number(order["target"].as_str()?);
        let Some(mail) = mail else { return Some(format!("an order of no mail: {order}")) };
        match order["action"].as_str() {
            Some("block") => self.blocks.entry(mail).or_default().push(serial),
            Some("release") => {
                if order["of"].as_u64() != self.blocks(mail).last().copied() {
                    return Some(format!("a release of another order: {order}"));
                }
                self.releases.entry(mail).or_default().push(serial);
            }
            _ => return Some(format!("an order that nobody gave: {order}")),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(items: &Value) -> (Journal, Vec<String>) {
        let mut journal = Journal::default();
        let items = items.as_array().cloned().unwrap();
        let broken = journal.page(&json!({"journal": "aa"}), &items);
        (journal, broken)
    }

    fn block(serial: u64) -> Value {
        json!({"serial": serial, "leaf": "x", "order": {"action": "block", "target": "m5.shop-5.example"}})
    }

    #[test]
    fn blocks_and_releases_are_kept_by_mail() {
        let release = json!({"serial": 3, "leaf": "z",
            "order": {"action": "release", "of": 1, "target": "m5.shop-5.example"}});
        let beat = json!({"serial": 2, "leaf": "y", "kind": "heartbeat"});
        let (journal, broken) = page(&json!([block(1), beat, release]));
        assert!(broken.is_empty(), "{broken:?}");
        assert_eq!((journal.blocks(5), journal.releases(5)), (&[1][..], &[3][..]));
        assert_eq!(journal.effective().collect::<Vec<_>>(), [(5, false)]);
        assert_eq!((journal.head(), journal.leaves().len()), (3, 3));
    }

    #[test]
    fn a_gap_another_journal_and_a_strange_order_are_told() {
        assert_eq!(page(&json!([block(1), block(3)])).1, ["entry 3 follows 1"]);
        let strange = json!({"serial": 1, "order": {"action": "block", "target": "x.example"}});
        assert!(page(&json!([strange])).1[0].starts_with("an order of no mail"));
        let (mut journal, _) = page(&json!([block(1)]));
        let broken = journal.page(&json!({"journal": "bb"}), &[]);
        assert_eq!(broken, ["another journal: bb"]);
    }
}
