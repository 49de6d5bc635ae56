//! Words by which links name their purpose, in Dutch, French, German and English
//! first: they are data (`data/role-words.txt`), compared in lower case.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::Link;

/// The words of one purpose, all looked for in one pass.
struct Section {
    words: Vec<String>,
    search: AhoCorasick,
}

impl Section {
    fn new(words: Vec<String>) -> Self {
        let search = AhoCorasick::new(&words).expect("a few hundred short words fit");
        Self { words, search }
    }

    /// The first of the words, as they are listed, that stands in `text` where
    /// `counts` is told the word and its place.
    fn first(&self, text: &str, counts: impl Fn(&str, usize) -> bool) -> Option<usize> {
        let found = self.search.find_overlapping_iter(text);
        let found = found.map(|found| (found.pattern().as_usize(), found.start()));
        found.filter(|(word, at)| counts(&self.words[*word], *at)).map(|(word, _)| word).min()
    }

    fn find(&self, text: &str) -> Option<&str> {
        if text.is_empty() {
            return None;
        }
        let text = format!("{} ", text.to_lowercase());
        self.first(&text, |word, at| holds(&text, word, at)).map(|word| self.words[word].as_str())
    }
}

/// The words by purpose.
struct Words {
    unsubscribe: Section,
    leaving: Section,
    generic: Section,
    leading: Vec<String>,
    action: Section,
    /// Those of `action` that say which act.
    purpose: Section,
    legal: Section,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let of = |section| parse(include_str!("../../data/role-words.txt"), section);
    let (action, generic) = (of("action"), of("generic"));
    let purpose = action.iter().filter(|word| !generic.contains(word)).cloned().collect();
    Words {
        unsubscribe: Section::new(of("unsubscribe")),
        leaving: Section::new(of("leaving")),
        leading: of("leading"),
        action: Section::new(action),
        purpose: Section::new(purpose),
        generic: Section::new(generic),
        legal: Section::new(of("legal")),
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
    let section = &WORDS.unsubscribe;
    let in_text = section.first(&text, |_, _| true);
    let in_path = section.first(path, |word, _| word.len() > 5 && !word.contains(' '));
    in_text.into_iter().chain(in_path).min().map(|word| section.words[word].as_str())
}

/// The word in `text` that calls for an act and says which: not just "click here".
pub(super) fn purpose(text: &str) -> Option<&'static str> {
    WORDS.purpose.find(text)
}

/// Whether words in `sentence` tell how to leave a list.
pub(super) fn leaving(sentence: &str) -> bool {
    let sentence = sentence.to_lowercase();
    [&WORDS.unsubscribe, &WORDS.leaving].iter().any(|section| section.search.is_match(&sentence))
}

/// Whether a link's text says nothing of its purpose: "here", "click", a full stop.
pub(super) fn is_generic(text: &str) -> bool {
    const GENERIC_CHARS_MAX: usize = 24;
    let length = text.chars().count();
    length <= 2
        || (length <= GENERIC_CHARS_MAX && WORDS.generic.search.is_match(&text.to_lowercase()))
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
    WORDS.action.find(text)
}

/// The word in `text` that marks legal and help pages.
pub(super) fn legal(text: &str) -> Option<&'static str> {
    WORDS.legal.find(text)
}

/// Whether a word that stands at `at` counts: a short one at the start of a word only,
/// since German and Dutch join words, and `ver` stands in `over`.
fn holds(text: &str, word: &str, at: usize) -> bool {
    const SHORT_BYTES: usize = 5;
    word.len() > SHORT_BYTES || !text[..at].ends_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::{WORDS, Words, action, legal};

    #[test]
    fn words_are_written_as_they_are_compared() {
        let Words { unsubscribe, leaving, generic, leading, action, legal, .. } = &*WORDS;
        let sections = [unsubscribe, leaving, generic, action, legal].map(|own| &own.words);
        for words in sections.into_iter().chain([leading]) {
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
