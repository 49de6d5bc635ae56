//! Tests of the language: what it says, what it refuses and where, and that it never
//! takes the unknown for true.

use super::*;

fn facts() -> Facts {
    Facts {
        score: Some(0.9),
        proven: 3,
        reporters: 5,
        reports: 7,
        age_hours: 1.5,
        kind: SubjectKind::Host,
        unranked: true,
        decided_before: false,
        kin: false,
        campaign: CampaignFound { cases: 9, fraud: 0, harmless: 4 },
    }
}

fn check(text: &str, expect: Option<bool>) {
    assert_eq!(Condition::parse(text).unwrap().holds(&facts()), expect, "{text}");
}

#[test]
fn comparisons_and_properties() {
    for (text, expect) in [
        ("score >= 0.9", true),
        ("score > 0.9", false),
        ("score<0.95", true),
        ("score <= 0.89", false),
        ("proven >= 3", true),
        ("reporters >= 6", false),
        ("reports > 6", true),
        ("age_hours <= 1.5", true),
        ("host", true),
        ("url", false),
        ("message", false),
        ("unranked", true),
        ("decided_before", false),
        ("not kin", true),
        ("campaign_cases >= 9 and campaign_harmless >= 3 and campaign_fraud < 1", true),
        ("campaign_fraud >= 1", false),
    ] {
        check(text, Some(expect));
    }
}

#[test]
fn and_binds_closer_than_or_and_brackets_closest() {
    check("url or host and unranked", Some(true));
    check("host or unranked and url", Some(true));
    check("(host or unranked) and url", Some(false));
    check("not (url or message) and not not host", Some(true));
    check("not url and host", Some(true));
}

#[test]
fn what_is_not_known_never_makes_a_rule_act() {
    let unknown = Facts { score: None, ..facts() };
    let holds = |text: &str| Condition::parse(text).unwrap().holds(&unknown);
    assert_eq!(holds("score >= 0.5"), None);
    assert_eq!(holds("not score >= 0.5"), None);
    assert_eq!(holds("score >= 0.5 and host"), None);
    assert_eq!(holds("score >= 0.5 and url"), Some(false));
    assert_eq!(holds("score >= 0.5 or host"), Some(true));
    assert_eq!(holds("score >= 0.5 or url"), None);
}

fn refused(text: &str) -> String {
    Condition::parse(text).unwrap_err().to_string()
}

#[test]
fn a_refusal_says_where_and_what_was_expected() {
    insta::assert_snapshot!(refused("score => 0.9"), @r#"at character 7: "=>": expected one of < <= > >="#);
    insta::assert_snapshot!(refused("score >= high"), @r#"at character 10: "high": expected a number"#);
    insta::assert_snapshot!(refused("score >= NaN"), @r#"at character 10: "NaN": expected a number"#);
    insta::assert_snapshot!(refused("host unranked"), @r#"at character 6: "unranked": expected `and`, `or` or the end"#);
    insta::assert_snapshot!(refused("(host"), @"at character 6: it ends here: expected `)`");
    insta::assert_snapshot!(refused("évil"), @r#"at character 1: "évil": expected `not`, `(` or one of score proven reporters reports age_hours campaign_cases campaign_fraud campaign_harmless host url message unranked decided_before kin"#);
    assert!(refused("").starts_with("at character 1: it ends here"));
    assert!(refused("host and").starts_with("at character 9: it ends here"));
    assert!(refused(&"(".repeat(100)).ends_with("fewer brackets"));
    assert!(refused(&"not ".repeat(100)).ends_with("fewer brackets"));
    assert!(refused(&"a".repeat(2_001)).contains("at most 2000 octets"));
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "[a-z<>=()! .0-9é]{0,60}") {
        let _ = Condition::parse(&text).map(|condition| condition.holds(&facts()));
    }

    /// Changing what is unknown to anything never turns a yes of before into a no.
    #[test]
    fn a_yes_without_the_score_is_a_yes_with_any(
        score in 0.0..1.0f64,
        text in "(not )?(score >= 0\\.[0-9]|host|url)( (and|or) (score < 0\\.[0-9]|unranked|kin)){0,3}",
    ) {
        let condition = Condition::parse(&text).unwrap();
        let without = condition.holds(&Facts { score: None, ..facts() });
        let with = condition.holds(&Facts { score: Some(score), ..facts() });
        proptest::prop_assert!(without.is_none() || without == with);
    }
}
