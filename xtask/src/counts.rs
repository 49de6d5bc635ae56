//! How many tests passed, failed and were skipped, from what the runners print.

use std::fmt;

/// Sums over all runners of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Counts {
    /// Adds nextest's `Summary [ 0.7s] 20 tests run: 19 passed (1 slow), 1 failed, 0 skipped`.
    /// Another line adds nothing.
    pub(crate) fn add_nextest(&mut self, line: &str) {
        let line = plain(line);
        let Some((_, rest)) =
            line.trim_start().strip_prefix("Summary").and_then(|rest| rest.split_once(':'))
        else {
            return;
        };
        self.add(rest.split(','));
    }

    /// Adds libtest's `test result: ok. 3 passed; 0 failed; 0 ignored; …`.
    /// Another line adds nothing.
    pub(crate) fn add_libtest(&mut self, line: &str) {
        let line = plain(line);
        if let Some((_, rest)) =
            line.strip_prefix("test result:").and_then(|rest| rest.split_once('.'))
        {
            self.add(rest.split(';'));
        }
    }

    fn add<'a>(&mut self, parts: impl Iterator<Item = &'a str>) {
        for part in parts {
            let mut words = part.split_whitespace();
            let Some(Ok(number)) = words.next().map(str::parse::<u64>) else { continue };
            match words.next() {
                Some("passed") => self.passed += number,
                Some("failed" | "timed" | "exec") => self.failed += number,
                Some("skipped" | "ignored") => self.skipped += number,
                _ => {}
            }
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// The line without a terminal's colours.
fn plain(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, colour)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = colour.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nextest(line: &str) -> String {
        let mut counts = Counts::default();
        counts.add_nextest(line);
        counts.to_string()
    }

    #[test]
    fn nextest_summaries_are_read() {
        let line = "     Summary [   0.719s] 20 tests run: 20 passed, 0 skipped";
        assert_eq!(nextest(line), "20 passed, 0 failed, 0 skipped");
        let line = "     Summary [   9.719s] 5/20 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 2 skipped";
        assert_eq!(nextest(line), "3 passed, 2 failed, 2 skipped");
        assert_eq!(nextest("        PASS [   0.1s] a: 3 passed"), "0 passed, 0 failed, 0 skipped");
    }

    #[test]
    fn colours_do_not_hide_numbers() {
        let line = "\u{1b}[32;1m     Summary\u{1b}[0m [ 0.1s] \u{1b}[1m2\u{1b}[0m tests run: \u{1b}[1m2\u{1b}[0m passed, 0 skipped";
        assert_eq!(nextest(line), "2 passed, 0 failed, 0 skipped");
    }

    #[test]
    fn runners_add_up() {
        let mut counts = Counts::default();
        counts.add_libtest(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 9 filtered out",
        );
        counts.add_libtest("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured");
        counts.add_libtest("running 3 tests");
        assert_eq!(counts.to_string(), "4 passed, 2 failed, 1 skipped");
    }
}
