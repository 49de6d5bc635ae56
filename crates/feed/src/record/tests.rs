//! The record as anyone reads it, and its proofs by another's implementation of RFC 6962.

use axum::http::StatusCode;
use belfry_casebook::access::Role;
use belfry_journal::checkpoint::VerifierKey;
use belfry_journal::merkle::Hash;
use belfry_journal::{Kind, Serial, leaf_bytes};
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::sign::verify;
use crate::tests::bench::Bench;

impl Bench {
    /// What anyone gets.
    async fn public(&self, uri: &str) -> (StatusCode, Value) {
        crate::tests::bench::json_of(self.open(uri, None, None).await).await
    }
}

fn hash(value: &Value) -> sha2::digest::Output<Sha256> {
    let hash: Hash = value.as_str().unwrap().parse().unwrap();
    hash.0.into()
}

fn hashes(value: &Value) -> Vec<sha2::digest::Output<Sha256>> {
    value.as_array().unwrap().iter().map(hash).collect()
}

fn root(of: &Value, root: &str, size: &str) -> RootHash<Sha256> {
    RootHash::new(hash(&of[root]), of[size].as_u64().unwrap())
}

/// The leaf as a reader makes it of the fields alone.
fn leaf(entry: &Value) -> Vec<u8> {
    let commitment = HEXLOWER.decode(entry["commitment"].as_str().unwrap().as_bytes()).unwrap();
    let kind = u16::try_from(entry["kind_number"].as_u64().unwrap()).unwrap();
    let serial = Serial(entry["serial"].as_u64().unwrap());
    leaf_bytes(serial, Kind::from_number(kind), &commitment.try_into().unwrap())
}

/// A journal of a few hundred entries: tiles that are full, and one that is not.
async fn bench() -> Bench {
    let bench = Bench::with_heartbeats(300).await;
    bench.block("a.example").await;
    let case = bench.block_as("b.example", true).await;
    bench.free(case).await;
    bench
}

#[tokio::test]
async fn proofs_of_inclusion_hold_by_anothers_implementation() {
    let bench = bench().await;
    let head = bench.casebook.head().serial.0;
    for (serial, size) in [(1, 1), (1, head), (255, 256), (256, 257), (257, 290), (head, head)] {
        let uri = format!("/api/v1/record/entries/{serial}?size={size}");
        let (status, proof) = bench.public(&uri).await;
        assert_eq!(status, StatusCode::OK, "{proof}");
        let path = hashes(&proof["path"]);
        let path = InclusionProof::<Sha256>::from_digests(path.iter());
        let root = root(&proof, "root", "tree_size");
        let leaf = leaf(&proof["entry"]);
        root.verify_inclusion(&leaf, serial - 1, &path).expect("it is in the tree");
        let other = [leaf.clone(), vec![0]].concat();
        assert!(root.verify_inclusion(&other, serial - 1, &path).is_err());
    }
}

#[tokio::test]
async fn proofs_of_growth_hold_by_anothers_implementation() {
    let bench = bench().await;
    let head = bench.casebook.head().serial.0;
    for (from, size) in [(1, 2), (3, 7), (255, 257), (256, head), (200, 300), (head - 1, head)] {
        let uri = format!("/api/v1/record/consistency?from={from}&size={size}");
        let (status, proof) = bench.public(&uri).await;
        assert_eq!(status, StatusCode::OK, "{proof}");
        let path = hashes(&proof["path"]);
        let path = ConsistencyProof::<Sha256>::from_digests(path.iter());
        let (old, new) = (root(&proof, "from_root", "from"), root(&proof, "root", "tree_size"));
        new.verify_consistency(&old, &path).expect("the one begins the other");
        let other = RootHash::new(hash(&proof["root"]), from);
        assert!(new.verify_consistency(&other, &path).is_err());
    }
}

#[tokio::test]
async fn checkpoints_are_signed_and_are_the_tree_that_all_leaves_make() {
    let bench = bench().await;
    let (_, about) = bench.public("/api/v1/record").await;
    let key: VerifierKey = about["key"].as_str().unwrap().parse().unwrap();
    let checkpoint = verify(about["checkpoint"].as_str().unwrap(), &key).unwrap();
    let known = bench.casebook.verify_journal().await.unwrap();
    assert_eq!((checkpoint.size, checkpoint.root), (known.entries, known.root));
    let answer = bench.open("/api/v1/record/checkpoint?size=257", None, None).await;
    let note = axum::body::to_bytes(answer.into_body(), 4_096).await.unwrap();
    let older = verify(std::str::from_utf8(&note).unwrap(), &key).unwrap();
    let leaves = bench.casebook.leaves(Serial(0), 257).await.unwrap();
    assert_eq!((older.size, older.root), (257, belfry_journal::merkle::root(&leaves)));
    for uri in [
        "checkpoint?size=9999",
        "entries/9999",
        "entries/0",
        "entries/5?size=4",
        "consistency?from=0",
        "consistency?from=9&size=8",
    ] {
        let (status, problem) = bench.public(&format!("/api/v1/record/{uri}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{uri}: {problem}");
    }
}

#[tokio::test]
async fn what_is_disclosed_proves_itself_and_what_is_withdrawn_is_gone() {
    let bench = bench().await;
    let (_, page) = bench.public("/api/v1/record/entries?after=300").await;
    let block = &page["items"][0];
    assert_eq!(block["order"]["target"], "a.example", "{page}");
    let salt = HEXLOWER.decode(block["salt"].as_str().unwrap().as_bytes()).unwrap();
    let body = BASE64.decode(block["body"].as_str().unwrap().as_bytes()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&salt).unwrap();
    mac.update(&body);
    assert_eq!(HEXLOWER.encode(&mac.finalize().into_bytes()), block["commitment"]);
    // The release of b.example is withdrawn with its order.
    let uri = "/api/v1/record/entries/302/withdraw";
    let body = json!({ "reason": "its owner asked" });
    let (status, _) = bench.post(uri, Role::Approver, &body).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, done) = bench.post(uri, Role::Admin, &body).await;
    assert_eq!((status, &done), (StatusCode::OK, &json!({ "serial": 304 })));
    assert_eq!(bench.post(uri, Role::Admin, &body).await.0, StatusCode::CONFLICT);
    let (_, page) = bench.public("/api/v1/record/entries?after=301").await;
    for at in [0, 1] {
        let shown = &page["items"][at];
        assert_eq!(shown["withheld"], "withdrawn", "{shown}");
        for field in ["order", "salt", "body", "at"] {
            assert!(shown.get(field).is_none(), "{shown}");
        }
    }
    assert!(!page.to_string().contains("b.example"), "{page}");
    assert_eq!(page["items"][2]["kind"], "withdrawn");
    // The tree does not notice.
    let (_, proof) = bench.public("/api/v1/record/entries/302").await;
    let path = hashes(&proof["path"]);
    let path = InclusionProof::<Sha256>::from_digests(path.iter());
    let root = root(&proof, "root", "tree_size");
    root.verify_inclusion(&leaf(&proof["entry"]), 301, &path).unwrap();
}
