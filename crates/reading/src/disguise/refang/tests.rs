//! Links made harmless, and texts that only resemble them.

use proptest::prelude::*;

use super::refang;

fn check(text: &str, expect: &str) {
    assert_eq!(refang(text).text, expect, "{text:?}");
}

#[test]
fn what_cannot_be_clicked_is_mended() {
    for (text, expect) in [
        ("hxxps://evil[.]example/a[.]php", "https://evil.example/a.php"),
        ("hXXp[:]//evil(.)example", "http://evil.example"),
        ("h**p://evil{dot}example", "http://evil.example"),
        ("[https]://evil.[example] https ://a.example", "https://evil.[example] https://a.example"),
        ("xxxxs[://]evil [punt] example", "https://evil.example"),
        ("jan (at) evil (point) example", "jan@evil.example"),
        ("jan AT evil DOT example", "jan@evil.example"),
        ("192[.]0[,]2[dot]7", "192.0.2.7"),
        ("192,0,2,7 1,2,3,4,5 192,0,2,777", "192.0.2.7 1,2,3,4,5 192,0,2,777"),
        ("evil\\.example evil^.example evil-dot-example", "evil.example evil.example evil.example"),
        ("foodot]example a].[b [www].evil[-]shop.example", "foo.example a.b www.evil-shop.example"),
    ] {
        check(text, expect);
    }
}

#[test]
fn prose_and_whole_links_stay_as_they_are() {
    for text in [
        "",
        "https://evil.example/a?b=[c]",
        "he said (at last) that [he] would",
        "THAT IS A DOT.",
        "a.[b c.]d",
        "www.dot.example",
        "a <b> c",
        "1,234 and 5,6",
        "HTTP and https are schemes",
        "xxx",
        "Dear ann@post.example, hi",
    ] {
        check(text, text);
    }
}

#[test]
fn each_octet_knows_where_it_stood() {
    let text = "é hxxp://evil[.]example end";
    let mended = refang(text);
    let start = mended.text.find("http").unwrap();
    let end = mended.text.find(" end").unwrap();
    assert_eq!(&text[mended.origin(start, end)], "hxxp://evil[.]example");
}

proptest! {
    #[test]
    fn any_text_is_mended_without_losing_its_letters(text in "[a-zé .\\[\\](){}<>:/,@^\\\\-]{0,40}|.{0,40}") {
        let mended = refang(&text);
        prop_assert_eq!(mended.origin.len(), mended.text.len());
        prop_assert!(mended.origin.iter().all(|at| *at < text.len().max(1)));
    }
}
