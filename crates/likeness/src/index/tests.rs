//! Tests of the index: that it finds mutations, and nothing in honest texts.

use super::*;
use crate::benign;

const FRAUD: [&str; 4] = [
    "Douane: uw zending wordt vastgehouden. Voldoe de invoerkosten van €2,99 via https://a.example",
    "Votre carte vitale arrive à expiration. Renouvelez-la sans tarder sur https://a.example",
    "Ihr Konto wurde eingeschränkt. Legitimieren Sie sich umgehend unter https://a.example",
    "Hi mum, my phone fell in the toilet and broke. This is my temporary number, whatsapp me",
];

fn found(text: &str) -> Option<usize> {
    Index::new(FRAUD).find(text, &mut Scratch::default()).map(|found| found.pattern)
}

#[test]
fn mutations_are_found_by_their_pattern() {
    for (nth, text) in FRAUD.iter().enumerate() {
        assert_eq!(found(text), Some(nth));
        assert_eq!(found(&text.to_uppercase()), Some(nth));
        assert_eq!(found(&text.replace("a.example", "evil.test/login")), Some(nth));
        assert_eq!(found(&format!("{text} {text}")), Some(nth));
    }
    assert_eq!(
        found("D0UANE: zending vastgehouden! Voldoe invoerk0sten 3,49 EUR: b.test/x"),
        Some(0)
    );
}

#[test]
fn honest_texts_are_not() {
    for text in benign().chain(["", " ", "https://a.example", "Tot straks!", "12345"]) {
        assert_eq!(found(text), None, "{text}");
    }
}

#[test]
fn the_same_scratch_answers_the_same_twice_and_for_another_index() {
    let (big, small) = (Index::new(FRAUD), Index::new([FRAUD[0]]));
    let mut scratch = Scratch::default();
    let first = big.find(FRAUD[3], &mut scratch);
    assert!(first.is_some());
    assert_eq!(small.find(FRAUD[3], &mut scratch), None);
    assert_eq!(big.find(FRAUD[3], &mut scratch), first);
    assert_eq!((big.len(), small.is_empty(), Index::new([]).is_empty()), (4, false, true));
    assert!(big.octets() > small.octets());
}

#[test]
fn a_family_of_near_copies_is_found_by_any_of_them() {
    let copies: Vec<String> =
        (0..500).map(|nth| format!("Zaak {nth}x9q: {} ref {nth}", FRAUD[0])).collect();
    let index = Index::new(copies.iter().map(String::as_str));
    assert!(index.find(FRAUD[0], &mut Scratch::default()).is_some());
}

proptest::proptest! {
    #[test]
    fn any_text_gets_an_answer(text in "\\PC{0,200}") {
        let index = Index::new(FRAUD.into_iter().chain([text.as_str()]));
        let mut scratch = Scratch::default();
        let _ = index.find(&text, &mut scratch);
        let (likeness, why) = index.compare(FRAUD.len(), &text, &mut scratch);
        proptest::prop_assert!((0.0..=1.01).contains(&likeness.score), "{likeness:?}");
        let _ = why.to_string();
    }
}
