//! What ends the process has its reason: no `unwrap` outside tests, an `expect`
//! that names its invariant, no half-built code, no lint switched off silently.

use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::tidy::Finding;
use crate::tidy::source::Source;
use crate::tidy::tree::Tree;

/// An invariant has at least this many words.
const WORDS: usize = 3;
/// At most one `expect` for so many lines outside tests.
const LINES_PER_EXPECT: usize = 1000;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<_> = tree.sources.iter().flat_map(in_source).collect();
    let lines: usize = tree.sources.iter().map(|source| source.lines() - source.test_lines()).sum();
    let expects: usize = tree.sources.iter().map(|source| seen(source).expects).sum();
    if expects > lines.div_ceil(LINES_PER_EXPECT) {
        let problem =
            format!("{expects} `expect` in {lines} lines outside tests: return errors instead");
        findings.push(Finding::new("crates", 1, problem));
    }
    findings
}

fn in_source(source: &Source) -> Vec<Finding> {
    match &source.syntax {
        Ok(_) => seen(source).findings,
        Err((line, problem)) => vec![Finding::new(&source.path, *line, problem)],
    }
}

fn seen(source: &Source) -> Finder<'_> {
    let mut finder = Finder { source, findings: Vec::new(), expects: 0 };
    if let Ok(file) = &source.syntax {
        finder.visit_file(file);
    }
    finder
}

struct Finder<'a> {
    source: &'a Source,
    findings: Vec<Finding>,
    /// The `expect`s outside tests.
    expects: usize,
}

impl Finder<'_> {
    fn find(&mut self, line: usize, problem: impl Into<String>) {
        self.findings.push(Finding::new(Path::new(&self.source.path), line, problem));
    }

    fn method(&mut self, line: usize, name: &str, message: Option<&str>) {
        if self.source.is_test(line) {
            return;
        }
        match name {
            "unwrap" | "unwrap_err" => {
                self.find(line, format!("`{name}` outside tests: return an error"));
            }
            "expect" | "expect_err" => {
                self.expects += 1;
                if message.is_none_or(|text| text.split_whitespace().count() < WORDS) {
                    self.find(line, format!("`{name}` must say its invariant in words"));
                }
            }
            _ => {}
        }
    }

    /// Macros hold tokens that are not parsed; an `unwrap` hides there too.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut before_is_dot = false;
        for token in tokens {
            match &token {
                TokenTree::Ident(name)
                    if before_is_dot && name.to_string().starts_with("unwrap") =>
                {
                    let name = name.to_string();
                    self.method(token.span().start().line, &name, None);
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                _ => {}
            }
            before_is_dot = matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '.');
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let message = match call.args.first() {
            Some(syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) => {
                Some(text.value())
            }
            _ => None,
        };
        let is_option_or_result = call.args.len() == usize::from(call.method != "unwrap");
        if is_option_or_result || call.method == "unwrap_err" {
            let line = call.method.span().start().line;
            self.method(line, &call.method.to_string(), message.as_deref());
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        let name = item.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        if ["todo", "unimplemented", "dbg"].contains(&name.as_str()) {
            self.find(item.span().start().line, format!("`{name}!` is unfinished work: finish it"));
        }
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let is_switch = attribute.path().is_ident("allow") || attribute.path().is_ident("expect");
        if is_switch && !has_reason(attribute) {
            let problem = "a lint switched off says why: `#[expect(LINT, reason = \"…\")]`";
            self.find(attribute.span().start().line, problem);
        }
        visit::visit_attribute(self, attribute);
    }
}

fn has_reason(attribute: &syn::Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    list.tokens
        .clone()
        .into_iter()
        .any(|token| matches!(token, TokenTree::Ident(name) if name == "reason"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> Vec<usize> {
        let tree = Tree::of(&[("crates/a/src/lib.rs", text)]);
        check(&tree).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn unwrap_is_found_outside_tests_only() {
        assert_eq!(findings("\nfn a() { b().unwrap(); }\n"), [2]);
        assert_eq!(findings("\nfn a() { b().unwrap_err(); }\n"), [2]);
        assert_eq!(findings("fn a() { format!(\"{}\",\n b().unwrap()); }\n"), [2]);
        assert_eq!(findings("fn a() { b().unwrap_or(1); }\n"), [0; 0]);
        assert_eq!(findings("#[cfg(test)]\nmod tests { fn a() { b().unwrap(); } }\n"), [0; 0]);
    }

    #[test]
    fn expect_names_its_invariant() {
        assert_eq!(findings("fn a() { b().expect(\"oops\"); }\n"), [1]);
        assert_eq!(findings("fn a() { b().expect(message); }\n"), [1]);
        assert_eq!(findings("fn a() { b().expect(\"a label has 63 octets\"); }\n"), [0; 0]);
        // A parser's own `expect(token, where)` is no end of the process.
        assert_eq!(findings("fn a() { parser.expect(b'x', 7); }\n"), [0; 0]);
    }

    #[test]
    fn expects_are_few() {
        let one = "fn a() { b().expect(\"a label has 63 octets\"); }\n";
        assert_eq!(findings(&one.repeat(2)), [1]);
    }

    #[test]
    fn unfinished_work_is_found_in_tests_too() {
        assert_eq!(findings("\nfn a() { todo!() }\n"), [2]);
        assert_eq!(findings("#[cfg(test)]\nmod tests { fn a() { dbg!(1); } }\n"), [2]);
    }

    #[test]
    fn a_lint_is_switched_off_with_a_reason() {
        assert_eq!(findings("#[allow(dead_code)]\nfn a() {}\n"), [1]);
        assert_eq!(findings("#![allow(dead_code)]\nfn a() {}\n"), [1]);
        assert_eq!(findings("#[expect(dead_code, reason = \"x\")]\nfn a() {}\n"), [0; 0]);
    }

    #[test]
    fn a_file_that_is_no_rust_is_found() {
        assert_eq!(findings("fn a() {}\nfn }\n"), [2]);
    }
}
