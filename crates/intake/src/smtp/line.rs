//! Command lines out of bytes. A line ends with CRLF and nothing else; a bare CR
//! or LF is never read around, since another server may read it otherwise.

/// The longest command line with its CRLF (RFC 5321 asks for 512, extensions for more).
const LINE_BYTES_MAX: usize = 2_048;
/// A line longer than this is no mail client's: the connection ends.
const LINE_BYTES_HOPELESS: usize = 65_536;

/// What came of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line, with its CRLF.
    Complete(Vec<u8>),
    /// A line that ended but is malformed: why.
    Malformed(&'static str),
    /// A line so long that reading on makes no sense.
    Hopeless,
}

/// Collects one line at a time.
#[derive(Debug, Default)]
pub(crate) struct LineReader {
    line: Vec<u8>,
    /// Octets of this line, kept or not.
    seen: usize,
}

impl LineReader {
    /// Takes bytes off `input` up to the end of a line; `None` asks for more.
    pub(crate) fn take(&mut self, input: &mut &[u8]) -> Option<Line> {
        let end = input.iter().position(|&byte| byte == b'\n');
        let (head, rest) = input.split_at(end.map_or(input.len(), |at| at + 1));
        *input = rest;
        self.seen = self.seen.saturating_add(head.len());
        let room = LINE_BYTES_MAX.saturating_sub(self.line.len());
        self.line.extend_from_slice(&head[..head.len().min(room)]);
        if self.seen > LINE_BYTES_HOPELESS {
            return Some(Line::Hopeless);
        }
        end?;
        let seen = std::mem::take(&mut self.seen);
        Some(judge(std::mem::take(&mut self.line), seen))
    }

    /// Whether nothing of a line has come yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.seen == 0
    }
}

fn judge(line: Vec<u8>, seen: usize) -> Line {
    if seen > line.len() {
        return Line::Malformed("line too long, at most 2048 octets");
    }
    match line.strip_suffix(b"\r\n") {
        None => Line::Malformed("bare LF, end lines with CRLF"),
        Some(text) if text.contains(&b'\r') => Line::Malformed("bare CR in a command"),
        Some(text) if text.contains(&0) => Line::Malformed("NUL in a command"),
        Some(_) => Line::Complete(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(mut input: &[u8]) -> Vec<Line> {
        let mut reader = LineReader::default();
        std::iter::from_fn(|| reader.take(&mut input)).collect()
    }

    #[test]
    fn only_crlf_ends_a_line() {
        assert_eq!(
            lines(b"NOOP\r\nQUIT\r\nRS"),
            [Line::Complete(b"NOOP\r\n".to_vec()), Line::Complete(b"QUIT\r\n".to_vec())]
        );
        assert!(matches!(lines(b"NOOP\n")[..], [Line::Malformed(_)]));
        assert!(matches!(lines(b"NO\rOP\r\n")[..], [Line::Malformed(_)]));
        assert!(matches!(lines(b"NOOP\r\r\n")[..], [Line::Malformed(_)]));
        assert!(matches!(lines(b"NO\0OP\r\n")[..], [Line::Malformed(_)]));
    }

    #[test]
    fn a_long_line_is_skipped_and_the_next_one_read() {
        let mut input = vec![b'x'; 5_000];
        input.extend_from_slice(b"\r\nNOOP\r\n");
        let lines = lines(&input);
        assert!(matches!(lines[..], [Line::Malformed(_), Line::Complete(_)]));
    }

    #[test]
    fn the_longest_line_passes_and_one_octet_more_does_not() {
        for (length, good) in [(LINE_BYTES_MAX, true), (LINE_BYTES_MAX + 1, false)] {
            let mut input = vec![b'x'; length - 2];
            input.extend_from_slice(b"\r\n");
            assert_eq!(matches!(lines(&input)[..], [Line::Complete(_)]), good, "{length}");
        }
    }

    #[test]
    fn a_hopeless_line_keeps_little() {
        let mut reader = LineReader::default();
        let input = vec![b'x'; LINE_BYTES_HOPELESS + 1];
        assert_eq!(reader.take(&mut &input[..]), Some(Line::Hopeless));
        assert!(reader.line.len() <= LINE_BYTES_MAX);
    }
}
