//! What an analyst does all day.

use crate::stage::Stage;

#[test]
fn from_the_queue_to_a_block_in_dns_and_back_by_keys_alone() {
    let Some(mut stage) = Stage::set() else { return };
    let case = stage.report("https://kaart.shop-login.example/verify");
    stage.sign_in("ann", "analyst");
    stage.open("/console?lang=en");
    stage.check();
    stage.picture("queue");
    stage.browser.key("j");
    stage.browser.until("document.activeElement.matches('[data-rows] a')");
    stage.browser.key("Enter");
    let path = format!(
        "location.pathname === '/console/cases/{case}' && document.readyState === 'complete'"
    );
    stage.browser.until(&path);
    stage.picture("case");
    assert!(!stage.blocked("kaart.shop-login.example"));
    stage.browser.key("p");
    stage
        .browser
        .until("location.search === '?said=blocked' && document.readyState === 'complete'");
    stage.until_blocked("kaart.shop-login.example", true);
    // The gate's counts come back within seconds.
    stage
        .browser
        .until("fetch(location.href).then(a => a.text()).then(t => t.includes('local:gate'))");
    stage.open(&format!("/console/cases/{case}"));
    stage.picture("case-blocked");
    stage.check();
    stage.browser.press("[action$='/release'] button", "location.search === '?said=released'");
    stage.until_blocked("kaart.shop-login.example", false);
    stage.check();
}

#[test]
fn keys_are_off_while_typing_and_can_be_switched_off() {
    let Some(mut stage) = Stage::set() else { return };
    let case = stage.report("https://kaart.shop-login.example/verify");
    stage.sign_in("ann", "analyst");
    stage.open(&format!("/console/cases/{case}?lang=en"));
    stage.browser.value("document.querySelector('#reason').focus() ?? true");
    stage.browser.key("p");
    assert_eq!(stage.browser.value("document.querySelector('#reason').value"), "p");
    stage.browser.value("document.querySelector('[data-keys]').click() ?? true");
    stage.browser.value("document.activeElement.blur() ?? true");
    stage.browser.key("p");
    assert_eq!(stage.browser.value("location.search"), "?lang=en");
    assert!(!stage.blocked("kaart.shop-login.example"));
    stage.check();
}

#[test]
fn a_hostile_text_is_framed_and_does_nothing() {
    let Some(mut stage) = Stage::set() else { return };
    let text = "<script>top.document.title='run'</script><img src=http://evil.example/x onerror=alert(1)> \
                pay at https://pakket.shop-login.example/x";
    let case = stage.report_sms(text);
    stage.sign_in("ann", "analyst");
    stage.open(&format!("/console/cases/{case}?lang=en"));
    stage.browser.until("!!document.querySelector('iframe')");
    stage.picture("case-text");
    assert_eq!(stage.browser.value("document.title"), format!("Case {case} · Belfry"));
    assert_eq!(stage.browser.value("document.querySelectorAll('main img, main script').length"), 0);
    let text = "fetch(document.querySelector('iframe').src).then(a => a.text())\
                .then(t => t.includes('&#60;script&#62;top'))";
    assert_eq!(stage.browser.value(text), true, "it is shown as text");
    stage.check();
}

const HOSTILE_MAIL: &str = "From: Bank <bank@evil.example>\r\nTo: Ann <ann@home.example>\r\n\
    Subject: Pay\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n\
    Content-Type: text/html; charset=utf-8\r\n\r\n\
    <html><head><meta http-equiv=refresh content=\"0;url=http://evil.example/refresh\">\
    <style>@import url(http://evil.example/import.css); body{background:url(http://evil.example/bg)}</style>\
    <link rel=stylesheet href=http://evil.example/x.css><base href=http://evil.example/></head>\
    <body background=http://evil.example/body onload=\"top.document.title='run'\">\
    <script>top.document.title='run';fetch('http://evil.example/fetch')</script>\
    <svg onload=\"top.document.title='run'\"><image href=http://evil.example/svg /></svg>\
    <img src=http://evil.example/img onerror=\"top.document.title='run'\" alt=Logo>\
    <iframe src=http://evil.example/frame></iframe><object data=http://evil.example/obj></object>\
    <form action=http://evil.example/form><input name=q><button>Go</button></form>\
    <a href=\"javascript:top.document.title='run'\">script</a>\
    <a href=\"data:text/html,<script>top.document.title='run'</script>\">data</a>\
    <video src=http://evil.example/v autoplay></video>\
    <p style=\"color:#900;font-size:20px\">Dear ann@home.example, \u{202e}pay\u{202c} at once:</p>\
    <table border=1><tr><td bgcolor=#ffcc00><a href=https://kaart.shop-login.example/verify>Verify your card</a></td></tr></table>\
    </body></html>\r\n";

