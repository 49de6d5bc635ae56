//! The content of a mail out of the bytes after DATA: where it ends, and what it
//! was before the client doubled its leading dots.
//!
//! Only CRLF, dot, CRLF ends it. smtp-proto's own receiver is not used: it
//! takes CRLF, dot, CR, CR, LF for an end and misses the end of an empty mail.
//!
//! Other line breaks (bare LF, bare CR) are content and are kept byte for byte,
//! for real mail has them. Where a dot stands alone between any two breaks, a
//! server before or behind us could see an end there (CVE-2023-51764 and its
//! kin): such a mail is refused whole.

/// Reads the content of one mail.
#[derive(Debug)]
pub(crate) struct ContentReader {
    place: Place,
    /// Set by a byte that completes a dot alone, told once.
    smuggled: bool,
}

/// What [`ContentReader::take`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// The end of the input.
    All,
    /// A dot alone between line breaks that are not CRLF; there may be more input.
    Smuggled,
    /// The end of the content; what is left of the input is not content.
    Ended,
}

/// Where the next byte stands. A dot held back is one not yet given to the sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// After CRLF, or at the very start.
    LineStart,
    /// Inside a line.
    Text,
    /// After a CR.
    Cr,
    /// After a bare LF.
    BareLf,
    /// After CRLF and a dot, held back.
    Dot,
    /// After CRLF, a dot, held back, and a CR.
    DotCr,
    /// After a bare LF and a dot, held back.
    BareLfDot,
    /// After a bare CR and a dot, given already.
    BareCrDot,
}

impl ContentReader {
    pub(crate) fn new() -> Self {
        Self { place: Place::LineStart, smuggled: false }
    }

    /// Takes bytes off `input` and gives the content to `sink`.
    pub(crate) fn take(&mut self, input: &mut &[u8], sink: &mut dyn FnMut(&[u8])) -> Taken {
        while !input.is_empty() {
            if self.place == Place::Text {
                let run = input.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
                let (text, rest) = input.split_at(run.unwrap_or(input.len()));
                *input = rest;
                sink(text);
            }
            let Some((&byte, rest)) = input.split_first() else { break };
            *input = rest;
            if self.place == Place::DotCr && byte == b'\n' {
                return Taken::Ended;
            }
            self.place = self.next(byte, sink);
            if std::mem::take(&mut self.smuggled) {
                return Taken::Smuggled;
            }
        }
        Taken::All
    }

    /// One byte that is not in the middle of a line.
    fn next(&mut self, byte: u8, sink: &mut dyn FnMut(&[u8])) -> Place {
        let is_break = matches!(byte, b'\r' | b'\n');
        match (self.place, byte) {
            (Place::LineStart, b'.') => Place::Dot,
            (Place::Cr, b'\n') => {
                sink(b"\n");
                Place::LineStart
            }
            (Place::Cr, b'.') => {
                sink(b".");
                Place::BareCrDot
            }
            (Place::BareLf, b'.') => Place::BareLfDot,
            (Place::Dot, b'\r') => Place::DotCr,
            (Place::DotCr, _) => {
                self.smuggled = true;
                sink(b"\r");
                plain(byte, sink)
            }
            (Place::BareLfDot, b'.') => {
                // A client for which a bare LF begins a line (Python's smtplib) doubled it.
                sink(b".");
                Place::Text
            }
            (Place::BareLfDot, _) => {
                self.smuggled |= is_break;
                sink(b".");
                plain(byte, sink)
            }
            (Place::Dot | Place::BareCrDot, _) => {
                self.smuggled |= is_break;
                plain(byte, sink)
            }
            (Place::LineStart | Place::Text | Place::Cr | Place::BareLf, _) => plain(byte, sink),
        }
    }
}

/// A byte that is content whatever stood before it.
fn plain(byte: u8, sink: &mut dyn FnMut(&[u8])) -> Place {
    sink(&[byte]);
    match byte {
        b'\r' => Place::Cr,
        b'\n' => Place::BareLf,
        _ => Place::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content, whether it was smuggled, and what was left over.
    fn read(input: &[u8]) -> Option<(Vec<u8>, bool, Vec<u8>)> {
        let mut reader = ContentReader::new();
        let mut content = Vec::new();
        let mut rest = input;
        let mut smuggled = false;
        loop {
            match reader.take(&mut rest, &mut |bytes| content.extend_from_slice(bytes)) {
                Taken::All => return None,
                Taken::Smuggled => smuggled = true,
                Taken::Ended => return Some((content, smuggled, rest.to_vec())),
            }
        }
    }

    fn check(input: &str, content: &str) {
        let expected = (content.as_bytes().to_vec(), false, Vec::new());
        assert_eq!(read(input.as_bytes()), Some(expected), "{input:?}");
    }

    #[test]
    fn content_is_kept_and_dots_are_undone() {
        check(".\r\n", "");
        check("\r\n.\r\n", "\r\n");
        check("hi\r\n.\r\n", "hi\r\n");
        check("..\r\n.\r\n", ".\r\n");
        check("hi\r\n..\r\n...a\r\n.b\r\n.\r\n", "hi\r\n.\r\n..a\r\nb\r\n");
        check("a.b\r\nc.\r\n.\r\n", "a.b\r\nc.\r\n");
    }

    #[test]
    fn other_line_breaks_are_content() {
        check("a\nb\rc\n\r\n.\r\n", "a\nb\rc\n\r\n");
        check("a\n..\n..b\n.c\r\n.\r\n", "a\n.\n.b\n.c\r\n");
        check("a\r.b\r..\r\n.\r\n", "a\r.b\r..\r\n");
    }

    #[test]
    fn no_other_sequence_ends_it_and_each_is_told() {
        for sequence in [
            "\n.\n",
            "\n.\r\n",
            "\n.\r",
            "\r.\r",
            "\r.\r\n",
            "\r.\n",
            "\r\n.\n",
            "\r\n.\rx",
            "\r\n.\r\r\n",
        ] {
            let input = format!("a{sequence}MAIL FROM:<b@example.com>\r\n.\r\n");
            let (_, smuggled, rest) = read(input.as_bytes()).expect("it ends at CRLF.CRLF");
            assert!(smuggled, "{sequence:?}");
            assert!(rest.is_empty(), "{sequence:?} ended the content");
        }
    }

    #[test]
    fn a_nul_hides_nothing() {
        let input = b"a\r\n\0.\r\nb\r\n.\0\r\nc\r\n.\r\n";
        let content = b"a\r\n\0.\r\nb\r\n\0\r\nc\r\n".to_vec();
        assert_eq!(read(input), Some((content, false, Vec::new())));
    }

    #[test]
    fn what_comes_behind_the_end_is_left() {
        let (content, _, rest) = read(b"a\r\n.\r\nQUIT\r\n").unwrap();
        assert_eq!((&content[..], &rest[..]), (&b"a\r\n"[..], &b"QUIT\r\n"[..]));
    }
}
