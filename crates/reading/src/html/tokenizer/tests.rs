//! Documents and their tokens.

use proptest::prelude::*;

use super::{Token, Tokenizer};

/// All tokens in short: `<a>`, `</a>`, `text`, `!comment`.
fn tokens(html: &str) -> Vec<String> {
    let mut tokenizer = Tokenizer::new(html);
    let mut all = Vec::new();
    while let Some((_, token)) = tokenizer.next() {
        all.push(match token {
            Token::Text(text) => text.into_owned(),
            Token::Start { name, self_closing } => {
                format!("<{name}{}>", if self_closing { "/" } else { "" })
            }
            Token::End(name) => format!("</{name}>"),
            Token::Comment(text) => format!("!{text}"),
        });
    }
    all
}

fn check(html: &str, expect: &[&str]) {
    assert_eq!(tokens(html), expect, "{html:?}");
}

#[test]
fn tags_text_and_comments_are_told_apart() {
    check("a<B c=d>e</b >f<br/>", &["a", "<b>", "e", "</b>", "f", "<br/>"]);
    check("1 < 2 <3 a<", &["1 < 2 <3 a<"]);
    check("<!doctype html><?php x ?>a</ x>b", &["a", "b"]);
    check("<!--a--><!--><!---><!--b--!>c<!--d", &["!a", "!", "!", "!b", "c", "!d"]);
    check("<!--a--->b", &["!a", "b"]);
}

#[test]
fn quotes_hide_what_ends_a_tag() {
    check("<a b='>' c=\"<\" d=e>f", &["<a>", "f"]);
    check("<a b=\"c>d", &[]);
    check("<a b=c/d>e", &["<a>", "e"]);
    check("<a =b c= >d", &["<a>", "d"]);
}

#[test]
fn raw_text_ends_at_its_own_end_tag() {
    check("<script>'<a>'</scripty></SCRIPT >a", &["<script>", "'<a>'</scripty>", "</script>", "a"]);
    check("<title>a&amp;b</title>", &["<title>", "a&b", "</title>"]);
    check("<style>a", &["<style>", "a"]);
    check("<style></style>", &["<style>", "</style>"]);
    check("<plaintext><a>", &["<plaintext>", "<a>"]);
    check("<noscript><a>", &["<noscript>", "<a>"]);
}

proptest! {
    #[test]
    fn any_text_is_split(pieces in prop::collection::vec(
        prop::sample::select(vec![
            "<", "</", "a", ">", "/", "=", "\"", "'", " ", "<!--", "-->", "--", "!", "é", "&amp;",
            "&#", "x41;", "script", "title", "<a href=", "\0",
        ]), 0..40)
    ) {
        tokens(&pieces.concat());
    }
}