#[test]
fn a_hostile_mail_looks_as_it_looked_and_does_nothing() {
    let Some(mut stage) = Stage::set() else { return };
    let case = stage.report_mail(HOSTILE_MAIL.as_bytes());
    stage.sign_in("ann", "analyst");
    stage.open(&format!("/console/cases/{case}?lang=en"));
    stage.browser.until("!!document.querySelector('details.looks')");
    stage.browser.value("document.querySelector('details.looks').open = true");
    let text = "fetch(document.querySelector('iframe[name=page]').src).then(a => a.text())";
    let page = stage.browser.value(text).as_str().unwrap().to_owned();
    assert!(page.contains("Verify your card") && page.contains("font-size"), "{page}");
    for bad in ["evil.example", "ann@home.example", "onload", "<script", "href", "src=", "\u{202e}"]
    {
        assert!(!page.contains(bad), "{bad}: {page}");
    }
    stage.browser.resize(1400, 4_000);
    std::thread::sleep(std::time::Duration::from_millis(700));
    stage.picture("case-mail");
    stage.check();
    stage.browser.value("document.querySelector('form[target=page] button').click() ?? true");
    std::thread::sleep(std::time::Duration::from_millis(500));
    stage.picture("case-mail-revealed");
    assert_eq!(stage.browser.value("document.title"), format!("Case {case} · Belfry"));
    stage.check();
}

#[test]
fn a_name_of_two_people_waits_for_the_second() {
    let Some(mut stage) = Stage::set() else { return };
    let case = stage.report("https://login.bank.example/verify");
    stage.sign_in("ann", "analyst");
    stage.open(&format!("/console/cases/{case}?lang=en"));
    assert_eq!(
        stage.browser.value("document.body.innerText.includes('Two people must agree.')"),
        true
    );
    stage.browser.press("button[value=phishing]", "location.search === '?said=awaiting'");
    assert!(!stage.blocked("login.bank.example"));
    stage.open("/console/shift?lang=en");
    assert_eq!(
        stage.browser.value("document.body.innerText.includes('login[.]bank[.]example')"),
        true
    );
    stage.picture("shift");
    stage.open("/console/approvals?lang=en");
    assert_eq!(
        stage.browser.value("document.body.innerText.includes('Your role does not approve')"),
        true
    );
    stage.check();
    let Some(mut second) = stage.second("bob", "approver") else { return };
    second
        .browser
        .press("a[href='/console/approvals']", "location.pathname === '/console/approvals'");
    second.browser.until("document.readyState === 'complete'");
    second.picture("approvals");
    assert_eq!(second.browser.value("document.querySelectorAll('[value=approve]').length"), 1);
    second.browser.press("[value=approve]", "location.search === '?said=approved'");
    second.until_blocked("login.bank.example", true);
    second.check();
}

#[test]
fn signing_out_and_in_again_with_the_same_passkey() {
    let Some(mut stage) = Stage::set() else { return };
    stage.sign_in("ann", "admin");
    stage.open("/console/people?lang=en");
    stage.picture("people");
    stage.open("/console/audit");
    stage.picture("audit");
    stage
        .browser
        .press("[action='/console/sign-out'] button", "location.pathname === '/console/sign-in'");
    stage.open("/console/people");
    assert_eq!(stage.browser.value("location.search"), "?next=%2Fconsole%2Fpeople");
    stage.browser.until("!document.querySelector('[data-passkey]').disabled");
    stage.picture("sign-in");
    stage.browser.press("[data-passkey]", "location.pathname === '/console/people'");
    stage.check();
}

const CONSOLE: [&str; 9] = [
    "/console",
    "/console/approvals",
    "/console/campaigns",
    "/console/objections",
    "/console/shift",
    "/console/rules",
    "/console/lists?name=www.bank.example",
    "/console/people",
    "/console/audit",
];

#[test]
fn the_console_fits_a_phone_in_each_language() {
    let Some(mut stage) = Stage::set() else { return };
    let first = stage.report_sms("Your parcel waits: pay at https://kaart.shop-login.example/pay");
    let second = stage.report_sms("Your parcel waits: pay at https://kaart.other-shop.example/pay");
    let number = second.to_string();
    stage.hub.command(&["case", "confirm", &number, "--reason", "seen"]).unwrap();
    stage.sign_in("ann", "admin");
    stage.browser.resize(320, 640);
    let cases = [format!("/console/cases/{first}"), format!("/console/cases/{second}")];
    let pages: Vec<&str> = CONSOLE.into_iter().chain(cases.iter().map(String::as_str)).collect();
    for language in ["nl", "fr", "de", "en"] {
        for path in &pages {
            let mark = if path.contains('?') { '&' } else { '?' };
            stage.open(&format!("{path}{mark}lang={language}"));
            stage.check_width();
            let name = path.replace(['/', '?', '='], "-");
            if language == "de" {
                stage.picture(&format!("phone-{language}{name}"));
            }
        }
    }
    stage.browser.resize(1400, 900);
    for path in pages {
        stage.open(&format!("{path}{}lang=en", if path.contains('?') { '&' } else { '?' }));
        stage.picture(&format!("wide{}", path.replace(['/', '?', '='], "-")));
    }
    stage.check();
}
