//! A text as lines, each with its depth of `>` quoting. It copies nothing; the
//! number of lines is bounded.

use crate::text::is_invisible;

/// Lines looked at; what follows belongs to the last body.
const LINES_MAX: usize = 100_000;
/// Depth of quoting told apart.
const DEPTH_MAX: usize = 16;

/// One line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    /// Octets of the text before it.
    pub(super) start: usize,
    /// Marks of quotation before it.
    pub(super) depth: usize,
    /// What stands after them, trimmed of space and of what has no width.
    pub(super) text: &'t str,
    /// All of it, with the marks.
    raw: &'t str,
}

impl<'t> Line<'t> {
    /// The line without `depth` marks of quotation.
    pub(super) fn unquoted(&self, depth: usize) -> &'t str {
        let mut rest = self.raw;
        for _ in 0..depth {
            rest = unquote(rest).unwrap_or(rest);
        }
        if depth == 0 { rest } else { rest.strip_prefix(' ').unwrap_or(rest) }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }
}

/// Splits a text.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let whole = text.split_inclusive('\n').take(LINES_MAX);
    whole
        .map(|raw| {
            let line = line(start, raw.trim_end_matches(['\r', '\n']));
            start += raw.len();
            line
        })
        .collect()
}

fn line(start: usize, raw: &str) -> Line<'_> {
    let (mut depth, mut rest) = (0, raw);
    while depth < DEPTH_MAX
        && let Some(inner) = unquote(rest)
    {
        (depth, rest) = (depth + 1, inner);
    }
    Line { start, depth, text: trim(rest), raw }
}

/// What follows one mark of quotation.
fn unquote(line: &str) -> Option<&str> {
    line.trim_start_matches(is_gap).strip_prefix('>')
}

/// Without space and invisible characters around.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(is_gap)
}

fn is_gap(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn quoting_is_counted_and_taken_off() {
        let text = "a\r\n> > b \n\u{feff}>c\n   d\n>\n";
        let lines = lines(text);
        let got: Vec<_> = lines.iter().map(|l| (l.start, l.depth, l.text)).collect();
        assert_eq!(got, [(0, 0, "a"), (3, 2, "b"), (10, 1, "c"), (16, 0, "d"), (21, 1, "")]);
        assert_eq!(lines[1].unquoted(1), "> b ");
        assert_eq!(lines[1].unquoted(3), "b ");
        assert_eq!(lines[3].unquoted(0), "   d");
        assert!(lines[4].is_blank());
    }
}
