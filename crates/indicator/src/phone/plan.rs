//! Numbering plans: which country codes there are, how long their numbers, and the
//! national forms of the countries around us.

/// Country codes with the fewest and most digits of a national number.
const PLANS: [(&str, usize, usize); 58] = [
    ("1", 10, 10),
    ("7", 10, 10),
    ("20", 8, 10),
    ("27", 9, 9),
    ("30", 10, 10),
    ("31", 9, 11),
    ("32", 8, 9),
    ("33", 9, 9),
    ("34", 9, 9),
    ("36", 8, 9),
    ("39", 6, 11),
    ("40", 9, 9),
    ("41", 9, 9),
    ("43", 4, 13),
    ("44", 9, 10),
    ("45", 8, 8),
    ("46", 7, 9),
    ("47", 8, 8),
    ("48", 9, 9),
    ("49", 6, 12),
    ("51", 8, 9),
    ("52", 10, 10),
    ("54", 10, 11),
    ("55", 10, 11),
    ("56", 9, 9),
    ("57", 8, 10),
    ("60", 8, 10),
    ("61", 9, 9),
    ("62", 8, 12),
    ("63", 8, 10),
    ("64", 8, 10),
    ("65", 8, 8),
    ("66", 8, 9),
    ("81", 9, 10),
    ("82", 8, 10),
    ("84", 9, 10),
    ("86", 9, 11),
    ("90", 10, 10),
    ("91", 10, 10),
    ("92", 9, 10),
    ("212", 9, 9),
    ("213", 8, 9),
    ("216", 8, 8),
    ("221", 9, 9),
    ("225", 10, 10),
    ("229", 8, 10),
    ("233", 9, 9),
    ("234", 8, 10),
    ("237", 9, 9),
    ("243", 9, 9),
    ("351", 9, 9),
    ("352", 4, 11),
    ("353", 7, 9),
    ("358", 5, 12),
    ("359", 7, 9),
    ("380", 9, 9),
    ("420", 9, 9),
    ("971", 8, 9),
];
/// How further country codes begin; their numbers have any length.
const OTHERS: [&str; 29] = [
    "21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50", "53", "58", "59", "67",
    "68", "69", "85", "88", "94", "95", "96", "992", "993", "994", "995", "996", "998",
];
const MORE: [&str; 3] = ["93", "97", "98"];

/// Whether `digits`, with their country code, are a number that exists.
pub(super) fn is_lawful(digits: &str) -> bool {
    let plan = PLANS
        .iter()
        .filter(|(code, ..)| digits.starts_with(code))
        .max_by_key(|(code, ..)| code.len());
    let Some((code, least, most)) = plan else {
        return OTHERS.iter().chain(&MORE).any(|code| digits.starts_with(code));
    };
    let national = &digits[code.len()..];
    (*least..=*most).contains(&national.len())
        && match *code {
            // Mobile numbers have nine digits, all others eight.
            "32" if national.len() == 8 => is_belgian_line(national),
            "32" => is_belgian_mobile(national),
            "1" => !national.starts_with(['0', '1']) && !national[3..].starts_with(['0', '1']),
            "39" => true,
            _ => !national.starts_with('0'),
        }
}

/// A line in a building: in the zone 04 of Liège they go on with 2 or 3.
fn is_belgian_line(national: &str) -> bool {
    !national.starts_with('0')
        && (!national.starts_with('4') || national[1..].starts_with(['2', '3']))
}

fn is_belgian_mobile(national: &str) -> bool {
    national.starts_with('4') && national.len() == 9 && !national.starts_with("40")
}

/// The country of a number without its trunk `0`, as `written` shows it, and the number.
pub(super) fn national<'d>(rest: &'d str, written: &str) -> Option<(&'static str, &'d str)> {
    let first = rest.bytes().next().filter(|b| *b != b'0')?;
    let second = rest.as_bytes().get(1).copied().unwrap_or_default();
    let country = match (rest.len(), first) {
        (9, b'4') if (b'5'..=b'9').contains(&second) => "32",
        (8, _) if is_belgian_line(rest) => "32",
        (9, b'1'..=b'7' | b'9') if in_pairs(written) => "33",
        (9, b'1'..=b'8') => "31",
        (10 | 11, b'1') if matches!(second, b'5'..=b'7') => "49",
        (10, b'1' | b'2' | b'7') => "44",
        _ => return None,
    };
    Some((country, rest))
}

/// `06 12 34 56 78`, as the French write a number.
fn in_pairs(written: &str) -> bool {
    let mut groups = written.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty());
    groups.all(|group| group.len() == 2)
}
