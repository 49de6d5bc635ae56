//! Mails in short, and the role of each link.

use belfry_indicator::EmbeddedSuffixes;

use crate::{Limits, Role, read_mail};

/// Reads an HTML mail from `from`; `expect` are `ROLE HOST` lines.
fn check(html: &str, expect: &[&str]) {
    let mail = format!(
        "From: Bank <info@bank.example.com>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\n\
         Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}"
    );
    let reading = read_mail(mail.as_bytes(), &EmbeddedSuffixes, &Limits::default());
    let got: Vec<_> =
        reading.links.iter().map(|link| format!("{:?} {}", link.role, link.host)).collect();
    assert_eq!(got, expect, "{html}");
    assert!(reading.links.iter().all(|link| !link.why.is_empty()), "{:?}", reading.links);
}

#[test]
fn the_button_matters_and_the_footer_does_not() {
    check(
        "<img src=https://img.example.net/1.png>\
         <a class=btn href=https://evil.example.org/>Bevestig nu</a>\
         <a href=https://www.example.net/privacy>Privacy</a>\
         <a href=https://www.facebook.com/bank>Facebook</a>\
         <a href=https://list.example.net/u>Uitschrijven</a>\
         <a href=https://www.w3.org/TR/>x</a>",
        &[
            "Asset img.example.net",
            "CallToAction evil.example.org",
            "Boilerplate www.example.net",
            "Boilerplate www.facebook.com",
            "Unsubscribe list.example.net",
            "Boilerplate www.w3.org",
        ],
    );
}

#[test]
fn the_only_link_matters_whatever_it_is_called() {
    check("<a href=https://evil.example.org/>Privacy</a>", &["CallToAction evil.example.org"]);
    check("<a href=https://evil.example.org/>unsubscribe</a>", &["CallToAction evil.example.org"]);
    check("see https://evil.example.org/", &["CallToAction evil.example.org"]);
    check("<a href=https://evil.example.org/></a>", &["CallToAction evil.example.org"]);
}

#[test]
fn a_missing_space_is_no_lure_beside_a_link() {
    check(
        "new sign.in found <a href=https://evil.example.org/>Details</a>",
        &["Mention sign.in", "CallToAction evil.example.org"],
    );
}

#[test]
fn a_name_without_a_dot_raises_nothing() {
    check("<a href=https://w/>Klik hier</a>", &["Other w"]);
}

#[test]
fn boilerplate_alone_raises_nothing() {
    check("<a href=https://twitter.com/bank>T</a>", &["Boilerplate twitter.com"]);
}

#[test]
fn a_text_that_names_another_owner_betrays_the_lure() {
    check(
        "<a href=https://bank.example.com/a>Over ons</a>\
         <a href=https://evil.example.org/>https://bank.example.com/login</a>",
        &["Boilerplate bank.example.com", "CallToAction evil.example.org"],
    );
}

#[test]
fn at_most_three_hosts_are_raised() {
    let html: String =
        (0..20).map(|n| format!("<a href=https://h{n}.example.org/>klik</a>")).collect();
    let mail = format!("From: a@example.com\nContent-Type: text/html\n\n{html}");
    let reading = read_mail(mail.as_bytes(), &EmbeddedSuffixes, &Limits::default());
    let raised = reading.links.iter().filter(|link| link.role == Role::CallToAction).count();
    assert_eq!(raised, 3);
}

#[test]
fn a_form_and_a_refresh_are_what_the_mail_is_for() {
    check(
        "<form action=https://evil.example.org/p></form><a href=https://www.example.net/>x</a>",
        &["CallToAction evil.example.org", "Other www.example.net"],
    );
    check(
        "<meta http-equiv=refresh content='0;url=https://evil.example.org/'>",
        &["CallToAction evil.example.org"],
    );
}

#[test]
fn a_link_called_here_is_read_with_its_sentence() {
    check(
        "<a href=https://evil.example.org/a>Pak uw voordeel</a> Geen e-mails meer ontvangen? \
         Om u af te melden, klik <a href=https://list.example.net/x>hier</a>.",
        &["CallToAction evil.example.org", "Unsubscribe list.example.net"],
    );
    check(
        "Click <a href=https://evil.example.org/a>here</a> to verify your wallet. \
         <a href=https://news.example.net/b class=btn>THE LATEST</a>",
        &["CallToAction evil.example.org", "Other news.example.net"],
    );
}

