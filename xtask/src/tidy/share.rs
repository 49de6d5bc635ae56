//! The share of lines that are tests: never below the floor, which only rises.

use crate::tidy::Finding;
use crate::tidy::source::Source;
use crate::tidy::tree::Tree;

/// What we mean to have, in percent: what the best codebases of this field have.
const GOAL: usize = 35;
/// The least share of test lines, in percent. Raise it towards [`GOAL`] with every
/// commit that can; never lower it.
const LEAST: usize = 33;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let lines: usize = tree.sources.iter().map(Source::lines).sum();
    let tests: usize = tree.sources.iter().map(Source::test_lines).sum();
    if tests * 100 >= lines * LEAST {
        return Vec::new();
    }
    let problem = format!(
        "{tests} of {lines} lines are tests, at least {LEAST} % (goal {GOAL} %): {}",
        thinnest(tree)
    );
    vec![Finding::new("crates", 1, problem)]
}

/// Where tests are thinnest, as a hint.
fn thinnest(tree: &Tree) -> String {
    let mut shares: Vec<_> = tree
        .manifests
        .keys()
        .filter_map(|krate| {
            let own = || tree.sources.iter().filter(|source| source.krate == *krate);
            let lines: usize = own().map(Source::lines).sum();
            let tests: usize = own().map(Source::test_lines).sum();
            Some(((tests * 100).checked_div(lines)?, krate))
        })
        .collect();
    shares.sort_unstable();
    let shown = shares.iter().take(4).map(|(share, krate)| format!("{krate} {share} %"));
    shown.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(code: usize, tests: usize) -> Vec<Finding> {
        check(&Tree::of(&[
            ("crates/a/Cargo.toml", ""),
            ("crates/a/src/lib.rs", &"//\n".repeat(code)),
            ("crates/a/tests/a.rs", &"//\n".repeat(tests)),
        ]))
    }

    #[test]
    fn a_tree_with_few_tests_is_found() {
        assert!(findings(100 - LEAST, LEAST).is_empty());
        let found = findings(101 - LEAST, LEAST - 1);
        assert_eq!(found.len(), 1);
        assert!(found[0].problem.ends_with(&format!("a {} %", LEAST - 1)), "{}", found[0].problem);
    }
}
