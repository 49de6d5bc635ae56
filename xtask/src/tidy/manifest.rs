//! Every crate takes lints and versions from the workspace, says beside each
//! foreign dependency why it needs it, and has something in it.

use crate::tidy::Finding;
use crate::tidy::source::Source;
use crate::tidy::tree::{Manifest, Tree};

/// Keys that the workspace decides.
const INHERITED: [&str; 4] = ["version", "edition", "license", "rust-version"];
/// A comment gives the reason for at most so many lines below it.
const REACH: usize = 3;
/// A crate with fewer lines was made before its time.
const LEAST: usize = 20;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let each = tree.manifests.iter().flat_map(|(krate, manifest)| {
        let mut findings = inherits(krate, manifest);
        findings.extend(versions(manifest));
        findings.extend(reasons(manifest));
        findings.extend(empty(tree, krate, manifest));
        findings
    });
    each.collect()
}

/// The one crate that may hold unsafe code, under lints of its own.
const UNSAFE: &str = "sys";
/// What those lints must at least say.
const UNSAFE_LINTS: [&str; 3] = [
    "unsafe_code = \"deny\"",
    "unsafe_op_in_unsafe_fn = \"deny\"",
    "undocumented_unsafe_blocks = \"deny\"",
];

fn inherits(krate: &str, manifest: &Manifest) -> Vec<Finding> {
    let mut findings = Vec::new();
    if krate == UNSAFE {
        let missing = UNSAFE_LINTS.iter().filter(|lint| !manifest.text.contains(**lint));
        findings.extend(missing.map(|lint| {
            Finding::new(&manifest.path, 1, format!("unsafe code is bounded by `{lint}`"))
        }));
    } else if !is_inherited(manifest.table.get("lints")) {
        let problem = "inherit the lints: `[lints]` with `workspace = true`";
        findings.push(Finding::new(&manifest.path, 1, problem));
    }
    let package = manifest.table.get("package");
    for key in INHERITED {
        if !is_inherited(package.and_then(|package| package.get(key))) {
            let problem = format!("inherit it: `{key}.workspace = true`");
            findings.push(Finding::new(&manifest.path, manifest.line_of(key), problem));
        }
    }
    findings
}

fn versions(manifest: &Manifest) -> Vec<Finding> {
    let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
    let all =
        tables.into_iter().filter_map(|table| manifest.table.get(table)?.as_table()).flatten();
    all.filter(|(_, value)| !is_inherited(Some(value)))
        .map(|(name, _)| {
            let problem =
                format!("`{name}`: the workspace decides versions; use `workspace = true`");
            Finding::new(&manifest.path, manifest.line_of(name), problem)
        })
        .collect()
}

fn is_inherited(value: Option<&toml::Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
}

/// A foreign dependency without a comment on its line or just above.
fn reasons(manifest: &Manifest) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut in_table, mut since_comment) = (false, REACH);
    for (index, line) in manifest.text.lines().enumerate() {
        if line.starts_with('[') {
            in_table = line == "[dependencies]" || line == "[build-dependencies]";
        }
        since_comment = if line.starts_with('#') { 0 } else { since_comment.saturating_add(1) };
        let is_foreign = in_table
            && line.starts_with(|first: char| first.is_ascii_alphanumeric())
            && !line.starts_with("belfry-");
        if is_foreign && !line.contains('#') && since_comment > REACH {
            let name = line.split(['.', ' ', '=']).next().unwrap_or(line);
            let problem = format!("say beside `{name}` why this crate needs it: `# why`");
            findings.push(Finding::new(&manifest.path, index + 1, problem));
        }
    }
    findings
}

fn empty(tree: &Tree, krate: &str, manifest: &Manifest) -> Option<Finding> {
    let own = tree.sources.iter().filter(|source| source.krate == krate);
    let lines: usize = own.map(Source::lines).sum();
    (lines < LEAST).then(|| {
        let problem = format!("`{krate}` has {lines} lines: no crate is created empty");
        Finding::new(&manifest.path, 1, problem)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[package]\nversion.workspace = true\nedition.workspace = true\n\
        license.workspace = true\nrust-version.workspace = true\n[lints]\nworkspace = true\n";

    fn findings(manifest: &str) -> Vec<Finding> {
        let code = "//! A.\n".repeat(LEAST);
        check(&Tree::of(&[("crates/a/Cargo.toml", manifest), ("crates/a/src/lib.rs", &code)]))
    }

    #[test]
    fn a_manifest_inherits() {
        assert!(findings(GOOD).is_empty());
        assert_eq!(findings(&GOOD.replace("[lints]", "[other]")).len(), 1);
        let own = GOOD.replace("edition.workspace = true", "edition = \"2021\"");
        assert_eq!(findings(&own)[0].line, 3);
    }

    #[test]
    fn only_the_crate_for_unsafe_code_has_lints_of_its_own_and_strict_ones() {
        let code = "//! A.\n".repeat(LEAST);
        let found = |lints: &str| {
            let text = GOOD.replace("[lints]\nworkspace = true\n", lints);
            check(&Tree::of(&[("crates/sys/Cargo.toml", &text), ("crates/sys/src/lib.rs", &code)]))
        };
        let strict = format!("[lints.rust]\n{}\n", UNSAFE_LINTS.join("\n"));
        assert!(found(&strict).is_empty());
        assert_eq!(found("[lints.rust]\nunsafe_code = \"allow\"\n").len(), 3);
    }

    #[test]
    fn a_version_of_ones_own_is_found() {
        let text = format!("{GOOD}[dev-dependencies]\ninsta = \"1\"\n");
        assert_eq!(findings(&text)[0].line, 9);
    }

    #[test]
    fn a_foreign_dependency_has_its_reason() {
        let with = |lines: &str| findings(&format!("{GOOD}[dependencies]\n{lines}")).len();
        assert_eq!(with("serde.workspace = true\n"), 1);
        assert_eq!(with("serde.workspace = true # bodies\n"), 0);
        assert_eq!(with("# bodies\nserde.workspace = true\nserde_json.workspace = true\n"), 0);
        assert_eq!(with("belfry-guard.workspace = true\n"), 0);
    }

    #[test]
    fn an_empty_crate_is_found() {
        assert_eq!(check(&Tree::of(&[("crates/a/Cargo.toml", GOOD)])).len(), 1);
    }
}
