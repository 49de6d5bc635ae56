//! Twelve kinds of disguise in four languages: each kind is caught in at least 99 of
//! 100 texts, each apart, and every text of the suite passes its trial.

mod disguise;

#[test]
fn each_kind_of_disguise_is_caught() {
    let mut kinds = 0;
    for (kind, caught, asked) in disguise::run() {
        assert!(caught * 100 >= asked * 99, "{kind}: {caught} of {asked}");
        kinds += 1;
    }
    assert_eq!(kinds, 12);
}

#[test]
fn texts_of_the_suite_may_be_patterns() {
    for text in disguise::texts() {
        assert_eq!(belfry_likeness::trial(text, []), Ok(()), "{text}");
    }
}
