//! Names in three quarters of their octets. The characters of host names fit in
//! six bits; a name with any other octet is kept as it is. Comparing needs no
//! unpacked copy.

use crate::name::NAME_OCTETS_MAX;

/// Stands where the number of characters would: the name follows as it is.
const AS_IT_IS: u8 = 255;
/// No symbol.
const NONE: u8 = 255;
/// Between two labels.
const DOT: u8 = 38;
const CHARACTERS: &[u8; 39] = b"abcdefghijklmnopqrstuvwxyz0123456789-_.";
const SYMBOLS: [u8; 256] = symbols();
/// A boundary in what names are compared as: no octet of a name in lower case.
const BOUNDARY: u8 = b'A';
/// By symbol, what names are compared as.
const LETTERS: [u8; 64] = letters();

const fn symbols() -> [u8; 256] {
    let mut symbols = [NONE; 256];
    let mut symbol = 0;
    while symbol < DOT {
        symbols[CHARACTERS[symbol as usize] as usize] = symbol;
        symbol += 1;
    }
    symbols
}

const fn letters() -> [u8; 64] {
    // Where there is no symbol stands another octet that no name has.
    let mut letters = [b'B'; 64];
    let mut symbol = 0;
    while symbol < DOT as usize {
        letters[symbol] = CHARACTERS[symbol];
        symbol += 1;
    }
    letters[DOT as usize] = BOUNDARY;
    letters
}

/// Appends the packed form of a name in wire form and lower case.
pub(super) fn push(into: &mut Vec<u8>, wire: &[u8]) {
    let start = into.len();
    // All of a name but its first length and its root label are characters and dots.
    let characters = wire.get(1..wire.len().saturating_sub(1)).unwrap_or_default();
    into.push(u8::try_from(characters.len()).unwrap_or(AS_IT_IS));
    let mut boundary = wire.first().map_or(0, |length| usize::from(*length));
    let (mut bits, mut filled) = (0_u32, 0);
    for (at, octet) in characters.iter().enumerate() {
        let symbol = if at == boundary {
            boundary += 1 + usize::from(*octet);
            DOT
        } else {
            SYMBOLS[usize::from(*octet)]
        };
        if symbol == NONE {
            return push_as_it_is(into, start, wire);
        }
        bits |= u32::from(symbol) << filled;
        filled += 6;
        if filled >= 24 {
            into.extend_from_slice(&bits.to_le_bytes()[..3]);
            (bits, filled) = (0, 0);
        }
    }
    let octets = bits.to_le_bytes();
    into.extend_from_slice(match filled {
        0 => &[],
        1..=8 => &octets[..1],
        9..=16 => &octets[..2],
        _ => &octets[..3],
    });
}

fn push_as_it_is(into: &mut Vec<u8>, start: usize, wire: &[u8]) {
    into.truncate(start);
    into.push(AS_IT_IS);
    into.push(u8::try_from(wire.len()).unwrap_or(AS_IT_IS));
    into.extend_from_slice(wire);
}

/// How many octets the packed name at the start of `packed` has.
pub(super) fn octets(packed: &[u8]) -> usize {
    match packed {
        [AS_IT_IS, length, ..] => 2 + usize::from(*length),
        [characters, ..] => 1 + (usize::from(*characters) * 6).div_ceil(8),
        [] => 0,
    }
}

/// Whether the packed name at the start of `packed` is `wire`.
#[inline]
pub(super) fn is(packed: &[u8], wire: &[u8]) -> bool {
    let Some((count, symbols)) = packed.split_first() else { return false };
    if *count == AS_IT_IS {
        return symbols.get(1..octets(packed) - 1) == Some(wire);
    }
    let count = usize::from(*count);
    let symbols = symbols.get(..(count * 6).div_ceil(8)).unwrap_or_default();
    if wire.len() != count + 2 || symbols.is_empty() {
        return false;
    }
    let mut text = [0; NAME_OCTETS_MAX];
    let Some(text) = text.get_mut(..count) else { return false };
    text.copy_from_slice(&wire[1..=count]);
    let mut boundary = usize::from(wire[0]);
    while let Some(octet) = text.get_mut(boundary) {
        boundary += 1 + usize::from(std::mem::replace(octet, BOUNDARY));
    }
    let whole = text.chunks_exact(4).zip(symbols.chunks_exact(3)).all(|(four, three)| {
        let bits = u32::from_le_bytes([three[0], three[1], three[2], 0]);
        [0, 6, 12, 18].map(|shift| LETTERS[(bits >> shift & 63) as usize]) == *four
    });
    let rest = count / 4 * 4..count;
    whole && rest.into_iter().all(|at| LETTERS[usize::from(symbol(symbols, at))] == text[at])
}

