//! Only the binary reads the environment and files of configuration. The other
//! crates take what they need as arguments.

use crate::tidy::Finding;
use crate::tidy::names::{outside_tests, under};
use crate::tidy::tree::Tree;

/// Who may: the binary, and the crates that are for development only.
const MAY: [&str; 3] = ["belfry", "testbed", "xtask"];
/// Reading a configuration's format is the binary's work alone.
const FORMAT: &str = "toml";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let others = tree
        .sources
        .iter()
        .filter(|source| !MAY.contains(&source.krate.as_str()) && !source.is_example());
    let read = others.flat_map(|source| {
        let names = outside_tests(source).into_iter();
        names.filter(|(_, name)| reads_environment(name)).map(|(line, name)| {
            let problem =
                format!("`{name}`: only `belfry` reads the environment; take it as an argument");
            Finding::new(&source.path, line, problem)
        })
    });
    let parsed = tree.manifests.iter().filter(|(krate, manifest)| {
        !MAY.contains(&krate.as_str()) && manifest.names("dependencies").contains(&FORMAT)
    });
    let parsed = parsed.map(|(_, manifest)| {
        let problem = "only `belfry` reads files of configuration; take settings as an argument";
        Finding::new(&manifest.path, manifest.line_of(FORMAT), problem)
    });
    read.chain(parsed).collect()
}

/// The macro `env!` is read when we build and is no such path.
fn reads_environment(name: &str) -> bool {
    under(name, "std::env") || name.starts_with("env::")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn only_the_binary_reads_the_environment() {
        let text = "fn a() { std::env::var(\"X\"); }\n";
        assert_eq!(findings("crates/belfry/src/main.rs", text), 0);
        assert_eq!(findings("crates/gate/src/lib.rs", text), 1);
        assert_eq!(
            findings("crates/gate/src/lib.rs", "use std::env;\nfn a() { env::args(); }\n"),
            2
        );
        assert_eq!(
            findings("crates/gate/src/lib.rs", "fn a() { env!(\"CARGO_PKG_VERSION\"); }\n"),
            0
        );
        assert_eq!(findings("crates/gate/tests/a.rs", text), 0);
        assert_eq!(findings("crates/gate/examples/a.rs", text), 0);
    }

    #[test]
    fn only_the_binary_reads_configuration() {
        let text = "[dependencies]\ntoml.workspace = true\n";
        assert_eq!(findings("crates/belfry/Cargo.toml", text), 0);
        assert_eq!(findings("crates/gate/Cargo.toml", text), 1);
    }
}
