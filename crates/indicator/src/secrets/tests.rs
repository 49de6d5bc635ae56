//! Tests of `Secrets`: each way to carry an address, and what is left alone.

use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL_NOPAD, HEXLOWER};
use proptest::prelude::*;

use super::*;

const ADDRESS: &str = "Jan.Peeters@post.example";

fn secrets() -> Secrets {
    Secrets::new([ADDRESS, "no address", "@", "info@firm.example"])
}

fn check(tail: &str, expect: &str) {
    assert_eq!(secrets().redact_tail(tail), expect, "{tail:?}");
}

#[test]
fn an_address_is_found_in_every_form() {
    let b64 = BASE64.encode(ADDRESS.as_bytes());
    let url = BASE64URL_NOPAD.encode(b"\x01{\"to\":\"jan.peeters@post.example\"}");
    let hex = HEXLOWER.encode(ADDRESS.as_bytes());
    let b32 = BASE32_NOPAD.encode(ADDRESS.as_bytes()).to_lowercase();
    for form in [
        "jan.peeters@post.example",
        "JAN.PEETERS%40POST.EXAMPLE",
        "jan.peeters%2540post.example",
        "%6aan.peeters%40post.exampl%65",
        "jan-peeters-post-example",
        "jan_peeters_at_post.example",
        "elpmaxe.tsop@sreteep.naj",
        "wna.crrgref@cbfg.rknzcyr",
        &b64,
        &url,
        &hex,
        &b32,
        &BASE64URL_NOPAD.encode(b64.as_bytes()),
        &format!("x-{b64}"),
    ] {
        check(&format!("/a/{form}/b"), "/a/redacted--recipient/b");
        check(&format!("/?e={form}&f=1#g"), "/?e=redacted--recipient&f=1#g");
    }
}

#[test]
fn only_the_piece_that_holds_it_goes() {
    check(
        "/login?next=https%3A%2F%2Fx.example%2F%3Fu%3Djan.peeters%2540post.example%26v%3D1",
        "/login?next=https%3A%2F%2Fx.example%2F%3Fu%3Dredacted--recipient%26v%3D1",
    );
    check(
        "/?data=05%7C02%7Cjan.peeters%40post.example%7C31d1",
        "/?data=05%7C02%7Credacted--recipient%7C31d1",
    );
    check("/u/jan.peeters/x?jan-peeters", "/u/redacted--recipient/x?redacted--recipient");
    check("/#stranger@elsewhere.example", "/#redacted--recipient");
}

#[test]
fn what_tells_of_nobody_stays() {
    for tail in [
        "",
        "/",
        "/info/firm.example?post.example",
        "/@peeters/post/abcdefghijklmnop",
        "/p@1.2.3/dist/x.js?v=aGVsbG8gd29ybGQgaGVsbG8",
        "/x?id=0123456789abcdef0123456789abcdef",
        "/%E2%80%8B%zz%4",
    ] {
        check(tail, tail);
    }
}

#[test]
fn text_loses_the_addresses_of_its_people_and_keeps_others() {
    let text = "To JAN.peeters@post.example from fraud@evil.example: \
                https://a.b.example/?u=fraud%40evil.example <http://jan@x.example/#jan.peeters>";
    assert_eq!(
        secrets().redact_text(text),
        "To redacted--recipient from fraud@evil.example: \
         https://a.b.example/?u=redacted--recipient <http://jan@x.example/#redacted--recipient>"
    );
    let urls =
        "jan.peeters@post.example https://jan.peeters@jan-peeters-post-example.evil.example/";
    assert_eq!(
        secrets().redact_urls(urls),
        "jan.peeters@post.example https://redacted--recipient@redacted--recipient.evil.example/"
    );
}

#[test]
fn decoding_ends_however_often_a_text_decodes() {
    let mut text = ADDRESS.to_owned();
    for _ in 0..12 {
        text = BASE64.encode(text.as_bytes());
    }
    secrets().in_url(&text);
    secrets().in_url(&"%25".repeat(100_000));
}

proptest! {
    #[test]
    fn redacting_twice_changes_nothing(tail in "/[a-z@.%0-9&=/-]{0,60}") {
        let once = secrets().redact_tail(&tail).into_owned();
        prop_assert!(!secrets().in_url(&once));
        prop_assert_eq!(secrets().redact_tail(&once), once.as_str());
    }
}
