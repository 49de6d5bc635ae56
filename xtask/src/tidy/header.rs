//! Every Rust file opens with `//!`: what it is for, what it must never do.

use crate::tidy::Finding;
use crate::tidy::tree::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.sources
        .iter()
        .filter(|source| !opens_with_purpose(&source.text))
        .map(|source| Finding::new(&source.path, 1, "say in `//!` what this file is for"))
        .collect()
}

fn opens_with_purpose(text: &str) -> bool {
    text.lines().next().and_then(|line| line.strip_prefix("//!")).is_some_and(|rest| rest.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> usize {
        check(&Tree::of(&[("crates/a/src/lib.rs", text)])).len()
    }

    #[test]
    fn a_file_says_what_it_is_for() {
        assert_eq!(findings("//! Names.\nfn a() {}\n"), 0);
        assert_eq!(findings("// Names.\nfn a() {}\n"), 1);
        assert_eq!(findings("//!\nfn a() {}\n"), 1);
        assert_eq!(findings("use std::fmt;\n//! Late.\n"), 1);
        assert_eq!(findings(""), 1);
    }
}
