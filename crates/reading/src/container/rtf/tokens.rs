//! The tokens of RTF: groups, control words and symbols, text.

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    /// `\word123`, with the number where it has one.
    Word(&'a [u8], Option<i32>),
    /// `\x` for a character that is no letter.
    Symbol(u8),
    /// `\'e9`.
    Hex(u8),
    /// A run of text.
    Text(&'a [u8]),
}

/// Octets of the longest control word.
const WORD_BYTES_MAX: usize = 32;

/// Takes tokens off a document.
pub(super) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Skips bytes that are no RTF: `\binN` announces them.
    pub(super) fn pass(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes.min(self.rest.len())..];
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let first = *self.rest.first()?;
        if !first.is_ascii_alphabetic() {
            self.pass(1);
            if first != b'\'' {
                return Some(Token::Symbol(first));
            }
            let digits = self.rest.get(..2).and_then(|two| std::str::from_utf8(two).ok());
            let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
            self.pass(if byte.is_some() { 2 } else { 0 });
            return Some(byte.map_or(Token::Symbol(b'\''), Token::Hex));
        }
        let letters = |b: &&u8| b.is_ascii_alphabetic();
        let length = self.rest.iter().take(WORD_BYTES_MAX).take_while(letters).count();
        let (word, rest) = self.rest.split_at(length);
        let minus = usize::from(rest.first() == Some(&b'-'));
        let digits = rest[minus..].iter().take(10).take_while(|b| b.is_ascii_digit()).count();
        let number = std::str::from_utf8(&rest[..minus + digits]).ok();
        let number = number.filter(|_| digits > 0).and_then(|number| number.parse().ok());
        let rest = if digits > 0 { &rest[minus + digits..] } else { rest };
        // One space after a control word belongs to it.
        self.rest = rest.strip_prefix(b" ").unwrap_or(rest);
        Some(Token::Word(word, number))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let first = *self.rest.first()?;
            match first {
                b'{' | b'}' => {
                    self.pass(1);
                    return Some(if first == b'{' { Token::Open } else { Token::Close });
                }
                b'\\' => {
                    self.pass(1);
                    return self.control();
                }
                // Line ends in the source mean nothing.
                b'\r' | b'\n' => self.pass(1),
                _ => {
                    let special = |b: &u8| matches!(b, b'{' | b'}' | b'\\' | b'\r' | b'\n');
                    let end = self.rest.iter().position(special).unwrap_or(self.rest.len());
                    let (text, rest) = self.rest.split_at(end);
                    self.rest = rest;
                    return Some(Token::Text(text));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Token::{Close, Hex, Open, Symbol, Text, Word};
    use super::Tokens;

    #[test]
    fn words_symbols_and_text() {
        let got: Vec<_> = Tokens::new(b"{\\rtf1\\b0 a\r\nb\\'e9\\'zz\\*\\u-10?\\}}\\").collect();
        let expect = [
            Open,
            Word(b"rtf", Some(1)),
            Word(b"b", Some(0)),
            Text(b"a"),
            Text(b"b"),
            Hex(0xe9),
            Symbol(b'\''),
            Text(b"zz"),
            Symbol(b'*'),
            Word(b"u", Some(-10)),
            Text(b"?"),
            Symbol(b'}'),
            Close,
        ];
        assert_eq!(got, expect);
    }
}
