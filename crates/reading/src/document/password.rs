//! Passwords of attached documents, which a fraud writes into the mail beside them so
//! that no scanner opens what its reader can.

/// What announces a password, in lower case.
const WORDS: [&str; 12] = [
    "password",
    "passcode",
    "passwort",
    "kennwort",
    "wachtwoord",
    "paswoord",
    "mot de passe",
    "senha",
    "contrase",
    "clave",
    "code",
    "pin",
];
/// Passwords that are tried on one document: each is made slow to try.
const PASSWORDS_MAX: usize = 8;
/// Octets behind a word in which its password stands.
const BEHIND_BYTES: usize = 60;
/// Octets of a password.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=40;

/// What `texts` give as passwords, the likeliest first: behind a colon, then with digits.
pub(crate) fn named<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut found: Vec<(u8, String)> = Vec::new();
    for text in texts {
        let lower = text.to_ascii_lowercase();
        for word in WORDS {
            for (at, _) in lower.match_indices(word).take(PASSWORDS_MAX) {
                candidates(&text[at + word.len()..], &mut found);
            }
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    let mut words: Vec<String> = Vec::new();
    for (_, word) in found {
        if words.len() < PASSWORDS_MAX && !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

fn candidates(behind: &str, found: &mut Vec<(u8, String)>) {
    let behind = &behind[..behind.floor_char_boundary(BEHIND_BYTES)];
    let (label, value) = match behind.split_once([':', '=']) {
        Some((label, value)) if !label.contains('\n') => (true, value),
        _ => (false, behind),
    };
    let marks = |c: char| c.is_whitespace() || "\"'“”„«»()[]<>,;".contains(c);
    for (place, word) in value.split(marks).filter(|word| !word.is_empty()).take(8).enumerate() {
        let word = word.trim_end_matches(['.', '!', '?']);
        if LENGTHS.contains(&word.len()) {
            let digits = word.contains(|c: char| c.is_ascii_digit());
            let rank = match (label && place == 0, digits) {
                (true, _) => 0,
                (false, true) => 1,
                (false, false) => 2,
            };
            found.push((rank, word.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::named;

    #[test]
    fn the_word_that_a_text_gives_comes_first() {
        for (text, expect) in [
            ("Acesse o anexo.\nSenha de acesso: 1234 - Autorização: Xr", "1234"),
            ("informações em anexo | Senha PDF: 123", "123"),
            ("Het wachtwoord van het bestand is Geheim7.", "Geheim7"),
            ("Open it with the password \"Invoice-2026\".", "Invoice-2026"),
            ("Mot de passe : é1", "é1"),
            ("Das Passwort:\nabc", "abc"),
        ] {
            assert_eq!(
                named([text].into_iter()).first().map(String::as_str),
                Some(expect),
                "{text}"
            );
        }
        assert!(named(["no such word here: 1234"].into_iter()).is_empty());
    }

    #[test]
    fn few_are_tried() {
        let text: String = (0..100).map(|n| format!("password: {n:03}\n")).collect();
        assert_eq!(named([text.as_str()].into_iter()).len(), 8);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(pin|Senha|[:= \né1a]){0,40}") {
            named([text.as_str()].into_iter());
        }
    }
}
