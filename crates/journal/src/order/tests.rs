//! Tests of the canonical body of an order: pinned bytes, one spelling, names.

use proptest::prelude::*;

use super::*;
use crate::generate::{any_order, block, release};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn operator(name: &str) -> OperatorName {
    OperatorName::parse(name).unwrap()
}

#[test]
fn the_canonical_bytes_never_change() {
    let plain = block("a.example");
    insta::assert_snapshot!(hex(&plain.to_bytes()), @"010109612e6578616d706c650101000001a0c4506c00000001a15ecf3400010100000000000000010100");
    let names = BTreeSet::from([operator("telco-2"), operator("telco-1")]);
    let rich = Order {
        target: Target::Domain(plain.target.name().clone()),
        category: Category::OtherFraud,
        mode: Mode::Shadow,
        audience: Audience::Operators(names),
        cause: Cause::NeverBlock,
        reason: PublicReason::Resolved,
        keeps_mail: true,
        ..release(7, &plain)
    };
    insta::assert_snapshot!(hex(&rich.to_bytes()), @"0300000000000000070209612e6578616d706c650402000001a0c4506c00000001a15ecf340002000000020774656c636f2d310774656c636f2d32040701");
}

#[test]
fn bytes_that_no_encoder_writes_are_refused_by_field() {
    let good = block("a.example").to_bytes();
    let check = |at: usize, value: u8, expect: &str| {
        let mut bytes = good.clone();
        bytes[at] = value;
        let refused = Order::from_bytes(&bytes).unwrap_err().to_string();
        assert_eq!(refused, expect);
    };
    let end = good.len();
    check(0, 0, "action holds 0, which is not canonical");
    check(0, 4, "action holds 4, which is not canonical");
    check(1, 3, "level holds 3, which is not canonical");
    check(3, b'A', "target holds A.example, which is not canonical");
    check(3, 0xff, "target holds text that is not UTF-8, which is not canonical");
    check(2, 0, "target holds , which is not canonical");
    check(12, 5, "category holds 5, which is not canonical");
    check(13, 0, "mode holds 0, which is not canonical");
    check(30, 9, "audience holds 9, which is not canonical");
    check(31, 9, "cause holds 9, which is not canonical");
    check(end - 2, 8, "reason holds 8, which is not canonical");
    check(end - 1, 2, "keeps_mail holds 2, which is not canonical");
    let longer = [&good[..], &[0]].concat();
    assert_eq!(Order::from_bytes(&longer), Err(DecodeError::Trailing(1)));
    let far = Order { action: Action::Release { of: Serial(u64::MAX) }, ..block("a.example") };
    assert!(matches!(Order::from_bytes(&far.to_bytes()), Err(DecodeError::Field { .. })));
}

#[test]
fn operators_rise_and_a_claimed_count_is_only_a_claim() {
    let mut out = Writer::default();
    out.u8(2).length(2).name("b").name("a");
    let bytes = out.finish();
    assert!(matches!(
        Audience::decode(&mut Reader::new(&bytes)),
        Err(DecodeError::Field { field: "operator", .. })
    ));
    let claimed = [2, 0xff, 0xff, 0xff, 0xff, 1, b'a'];
    assert_eq!(
        Audience::decode(&mut Reader::new(&claimed)),
        Err(DecodeError::Short { at: 7, wanted: "operator" })
    );
}

#[test]
fn an_audience_includes_whom_it_names() {
    let named = Audience::Operators(BTreeSet::from([operator("telco-1")]));
    assert!(named.includes(&operator("telco-1")));
    assert!(!named.includes(&operator("telco-2")));
    assert!(Audience::Everyone.includes(&operator("telco-2")));
    assert!(!Audience::Operators(BTreeSet::new()).includes(&operator("telco-1")));
}

#[test]
fn operator_names_are_plain() {
    assert_eq!(operator("telco-1").as_str(), "telco-1");
    for refused in ["", "Telco", "a b", "ü", "a.b", &"a".repeat(65)] {
        assert_eq!(
            OperatorName::parse(refused),
            Err(belfry_indicator::OperatorNameError),
            "{refused:?}"
        );
    }
}

#[test]
fn names_are_stable_and_read_back() {
    let joined = |names: Vec<&str>| names.join(" ");
    let categories: Vec<_> = Category::ALL.iter().map(|c| c.name()).collect();
    insta::assert_snapshot!(joined(categories), @"phishing malware fake-shop other-fraud");
    let reasons: Vec<_> = PublicReason::ALL.iter().map(|r| r.name()).collect();
    insta::assert_snapshot!(joined(reasons), @"impersonation malware fake-shop fraud ended mistake resolved");
    let modes: Vec<_> = Mode::ALL.iter().map(|m| m.name()).collect();
    insta::assert_snapshot!(joined(modes), @"live shadow");
    let actions = [Action::Block, Action::Allow, Action::Release { of: Serial(1) }];
    insta::assert_snapshot!(joined(actions.iter().map(|a| a.name()).collect()), @"block allow release");
    let causes = [
        Cause::Verdict { case: 1 },
        Cause::Expiry,
        Cause::Withdrawal { case: 2 },
        Cause::NeverBlock,
    ];
    insta::assert_snapshot!(joined(causes.iter().map(|c| c.name()).collect()), @"verdict expiry withdrawal never-block");
    for category in Category::ALL {
        assert_eq!(Category::from_name(category.name()), Some(*category));
        assert_eq!(Category::from_tag(category.tag()), Some(*category));
    }
    assert_eq!(Category::from_name("Phishing"), None);
}

proptest! {
    #[test]
    fn orders_read_back(order in any_order(9)) {
        prop_assert_eq!(Order::from_bytes(&order.to_bytes()), Ok(order));
    }

    #[test]
    fn what_is_read_is_written_the_same(
        order in any_order(9), at in any::<prop::sample::Index>(), value in any::<u8>(),
    ) {
        let mut bytes = order.to_bytes();
        let at = at.index(bytes.len());
        bytes[at] = value;
        if let Ok(read) = Order::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes(), bytes);
        }
    }

    #[test]
    fn cut_orders_are_refused(order in any_order(9), cut in any::<prop::sample::Index>()) {
        let bytes = order.to_bytes();
        prop_assert!(Order::from_bytes(&bytes[..cut.index(bytes.len())]).is_err());
    }
}
