//! Proofs of an entry: made from the whole journal, and checked with nothing but the proof, a
//! key, and perhaps a checkpoint of before.

use std::fs;
use std::path::Path;

use belfry_feed::record::sign;
use belfry_journal::checkpoint::Checkpoint;
use belfry_journal::merkle::{
    Hash, consistency_proof, inclusion_proof, leaf_hash, root, verify_consistency, verify_inclusion,
};
use belfry_journal::{Entry, JournalId, Kind, Serial, leaf_bytes};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};

use crate::client::Client;
use crate::commands::{Failure, print};

/// A proof has at most so many hashes: a journal has at most 2^63 entries.
const PATH_MAX: usize = 128;
/// Octets of a file that is read.
const FILE_BYTES_MAX: u64 = 1 << 22;

/// What is to be proven.
pub(super) struct Wanted {
    pub(super) serial: u64,
    /// In the tree of so many entries.
    pub(super) size: u64,
    /// That a tree of so many is how it began.
    pub(super) from: Option<u64>,
    /// The signed checkpoint of that tree.
    pub(super) note: String,
}

/// A signed checkpoint of the hub's, of the first `size` entries.
pub(super) async fn note(client: &Client, size: Option<u64>) -> Result<String, Failure> {
    let size = size.map_or_else(String::new, |size| format!("?size={size}"));
    let proof: Value = client.get(&format!("/api/v1/record/entries/1{size}")).await?;
    Ok(proof["checkpoint"].as_str().unwrap_or_default().to_owned())
}

/// The checkpoint in a file, if `key` signed it.
pub(super) fn signed(file: &Path, key: &str) -> Result<Checkpoint, Failure> {
    let key = key.parse()?;
    Ok(sign::verify(&text_of(file)?, &key)?)
}

pub(super) fn prove(
    journal: JournalId,
    entries: &[Entry],
    wanted: &Wanted,
    as_json: bool,
) -> Result<(), Failure> {
    let Wanted { serial, size, .. } = *wanted;
    let leaves: Vec<Hash> = entries.iter().map(Entry::leaf_hash).collect();
    let part = usize::try_from(size).ok().and_then(|size| leaves.get(..size));
    let part = part.ok_or_else(|| {
        Failure::new(format!("there are no {size} entries: they go from 1 to {}", leaves.len()))
    })?;
    let index = serial.checked_sub(1).filter(|index| *index < size);
    let index = index.ok_or_else(|| {
        Failure::new(format!("there is no entry {serial}: they go from 1 to {size}"))
    })?;
    let (position, root) = (usize::try_from(index)?, root(part));
    let path = inclusion_proof(part, position).unwrap_or_default();
    let mut proof = json!({
        "journal": journal.to_string(), "serial": serial,
        "entry": BASE64.encode(&entries[position].to_bytes()),
        "leaf": part[position].to_string(), "tree_size": size, "root": root.to_string(),
        "path": hexes(&path), "checkpoint": wanted.note,
    });
    if let Some(from) = wanted.from {
        proof["consistency"] = growth(part, from)?;
    }
    let found = read_proof(&proof)?;
    if !found.holds() {
        return Err(Failure::new(format!("the proof of entry {serial} does not verify")));
    }
    print(if as_json { format!("{proof}\n") } else { shown(&proof, "the proof verifies") })
}

fn growth(leaves: &[Hash], from: u64) -> Result<Value, Failure> {
    let old = usize::try_from(from)?;
    let path = consistency_proof(leaves, old).ok_or_else(|| {
        Failure::new(format!("there is no tree of {from} entries: give 1 to {}", leaves.len()))
    })?;
    Ok(json!({ "from": from, "from_root": root(&leaves[..old]).to_string(), "path": hexes(&path) }))
}

/// Checks a proof by itself, its checkpoint by `key`, and where one of before is given, that
/// the tree has grown from it.
pub(super) fn check(
    file: &Path,
    key: &str,
    before: Option<&Path>,
    as_json: bool,
) -> Result<(), Failure> {
    let proof: Value = serde_json::from_str(&text_of(file)?)?;
    let found = read_proof(&proof)?;
    let note = proof["checkpoint"].as_str().unwrap_or_default();
    let signed = sign::verify(note, &key.parse()?)?;
    if (signed.size, signed.root) != (found.size, found.root) {
        return Err(Failure::new("the signed checkpoint is of another tree than the proof"));
    }
    if !found.holds() {
        return Err(Failure::new("the proof does not show that the entry is in the tree"));
    }
    if let Some(before) = before {
        let before = self::signed(before, key)?;
        grown(&proof, &before, &signed)?;
    }
    let words = "the entry is in the tree, and the tree is signed";
    print(if as_json {
        let said = json!({ "serial": found.index + 1, "tree_size": found.size, "holds": true });
        format!("{said}\n")
    } else {
        shown(&proof, words)
    })
}

fn grown(proof: &Value, before: &Checkpoint, now: &Checkpoint) -> Result<(), Failure> {
    let path = hashes(&proof["consistency"]["path"])?;
    let same = before.journal == now.journal;
    let grew = verify_consistency(before.size, before.root, now.size, now.root, &path);
    if same && grew {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the proof does not show that the tree grew from the checkpoint of {} entries: \
         make it with --from {}",
        before.size, before.size
    )))
}

/// What a proof says, without its word for it: the leaf is computed.
struct Found {
    leaf: Hash,
    index: u64,
    size: u64,
    root: Hash,
    path: Vec<Hash>,
}

impl Found {
    fn holds(&self) -> bool {
        verify_inclusion(self.leaf, self.index, self.size, &self.path, self.root)
    }
}

