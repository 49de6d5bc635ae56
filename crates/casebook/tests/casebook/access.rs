//! Tokens and effects: what comes from outside with a name to it.

use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::access::{Proof, Role};
use belfry_casebook::effects::{Effect, Totals};
use belfry_journal::{Serial, UnixMillis};

use crate::bench::{Bench, NOW, admin, follower, host};

#[tokio::test]
async fn a_token_authenticates_until_it_ends() {
    let bench = Bench::new().await;
    let later = NOW.plus(Duration::from_secs(60));
    let make = async |name| {
        bench.casebook.create_token(&admin(), name, Role::Analyst, Some(later), NOW).await
    };
    let token = make("ci").await.unwrap();
    assert_eq!(token.secret.len(), "belfry_".len() + 43);
    assert!(!format!("{token:?}").contains(&token.secret));
    let who = bench.casebook.authenticate(&token.secret, NOW).await.unwrap().unwrap();
    assert_eq!((who.name.as_str(), who.role, who.proof), ("token:ci", Role::Analyst, Proof::Token));
    assert!(bench.casebook.authenticate(&token.secret, later).await.unwrap().is_none());
    assert!(matches!(make("ci").await, Err(StoreError::Taken { .. })));
    for bad in ["", "belfry_", &token.secret[7..], &format!("belfry_{}", "A".repeat(43))] {
        assert!(bench.casebook.authenticate(bad, NOW).await.unwrap().is_none(), "{bad}");
    }
    for bad in ["", "a b", "é", &"a".repeat(65)] {
        assert!(matches!(make(bad).await, Err(StoreError::Invalid { .. })), "{bad}");
    }
}

#[tokio::test]
async fn a_revoked_token_is_nobody_and_frees_its_name() {
    let bench = Bench::new().await;
    let make =
        async || bench.casebook.create_token(&admin(), "gate", Role::Operator, None, NOW).await;
    let token = make().await.unwrap();
    assert_eq!(bench.casebook.list_tokens(&admin()).await.unwrap()[0].name, "gate");
    bench.casebook.revoke_token(&admin(), "gate", NOW).await.unwrap();
    assert!(bench.casebook.authenticate(&token.secret, NOW).await.unwrap().is_none());
    assert!(bench.casebook.list_tokens(&admin()).await.unwrap().is_empty());
    let missing = bench.casebook.revoke_token(&admin(), "gate", NOW).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })));
    assert_ne!(make().await.unwrap().secret, token.secret);
}

fn effect(order: u64, blocked_answers: u64, applied_at: Option<u64>) -> Effect {
    Effect {
        order: Serial(order),
        blocked_answers,
        warning_views: 1,
        prevented_visits: blocked_answers / 2,
        applied_at: applied_at.map(UnixMillis),
        first_blocked_at: None,
    }
}

#[tokio::test]
async fn effects_are_totals_that_only_grow() {
    let bench = Bench::new().await;
    let id = bench.case_about("evil.example").await;
    bench.block(id, host("evil.example")).await.unwrap();
    let send = async |name, instance, effect| {
        let (by, run) = (follower(name), [instance; 16]);
        bench.casebook.record_effects(&by, run, Serial(0), &[effect], NOW).await.unwrap()
    };
    assert_eq!(send("token:a", 1, effect(1, 5, None)).await, 0);
    assert_eq!(send("token:a", 1, effect(1, 5, Some(70))).await, 0);
    assert_eq!(send("token:a", 1, effect(1, 3, Some(90))).await, 0, "a late upload takes nothing");
    assert_eq!(send("token:a", 2, effect(1, 2, None)).await, 0, "a restart begins at zero");
    assert_eq!(send("token:b", 1, effect(1, 10, Some(60))).await, 0);
    assert_eq!(send("token:b", 1, effect(9, 10, None)).await, 1, "no such order");
    assert_eq!(send("token:b", 1, effect(u64::MAX, 10, None)).await, 1);
    let totals = bench.casebook.order(Serial(1)).await.unwrap().unwrap().effects;
    let expect = Totals {
        blocked_answers: 17,
        warning_views: 3,
        prevented_visits: 8,
        applied_at: Some(UnixMillis(60)),
        first_blocked_at: None,
    };
    assert_eq!(totals, expect);
    let figures = bench.casebook.statistics().await.unwrap();
    assert_eq!((figures.blocked_answers, figures.warning_views), (17, 3));
    assert_eq!(figures.prevented_visits, 8);
    assert_eq!(figures.effective_orders, 1);
}

#[tokio::test]
async fn absurd_counts_do_not_break_the_sums() {
    let bench = Bench::new().await;
    let id = bench.case_about("evil.example").await;
    bench.block(id, host("evil.example")).await.unwrap();
    for instance in 0..20 {
        let (by, run) = (follower("token:a"), [instance; 16]);
        let effects = [effect(1, u64::MAX, None)];
        bench.casebook.record_effects(&by, run, Serial(0), &effects, NOW).await.unwrap();
    }
    assert_eq!(bench.casebook.statistics().await.unwrap().blocked_answers, 20 << 48);
}
