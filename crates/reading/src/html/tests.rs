//! Documents in, links and visible text out.

use belfry_indicator::EmbeddedSuffixes;

use super::{looks_like_html, read_html};
use crate::findings::Findings;
use crate::suffixes::List;
use crate::{Limits, LinkKind};

/// Reads `html` and compares `KIND URL [text]` lines, then the visible text.
fn check(html: &str, links: &[&str], text: &str) {
    let limits = Limits::default();
    let mut findings = Findings::new(List(&EmbeddedSuffixes), &limits);
    let visible = read_html(&mut findings, html, "1", 0);
    let got: Vec<_> = findings
        .links
        .iter()
        .map(|link| {
            let shown = link.text.as_ref().map(|t| format!(" [{t}]")).unwrap_or_default();
            let disagrees = if link.text_disagrees { " !" } else { "" };
            format!("{:?} {}{shown}{disagrees}", link.kind, link.url)
        })
        .collect();
    assert_eq!(got, links, "{html}");
    assert_eq!(visible, text, "{html}");
}

#[test]
fn an_anchor_has_the_text_that_a_reader_sees() {
    check(
        "<p>Hi <a href='https://a.example.com/?x=1&amp;y=2'><b>Click</b>\n he&shy;re</a></p>bye",
        &["Anchor https://a.example.com/?x=1&y=2 [Click here]"],
        "Hi Click here\nbye",
    );
    check(
        "<a href=https://a.example.com><img alt='Log in' src=cid:1></a>",
        &["Anchor https://a.example.com/ [Log in]"],
        "",
    );
    check(
        "<a href=https://a.example.com>one<a href=https://b.example.com>two",
        &["Anchor https://a.example.com/ [one]", "Anchor https://b.example.com/ [two]"],
        "onetwo",
    );
}

#[test]
fn visible_text_that_names_another_owner_disagrees() {
    check(
        "<a href=https://evil.example.org/>https://www.example.com/login</a> \
         <a href=https://login.example.com/>www.example.com</a>",
        &[
            "Anchor https://evil.example.org/ [https://www.example.com/login] !",
            "Anchor https://login.example.com/ [www.example.com]",
        ],
        "https://www.example.com/login www.example.com",
    );
}

#[test]
fn every_element_that_links_or_loads_is_seen() {
    check(
        "<base href='https://base.example.com/d/'><a href=x>x</a><form action=/post>\
         <button formaction=https://f.example.com/>go</button></form><img src=i.png>\
         <link rel=stylesheet href=s.css><script src=j.js></script>\
         <meta http-equiv=Refresh content='0;url=r'>\
         <map><area href=m alt=map></map><td background=bg style=\"background:url('c')\">\
         <style>a{b:url(d)}</style>",
        &[
            "Base https://base.example.com/d/",
            "Anchor https://base.example.com/d/x [x]",
            "Form https://base.example.com/post",
            "Form https://f.example.com/",
            "Image https://base.example.com/d/i.png",
            "Stylesheet https://base.example.com/d/s.css",
            "Script https://base.example.com/d/j.js",
            "Refresh https://base.example.com/d/r",
            "Anchor https://base.example.com/d/m [map]",
            "Image https://base.example.com/d/bg",
            "Image https://base.example.com/d/c",
            "Resource https://base.example.com/d/d",
        ],
        "x\ngo",
    );
}

#[test]
fn scripts_titles_and_comments_are_not_shown() {
    check(
        "<title>T <a href=https://a.example.com></title><script>1 <a href=https://b.example.com>\
         </script><!-- <a href=https://c.example.com> --><noscript>\
         <a href=https://d.example.com>d</a></noscript>",
        &["Anchor https://d.example.com/ [d]"],
        "d",
    );
}

#[test]
fn conditional_comments_are_read_for_their_links_only() {
    check(
        "<!--[if mso]><v:roundrect href=\"https://a.example.com/\">Pay</v:roundrect><![endif]-->ok",
        &["Button https://a.example.com/ [Pay]"],
        "ok",
    );
}

#[test]
fn bare_links_in_text_count_outside_anchors_only() {
    check(
        "see https://a.example.com/x <a href=https://b.example.com>https://b.example.com</a>",
        &["Text https://a.example.com/x", "Anchor https://b.example.com/ [https://b.example.com]"],
        "see https://a.example.com/x https://b.example.com",
    );
}

#[test]
fn deep_nesting_and_endless_tags_cost_no_more_than_their_length() {
    let deep = "<div>".repeat(200_000) + "<a href=https://a.example.com/>x";
    check(&deep, &["Anchor https://a.example.com/ [x]"], "x");
    let attributes = "<a ".to_owned() + &"x=y ".repeat(200_000) + "href=https://a.example.com/>x";
    check(&attributes, &["Anchor https://a.example.com/ [x]"], "x");
    let quoted = "<a ".to_owned() + &"x=\"y\" ".repeat(200_000) + "href=https://a.example.com/>x";
    check(&quoted, &["Anchor https://a.example.com/ [x]"], "x");
    let references = "<a href='https://a.example.com/?".to_owned() + &"&amp;".repeat(1_000) + "'>x";
    check(&references, &[&format!("Anchor https://a.example.com/?{} [x]", "&".repeat(1_000))], "x");
    check(&"<!--".repeat(100_000), &[], "");
    check(&"<!--[if mso]>".repeat(100_000), &[], "");
    check(&"<a href=\"".repeat(10_000), &[], "");
}

#[test]
fn offsets_point_into_the_document() {
    let limits = Limits::default();
    let mut findings = Findings::new(List(&EmbeddedSuffixes), &limits);
    let html = "<p>é</p><!--[if mso]><a href=https://c.example.com/><![endif]--><a href=https://a.example.com/>x</a><img src=https://b.example.com/>";
    read_html(&mut findings, html, "1", 0);
    for link in &findings.links {
        let tag = if link.kind == LinkKind::Anchor { "<a " } else { "<img " };
        assert!(html[link.place.offset..].starts_with(tag), "{link:?}");
    }
}

#[test]
fn html_is_known_by_its_start() {
    assert!(looks_like_html("\u{feff}\n <!DOCTYPE HTML PUBLIC"));
    assert!(looks_like_html("<html>"));
    assert!(!looks_like_html("see <html>"));
}
