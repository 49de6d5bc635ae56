//! Documents name files that exist: a map with a wrong name is worse than none.

use std::path::{Path, PathBuf};

use crate::tidy::Finding;
use crate::tidy::tree::Tree;

/// The first folders of our own paths; anything else in backticks is no path.
const FOLDERS: [&str; 5] = ["crates/", "xtask/", "docs/", ".ci/", "fuzz/"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let documents =
        tree.texts.iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "md"));
    documents.flat_map(|(document, text)| in_document(tree, document, text)).collect()
}

fn in_document(tree: &Tree, document: &Path, text: &str) -> Vec<Finding> {
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(index, line)| named(line).map(move |path| (index + 1, path)))
        .filter(|(_, path)| !exists(tree, path))
        .map(|(line, path)| Finding::new(document, line, format!("`{path}` does not exist")))
        .collect()
}

/// The paths of ours that a line names, in backticks or as a link's target.
fn named(line: &str) -> impl Iterator<Item = &str> {
    line.split(['`', '(', ')', ' ', ','])
        .map(|word| word.trim_end_matches(['.', ':', ';']))
        .filter(|word| FOLDERS.iter().any(|folder| word.starts_with(folder)))
        .filter(|word| !word.contains(['*', '<', '{', '#', '…']))
}

fn exists(tree: &Tree, path: &str) -> bool {
    let path = PathBuf::from(path.trim_end_matches('/'));
    tree.paths.iter().any(|known| known.starts_with(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(line: &str) -> usize {
        let document = ("ARCHITECTURE.md", line);
        check(&Tree::of(&[document, ("crates/gate/src/lib.rs", "//! Gate.\n")])).len()
    }

    #[test]
    fn a_file_that_is_gone_is_found() {
        assert_eq!(findings("see `crates/gate/src/lib.rs`."), 0);
        assert_eq!(findings("see `crates/gate/` and [it](crates/gate/src)."), 0);
        assert_eq!(findings("see `crates/gate/src/old.rs`"), 1);
        assert_eq!(findings("see [it](crates/door/src/lib.rs)"), 1);
    }

    #[test]
    fn patterns_and_other_words_are_no_paths() {
        assert_eq!(findings("`crates/<name>` holds `belfry-<name>`; `a/b.rs`"), 0);
    }
}
