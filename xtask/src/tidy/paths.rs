//! No path of a developer's machine in anything that Git tracks.

use std::path::Path;

use crate::tidy::Finding;
use crate::tidy::tree::Tree;

/// Written in halves, so that this file does not find itself.
const FOREIGN: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let rust = tree.sources.iter().map(|source| (source.path.as_path(), source.text.as_str()));
    let manifests = tree.manifests.values().map(|one| (one.path.as_path(), one.text.as_str()));
    let others = tree.texts.iter().map(|(path, text)| (path.as_path(), text.as_str()));
    rust.chain(manifests).chain(others).flat_map(|(path, text)| in_text(path, text)).collect()
}

fn in_text(path: &Path, text: &str) -> Vec<Finding> {
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(index, line)| {
            Some((index, FOREIGN.iter().find(|path| starts_path(line, path))?))
        })
        .map(|(index, found)| {
            let problem =
                format!("`{found}` is a path of one machine: take it from the environment");
            Finding::new(path, index + 1, problem)
        })
        .collect()
}

/// Whether `path` stands in `line` as the beginning of an absolute path.
fn starts_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || "._-/}".contains(before))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, line: &str) -> usize {
        check(&Tree::of(&[(path, line)])).len()
    }

    #[test]
    fn a_path_of_one_machine_is_found_in_any_file() {
        for path in ["crates/a/src/lib.rs", "README.md", ".ci/run"] {
            assert_eq!(findings(path, &format!("// see {}x", FOREIGN[0])), 1, "{path}");
        }
        assert_eq!(findings("README.md", &format!("({}ann/belfry)", FOREIGN[1])), 1);
    }

    #[test]
    fn the_same_letters_inside_a_longer_path_are_not() {
        assert_eq!(findings("README.md", &format!("https://example.com{}x", FOREIGN[1])), 0);
        assert_eq!(findings("README.md", "the root of the work"), 0);
    }
}
