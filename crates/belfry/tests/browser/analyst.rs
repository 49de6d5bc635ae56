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

const CONSOLE: [&str; 13] = [
    "/console",
    "/console/approvals",
    "/console/campaigns",
    "/console/objections",
    "/console/shift",
    "/console/operators",
    "/console/operators/telco-1",
    "/console/warnings",
    "/console/warnings/1",
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
    stage.warn();
    stage.hub.command(&["operator", "add", "telco-1"]).unwrap();
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