/// Reads this command's proof, whose entry is its canonical bytes, or the API's, whose entry
/// is fields.
fn read_proof(proof: &Value) -> Result<Found, Failure> {
    let broken = || Failure::new("this is no proof of an entry");
    let (serial, leaf) = match &proof["entry"] {
        Value::String(bytes) => {
            let entry = Entry::from_bytes(&BASE64.decode(bytes.as_bytes())?)?;
            (entry.serial.0, entry.leaf_hash())
        }
        fields => {
            let serial = fields["serial"].as_u64().ok_or_else(broken)?;
            let kind = fields["kind_number"].as_u64().and_then(|kind| u16::try_from(kind).ok());
            let kind = Kind::from_number(kind.ok_or_else(broken)?);
            let commitment = fields["commitment"].as_str().unwrap_or_default();
            let commitment = HEXLOWER.decode(commitment.as_bytes())?;
            let commitment = commitment.try_into().map_err(|_| broken())?;
            (serial, leaf_hash(&leaf_bytes(Serial(serial), kind, &commitment)))
        }
    };
    Ok(Found {
        leaf,
        index: serial.checked_sub(1).ok_or_else(broken)?,
        size: proof["tree_size"].as_u64().ok_or_else(broken)?,
        root: proof["root"].as_str().unwrap_or_default().parse()?,
        path: hashes(&proof["path"])?,
    })
}

fn hashes(value: &Value) -> Result<Vec<Hash>, Failure> {
    let list = value.as_array().filter(|list| list.len() <= PATH_MAX);
    let list = list.ok_or_else(|| Failure::new("the proof has no path of hashes"))?;
    list.iter().map(|hash| Ok(hash.as_str().unwrap_or_default().parse()?)).collect()
}

fn hexes(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(ToString::to_string).collect()
}

fn shown(proof: &Value, verdict: &str) -> String {
    let text = |field: &str| match &proof[field] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let serial = proof["serial"].as_u64().or_else(|| proof["entry"]["serial"].as_u64());
    let path = proof["path"]
        .as_array()
        .map_or_else(Vec::new, |path| path.iter().filter_map(Value::as_str).collect());
    format!(
        "journal {}\nentry   {}\nsize    {}\nroot    {}\npath    {}\n{verdict}\n",
        text("journal"),
        serial.unwrap_or_default(),
        text("tree_size"),
        text("root"),
        path.join("\n        "),
    )
}

fn text_of(file: &Path) -> Result<String, Failure> {
    let named = |error: std::io::Error| Failure::new(format!("{}: {error}", file.display()));
    let size = fs::metadata(file).map_err(named)?.len();
    if size > FILE_BYTES_MAX {
        return Err(Failure::new(format!("{}: {size} octets are too many", file.display())));
    }
    fs::read_to_string(file).map_err(named)
}

#[cfg(test)]
mod tests {
    use belfry_feed::record::sign::Signer;
    use belfry_journal::Body;

    use super::*;

    const JOURNAL: JournalId = JournalId([5; 16]);

    fn entries() -> Vec<Entry> {
        (1..=9).map(|serial| Entry::new(Serial(serial), [1; 32], &Body::Void)).collect()
    }

    fn checkpoint(size: usize) -> Checkpoint {
        let leaves: Vec<Hash> = entries()[..size].iter().map(Entry::leaf_hash).collect();
        Checkpoint { journal: JOURNAL, size: size as u64, root: root(&leaves) }
    }

    /// A proof file, the note of six entries, and whether the check of them passes.
    fn checks(change: impl Fn(&mut Value), seed: u8) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let signer = Signer::new(&[7; 32]).unwrap();
        let leaves: Vec<Hash> = entries().iter().map(Entry::leaf_hash).collect();
        let mut proof = json!({
            "journal": JOURNAL.to_string(), "entry": BASE64.encode(&entries()[3].to_bytes()),
            "tree_size": 9, "root": root(&leaves).to_string(),
            "path": hexes(&inclusion_proof(&leaves, 3).unwrap()),
            "checkpoint": signer.note(&checkpoint(9)), "consistency": growth(&leaves, 6).unwrap(),
        });
        change(&mut proof);
        let (file, before) = (folder.path().join("proof"), folder.path().join("before"));
        fs::write(&file, proof.to_string()).unwrap();
        fs::write(&before, signer.note(&checkpoint(6))).unwrap();
        let key = Signer::new(&[seed; 32]).unwrap().key(JOURNAL).to_string();
        check(&file, &key, Some(&before), true).is_ok()
    }

    #[test]
    fn a_proof_is_checked_with_nothing_but_itself_and_a_key() {
        assert!(checks(|_| (), 7));
        assert!(!checks(|_| (), 8), "by another key");
    }

    #[test]
    fn whatever_is_changed_in_a_proof_shows() {
        let other = |n: usize| BASE64.encode(&entries()[n].to_bytes());
        assert!(!checks(|proof| proof["entry"] = json!(other(4)), 7));
        assert!(!checks(|proof| proof["tree_size"] = json!(8), 7));
        assert!(!checks(|proof| proof["root"] = json!("00".repeat(32)), 7));
        assert!(!checks(|proof| proof["path"] = json!([]), 7));
        assert!(!checks(|proof| proof["consistency"] = json!(null), 7));
        assert!(!checks(|proof| proof["checkpoint"] = json!(""), 7));
        let signer = Signer::new(&[7; 32]).unwrap();
        let eight = signer.note(&checkpoint(8));
        assert!(!checks(|proof| proof["checkpoint"] = json!(eight), 7));
    }

    #[test]
    fn the_apis_fields_prove_as_bytes_do() {
        let entry = &entries()[3];
        let fields = json!({ "serial": 4, "kind_number": 1,
            "commitment": HEXLOWER.encode(&entry.commitment()) });
        assert!(checks(|proof| proof["entry"] = fields.clone(), 7));
    }
}
