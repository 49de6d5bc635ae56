//! The workspace as the checks see it: Rust files, manifests, and every other
//! text that Git tracks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{Result, output};
use crate::tidy::source::Source;

/// What all checks read.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Every Rust file.
    pub(super) sources: Vec<Source>,
    /// Every crate's manifest by the crate's folder name.
    pub(super) manifests: BTreeMap<String, Manifest>,
    /// Every other text file that Git tracks: documents, migrations, templates.
    pub(super) texts: BTreeMap<PathBuf, String>,
    /// Every path that Git tracks or would.
    pub(super) paths: Vec<PathBuf>,
}

/// A crate's `Cargo.toml`.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) table: toml::Table,
}

impl Manifest {
    pub(super) fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Result<Self> {
        let (path, text) = (path.into(), text.into());
        let table = text.parse().map_err(|problem| format!("{}: {problem}", path.display()))?;
        Ok(Self { path, text, table })
    }

    /// The line, counted from 1, that starts with `start`; else the first.
    pub(super) fn line_of(&self, start: &str) -> usize {
        self.text.lines().position(|line| line.starts_with(start)).map_or(1, |index| index + 1)
    }

    /// The names under a table of dependencies, like `dev-dependencies`.
    pub(super) fn names(&self, table: &str) -> Vec<&str> {
        let found = self.table.get(table).and_then(toml::Value::as_table);
        found.into_iter().flat_map(toml::Table::keys).map(String::as_str).collect()
    }

    /// The crates of this workspace under a table of dependencies, by folder name.
    pub(super) fn ours(&self, table: &str) -> Vec<&str> {
        self.names(table)
            .into_iter()
            .filter_map(
                |name| if name == "belfry" { Some(name) } else { name.strip_prefix("belfry-") },
            )
            .collect()
    }
}

impl Tree {
    /// Reads all that Git tracks, and what is new and not ignored.
    pub(super) fn load(root: &Path) -> Result<Self> {
        let mut listing = Command::new("git");
        listing.current_dir(root).args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let listing = String::from_utf8(output(&mut listing)?)?;
        let mut tree = Self::default();
        for path in listing.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from) {
            // A file deleted but still in the index, or one that is no text.
            let Ok(text) = fs::read_to_string(root.join(&path)) else { continue };
            tree.add(path, text)?;
        }
        tree.mark_tests();
        Ok(tree)
    }

    /// A tree of files given in a test.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            let added = tree.add(PathBuf::from(path), (*text).to_owned());
            assert!(added.is_ok(), "{path}: {added:?}");
        }
        tree.mark_tests();
        tree
    }

    fn add(&mut self, path: PathBuf, text: String) -> Result {
        self.paths.push(path.clone());
        let parts: Vec<_> = path.iter().filter_map(|part| part.to_str()).collect();
        match parts.as_slice() {
            ["crates", krate, "Cargo.toml"] | [krate @ "xtask", "Cargo.toml"] => {
                let krate = (*krate).to_owned();
                self.manifests.insert(krate, Manifest::new(path, text)?);
            }
            _ if path.extension().is_some_and(|end| end == "rs") => {
                self.sources.push(Source::new(path, text));
            }
            _ => {
                self.texts.insert(path, text);
            }
        }
        Ok(())
    }

    /// Marks the files that other files make test code.
    fn mark_tests(&mut self) {
        let modules: Vec<_> = self.sources.iter().flat_map(Source::test_modules).collect();
        for source in &mut self.sources {
            modules.iter().for_each(|module| source.mark_test(module));
        }
    }

    /// The tree in a line.
    pub(super) fn figures(&self) -> String {
        let lines: usize = self.sources.iter().map(Source::lines).sum();
        let tests: usize = self.sources.iter().map(Source::test_lines).sum();
        let share = (tests * 100).checked_div(lines).unwrap_or_default();
        let crates = self.manifests.len();
        format!(
            "{crates} crates, {} files, {lines} lines of Rust, {share} % of them tests",
            self.sources.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_is_read() {
        let tree = Tree::load(&belfry_testbed::workspace()).unwrap();
        assert!(tree.manifests.contains_key("gate") && tree.manifests.contains_key("xtask"));
        assert!(tree.sources.iter().any(|source| source.path.ends_with("tidy/tree.rs")));
        assert!(tree.texts.contains_key(Path::new("NOTICE")));
    }

    #[test]
    fn our_own_dependencies_are_told_from_others() {
        let text = "[dependencies]\nbelfry-guard.workspace = true\nserde.workspace = true\n";
        let manifest = Manifest::new("crates/x/Cargo.toml", text).unwrap();
        assert_eq!(manifest.ours("dependencies"), ["guard"]);
        assert_eq!(manifest.names("dependencies"), ["belfry-guard", "serde"]);
        assert_eq!(manifest.line_of("serde"), 3);
    }

    #[test]
    fn figures_count_tests() {
        let tree = Tree::of(&[
            ("crates/a/src/lib.rs", "//! A.\n\n\n"),
            ("crates/a/tests/a.rs", "//! T.\n"),
        ]);
        assert_eq!(tree.figures(), "0 crates, 2 files, 4 lines of Rust, 25 % of them tests");
    }
}
