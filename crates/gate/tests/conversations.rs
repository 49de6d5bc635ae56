//! Scripted conversations: each file of `tests/conversations` is played against
//! a real gate on real sockets, with a scripted upstream behind it.
//! `tests/conversations/README.md` says how to write one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conversation;

use conversation::Stage;

fn play(file: &str, text: &str) {
    let mut stage = Stage::new(text);
    for (number, line) in text.lines().enumerate() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if let Err(problem) = stage.play(line) {
            panic!("{file}:{}: {problem}", number + 1);
        }
    }
    if let Err(problem) = stage.play("") {
        panic!("{file}: at the end: {problem}");
    }
}

macro_rules! conversations {
    ($($test:ident: $file:literal,)*) => {
        $(#[test]
        fn $test() {
            play($file, include_str!(concat!("conversations/", $file)));
        })*

        #[test]
        fn every_file_is_played() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conversations");
            let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
            let mut files: Vec<_> = files.filter_map(|name| name.into_string().ok()).collect();
            files.retain(|name| name.ends_with(".txt"));
            files.sort();
            let mut played = vec![$($file),*];
            played.sort_unstable();
            assert_eq!(files, played);
        }
    };
}

conversations! {
    access: "access.txt",
    any: "any.txt",
    balancers: "balancers.txt",
    blocked: "blocked.txt",
    cache: "cache.txt",
    cookies: "cookies.txt",
    keeps_mail: "keeps-mail.txt",
    limit: "limit.txt",
    manners: "manners.txt",
    nxdomain: "nxdomain.txt",
    precedence: "precedence.txt",
    special: "special.txt",
    stale: "stale.txt",
    structured: "structured.txt",
    targets: "targets.txt",
    transports: "transports.txt",
    upstream_dead: "upstream-dead.txt",
    upstream_lies: "upstream-lies.txt",
}
