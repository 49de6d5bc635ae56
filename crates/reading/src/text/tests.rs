//! Running text, and what is a link in it.

use belfry_indicator::EmbeddedSuffixes;

use super::{VisibleText, find_links, runs};
use crate::Limits;
use crate::findings::Findings;
use crate::limits::RUN_BYTES_MAX;
use crate::suffixes::List;

fn check(text: &str, expect: &[&str]) {
    let limits = Limits::default();
    let mut findings = Findings::new(List(&EmbeddedSuffixes), &limits);
    find_links(&mut findings, text, "1", 0, 0);
    let got: Vec<_> = findings.links.iter().map(|link| link.url.as_str()).collect();
    assert_eq!(got, expect, "{text:?}");
    for link in &findings.links {
        let raw = link.raw.as_deref().unwrap_or(link.url.as_str());
        assert!(text[link.place.offset..].starts_with(raw), "{text:?}");
    }
}

#[test]
fn bare_links_are_found_where_a_mail_program_would_link_them() {
    check("Pay at https://pay.example.com/x?y=1.", &["https://pay.example.com/x?y=1"]);
    check(
        "see www.example.com, or (example.org/a)",
        &["http://www.example.com/", "http://example.org/a"],
    );
    check(
        "<https://a.example.com/>\nhttps://b.example.com",
        &["https://a.example.com/", "https://b.example.com/"],
    );
}

#[test]
fn a_link_in_angle_brackets_goes_on_over_lines() {
    let limits = Limits::default();
    let mut findings = Findings::new(List(&EmbeddedSuffixes), &limits);
    let text = "<https://a.example.com/x/\r\nb.example.org/y> <https://c.example.com/\nand more>";
    find_links(&mut findings, text, "1", 0, 0);
    let got: Vec<_> = findings.links.iter().map(|link| link.url.as_str()).collect();
    assert_eq!(got, ["https://a.example.com/x/b.example.org/y", "https://c.example.com/"]);
}

#[test]
fn links_that_cannot_be_clicked_are_links() {
    check(
        "see hxxps://evil[.]example[.]com/a, https://b.example.com\nand c(dot)example(dot)com",
        &["https://evil.example.com/a", "https://b.example.com/", "http://c.example.com/"],
    );
    check("e.g. [1] an (at) example.com hxxp", &[]);
}

#[test]
fn what_only_resembles_a_link_is_text() {
    check("That is the end.Next sentence, e.g. this one", &[]);
    check("open invoice.zip or run.sh", &[]);
    check("write to someone@example.com or ftp://example.com", &[]);
}

#[test]
fn runs_cover_the_text_and_are_short() {
    let text = "word ".repeat(10_000) + &"é".repeat(20_000);
    let parts: Vec<_> = runs(&text).collect();
    assert_eq!(parts.concat(), text);
    assert!(parts.iter().all(|run| run.len() <= RUN_BYTES_MAX));
}

#[test]
fn visible_text_folds_space_and_drops_the_invisible() {
    let mut text = VisibleText::default();
    text.push(" Pay\u{200b}Pal \n\t now");
    text.break_line();
    text.break_line();
    text.push("\u{ad}at once\0");
    assert_eq!(text.finish(), "PayPal now\nat once");
}
