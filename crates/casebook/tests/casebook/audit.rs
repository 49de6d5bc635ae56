//! The audit log's chain: what is changed behind our back is found.

use belfry_casebook::StoreError;
use belfry_casebook::access::Role;

use crate::bench::{Bench, NOW, admin, by_hand, host, open};

/// Seven acts: two decisions, a release, three tokens, one of them revoked.
async fn with_acts() -> Bench {
    let bench = Bench::new().await;
    for name in ["a.example", "b.example"] {
        let case = bench.case_about(name).await;
        bench.block(case, host(name)).await.unwrap();
    }
    bench.release(1, belfry_journal::Serial(1), false).await.unwrap();
    for name in ["one", "two", "three"] {
        bench.casebook.create_token(&admin(), name, Role::Reader, None, NOW).await.unwrap();
    }
    bench.casebook.revoke_token(&admin(), "two", NOW).await.unwrap();
    bench
}

async fn verify(bench: &Bench) -> Result<u64, StoreError> {
    bench.casebook.verify_audit().await.map(|verified| verified.lines)
}

#[tokio::test]
async fn an_untouched_log_verifies_over_restarts() {
    let bench = with_acts().await;
    assert_eq!(verify(&bench).await.unwrap(), 7);
    let bench = bench.reopen().await;
    assert_eq!(bench.casebook.audit_alarm(), None);
    bench.casebook.revoke_token(&admin(), "one", NOW).await.unwrap();
    assert_eq!(verify(&bench).await.unwrap(), 8);
}

/// What a change by hand is found as, by the whole check and by the start.
async fn check(statements: &[&'static str], line: u64, why: &str) {
    let statement = statements[0];
    let bench = with_acts().await;
    bench.casebook.anchor_audit(NOW).await.unwrap().expect("the log grew");
    bench.casebook.close().await;
    by_hand(bench.folder.path(), statements).await;
    let casebook = open(bench.folder.path()).await.expect("a broken log does not stop the hub");
    let broken = casebook.verify_audit().await.expect_err(statement);
    assert!(
        matches!(&broken, StoreError::Audit { line: at, .. } if *at == line),
        "{statement}: {broken}"
    );
    assert!(broken.to_string().contains(why), "{statement}: {broken}");
    if !why.contains("journal") {
        assert!(casebook.audit_alarm().is_some(), "{statement}: the start saw nothing");
    }
}

#[tokio::test]
async fn what_is_changed_by_hand_is_found_with_its_line() {
    check(&["UPDATE audit SET who = 'local:mallory' WHERE id = 2"], 2, "was changed").await;
    check(&["UPDATE audit SET at_ms = at_ms + 1 WHERE id = 7"], 7, "was changed").await;
    check(&["UPDATE audit SET object = 'case 9' WHERE id = 1"], 1, "was changed").await;
    check(&["UPDATE audit SET detail = 'harmless' WHERE id = 1"], 1, "its detail").await;
    check(&["UPDATE audit SET detail = 'x', salt = NULL WHERE id = 1"], 1, "its detail").await;
    check(&["UPDATE audit SET hash = zeroblob(32) WHERE id = 3"], 3, "was changed").await;
    check(&["UPDATE audit SET hash = NULL WHERE id = 3"], 3, "no hash").await;
    check(&["DELETE FROM audit WHERE id = 4"], 4, "missing").await;
}

#[tokio::test]
async fn a_log_cut_at_its_end_is_found_by_its_counter_and_by_the_journal() {
    let cut = "DELETE FROM audit WHERE id = 7";
    check(&[cut], 7, "ends at line 6, 7 were written").await;
    let counted = "UPDATE counters SET value = 6 WHERE name = 'audit'";
    check(&[cut, counted], 7, "journal entry 4 knows it").await;
}

#[tokio::test]
async fn the_journal_is_told_how_far_the_log_is_only_when_it_grew() {
    let bench = with_acts().await;
    let first = bench.casebook.anchor_audit(NOW).await.unwrap().unwrap();
    assert_eq!(bench.casebook.anchor_audit(NOW).await.unwrap(), None);
    bench.casebook.revoke_token(&admin(), "one", NOW).await.unwrap();
    let second = bench.casebook.anchor_audit(NOW).await.unwrap().unwrap();
    assert_eq!(second, first.next());
    let verified = bench.casebook.verify_audit().await.unwrap();
    assert_eq!((verified.lines, verified.anchors), (8, 2));
    bench.casebook.verify_journal().await.unwrap();
}

#[tokio::test]
async fn a_log_of_before_the_chain_is_chained_at_the_next_start() {
    let bench = with_acts().await;
    bench.casebook.close().await;
    by_hand(bench.folder.path(), &["UPDATE audit SET salt = NULL, commitment = NULL, hash = NULL"])
        .await;
    let casebook = open(bench.folder.path()).await.unwrap();
    assert_eq!(casebook.audit_alarm(), None);
    assert_eq!(casebook.verify_audit().await.unwrap().lines, 7);
    assert_eq!(casebook.verify_audit().await.unwrap().erased, 0);
}
