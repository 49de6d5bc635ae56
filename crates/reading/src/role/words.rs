//! Words by which links name their purpose, in Dutch, French, German and English
//! first: they are data (`data/role-words.txt`), compared in lower case.

use std::sync::LazyLock;

use crate::Link;

/// The words by purpose.
struct Words {
    unsubscribe: Vec<String>,
    leaving: Vec<String>,
    generic: Vec<String>,
    leading: Vec<String>,
    action: Vec<String>,
    legal: Vec<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let of = |section| parse(include_str!("../../data/role-words.txt"), section);
    Words {
        unsubscribe: of("unsubscribe"),
        leaving: of("leaving"),
        generic: of("generic"),
        leading: of("leading"),
        action: of("action"),
        legal: of("legal"),
    }
});

/// The words of one section.
fn parse(source: &str, section: &str) -> Vec<String> {
    let mut inside = false;
    let mut words = Vec::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            inside = name.trim_end_matches(']') == section;
        } else if inside {
            let own = line.split('|').map(|word| word.trim().replace('_', " "));
            words.extend(own.filter(|word| !word.is_empty()));
        }
    }
    words
}

/// The word that says that `link` only unsubscribes.
pub(super) fn unsubscribe(link: &Link) -> Option<&'static str> {
    let text = link.text.as_deref().unwrap_or_default().to_lowercase();
    // A path names its purpose; a query may carry anything.
    let path = link.url.as_str().split(['?', '#']).next().unwrap_or_default().to_lowercase();
    let path = path.splitn(4, '/').nth(3).unwrap_or_default();
    WORDS.unsubscribe.iter().map(String::as_str).find(|word| {
        text.contains(word) || (word.len() > 5 && !word.contains(' ') && path.contains(word))
    })
}

/// The word in `text` that calls for an act and says which: not just "click here".
pub(super) fn purpose(text: &str) -> Option<&'static str> {
    let text = format!("{} ", text.to_lowercase());
    let own = WORDS.action.iter().filter(|word| !WORDS.generic.contains(word));
    own.map(String::as_str).find(|word| holds(&text, word))
}

/// The words in `sentence` that tell how to leave a list.
pub(super) fn leaving(sentence: &str) -> Option<&'static str> {
    let sentence = sentence.to_lowercase();
    WORDS
        .unsubscribe
        .iter()
        .chain(&WORDS.leaving)
        .map(String::as_str)
        .find(|word| sentence.contains(word))
}

/// Whether a link's text says nothing of its purpose: "here", "click", a full stop.
pub(super) fn is_generic(text: &str) -> bool {
    const GENERIC_CHARS_MAX: usize = 24;
    let length = text.chars().count();
    let text = text.to_lowercase();
    length <= 2
        || (length <= GENERIC_CHARS_MAX
            && WORDS.generic.iter().any(|word| text.contains(word.as_str())))
}

/// Whether the last word before a name leads to it.
pub(super) fn leads(before: &str) -> bool {
    let before = before.trim_end_matches([' ', ':', '<', '(', '"']).to_lowercase();
    let last = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    WORDS.leading.iter().any(|word| word == last)
}

/// Whether a picture's address says that it counts who opens the message.
pub(super) fn is_tracking(link: &Link) -> bool {
    const WORDS: [&str; 8] =
        ["/open", "pixel", "/track", "wf/open", "beacon", "opened", "/o.gif", "spacer.gif?"];
    let url = link.url.as_str().to_ascii_lowercase();
    WORDS.iter().any(|word| url.contains(word))
}

/// The word in `text` that calls for an act.
pub(super) fn action(text: &str) -> Option<&'static str> {
    find(&WORDS.action, text)
}

/// The word in `text` that marks legal and help pages.
pub(super) fn legal(text: &str) -> Option<&'static str> {
    find(&WORDS.legal, text)
}

fn find(words: &'static [String], text: &str) -> Option<&'static str> {
    let text = format!("{} ", text.to_lowercase());
    words.iter().map(String::as_str).find(|word| holds(&text, word))
}

/// Whether `text` holds `word`: a short one at the start of a word only, since German
/// and Dutch join words, and `ver` stands in `over`.
fn holds(text: &str, word: &str) -> bool {
    const SHORT_BYTES: usize = 5;
    let mut places = text.match_indices(word).map(|(at, _)| at);
    places.any(|at| word.len() > SHORT_BYTES || !text[..at].ends_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::{WORDS, Words, action, legal};

    #[test]
    fn words_are_written_as_they_are_compared() {
        let Words { unsubscribe, leaving, generic, leading, action, legal } = &*WORDS;
        for words in [unsubscribe, leaving, generic, leading, action, legal] {
            assert!(words.len() > 10);
            for (number, word) in words.iter().enumerate() {
                assert_eq!(*word, word.to_lowercase());
                assert!(!words[..number].contains(word), "{word} stands twice");
            }
        }
    }

    #[test]
    fn texts_are_told_apart_in_four_languages() {
        for text in ["Klik hier", "CLIQUEZ ICI", "Jetzt bestätigen", "Verify your account"] {
            assert!(action(text).is_some() && legal(text).is_none(), "{text}");
        }
        for text in ["Algemene voorwaarden", "Mentions légales", "Impressum", "Privacy Policy"] {
            assert!(legal(text).is_some(), "{text}");
        }
        for text in ["ACME Ltd", "Over ons", "Menu", "Historie", "Delivery"] {
            assert_eq!(action(text), None, "{text}");
        }
    }
}
