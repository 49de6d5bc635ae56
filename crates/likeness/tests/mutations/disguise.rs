//! The suite of disguises: texts of our own, and twelve ways to change them so that a
//! reader still understands.

use belfry_likeness::{Index, Scratch};
use belfry_testbed::Random;

/// How often each text is disguised in each way.
const ROUNDS: u64 = 8;

/// Fraudulent texts of our own in Dutch, French, German and English.
pub(crate) fn texts() -> impl Iterator<Item = &'static str> {
    include_str!("disguise.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

type Disguise = fn(&str, &mut Random) -> String;

const KINDS: [(&str, Disguise); 12] = [
    ("case", case),
    ("accents", accents),
    ("look-alike letters", look_alikes),
    ("zero-width characters", zero_width),
    ("letters spaced out", spaced_out),
    ("spaces left out", glued),
    ("marks within words", marks),
    ("leetspeak", leetspeak),
    ("GSM alphabet", gsm),
    ("other links, numbers, amounts, codes", slots),
    ("misspellings", misspelt),
    ("words added, left out, moved", reworded),
];

/// For each kind: how many were caught by their own pattern, of how many.
pub(crate) fn run() -> Vec<(&'static str, usize, usize)> {
    let originals: Vec<&str> = texts().collect();
    let index = Index::new(originals.iter().copied());
    let mut scratch = Scratch::default();
    let mut rows = Vec::new();
    for (nth, (kind, disguise)) in (0u64..).zip(KINDS) {
        let (mut caught, mut asked) = (0, 0);
        for (at, text) in originals.iter().enumerate() {
            for round in 0..ROUNDS {
                let mut random = Random::new(nth << 32 | (at as u64) << 8 | round);
                let found = index.find(&disguise(text, &mut random), &mut scratch);
                caught += usize::from(found.is_some_and(|found| found.pattern == at));
                asked += 1;
            }
        }
        rows.push((kind, caught, asked));
    }
    rows
}

fn one_in(random: &mut Random, n: u64) -> bool {
    random.within(0..n) == 0
}

/// Each character changed by `change` once in `n`, links left alone.
fn some(text: &str, random: &mut Random, n: u64, change: impl Fn(char) -> Option<char>) -> String {
    words(text, |word| {
        word.chars().map(|c| if one_in(random, n) { change(c).unwrap_or(c) } else { c }).collect()
    })
}

fn words(text: &str, mut change: impl FnMut(&str) -> String) -> String {
    let is_link = |word: &str| word.contains("://");
    let changed =
        text.split(' ').map(|word| if is_link(word) { word.to_owned() } else { change(word) });
    changed.collect::<Vec<_>>().join(" ")
}

fn case(text: &str, random: &mut Random) -> String {
    some(text, random, 2, |c| {
        if c.is_lowercase() { c.to_uppercase().next() } else { c.to_lowercase().next() }
    })
}

fn accents(text: &str, random: &mut Random) -> String {
    some(text, random, 2, |c| {
        let at = "aeiouycns".find(c.to_ascii_lowercase())?;
        "áëîöùÿçñš".chars().nth(at)
    })
}

fn look_alikes(text: &str, random: &mut Random) -> String {
    some(text, random, 2, |c| {
        let at = "aceiopsxyABEHKMOPTX".find(c)?;
        "асеіорѕхуАВЕНКМОРТХ".chars().nth(at)
    })
}

fn zero_width(text: &str, random: &mut Random) -> String {
    words(text, |word| {
        let mut changed = String::new();
        for c in word.chars() {
            changed.push(c);
            if one_in(random, 3) {
                changed.push(
                    ['\u{200b}', '\u{200d}', '\u{ad}', '\u{2060}', '\u{feff}'][random.index(5)],
                );
            }
        }
        changed
    })
}

fn spaced_out(text: &str, random: &mut Random) -> String {
    words(text, |word| {
        if word.chars().count() < 4 || one_in(random, 3) {
            return word.to_owned();
        }
        let letters: Vec<String> = word.chars().map(String::from).collect();
        format!(" {} ", letters.join(" "))
    })
}

fn glued(text: &str, random: &mut Random) -> String {
    let mut changed = String::new();
    for word in text.split(' ') {
        if word.contains("://") || one_in(random, 4) {
            changed.push(' ');
        }
        changed.push_str(word.trim_matches(|c: char| c.is_ascii_punctuation() && c != '€'));
        if word.contains("://") {
            changed.push(' ');
        }
    }
    changed
}

fn marks(text: &str, random: &mut Random) -> String {
    words(text, |word| {
        if word.len() < 6 || !word.chars().all(char::is_alphabetic) || one_in(random, 3) {
            return word.to_owned();
        }
        let letters: Vec<char> = word.chars().collect();
        let at = 2 + random.index(letters.len() - 3);
        let mark = ['.', '-', '_', '*', '\''][random.index(5)];
        let (before, after) = letters.split_at(at);
        format!("{}{mark}{}", before.iter().collect::<String>(), after.iter().collect::<String>())
    })
}

fn leetspeak(text: &str, random: &mut Random) -> String {
    words(text, |word| {
        if !word.chars().all(char::is_alphabetic) {
            return word.to_owned();
        }
        let mut left = word.chars().count() / 2;
        let mut change = |c: char| match "oieast".find(c) {
            Some(at) if left > 0 && !one_in(random, 3) => {
                left -= 1;
                "013457".chars().nth(at).unwrap_or(c)
            }
            _ => c,
        };
        word.chars().map(&mut change).collect()
    })
}

/// As a phone with the GSM alphabet sends it: Greek capitals for Latin ones, accents
/// that it has, and none of those that it lacks.
fn gsm(text: &str, random: &mut Random) -> String {
    some(text, random, 2, |c| {
        let at = "AEOLeaoàèé".chars().position(|known| known == c)?;
        "ΛΞΘΛéàòaee".chars().nth(at)
    })
}

fn slots(text: &str, random: &mut Random) -> String {
    let digits = text.split(' ').map(|word| {
        if word.contains("://") {
            return format!("http://{}.test/{}", random.index(1_000_000), random.index(1_000));
        }
        if word.chars().any(|c| c.is_ascii_digit()) {
            let digit = |c: char| {
                if c.is_ascii_digit() {
                    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'][random.index(10)]
                } else {
                    c
                }
            };
            return word.chars().map(digit).collect();
        }
        word.to_owned()
    });
    digits.collect::<Vec<_>>().join(" ")
}

fn misspelt(text: &str, random: &mut Random) -> String {
    words(text, |word| {
        let mut letters: Vec<char> = word.chars().collect();
        if letters.len() < 6 || !one_in(random, 2) {
            return word.to_owned();
        }
        let at = 1 + random.index(letters.len() - 2);
        match random.within(0..4) {
            0 => letters.swap(at, at + 1),
            1 => drop(letters.remove(at)),
            2 => letters[at] = 'z',
            _ => letters.insert(at, 'v'),
        }
        letters.into_iter().collect()
    })
}

fn reworded(text: &str, random: &mut Random) -> String {
    let mut parts: Vec<&str> = text.split(' ').collect();
    for _ in 0..parts.len() / 6 {
        parts.remove(random.index(parts.len()));
    }
    for filler in ["LET OP", "Info:", "ref", "urgent", "vandaag", "svp"] {
        if one_in(random, 2) {
            parts.insert(random.index(parts.len() + 1), filler);
        }
    }
    let middle = random.index(3) * parts.len() / 4;
    parts.rotate_left(middle);
    parts.join(" ")
}