#[test]
fn what_an_arrow_points_at_is_the_lure_within_another_sites_mail() {
    check(
        "You won 1 BTC ➡️ https://evil.example.org/x <a class=btn href=https://sign.example.net/d>Sign document</a>",
        &["CallToAction evil.example.org", "Other sign.example.net"],
    );
    check(
        "Username: www.evil.example.org - 1 BTC. Set your password: https://shop.example.net/login?key=1&\
         login=www.evil.example.org%20-%201%20BTC or https://shop.example.net/login",
        &["CallToAction www.evil.example.org", "Other shop.example.net", "Other shop.example.net"],
    );
}

#[test]
fn the_imitated_brand_is_no_lure() {
    check(
        "<a href=https://www.bank.com/><img src=https://www.bank.com/logo.png></a>\
         <a href=https://evil.example.org/x>Ga verder</a><a href=https://help.bank.com/q>Vragen</a>",
        &[
            "Asset www.bank.com",
            "Brand www.bank.com",
            "CallToAction evil.example.org",
            "Brand help.bank.com",
        ],
    );
}

#[test]
fn a_boilerplate_host_that_leads_on_may_be_the_lure() {
    check(
        "<a href=https://www.linkedin.com/slink?code=x>Verify</a>",
        &["CallToAction www.linkedin.com"],
    );
}

#[test]
fn a_name_in_running_text_alone_is_raised_only_where_it_is_meant() {
    for text in
        ["please sign.in now", "we use ASP.net daily", "Booking.com is great", "the end.in short"]
    {
        let mail = format!("From: a@example.com\n\n{text}");
        let reading = read_mail(mail.as_bytes(), &EmbeddedSuffixes, &Limits::default());
        assert!(reading.links.iter().all(|link| link.role == Role::Mention), "{text}");
    }
    for text in [
        "ga naar mijnbank.be",
        "www.mijnbank.be",
        "pakje-track.be wacht",
        "mijn.bank.be wacht",
        "mijnbank.be",
    ] {
        let mail = format!("From: a@example.com\n\n{text}");
        let reading = read_mail(mail.as_bytes(), &EmbeddedSuffixes, &Limits::default());
        assert_eq!(reading.links[0].role, Role::CallToAction, "{text}");
    }
}

#[test]
fn no_boilerplate_host_hides_what_it_leads_on_to() {
    let target = "https%3A%2F%2Fevil.example.org%2Flogin";
    for host in super::boilerplate::hosts() {
        for query in ["url", "q", "next", "RelayState"] {
            let mail = format!(
                "From: Bank <info@bank.example.com>\nDate: Tue, 24 Nov 2026 10:00:00 +0100\n\
                 Content-Type: text/html\n\n<a href=https://{host}/go?{query}={target}>Log in</a> \
                 <a href=https://www.example.net/>Home</a> <a href=https://www.example.net/a>Help</a>"
            );
            let reading = read_mail(mail.as_bytes(), &EmbeddedSuffixes, &Limits::default());
            let raised: Vec<_> =
                reading.links.iter().filter(|l| l.role == Role::CallToAction).collect();
            assert_eq!(raised.len(), 1, "{host} {query}: {:?}", reading.links);
            assert_eq!(raised[0].host, "evil.example.org", "{host}");
        }
    }
}

#[test]
fn what_a_trap_carries_is_not_the_lure() {
    check(
        "<a href=https://evil.example.org/?next=https://bank.example.com/>Log in</a>",
        &["CallToAction evil.example.org", "Brand bank.example.com"],
    );
}

#[test]
fn a_page_of_a_stranger_is_raised_where_the_mail_calls_for_nothing_else() {
    for host in ["play.google.com", "www.facebook.com"] {
        check(
            &format!("<a href=https://{host}/l/1>Join now to verify your account</a>"),
            &[&format!("CallToAction {host}")],
        );
        check(
            &format!(
                "<a href=https://evil.example.org/x>Verify your account</a>\
                 <a href=https://{host}/l/1>Join now</a>"
            ),
            &["CallToAction evil.example.org", &format!("Boilerplate {host}")],
        );
        check(&format!("<a href=https://{host}/l/1>Us</a>"), &[&format!("Boilerplate {host}")]);
    }
    check(
        "<a href=https://teams.microsoft.com/l/meetup-join/1>Join now</a>",
        &["Boilerplate teams.microsoft.com"],
    );
}

#[test]
fn a_protected_link_of_which_only_the_protector_knows_is_raised() {
    check(
        "<a href=https://protect-eu.mimecast.com/s/abcDEF123>Log in</a>\
         <a href=https://www.mimecast.com/>Mimecast</a>",
        &["CallToAction protect-eu.mimecast.com", "Boilerplate www.mimecast.com"],
    );
}
