//! Functions fit a screen: none over 70 lines, nine in ten at most 30.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::tidy::Finding;
use crate::tidy::source::Source;
use crate::tidy::tree::Tree;

const LONGEST: usize = 70;
/// The limit for nine functions in ten; tests are not counted here.
const USUAL: usize = 30;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut lengths = Vec::new();
    for source in &tree.sources {
        for function in functions(source) {
            if function.length > LONGEST {
                let problem = format!(
                    "`{}` has {} lines, at most {LONGEST}: split it by idea",
                    function.name, function.length
                );
                findings.push(Finding::new(&source.path, function.line, problem));
            }
            if !source.is_test(function.line) {
                lengths.push(function.length);
            }
        }
    }
    if let Some(usual) = ninth_of_ten(lengths).filter(|usual| *usual > USUAL) {
        let problem = format!("one function in ten has {usual} lines or more, at most {USUAL}");
        findings.push(Finding::new("crates", 1, problem));
    }
    findings
}

struct Function {
    name: String,
    line: usize,
    length: usize,
}

fn functions(source: &Source) -> Vec<Function> {
    struct Finder(Vec<Function>);

    impl Finder {
        fn add(&mut self, signature: &syn::Signature, block: &syn::Block) {
            let line = signature.span().start().line;
            let length = block.span().end().line - line + 1;
            self.0.push(Function { name: signature.ident.to_string(), line, length });
        }
    }

    impl<'ast> Visit<'ast> for Finder {
        fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
            self.add(&item.sig, &item.block);
            visit::visit_item_fn(self, item);
        }

        fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
            self.add(&item.sig, &item.block);
            visit::visit_impl_item_fn(self, item);
        }

        fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
            if let Some(block) = &item.default {
                self.add(&item.sig, block);
            }
            visit::visit_trait_item_fn(self, item);
        }
    }

    let mut finder = Finder(Vec::new());
    if let Ok(file) = &source.syntax {
        finder.visit_file(file);
    }
    finder.0
}

fn ninth_of_ten(mut lengths: Vec<usize>) -> Option<usize> {
    lengths.sort_unstable();
    lengths.get(lengths.len() * 9 / 10).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A function with `lines` lines in all.
    fn function(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "\n".repeat(lines - 2))
    }

    fn findings(text: &str) -> Vec<Finding> {
        check(&Tree::of(&[("crates/a/src/lib.rs", text)]))
    }

    #[test]
    fn a_long_function_is_found_wherever_it_stands() {
        let short = "fn short() {}\n".repeat(20);
        for (before, after) in
            [("", ""), ("impl A {", "}"), ("trait A {", "}"), ("#[cfg(test)] mod tests {", "}")]
        {
            let text = |lines| format!("{short}{before}\n{}{after}\n", function(lines));
            assert!(findings(&text(LONGEST)).is_empty(), "{before}");
            let found = findings(&text(LONGEST + 1));
            assert_eq!(found.len(), 1, "{before}");
            assert_eq!(found[0].line, 22);
        }
    }

    #[test]
    fn nine_in_ten_are_shorter_still() {
        let text = |long: usize| {
            let long = function(USUAL + 1).repeat(long);
            format!("{}{long}", "fn short() {}\n".repeat(18))
        };
        assert!(findings(&text(1)).is_empty());
        assert_eq!(findings(&text(3)).len(), 1);
    }
}
