//! Takes the life out of every address in a warning's text. Readers of feeds make links of
//! what looks like one, so nothing may look like one but our own address, and the bare name
//! of a site that the guard would never let be blocked.

use belfry_casebook::warning::{WarningText, WarningTexts};
use belfry_desk::Desk;
use belfry_guard::{Opinion, Rule};
use belfry_indicator::{Domain, EmbeddedSuffixes, Target};

use crate::shown;
use crate::state::Site;

/// Characters of a text that are kept; the casebook refuses shorter ones already.
const CHARS_MAX: usize = 10_000;
/// What parts labels, as people and browsers take it.
const DOTS: [char; 4] = ['.', '。', '．', '｡'];

/// How far a name is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Ours: it stays as it is, address and all.
    Own,
    /// Of a site that is never blocked: its bare name stays, an address below it does not.
    Named,
    Stranger,
}

/// Knows which names may stay.
pub(crate) struct Defanger<'a> {
    knows: Box<dyn Fn(&Domain) -> Known + Send + Sync + 'a>,
}

impl<'a> Defanger<'a> {
    pub(crate) fn new(desk: &Desk, site: &'a Site) -> Self {
        let lists = desk.lists();
        let knows = move |name: &Domain| {
            if name.to_string() == site.party.id {
                return Known::Own;
            }
            match lists.opinion(&Target::Host(name.clone()), &EmbeddedSuffixes) {
                Opinion::Refused(found) if found.iter().any(|one| one.rule == Rule::OwnName) => {
                    Known::Own
                }
                Opinion::Refused(found) if found.iter().any(|one| one.rule == Rule::NeverBlock) => {
                    Known::Named
                }
                _ => Known::Stranger,
            }
        };
        Self { knows: Box::new(knows) }
    }

    pub(crate) fn texts(&self, texts: &WarningTexts) -> WarningTexts {
        texts.clone().map(|WarningText { title, body }| WarningText {
            title: self.text(title.trim()),
            body: self.text(body.replace("\r\n", "\n").trim()),
        })
    }

    /// The text without hidden characters and without living addresses. Doing it twice
    /// changes nothing more.
    fn text(&self, text: &str) -> String {
        let text = shown::text(text, CHARS_MAX);
        let mut out = String::with_capacity(text.len() + 64);
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            self.push(&mut out, run, after);
            let next = after.find(is_part).unwrap_or(after.len());
            out.push_str(&after[..next]);
            rest = &after[next..];
        }
        out
    }

    /// Puts a run of characters that names are made of.
    fn push(&self, out: &mut String, run: &str, after: &str) {
        let name = run.trim_end_matches(DOTS);
        let known = Domain::parse(name).map_or(Known::Stranger, |name| (self.knows)(&name));
        let bare = !out.ends_with(['/', '@', '\\']) && !after.starts_with(['/', ':', '\\', '@']);
        if known == Known::Own || known == Known::Named && bare {
            out.push_str(run);
            return;
        }
        if out.ends_with("://") {
            kill_scheme(out);
        }
        if !is_name(name) {
            out.push_str(run);
            return;
        }
        for c in name.chars() {
            match c {
                c if DOTS.contains(&c) => out.push_str("[.]"),
                c => out.push(c),
            }
        }
        out.push_str(&run[name.len()..]);
    }
}

/// `https://` becomes `hxxps://`, whatever its letters' case.
fn kill_scheme(out: &mut String) {
    for (alive, dead) in [("https://", "hxxps://"), ("http://", "hxxp://")] {
        let start = out.len().saturating_sub(alive.len());
        if out.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(alive)) {
            out.truncate(start);
            out.push_str(dead);
            return;
        }
    }
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_') || DOTS.contains(&c)
}

/// Whether it looks like a host's name or address: two labels and more, the last of them a
/// word; or four numbers.
fn is_name(run: &str) -> bool {
    let labels: Vec<&str> = run.trim_start_matches(DOTS).split(DOTS).collect();
    let number = |label: &&str| label.bytes().all(|b| b.is_ascii_digit());
    let Some(last) = labels.last() else { return false };
    let word = last.chars().count() >= 2 && last.chars().any(char::is_alphabetic);
    let whole = labels.iter().all(|label| !label.is_empty());
    whole && (labels.len() >= 2 && word || labels.len() == 4 && labels.iter().all(number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn defanger() -> Defanger<'static> {
        let knows = |name: &Domain| match name.to_string().as_str() {
            "report.csirt.example" => Known::Own,
            "bank.example" => Known::Named,
            _ => Known::Stranger,
        };
        Defanger { knows: Box::new(knows) }
    }

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let once = defanger().text(text);
        assert_eq!(once, expect);
        assert_eq!(defanger().text(&once), expect, "twice");
    }

    #[test]
    fn nothing_looks_like_a_link_but_our_own() {
        check("Go to https://evil.example/a?b=c.", "Go to hxxps://evil[.]example/a?b=c.");
        check("evil.example, www.evil.example.", "evil[.]example, www[.]evil[.]example.");
        check("HTTP://Evil.Example", "hxxp://Evil[.]Example");
        check("pay@evil.example", "pay@evil[.]example");
        check("http://192.0.2.1/ http://localhost/", "hxxp://192[.]0[.]2[.]1/ hxxp://localhost/");
        check("evil。example evil．co．uk", "evil[.]example evil[.]co[.]uk");
        check("bücher.example", "bücher[.]example");
        check("https://bank.example@evil.example", "hxxps://bank[.]example@evil[.]example");
        check(
            "Report at https://report.csirt.example/report.",
            "Report at https://report.csirt.example/report.",
        );
        check("\u{202e}evil.example", "⟨U+202E⟩evil[.]example");
    }

    #[test]
    fn a_known_sites_bare_name_stays_and_no_address_below_it() {
        check("Type bank.example yourself.", "Type bank.example yourself.");
        check("bank.example/login", "bank[.]example/login");
        check("https://bank.example", "hxxps://bank[.]example");
        check("x@bank.example", "x@bank[.]example");
        check("evil.bank.example", "evil[.]bank[.]example");
    }

    #[test]
    fn prose_stays_as_it_is() {
        for text in [
            "It costs 2.99 or 1.000,50 euro, on 24.11.2026, z. B. at 09.05.",
            "Card Stop: +32 78 170 170…",
            "- one\n- two\n\nThe end.",
            "",
            "...",
        ] {
            check(text, text);
        }
    }

    proptest! {
        #[test]
        fn no_text_stays_alive(text in "([a-z]{1,6}|://|https?://|[.@/: \n]|\\PC){0,40}") {
            let once = defanger().text(&text);
            prop_assert_eq!(&defanger().text(&once), &once);
            let alive = once.to_lowercase().replace("https://report.csirt.example", "");
            let linked = alive.split("http").skip(1).any(|rest| {
                let rest = rest.trim_start_matches('s');
                rest.strip_prefix("://").is_some_and(|rest| rest.starts_with(char::is_alphanumeric))
            });
            prop_assert!(!linked, "{:?}", once);
        }
    }
}
