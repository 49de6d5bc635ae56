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
    fn distinct_letters_are_counted_once() {
        assert_eq!((distinct("aabbc"), distinct("")), (3, 0));
    }
}
