//! Files stay small: none over 800 lines, half of them at most 300.

use crate::tidy::Finding;
use crate::tidy::source::Source;
use crate::tidy::tree::Tree;

const LONGEST: usize = 800;
const MEDIAN: usize = 300;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<_> = tree
        .sources
        .iter()
        .filter(|source| source.lines() > LONGEST)
        .map(|source| {
            let problem = format!("{} lines, at most {LONGEST}: split it by idea", source.lines());
            Finding::new(&source.path, source.lines(), problem)
        })
        .collect();
    if let Some(median) =
        median(tree.sources.iter().map(Source::lines).collect()).filter(|m| *m > MEDIAN)
    {
        let problem = format!("half of the files are over {median} lines, at most {MEDIAN}");
        findings.push(Finding::new("crates", 1, problem));
    }
    findings
}

fn median(mut lengths: Vec<usize>) -> Option<usize> {
    lengths.sort_unstable();
    lengths.get(lengths.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_over_the_limit_is_found() {
        let (short, long) = ("//\n".repeat(LONGEST), "//\n".repeat(LONGEST + 1));
        let small = ("crates/a/src/b.rs", "//! B.\n");
        assert!(check(&Tree::of(&[("crates/a/src/lib.rs", &short), small, small])).is_empty());
        let findings = check(&Tree::of(&[("crates/a/src/lib.rs", &long), small, small]));
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].line, LONGEST + 1);
    }

    #[test]
    fn a_tree_of_long_files_is_found() {
        let text = "//\n".repeat(MEDIAN + 1);
        assert_eq!(check(&Tree::of(&[("crates/a/src/lib.rs", &text)])).len(), 1);
    }
}
