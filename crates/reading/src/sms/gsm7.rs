//! The default alphabet of GSM and its extension table (3GPP TS 23.038 section 6.2.1).

const ALPHABET: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', 'Δ', '_',
    'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1b}', 'Æ', 'æ', 'ß', 'É', ' ', '!', '"', '#',
    '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', '0', '1', '2', '3', '4', '5', '6',
    '7', '8', '9', ':', ';', '<', '=', '>', '?', '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I',
    'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö',
    'Ñ', 'Ü', '§', '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];
const ESCAPE: u8 = 0x1b;
/// What pads the last octet of a packed text of 8n - 1 characters.
const PADDING: u8 = 0x0d;

/// The text of septets, one in each octet.
pub(super) fn decode(septets: impl Iterator<Item = u8>) -> (String, bool) {
    let mut text = String::new();
    let mut sound = true;
    let mut escaped = false;
    for septet in septets {
        if std::mem::take(&mut escaped) {
            // A phone shows the plain character where the table has none.
            text.push(extension(septet).unwrap_or_else(|| plain(septet, &mut sound)));
        } else if septet == ESCAPE {
            escaped = true;
        } else {
            text.push(plain(septet, &mut sound));
        }
    }
    (text, sound && !escaped)
}

fn plain(septet: u8, sound: &mut bool) -> char {
    ALPHABET.get(usize::from(septet)).copied().unwrap_or_else(|| {
        *sound = false;
        '\u{fffd}'
    })
}

fn extension(septet: u8) -> Option<char> {
    Some(match septet {
        0x0a => '\u{c}',
        0x14 => '^',
        0x28 => '{',
        0x29 => '}',
        0x2f => '\\',
        0x3c => '[',
        0x3d => '~',
        0x3e => ']',
        0x40 => '|',
        0x65 => '€',
        _ => return None,
    })
}

/// The septets that are packed in `octets`.
pub(super) fn unpack(octets: &[u8]) -> impl Iterator<Item = u8> {
    let count = octets.len() * 8 / 7;
    let septet = |number: usize| {
        let (at, shift) = (number * 7 / 8, number * 7 % 8);
        let low =
            u16::from(octets[at]) | u16::from(octets.get(at + 1).copied().unwrap_or_default()) << 8;
        u8::try_from(low >> shift & 0x7f).expect("masked to seven bits")
    };
    // Seven spare bits hold zero, which is no `@`, or the padding.
    let spare = count > 0 && count.is_multiple_of(8) && matches!(septet(count - 1), 0 | PADDING);
    (0..count - usize::from(spare)).map(septet)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ALPHABET, decode, unpack};

    fn pack(septets: &[u8]) -> Vec<u8> {
        let mut octets = vec![0u8; (septets.len() * 7).div_ceil(8)];
        for (number, septet) in septets.iter().enumerate() {
            for bit in (0..7).filter(|bit| septet >> bit & 1 == 1) {
                octets[(number * 7 + bit) / 8] |= 1 << ((number * 7 + bit) % 8);
            }
        }
        octets
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(septets in prop::collection::vec(1u8..128, 0..80)) {
            // The padding of a last octet can't be told from a text that ends with it.
            prop_assume!(septets.len() % 8 != 0 || septets.last() != Some(&13));
            prop_assert_eq!(unpack(&pack(&septets)).collect::<Vec<_>>(), septets);
        }

        #[test]
        fn any_octets_are_some_text(octets in prop::collection::vec(any::<u8>(), 0..80)) {
            let (text, _) = decode(octets.iter().copied());
            prop_assert!(text.chars().count() <= octets.len());
        }
    }

    #[test]
    fn the_alphabet_has_each_character_once() {
        let mut sorted = ALPHABET.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 128);
    }

    #[test]
    fn an_escape_that_stands_alone_is_told() {
        assert_eq!(decode([0x41, 0x1b].into_iter()), ("A".to_owned(), false));
        assert_eq!(decode([0x1b, 0x41].into_iter()), ("A".to_owned(), true));
    }
}
