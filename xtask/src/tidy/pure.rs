//! Pure crates do no I/O and know no clock, environment, thread or runtime:
//! lists, `now` and limits are arguments.

use crate::tidy::Finding;
use crate::tidy::dependencies::PURE;
use crate::tidy::names::{outside_tests, under};
use crate::tidy::tree::Tree;

/// Paths that a pure crate never names outside its tests.
const BANNED: [&str; 20] = [
    "std::fs",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "std::net::TcpListener",
    "std::net::TcpStream",
    "std::net::UdpSocket",
    "std::net::ToSocketAddrs",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::os",
    "SystemTime::now",
    "Instant::now",
    "fs::read",
    "fs::write",
    "File::open",
    "thread::spawn",
    "rand",
];

/// Packages that a pure crate never depends on.
const PACKAGES: [&str; 12] = [
    "axum",
    "getrandom",
    "hyper",
    "jiff",
    "quinn",
    "rand",
    "reqwest",
    "rustix",
    "socket2",
    "sqlx",
    "tokio",
    "tracing-subscriber",
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let sources = tree
        .sources
        .iter()
        .filter(|source| PURE.contains(&source.krate.as_str()) && !source.is_example());
    let named = sources.flat_map(|source| {
        let names = outside_tests(source).into_iter();
        names.filter(|(_, name)| BANNED.iter().any(|banned| under(name, banned))).map(
            |(line, name)| {
                let problem = format!(
                    "`{name}` in the pure crate `{}`: take it as an argument",
                    source.krate
                );
                Finding::new(&source.path, line, problem)
            },
        )
    });
    let manifests = tree.manifests.iter().filter(|(krate, _)| PURE.contains(&krate.as_str()));
    let packages = manifests.flat_map(|(krate, manifest)| {
        let names = manifest.names("dependencies").into_iter();
        names.filter(|name| PACKAGES.contains(name)).map(move |name| {
            let problem = format!("the pure crate `{krate}` must not depend on `{name}`");
            Finding::new(&manifest.path, manifest.line_of(name), problem)
        })
    });
    named.chain(packages).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn a_pure_crate_has_no_clock_and_no_files() {
        for text in
            ["use std::fs;\n", "use std::time::Instant;\n", "fn a() { SystemTime::now(); }\n"]
        {
            assert_eq!(findings("crates/guard/src/lib.rs", text), 1, "{text}");
            assert_eq!(findings("crates/gate/src/lib.rs", text), 0, "{text}");
        }
        assert_eq!(findings("crates/guard/src/lib.rs", "use std::time::Duration;\n"), 0);
        assert_eq!(findings("crates/guard/tests/a.rs", "use std::fs;\n"), 0);
        assert_eq!(findings("crates/guard/examples/a/main.rs", "use std::fs;\n"), 0);
    }

    #[test]
    fn a_pure_crate_has_no_runtime() {
        let text = "[dependencies]\ntokio.workspace = true\n";
        assert_eq!(findings("crates/guard/Cargo.toml", text), 1);
        assert_eq!(findings("crates/gate/Cargo.toml", text), 0);
    }
}
