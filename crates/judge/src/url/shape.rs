//! Numbers about a URL, each in a coarse step, alone and with the ending: a digit in
//! a name means one thing under `.top` and another under `.gov`.

use super::{Parts, space};
use crate::feature::{Family, Features};

/// Length, digits, hyphens, depth and vowels of the name.
pub(super) fn shape(features: &mut Features, parts: &Parts<'_>) {
    let (core, label) = (parts.core, parts.label);
    let count = |wanted: fn(u8) -> bool| core.bytes().filter(|byte| wanted(*byte)).count();
    let digits = count(|byte| byte.is_ascii_digit());
    let hyphens = count(|byte| byte == b'-');
    let dots = count(|byte| byte == b'.');
    let vowels = label.bytes().filter(|byte| b"aeiouy".contains(byte)).count();
    let root = parts.path.is_empty();
    let mut add = |kind: u8, values: [usize; 4]| {
        let [a, b, c, d] = values.map(low);
        features.fact(Family::Shape, space::SHAPE, &[kind, a, b, c, d]);
    };
    add(1, [digits.min(12), 0, 0, 0]);
    add(2, [hyphens.min(6), 0, 0, 0]);
    add(3, [dots.min(5), 0, 0, 0]);
    add(4, [(core.len() / 4).min(12), 0, 0, 0]);
    add(5, [(label.len() / 2).min(15), 0, 0, 0]);
    add(6, [vowels * 6 / label.len().max(1), (label.len() / 4).min(6), 0, 0]);
    add(7, [distinct(label) * 8 / label.len().max(1), 0, 0, 0]);
    add(8, [digits.min(3), hyphens.min(2), (label.len() / 3).min(6), usize::from(root)]);
    add(9, [usize::from(core.contains("xn--")), 0, 0, 0]);
    let mut cross = |kind: u8, value: usize| {
        let with = [&[kind, low(value)], parts.suffix.as_bytes()].concat();
        features.fact(Family::Shape, space::SHAPE, &with);
    };
    cross(20, digits.min(3));
    cross(21, hyphens.min(2));
    cross(22, (label.len() / 3).min(6));
    cross(23, dots.min(2));
}

/// Length, depth, query and file ending of the path.
pub(super) fn form(features: &mut Features, parts: &Parts<'_>) {
    let path = parts.path.as_str();
    let mut add = |kind: u8, value: &[u8]| {
        features.fact(Family::Form, space::FORM, &[&[kind], value].concat());
    };
    add(1, &[low((path.len() / 8).min(10))]);
    add(2, &[low(path.matches('/').count().min(6))]);
    add(3, &[u8::from(path.contains('?'))]);
    add(4, file_ending(path).as_bytes());
    add(5, &[&[u8::from(path.is_empty())], parts.suffix.as_bytes()].concat());
}

/// What single numbers don't say: the pattern of name and path, and numbers together.
pub(super) fn crosses(features: &mut Features, parts: &Parts<'_>) {
    let (core, label, path) = (parts.core, parts.label, parts.path.as_str());
    let file = path.split('?').next().unwrap_or_default();
    let depth = low(file.matches('/').count().min(5));
    let root = u8::from(path.is_empty());
    let dots = low(core.matches('.').count().min(3));
    let length = low(label.len());
    let mut add = |family: Family, kind: u8, value: &[u8]| {
        features.fact(family, space::PATTERN, &[&[kind], value].concat());
    };
    let name = pattern(core, 12, false);
    add(Family::Shape, 1, &name);
    add(Family::Shape, 2, &[&name[..], parts.suffix.as_bytes()].concat());
    let consonants = low(longest_run(label).min(9));
    add(Family::Shape, 3, &[consonants]);
    add(Family::Shape, 4, &[consonants, (length / 3).min(7)]);
    let digits = label.bytes().rev().take_while(u8::is_ascii_digit).count();
    add(Family::Shape, 5, &[low(digits.min(6))]);
    let words = low(label.split('-').count().min(6));
    add(Family::Shape, 6, &[words, (length / 4).min(7), root]);
    add(Family::Form, 7, &[&[depth], file_ending(path).as_bytes()].concat());
    let query = u8::from(path.contains('?'));
    add(Family::Form, 8, &[&[depth, query], parts.suffix.as_bytes()].concat());
    add(Family::Form, 9, &pattern(path, 14, true));
    add(Family::Form, 10, &[dots, depth, root, u8::from(parts.brand.is_some())]);
    let first = file.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    features.fact(Family::Path, space::FIRST_SEGMENT, &first.as_bytes()[..first.len().min(20)]);
    if dots > 0 {
        let below = core.split('.').next().unwrap_or_default();
        features.fact(Family::Name, space::FIRST_LABEL, below.as_bytes());
    }
}

/// Runs of letters as `a`, of digits as `0`, other signs as they are; `exact` tells
/// other signs apart, else all but `-` and `.` are letters.
fn pattern(text: &str, most: usize, exact: bool) -> Vec<u8> {
    let mut found = Vec::with_capacity(most);
    for byte in text.bytes() {
        let sign = match byte {
            b'0'..=b'9' => b'0',
            b'-' | b'.' => byte,
            b'a'..=b'z' => b'a',
            other if exact => other,
            _ => b'a',
        };
        if found.last() != Some(&sign) {
            if found.len() == most {
                break;
            }
            found.push(sign);
        }
    }
    found
}

/// The most consonants in a row.
fn longest_run(label: &str) -> usize {
    let parts = label.split(|c: char| !c.is_ascii_alphabetic() || "aeiouy".contains(c));
    parts.map(str::len).max().unwrap_or_default()
}

/// The letters after the last dot of the last segment, where they can be a file's.
fn file_ending(path: &str) -> &str {
    let file = path.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ending.len() <= 5 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        ending
    } else {
        ""
    }
}

fn distinct(label: &str) -> usize {
    let mut seen = [false; 256];
    for byte in label.bytes() {
        seen[usize::from(byte)] = true;
    }
    seen.iter().filter(|seen| **seen).count()
}

fn low(value: usize) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_ending_is_that_of_the_last_segment() {
        for (path, expect) in [
            ("a/b.php?x=1.html", "php"),
            ("v1.2/login", ""),
            ("index.html", "html"),
            ("", ""),
            ("a.toolongtobe", ""),
        ] {
            assert_eq!(file_ending(path), expect, "{path}");
        }
    }

    #[test]
    fn patterns_fold_runs_and_have_a_bound() {
        for (text, exact, expect) in
            [("shop24-be.top", false, "a0-a.a"), ("a/b?x=1", true, "a/a?a=0"), ("", true, "")]
        {
            assert_eq!(pattern(text, 12, exact), expect.as_bytes(), "{text}");
        }
        assert_eq!(pattern(&"a-".repeat(50), 12, false).len(), 12);
    }

    #[test]
    fn consonants_in_a_row_are_counted_within_words() {
        for (label, expect) in [("strengths", 5), ("xkcd-bbb", 4), ("aeiou", 0), ("", 0)] {
            assert_eq!(longest_run(label), expect, "{label}");
        }
    }

    #[test]
    fn distinct_letters_are_counted_once() {
        assert_eq!((distinct("aabbc"), distinct("")), (3, 0));
    }
}
