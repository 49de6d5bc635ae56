//! The features of a message's text: its words and pieces, its length, links, amounts
//! and capitals. Digits become one sign, so that no number is learnt.

use crate::feature::{Family, Features};

/// Octets of a text that are looked at.
const TEXT_MAX: usize = 2_000;
const WORDS_MAX: usize = 400;

const WORD_GRAM: u8 = 40;
const WORD: u8 = 41;
const PAIR: u8 = 42;
const MESSAGE: u8 = 43;

/// The features of a text with `links` links, the worst of which has the log-odds `worst`.
pub fn text_features(text: &str, links: usize, worst: Option<f64>) -> Features {
    let text = &text[..text.floor_char_boundary(TEXT_MAX)];
    let mut features = Features::default();
    let start = features.hold(&plain(text));
    let span = [start, features.text.len()];
    features.grams(Family::Words, WORD_GRAM, span, [4, 5]);
    features.runs(Family::Words, WORD, span, WORDS_MAX);
    pairs(&mut features, span);
    let mut add = |kind: u8, value: usize| {
        let value = u8::try_from(value).unwrap_or(u8::MAX);
        features.fact(Family::Message, MESSAGE, &[kind, value]);
    };
    add(1, (text.len() / 20).min(10));
    add(2, links.min(3));
    let count = |wanted: fn(char) -> bool| text.chars().filter(|c| wanted(*c)).count();
    add(3, count(char::is_uppercase) * 8 / text.len().max(1));
    add(4, count(|c| c.is_ascii_digit()).min(12));
    add(5, usize::from(text.contains(['€', '$', '£'])));
    add(6, text.matches('!').count().min(3));
    if let Some(worst) = worst {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within 0..=12"
        )]
        let step = (worst.clamp(-6.0, 6.0) + 6.0).round() as usize;
        add(7, step);
    }
    features
}

/// Lower case, any digit as `0`, white space and links as one space.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for word in text.split_whitespace().filter(|word| !word.contains("://")) {
        plain.push(' ');
        plain.extend(
            word.chars().flat_map(char::to_lowercase).map(|c| if c.is_numeric() { '0' } else { c }),
        );
    }
    plain
}

/// Two words in a row.
fn pairs(features: &mut Features, [from, to]: [usize; 2]) {
    let text = &features.text[from..to];
    let starts: Vec<usize> =
        text.match_indices(' ').map(|(at, _)| from + at).take(WORDS_MAX).collect();
    for at in 2..=starts.len() {
        let end = starts.get(at).copied().unwrap_or(to);
        features.piece(Family::Words, PAIR, starts[at - 2], end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_case_and_links_are_not_learnt() {
        assert_eq!(plain("Pay  €605,79 \n at http://x.example/y NOW"), " pay €000,00 at now");
        let of = |text| text_features(text, 0, None);
        assert_eq!(of("code 12345"), of("code 67890"));
        assert_ne!(of("code 12345"), of("code word"));
    }

    #[test]
    fn empty_and_long_texts_are_no_panic() {
        text_features("", 0, None);
        let long = text_features(&"é ".repeat(100_000), 3, Some(9.0));
        assert!(long.slots().len() < 20_000);
    }
}
