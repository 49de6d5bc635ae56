//! Links of every service that we see through, and what must not be mistaken for one.

use belfry_indicator::Url;

use super::{Peeled, nested, peel};

fn check(raw: &str, expect: Option<(&str, &str)>) {
    let url = Url::parse(raw).unwrap_or_else(|error| panic!("{raw:?}: {error}"));
    let expect = expect.map(|(by, inner)| (by.to_owned(), inner.to_owned()));
    assert_eq!(
        peel(raw, &url).map(|Peeled { by, inner }| (by.to_owned(), inner)),
        expect,
        "{raw:?}"
    );
}

#[test]
fn link_protectors_are_seen_through() {
    let target = "https://evil.example/a?b=c";
    let escaped = "https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc";
    let base64 = data_encoding::BASE64.encode(target.as_bytes());
    for (by, link) in [
        ("Microsoft Safe Links", format!("https://eur01.safelinks.protection.outlook.com/?url={escaped}&data=05%7C02")),
        ("Microsoft Safe Links", format!("https://eur01.safelinks.protection.outlook.com/ap/x?a=1&amp;url={escaped}&amp;data=1")),
        ("Trend Micro", format!("https://ctp.trendmicro.com/wis/clicktime/v2/clickthrough?url={escaped}&uuid=1")),
        ("Trend Micro", format!("https://imsva91-ctp.trendmicro.com:443/wis/clicktime/v1/query?url={escaped}&umid=1")),
        ("Barracuda", format!("https://linkprotect.cudasvc.com/url?a={escaped}&c=E,1&typo=1")),
        ("Cisco", format!("https://secure-web.cisco.com/1xaQ-_token/{escaped}")),
        ("Sophos", format!("https://eu-central-1.protection.sophos.com/?d=evil.example&u={base64}&i=1")),
        ("FireEye", format!("https://protect2.fireeye.com/v1/url?k=1-2&q=1&e=2&u={escaped}")),
        ("Symantec", format!("https://clicktime.symantec.com/3AbC?u={escaped}")),
        ("Check Point", format!("https://protect.checkpoint.com/v2/___{target}___.YXAxOm")),
        ("Libraesva", format!("https://urlsand.esvalabs.com/?u={escaped}&e=1&h=2&f=n&p=y")),
        ("Google redirect", format!("https://www.google.com/url?sa=t&url={escaped}&usg=1")),
        ("Google redirect", format!("https://www.google.be/url?q={escaped}")),
        ("Google AMP", "https://www.google.com/amp/s/evil.example/a%3fb=c".to_owned()),
        ("Bing redirect", format!("https://www.bing.com/ck/a?!&&p=1&u=a1{}&ntb=1", base64.trim_end_matches('='))),
        ("Yahoo redirect", format!("https://r.search.yahoo.com/_ylt=A/RV=2/RE=1/RO=10/RU={escaped}/RK=2/RS=1-")),
        ("Facebook redirect", format!("https://l.facebook.com/l.php?u={escaped}&h=AT0")),
        ("Amazon SES", "https://x7.r.us-east-1.awstrack.me/L0/https:%2F%2Fevil.example%2Fa%3Fb=c/1/0100-000/x=1".to_owned()),
    ] {
        check(&link, Some((by, target)));
    }
}

#[test]
fn proofpoint_has_three_forms() {
    for (link, expect) in [
        (
            "https://urldefense.proofpoint.com/v1/url?u=http://evil.example/a%3Fb&k=1",
            "http://evil.example/a?b",
        ),
        (
            "https://urldefense.com/v2/url?u=https-3A__evil.example_a-2Db-5Fc&d=1",
            "https://evil.example/a-b_c",
        ),
        (
            "https://urldefense.com/v3/__https://evil.example/*a__;Iw!!x!y$",
            "https://evil.example/#a",
        ),
        (
            "https://urldefense.com/v3/__https://evil.example/**B/x__;W11b!!x!y$",
            "https://evil.example/[][/x",
        ),
    ] {
        check(link, Some(("Proofpoint", expect)));
    }
    for broken in [
        "v3/____;Iw!!x!y$",
        "v3/__https://evil.example/**",
        "v3/__a__;%%!!",
        "v2/url?x=1",
        "v1/url?u=",
    ] {
        check(&format!("https://urldefense.com/{broken}"), None);
    }
}

#[test]
fn where_only_the_host_is_told_it_is_read() {
    check(
        "https://protect-eu.mimecast.com/s/AbC1?domain=evil.example",
        Some(("Mimecast", "http://evil.example/")),
    );
    check(
        "https://url.uk.m.mimecastprotect.com/s/AbC?domain=x.evil.example",
        Some(("Mimecast", "http://x.evil.example/")),
    );
    check(
        "https://evil--shop-example.translate.goog/a?b",
        Some(("Google Translate", "https://evil-shop.example/a?b")),
    );
    check("https://protect-eu.mimecast.com/s/AbC1", None);
}

#[test]
fn a_mail_service_tells_where_its_tracker_leads() {
    let inner = r#"{"u":1,"v":1,"url":"https:\\\/\\\/evil.example\\\/a","id":"x"}"#;
    let json = format!(r#"{{"s":"x","v":1,"p":"{}"}}"#, inner.replace('"', "\\\""));
    let p = data_encoding::BASE64URL_NOPAD.encode(json.as_bytes());
    check(
        &format!("https://mandrillapp.com/track/click/1/evil.example?p={p}"),
        Some(("Mandrill", "https://evil.example/a")),
    );
}

#[test]
fn a_host_that_only_resembles_a_service_is_the_trap_itself() {
    for host in [
        "www.google.com.evil.example",
        "google.com.de",
        "safelinks.protection.outlook.com.evil.example",
        "evilsafelinks.protection.outlook.com.example",
        "xurldefense.com",
        "l.facebook.com.evil.example",
    ] {
        check(
            &format!(
                "https://{host}/url?url=https%3A%2F%2Fbank.example%2F&q=https%3A%2F%2Fbank.example%2F"
            ),
            None,
        );
    }
    check("https://www.google.com/search?q=https%3A%2F%2Fbank.example%2F", None);
    check("https://eur01.safelinks.protection.outlook.com/?data=1", None);
}

#[test]
fn any_url_may_carry_another() {
    for (url, expect) in [
        ("https://a.example/?next=https://b.example/x&y=1", &["https://b.example/x"][..]),
        ("https://a.example/?next=https%3A%2F%2Fb.example%2Fx%26z&y=1", &["https://b.example/x&z"]),
        ("https://a.example/?n=https%253A%252F%252Fb.example%252F", &["https://b.example/"]),
        ("https://a.example/r/http://b.example/c", &["http://b.example/c"]),
        ("https://a.example/#aHR0cHM6Ly9iLmV4YW1wbGUv", &["https://b.example/"]),
        ("https://a.example/aHR0cHM6Ly9iLmV4YW1wbGUv/x", &["https://b.example/"]),
        ("https://a.example/?x=687474703a2f2f622e6578616d706c65", &["http://b.example"]),
        (
            "https://a.example/?a=http://b.example/&c=HTTPS://d.example",
            &["http://b.example/", "HTTPS://d.example"],
        ),
        ("https://http.example/http/https?http=1&x=http:", &[]),
        ("https://a.example/?u=https%3A%2F%2Flocalhost%2F", &[]),
        ("https://", &[]),
    ] {
        assert_eq!(nested(url), expect, "{url}");
    }
    assert_eq!(nested(&format!("https://a.example/?{}", "http://b.example&".repeat(50))).len(), 4);
}
