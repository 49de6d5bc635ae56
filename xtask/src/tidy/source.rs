//! One Rust file as the checks see it: its lines, its syntax, and which of its
//! lines are test code.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// A Rust file of the workspace.
#[derive(Debug)]
pub(super) struct Source {
    /// Its path from the workspace's root.
    pub(super) path: PathBuf,
    /// The folder's name of its crate: `gate`, `xtask`.
    pub(super) krate: String,
    pub(super) text: String,
    /// What the compiler sees, or where the file could not be read as Rust.
    pub(super) syntax: Result<syn::File, (usize, String)>,
    tests: Tests,
}

/// Which lines of a file are test code.
#[derive(Debug)]
enum Tests {
    All,
    Ranges(Vec<RangeInclusive<usize>>),
}

impl Source {
    pub(super) fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        let syntax = syn::parse_file(&text)
            .map_err(|problem| (problem.span().start().line, problem.to_string()));
        let tests = match &syntax {
            _ if is_test_file(&path) => Tests::All,
            Ok(file) => Tests::Ranges(test_ranges(file)),
            Err(_) => Tests::Ranges(Vec::new()),
        };
        Self { krate: krate(&path), path, text, syntax, tests }
    }

    /// The files that this one makes test code by `#[cfg(test)] mod name;`,
    /// each without its `.rs`.
    pub(super) fn test_modules(&self) -> Vec<PathBuf> {
        let items = self.syntax.as_ref().map(|file| file.items.as_slice()).unwrap_or_default();
        let names = items.iter().filter_map(|item| match item {
            syn::Item::Mod(item)
                if item.content.is_none() && item.attrs.iter().any(is_test_attribute) =>
            {
                Some(item.ident.to_string())
            }
            _ => None,
        });
        names.map(|name| module_folder(&self.path).join(name)).collect()
    }

    /// Takes the whole file for test code if it is `module` or lies under it.
    pub(super) fn mark_test(&mut self, module: &Path) {
        if self.path.with_extension("") == module || self.path.starts_with(module) {
            self.tests = Tests::All;
        }
    }

    /// The number of lines.
    pub(super) fn lines(&self) -> usize {
        self.text.lines().count()
    }

    /// The number of lines that are test code.
    pub(super) fn test_lines(&self) -> usize {
        (1..=self.lines()).filter(|line| self.is_test(*line)).count()
    }

    /// Whether it is an example: a program for developers, built on the crate but no
    /// part of it.
    pub(super) fn is_example(&self) -> bool {
        self.path.components().any(|part| part.as_os_str() == "examples")
    }

    /// Whether the line, counted from 1, is test code.
    pub(super) fn is_test(&self, line: usize) -> bool {
        match &self.tests {
            Tests::All => true,
            Tests::Ranges(ranges) => ranges.iter().any(|range| range.contains(&line)),
        }
    }
}

/// The crate that a file belongs to, by its folder.
fn krate(path: &Path) -> String {
    let mut parts = path.iter().map(|part| part.to_string_lossy().into_owned());
    match parts.next().as_deref() {
        Some("crates") => parts.next().unwrap_or_default(),
        first => first.unwrap_or_default().to_owned(),
    }
}

/// Where the modules of a file are: beside `lib.rs`, under `x/` for `x.rs`.
fn module_folder(path: &Path) -> PathBuf {
    let is_root = path
        .file_name()
        .is_some_and(|name| name == "lib.rs" || name == "main.rs" || name == "mod.rs");
    if is_root { path.parent().unwrap_or(path).to_path_buf() } else { path.with_extension("") }
}

/// Parts of a path that make a file test code from end to end; `fuzzing.rs` is
/// compiled for tests and fuzzers only.
const TEST_PARTS: [&str; 4] = ["tests", "benches", "tests.rs", "fuzzing.rs"];

