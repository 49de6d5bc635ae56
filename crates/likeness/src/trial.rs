//! A pattern's trial before it may match anything: whether it says enough to be told
//! from honest texts.

use crate::{Index, Scratch, benign};

/// What the words of a pattern must weigh together.
const WEIGHT_MIN: f32 = 3.0;
/// Words that a pattern must have.
const WORDS_MIN: usize = 5;

/// Why a pattern may not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrialError {
    /// Too few words beside its slots.
    TooShort,
    /// Words that are in any message.
    TooCommon,
    /// It would match this honest text.
    Matches(String),
}

impl std::error::Error for TrialError {}

impl std::fmt::Display for TrialError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TrialError::TooShort => {
                write!(f, "the text has fewer than {WORDS_MIN} different words beside its slots")
            }
            TrialError::TooCommon => f.write_str("its words are in messages of all kinds"),
            TrialError::Matches(text) => write!(f, "it would match the honest text `{text}`"),
        }
    }
}

/// Holds a pattern against our honest texts and those of `own`.
///
/// # Errors
/// [`TrialError`] if it is too short, too common, or matches any of them.
pub fn trial<'a>(pattern: &str, own: impl IntoIterator<Item = &'a str>) -> Result<(), TrialError> {
    let index = Index::new([pattern]);
    let (words, weight) = index.substance(0);
    if words < WORDS_MIN {
        return Err(TrialError::TooShort);
    }
    if weight < WEIGHT_MIN {
        return Err(TrialError::TooCommon);
    }
    let mut scratch = Scratch::default();
    let mut honest = benign().map(|text| -> &str { text }).chain(own);
    match honest.find(|text| index.is_mutation(0, text, &mut scratch)) {
        Some(text) => Err(TrialError::Matches(text.to_owned())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fraud_passes_and_honest_or_empty_texts_are_refused() {
        let own = ["De bibliotheek is zaterdag gesloten wegens inventaris van alle boeken"];
        let check = |pattern: &str, expect: &str| {
            let found = trial(pattern, own).err().map_or(String::new(), |error| error.to_string());
            let fits = found.starts_with(expect) && found.is_empty() == expect.is_empty();
            assert!(fits, "{pattern}: {found}");
        };
        check(
            "Douane: uw zending wordt vastgehouden. Voldoe de invoerkosten van €2,99 via \
             https://a.example om vernietiging te voorkomen",
            "",
        );
        check("https://a.example 0470 12 34 56", "the text has fewer");
        check("Beste klant, klik hier", "the text has fewer");
        check("Is het waar dat je dit nu ook niet wilt of kan doen?", "its words");
        check("Uw verificatiecode is 111111. Deel deze code dus met niemand.", "it would match");
        check("De bibliotheek is zondag gesloten wegens inventaris van alle boeken", "it would");
    }

    #[test]
    fn every_honest_text_is_refused_as_a_pattern() {
        for text in benign() {
            assert!(trial(text, []).is_err(), "{text}");
        }
    }
}
