//! Which crate may use which. The table is that of ARCHITECTURE.md; a crate
//! that is not in it can't be added in silence.

use std::collections::BTreeSet;

use crate::tidy::Finding;
use crate::tidy::tree::Tree;

/// Crates without I/O, clock, environment or runtime.
pub(super) const PURE: [&str; 7] =
    ["guard", "indicator", "journal", "judge", "likeness", "reading", "rpz"];

/// What each crate may use of this workspace.
const MAY: [(&str, &[&str]); 20] = [
    ("indicator", &[]),
    ("journal", &["indicator"]),
    ("guard", &["indicator", "journal", "likeness"]),
    ("reading", &["indicator"]),
    ("likeness", &["indicator"]),
    ("judge", &["indicator", "likeness", "reading"]),
    ("rpz", &["indicator", "journal"]),
    ("inspect", &PURE),
    ("follow", &PURE),
    ("gate", &["follow", "guard", "indicator", "journal", "reading", "rpz", "sys"]),
    ("sms", &["follow", "guard", "indicator", "journal", "likeness", "reading"]),
    ("mirror", &["follow", "indicator", "journal", "rpz"]),
    ("sys", &[]),
    ("casebook", &PURE),
    ("web", &["casebook", "guard", "indicator", "journal", "reading"]),
    (
        "desk",
        &["casebook", "guard", "indicator", "inspect", "journal", "judge", "likeness", "reading"],
    ),
    ("feed", &["casebook", "guard", "indicator", "journal", "reading", "rpz", "web"]),
    ("intake", &["casebook", "desk", "guard", "indicator", "journal", "reading", "web"]),
    (
        "console",
        &[
            "casebook",
            "desk",
            "guard",
            "indicator",
            "journal",
            "judge",
            "likeness",
            "reading",
            "web",
        ],
    ),
    ("testbed", &["sys"]),
];

/// What these crates never use, however indirectly: an operator runs them alone.
const NEVER: [(&str, [&str; 3]); 4] = [
    ("gate", ["casebook", "desk", "web"]),
    ("sms", ["casebook", "desk", "web"]),
    ("mirror", ["casebook", "desk", "web"]),
    ("follow", ["casebook", "desk", "web"]),
];

/// Free in what they use: the binary that wires all, and the chores.
const FREE: [&str; 2] = ["belfry", "xtask"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (krate, manifest) in &tree.manifests {
        if FREE.contains(&krate.as_str()) {
            continue;
        }
        let Some((_, may)) = MAY.iter().find(|(name, _)| name == krate) else {
            let problem = format!("`{krate}` is not in the table of crates: add it there and here");
            findings.push(Finding::new(&manifest.path, 1, problem));
            continue;
        };
        for used in manifest.ours("dependencies").into_iter().filter(|used| !may.contains(used)) {
            let problem =
                format!("`{krate}` must not use `{used}`: see the table in ARCHITECTURE.md");
            let line = manifest.line_of(&format!("belfry-{used}"));
            findings.push(Finding::new(&manifest.path, line, problem));
        }
    }
    findings.extend(shipped_testbed(tree));
    findings.extend(never(tree));
    findings
}

/// `testbed` is for tests: nothing that we ship depends on it.
fn shipped_testbed(tree: &Tree) -> Vec<Finding> {
    let shipped = tree.manifests.iter().filter(|(krate, _)| *krate != "xtask");
    shipped
        .filter(|(_, manifest)| manifest.ours("dependencies").contains(&"testbed"))
        .map(|(_, manifest)| {
            let problem = "`testbed` is for [dev-dependencies] only";
            Finding::new(&manifest.path, manifest.line_of("belfry-testbed"), problem)
        })
        .collect()
}

/// The walls that also hold through other crates.
fn never(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (krate, banned) in NEVER {
        let reached = reached(tree, krate);
        for name in banned.iter().filter(|name| reached.contains(**name)) {
            let problem =
                format!("`{krate}` reaches `{name}` through what it uses; it must run alone");
            findings.push(Finding::new(format!("crates/{krate}/Cargo.toml"), 1, problem));
        }
    }
    findings
}

/// All crates of ours that `krate` uses, directly or not.
fn reached<'a>(tree: &'a Tree, krate: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![krate];
    while let Some(next) = open.pop() {
        let manifest = tree.manifests.get(next);
        let used = manifest.map(|manifest| manifest.ours("dependencies")).unwrap_or_default();
        open.extend(used.into_iter().filter(|name| reached.insert(*name)));
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).iter().map(ToString::to_string).collect()
    }

    fn uses(name: &str) -> String {
        format!("[dependencies]\nserde.workspace = true\nbelfry-{name}.workspace = true\n")
    }

    #[test]
    fn a_pure_crate_uses_pure_crates_only() {
        assert!(findings(&[("crates/guard/Cargo.toml", &uses("journal"))]).is_empty());
        let found = findings(&[("crates/guard/Cargo.toml", &uses("casebook"))]);
        assert_eq!(
            found,
            [
                "crates/guard/Cargo.toml:3: `guard` must not use `casebook`: see the table in ARCHITECTURE.md"
            ]
        );
    }

    #[test]
    fn the_gate_never_reaches_the_hub() {
        let gate = ("crates/gate/Cargo.toml", &*uses("follow"));
        assert!(findings(&[gate, ("crates/follow/Cargo.toml", &uses("journal"))]).is_empty());
        let found = findings(&[gate, ("crates/follow/Cargo.toml", &uses("casebook"))]);
        assert!(found.iter().any(|line| line.contains("`gate` reaches `casebook`")), "{found:?}");
    }

    #[test]
    fn a_crate_outside_the_table_is_found() {
        assert_eq!(findings(&[("crates/extra/Cargo.toml", "")]).len(), 1);
        assert!(findings(&[("crates/belfry/Cargo.toml", &uses("gate"))]).is_empty());
    }

    #[test]
    fn tests_may_use_what_we_ship_may_not() {
        let dev = "[dev-dependencies]\nbelfry-testbed.workspace = true\n";
        assert!(findings(&[("crates/gate/Cargo.toml", dev)]).is_empty());
        assert_eq!(findings(&[("crates/belfry/Cargo.toml", &uses("testbed"))]).len(), 1);
        assert!(findings(&[("xtask/Cargo.toml", &uses("testbed"))]).is_empty());
    }

    #[test]
    fn the_table_allows_what_the_walls_forbid_nowhere() {
        for (krate, banned) in NEVER {
            let (_, may) = MAY.iter().find(|(name, _)| *name == krate).unwrap();
            assert!(banned.iter().all(|name| !may.contains(name)), "{krate}");
        }
    }
}