/// Files that are test code from end to end, with the whole of `testbed`.
fn is_test_file(path: &Path) -> bool {
    path.starts_with("crates/testbed")
        || path.iter().any(|part| TEST_PARTS.contains(&part.to_string_lossy().as_ref()))
}

fn test_ranges(file: &syn::File) -> Vec<RangeInclusive<usize>> {
    struct Finder(Vec<RangeInclusive<usize>>);

    impl<'ast> Visit<'ast> for Finder {
        fn visit_item(&mut self, item: &'ast syn::Item) {
            if attributes(item).iter().any(is_test_attribute) {
                let span = item.span();
                self.0.push(span.start().line..=span.end().line);
            } else {
                visit::visit_item(self, item);
            }
        }

        fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
            if item.attrs.iter().any(is_test_attribute) {
                let span = item.span();
                self.0.push(span.start().line..=span.end().line);
            }
        }
    }

    let mut finder = Finder(Vec::new());
    finder.visit_file(file);
    finder.0
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        _ => &[],
    }
}

/// `#[cfg(test)]` and `#[test]`, also with a path before or arguments behind.
fn is_test_attribute(attribute: &syn::Attribute) -> bool {
    let path = attribute.path();
    if path.is_ident("cfg") {
        return attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"));
    }
    path.segments.last().is_some_and(|last| last.ident == "test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_the_crate_of_its_folder() {
        assert_eq!(Source::new("crates/gate/src/lib.rs", "").krate, "gate");
        assert_eq!(Source::new("xtask/src/main.rs", "").krate, "xtask");
    }

    #[test]
    fn test_code_is_known_by_its_attributes() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
        let source = Source::new("crates/gate/src/lib.rs", text);
        let tests: Vec<_> = (1..=source.lines()).filter(|line| source.is_test(*line)).collect();
        assert_eq!(tests, [2, 3, 4, 5]);
        assert_eq!(source.test_lines(), 4);
    }

    #[test]
    fn a_function_can_be_test_code_by_itself() {
        let text = "impl A {\n    #[cfg(test)]\n    fn a() {}\n    fn b() {}\n}\n";
        let source = Source::new("crates/gate/src/lib.rs", text);
        assert_eq!((source.is_test(3), source.is_test(4)), (true, false));
    }

    #[test]
    fn a_test_module_may_be_a_file_of_any_name() {
        let module = |path| Source::new(path, "#[cfg(test)]\nmod fakes;\nmod b;\n").test_modules();
        assert_eq!(module("crates/gate/src/lib.rs"), [Path::new("crates/gate/src/fakes")]);
        assert_eq!(module("crates/gate/src/x.rs"), [Path::new("crates/gate/src/x/fakes")]);

        for (path, is_test) in [("fakes.rs", true), ("fakes/a.rs", true), ("b.rs", false)] {
            let mut source = Source::new(Path::new("crates/gate/src").join(path), "fn a() {}\n");
            source.mark_test(Path::new("crates/gate/src/fakes"));
            assert_eq!(source.is_test(1), is_test, "{path}");
        }
    }

    #[test]
    fn a_feature_is_no_test() {
        let source = Source::new("crates/gate/src/lib.rs", "#[cfg(unix)]\nmod a {}\n");
        assert_eq!(source.test_lines(), 0);
    }

    #[test]
    fn test_files_are_known_by_their_place() {
        for path in
            ["crates/gate/tests/x.rs", "crates/gate/src/x/tests.rs", "crates/testbed/src/a.rs"]
        {
            assert!(Source::new(path, "fn a() {}\n").is_test(1), "{path}");
        }
        assert!(!Source::new("crates/gate/src/testing.rs", "fn a() {}\n").is_test(1));
    }

    #[test]
    fn what_is_no_rust_says_where() {
        let source = Source::new("crates/gate/src/lib.rs", "fn a() {}\nfn }\n");
        assert_eq!(source.syntax.unwrap_err().0, 2);
    }
}
