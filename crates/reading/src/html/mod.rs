//! HTML as a mail program shows it: links with the text that a reader sees for
//! them, and the visible text. It runs no script and loads nothing.

mod attributes;
mod cells;
mod embedded;
pub(crate) mod entities;
mod scanner;
mod script;
mod tokenizer;
mod within;

use self::scanner::Scanner;
use crate::findings::Findings;

/// Reads a document of message number `message`; links and defects go to
/// `findings`, the visible text is returned.
pub(crate) fn read_html(
    findings: &mut Findings<'_>,
    html: &str,
    part: &str,
    message: usize,
) -> String {
    let mut scanner = Scanner::new(findings, part, message);
    scanner.scan(html);
    scanner.finish()
}

/// Whether text is a document in HTML, whatever its label says.
pub(crate) fn looks_like_html(text: &str) -> bool {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let head = crate::limits::cut(start, 15).to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body"].iter().any(|tag| head.starts_with(tag))
}

#[cfg(test)]
mod tests;
