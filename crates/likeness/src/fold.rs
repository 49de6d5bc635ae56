//! One character as a reader sees it: without case, accents, styles and look-alikes.
//!
//! Folding is for comparing only; it is never shown and never tells what was meant.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Hands the plain lower-case characters that `c` stands for to `sink`: none for what
/// nobody sees, several for a ligature.
pub(crate) fn fold(c: char, mut sink: impl FnMut(char)) {
    if c.is_ascii() {
        return sink(c.to_ascii_lowercase());
    }
    if is_unseen(c) {
        return;
    }
    if let Some(letter) = boxed(c) {
        return sink(letter);
    }
    decompose_compatible(c, |part| {
        if is_combining_mark(part) {
            return;
        }
        if let Some(plain) = look_alike(part) {
            return plain.chars().for_each(&mut sink);
        }
        for lower in part.to_lowercase().filter(|lower| !is_combining_mark(*lower)) {
            match look_alike(lower) {
                Some(plain) => plain.chars().for_each(&mut sink),
                None => sink(lower),
            }
        }
    });
}

/// Whether a phone shows nothing for `c`: zero-width characters, direction marks,
/// variation selectors, tags.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Letters in filled circles and boxes, and those that flags are made of.
fn boxed(c: char) -> Option<char> {
    let code = u32::from(c);
    let from = [0x1_f150, 0x1_f170, 0x1_f1e6]
        .into_iter()
        .find(|from| (*from..from + 26).contains(&code))?;
    u8::try_from(code - from).ok().map(|nth| char::from(b'a' + nth))
}

/// What a letter of another alphabet is taken for. The Greek capitals are in the GSM
/// alphabet and cost a fraudster nothing.
fn look_alike(c: char) -> Option<&'static str> {
    let plain = match c {
        'а' | 'α' | 'Α' | 'Λ' | 'Δ' | 'ɑ' | 'ᴀ' | 'А' => "a",
        'в' | 'β' | 'Β' | 'ʙ' | 'ь' | 'В' => "b",
        'с' | 'ᴄ' | 'С' | 'ϲ' | 'ⅽ' => "c",
        'ԁ' | 'δ' | 'ᴅ' | 'đ' | 'ð' => "d",
        'е' | 'ε' | 'Ε' | 'Σ' | 'Ξ' | 'ɛ' | 'ᴇ' | 'Е' | 'ə' | 'є' => "e",
        'ғ' | 'ƒ' | 'ꜰ' => "f",
        'ɡ' | 'ɢ' | 'ց' => "g",
        'һ' | 'Η' | 'ʜ' | 'հ' | 'н' | 'Н' | 'ħ' => "h",
        'і' | 'ι' | 'Ι' | 'ɩ' | 'ɪ' | 'ı' | 'І' => "i",
        'ј' | 'ᴊ' | 'ȷ' | 'Ј' => "j",
        'к' | 'κ' | 'Κ' | 'ᴋ' | 'К' => "k",
        'ӏ' | 'ʟ' | 'ł' | 'Ӏ' | 'ǀ' => "l",
        'м' | 'Μ' | 'ᴍ' | 'М' => "m",
        'η' | 'π' | 'Π' | 'Ν' | 'ɴ' | 'ո' | 'п' | 'П' => "n",
        'о' | 'ο' | 'Ο' | 'θ' | 'Θ' | 'Φ' | 'φ' | 'Ω' | 'σ' | 'ᴏ' | 'օ' | 'ø' | 'О' => {
            "o"
        }
        'р' | 'ρ' | 'Ρ' | 'ᴘ' | 'Р' => "p",
        'ԛ' => "q",
        'г' | 'Г' | 'Γ' | 'ʀ' | 'ɾ' => "r",
        'ѕ' | 'ς' | 'ꜱ' | 'Ѕ' | 'ß' => "s",
        'т' | 'τ' | 'Τ' | 'ᴛ' | 'Т' => "t",
        'μ' | 'υ' | 'ᴜ' | 'ս' => "u",
        'ѵ' | 'ν' | 'ᴠ' | 'ʋ' => "v",
        'ԝ' | 'ω' | 'ᴡ' => "w",
        'х' | 'χ' | 'Χ' | 'Х' => "x",
        'у' | 'γ' | 'Υ' | 'Ψ' | 'ψ' | 'ʏ' | 'ү' | 'У' => "y",
        'Ζ' | 'ζ' | 'ᴢ' => "z",
        'æ' => "ae",
        'œ' => "oe",
        _ => return None,
    };
    Some(plain)
}

/// The letter that a digit or mark stands for within a word, and of letters the one
/// that stands for all that look like it: `l`, `1` and `|` are all `i`.
pub(crate) fn letter(c: char) -> char {
    match c {
        '0' => 'o',
        'l' | '1' | '!' | '|' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        '6' | '9' => 'g',
        '2' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let mut folded = String::new();
        text.chars().for_each(|c| fold(c, |plain| folded.push(plain)));
        assert_eq!(folded, expect, "{text:?}");
    }

    #[test]
    fn case_accents_and_styles_are_one() {
        check("Pakket", "pakket");
        check("réglé où ça Straße", "regle ou ca strase");
        check("ｆｕｌｌ 𝐛𝐨𝐥𝐝 𝓼𝓬𝓻 ⓐⓑ 🅰🅱 🇨", "full bold scr ab ab c");
        check("ﬁn œuf æon İ", "fin oeuf aeon i");
    }

    #[test]
    fn look_alikes_read_as_latin() {
        check("раkkеt", "pakket");
        check("PΛKKΞT", "pakket");
        check("вɑᴅ ꜱмѕ", "bad sms");
        check("bеtааl", "betaal");
    }

    #[test]
    fn what_nobody_sees_is_gone() {
        check("p\u{200b}a\u{ad}k\u{2060}k\u{feff}e\u{fe0f}t\u{e0041}", "pakket");
    }
}
