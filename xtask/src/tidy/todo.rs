//! No reminder in the code without its issue.

use std::path::Path;

use crate::tidy::Finding;
use crate::tidy::tree::Tree;

/// Written in halves, so that this file does not find itself.
const WORDS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let rust = tree.sources.iter().map(|source| (source.path.as_path(), source.text.as_str()));
    let manifests = tree.manifests.values().map(|one| (one.path.as_path(), one.text.as_str()));
    let others = tree.texts.iter().map(|(path, text)| (path.as_path(), text.as_str()));
    rust.chain(manifests)
        .chain(others.filter(|(path, _)| is_code(path)))
        .flat_map(|(path, text)| in_text(path, text))
        .collect()
}

/// Documents may speak about reminders; code may not leave them.
fn is_code(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| end == "sql" || end == "html" || end == "toml" || end == "sh")
}

fn in_text(path: &Path, text: &str) -> Vec<Finding> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| WORDS.iter().any(|word| line.contains(word)) && !names_issue(line))
        .map(|(index, _)| {
            let problem = format!("name the issue, `{}(#12)`, or do it now", WORDS[0]);
            Finding::new(path, index + 1, problem)
        })
        .collect()
}

fn names_issue(line: &str) -> bool {
    let rest = WORDS.iter().find_map(|word| line.split_once(word).map(|(_, rest)| rest));
    rest.and_then(|rest| rest.strip_prefix("(#"))
        .and_then(|rest| rest.split_once(')'))
        .is_some_and(|(number, _)| number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, rest: &str) -> usize {
        check(&Tree::of(&[(path, &format!("// {}{rest}\n", WORDS[0]))])).len()
    }

    #[test]
    fn a_reminder_names_its_issue() {
        assert_eq!(findings("crates/a/src/lib.rs", " later"), 1);
        assert_eq!(findings("crates/a/src/lib.rs", "(me): later"), 1);
        assert_eq!(findings("crates/a/src/lib.rs", "(#): later"), 1);
        assert_eq!(findings("crates/a/src/lib.rs", "(#12): later"), 0);
    }

    #[test]
    fn sql_is_code_and_documents_are_not() {
        assert_eq!(findings("crates/a/migrations/1.sql", " later"), 1);
        assert_eq!(findings("CONTRIBUTING.md", " later"), 0);
    }
}