/// The symbol number `at`.
#[inline]
fn symbol(symbols: &[u8], at: usize) -> u8 {
    let (first, shift) = (at * 6 / 8, at * 6 % 8);
    let low = symbols.get(first).copied().unwrap_or_default();
    let high = symbols.get(first + 1).copied().unwrap_or_default();
    (u16::from_le_bytes([low, high]) >> shift).to_le_bytes()[0] & 63
}

/// Unpacks the name at the start of `packed`.
pub(super) fn unpack(packed: &[u8]) -> Vec<u8> {
    let Some((count, symbols)) = packed.split_first() else { return Vec::new() };
    if *count == AS_IT_IS {
        return symbols.get(1..octets(packed) - 1).unwrap_or_default().to_vec();
    }
    let mut wire = Vec::with_capacity(NAME_OCTETS_MAX);
    let (mut boundary, mut length) = (0, 0);
    wire.push(0);
    for at in 0..usize::from(*count) {
        let symbol = symbol(symbols, at);
        if symbol == DOT {
            wire[boundary] = length;
            (boundary, length) = (wire.len(), 0);
            wire.push(0);
        } else {
            wire.push(CHARACTERS.get(usize::from(symbol)).copied().unwrap_or_default());
            length += 1;
        }
    }
    wire[boundary] = length;
    wire.push(0);
    wire
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(wire: &[u8], packed_octets: usize) {
        let mut packed = Vec::new();
        push(&mut packed, wire);
        assert_eq!(packed.len(), packed_octets, "{wire:?}");
        packed.extend(b"what follows");
        assert_eq!(octets(&packed), packed_octets);
        assert!(is(&packed, wire));
        assert_eq!(unpack(&packed), wire);
    }

    #[test]
    fn host_names_take_three_quarters() {
        check(b"\x01a\0", 2);
        check(b"\x04evil\x07example\0", 10);
        check(b"\x08_dmarc-9\x03a-b\x02cd\0", 13);
    }

    #[test]
    fn other_names_stay_as_they_are() {
        check(b"\x03a.b\0", 7);
        check(b"\x02\xff\x00\x03com\0", 10);
        check(b"\x01*\x03com\0", 9);
        check(b"\x01A\0", 5);
    }

    #[test]
    fn a_dot_in_a_label_is_no_boundary() {
        let mut packed = Vec::new();
        push(&mut packed, b"\x01a\x01b\0");
        assert!(!is(&packed, b"\x03a.b\0"));
        assert!(!is(&packed, b"\x01a\x01c\0") && !is(&packed, b"\x01a\0") && !is(&packed, b"\0"));
        let mut packed = Vec::new();
        push(&mut packed, b"\x03a.b\0");
        assert!(!is(&packed, b"\x01a\x01b\0"));
    }

    #[test]
    fn nothing_is_no_name() {
        assert!(!is(b"", b"\0"));
        assert_eq!((octets(b""), unpack(b"")), (0, Vec::new()));
    }

    fn label() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            9 => "[a-z0-9_-]{1,20}".prop_map(String::into_bytes),
            1 => prop::collection::vec(any::<u8>(), 1..10),
        ]
    }

    fn name() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(label(), 1..6).prop_map(|labels| {
            let mut wire = Vec::new();
            for label in labels {
                wire.push(u8::try_from(label.len()).unwrap());
                wire.extend(label);
            }
            wire.push(0);
            wire
        })
    }

    proptest! {
        #[test]
        fn every_name_comes_back_and_equals_only_itself(one in name(), other in name()) {
            let mut packed = Vec::new();
            push(&mut packed, &one);
            prop_assert_eq!(octets(&packed), packed.len());
            prop_assert_eq!(&unpack(&packed), &one);
            prop_assert!(is(&packed, &one));
            prop_assert_eq!(is(&packed, &other), one == other);
        }

        #[test]
        fn no_octets_panic(packed in prop::collection::vec(any::<u8>(), 0..40), wire in name()) {
            let _ = (octets(&packed), is(&packed, &wire), unpack(&packed));
        }
    }
}
