//! The paths that a Rust file names, in `use` and in code, with their lines.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::tidy::source::Source;

/// Every path named in the file outside its tests, like `std::env::var`.
///
/// A `use` of a group is one path for each of its members. What a macro holds
/// is not seen.
pub(super) fn outside_tests(source: &Source) -> Vec<(usize, String)> {
    let mut finder = Finder(Vec::new());
    if let Ok(file) = &source.syntax {
        finder.visit_file(file);
    }
    finder.0.retain(|(line, _)| !source.is_test(*line));
    finder.0
}

struct Finder(Vec<(usize, String)>);

impl Finder {
    fn import(&mut self, before: &str, tree: &syn::UseTree) {
        let line = tree.span().start().line;
        match tree {
            syn::UseTree::Path(path) => {
                self.import(&format!("{before}{}::", path.ident), &path.tree);
            }
            syn::UseTree::Name(name) if name.ident == "self" => {
                self.0.push((line, before.trim_end_matches("::").to_owned()));
            }
            syn::UseTree::Name(name) => self.0.push((line, format!("{before}{}", name.ident))),
            syn::UseTree::Rename(name) => self.0.push((line, format!("{before}{}", name.ident))),
            syn::UseTree::Glob(_) => self.0.push((line, format!("{before}*"))),
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|item| self.import(before, item));
            }
        }
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.import("", &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<_> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        self.0.push((path.span().start().line, parts.join("::")));
        visit::visit_path(self, path);
    }
}

/// Whether `path` is `start` or lies under it.
pub(super) fn under(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let source = Source::new("crates/a/src/lib.rs", text);
        outside_tests(&source).into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn imports_are_spelt_out() {
        let text = "use std::{env::{self, var}, fs as files};\nuse a::*;\n";
        assert_eq!(names(text), ["std::env", "std::env::var", "std::fs", "a::*"]);
    }

    #[test]
    fn code_names_paths_and_tests_are_left_out() {
        let text = "fn a() { std::env::var(1); }\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        assert_eq!(names(text), ["std::env::var"]);
    }

    #[test]
    fn a_longer_word_is_not_under_a_shorter() {
        assert!(under("std::env::var", "std::env") && under("std::env", "std::env"));
        assert!(!under("std::environment", "std::env"));
    }
}
