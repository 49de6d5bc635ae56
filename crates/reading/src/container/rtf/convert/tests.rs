//! Rich text and the HTML that it becomes.

use proptest::prelude::*;

use super::to_html;

fn check(rtf: &[u8], expect: &str) {
    assert_eq!(to_html(rtf, 10_000), expect, "{}", String::from_utf8_lossy(rtf));
}

#[test]
fn encapsulated_html_comes_back() {
    check(
        b"{\\rtf1\\ansi\\ansicpg1251\\fromhtml1 \\deff0{\\fonttbl{\\f0\\fswiss Arial;}\
          {\\f1\\fcharset204 Arial;}}{\\*\\htmltag19 <html>}\
          {\\*\\htmltag84 <a href=\"https://a.example/?a=1&amp;b=1\">}\
          \\htmlrtf {\\field{\\*\\fldinst{HYPERLINK \"https://x.example\"}}{\\fldrslt\\htmlrtf0 \
          \\f1 \\'cf\\'f0 \\u8364?\\htmlrtf }\\htmlrtf0 \\htmlrtf }\\htmlrtf0 {\\*\\htmltag92 </a>}\
          \\par\\htmlrtf \\par\\htmlrtf0 {\\*\\mhtmltag84 <b>}&nbsp;}",
        "<html><a href=\"https://a.example/?a=1&amp;b=1\">Пр €</a>\r\n&nbsp;",
    );
}

#[test]
fn fields_of_plain_rtf_are_anchors() {
    check(
        b"{\\rtf1\\ansi{\\info{\\author x}}{\\*\\generator y;}Dear <you>\\par {\\field{\\*\\fldinst \
          { HYPERLINK \"https://a.example/?a&b\" }}{\\fldrslt {\\ul Pay\\~now}}} caf\\'e9\\line \
          {\\pict 0102}{\\object{\\*\\objdata 01}} \\{x\\}}",
        "Dear &lt;you&gt;<br>\n<a href=\"https://a.example/?a&amp;b\">Pay\u{a0}now</a> café<br>\n \
         {x}",
    );
}

#[test]
fn unicode_has_its_fallback_skipped() {
    check(
        b"{\\rtf1\\u233 ?a\\uc2\\u8364 xxb{\\uc0\\u233 c}\\u-10179?\\'3f\\u-8704??d}",
        "éa€béc😀d",
    );
}

#[test]
fn bytes_announced_are_skipped_and_output_is_bounded() {
    check(b"{\\rtf1 a{\\bin5 }}}}}b}c", "abc");
    assert!(to_html(format!("{{\\rtf1 {}", "a{".repeat(100_000)).as_bytes(), 500).len() <= 1_000);
    assert!(to_html(&b"}".repeat(100_000), 500).is_empty());
}

proptest! {
    #[test]
    fn any_tokens_are_no_panic(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "\\*", "\\htmltag1 ", "\\htmlrtf ", "\\fldinst ", "\\fldrslt ", "HYPERLINK \"a\"",
            "\\'e9", "\\u-10179?", "\\bin3 ", "\\f1", "\\fcharset204 ", "\\fonttbl", "x<", "\\par", "\\"
        ]), 0..60)
    ) {
        to_html(pieces.concat().as_bytes(), 1_000);
    }
}
