//! What citizens do, on a phone, in each language.

use crate::stage::Stage;

const PAGES: [&str; 12] = [
    "/",
    "/report",
    "/report?harm=paid",
    "/lookup?name=evil.example",
    "/objection",
    "/privacy",
    "/statistics",
    "/record",
    "/warnings",
    "/warnings/1",
    "/warnings/feeds/de.html",
    "/console/sign-in",
];

#[test]
fn every_page_fits_a_phone_in_each_language_in_light_and_dark() {
    let Some(mut stage) = Stage::set() else { return };
    stage.warn();
    stage.browser.resize(320, 640);
    for language in ["nl", "fr", "de", "en"] {
        for path in PAGES {
            let mark = if path.contains('?') { '&' } else { '?' };
            stage.open(&format!("{path}{mark}lang={language}"));
            stage.check_width();
            let fixed = path.starts_with("/warnings/feeds/");
            let lang = if fixed { "de" } else { language };
            assert_eq!(stage.browser.value("document.documentElement.lang"), lang);
            let name = path.replace(['/', '?', '='], "-");
            stage.browser.dark(language == "fr");
            stage.picture(&format!("phone-{language}{name}"));
        }
    }
    stage.check();
}

#[test]
fn a_citizen_reports_and_follows_it() {
    let Some(mut stage) = Stage::set() else { return };
    stage.open("/?lang=en");
    stage.picture("home");
    stage.browser.press("a[href='/report'].main", "location.pathname === '/report'");
    stage.browser.press("a[href='/report?harm=typed']", "location.search === '?harm=typed'");
    stage.browser.until("document.readyState === 'complete'");
    stage.picture("report");
    stage.browser.value("document.querySelector('#text').focus() ?? true");
    stage.browser.write("https://mijn.pakket-kosten.example/betaal");
    stage.browser.until("document.querySelector('[name=solution]').value !== ''");
    std::thread::sleep(std::time::Duration::from_millis(1_600));
    stage.browser.press("main button[type=submit]", "location.pathname.startsWith('/receipt/')");
    stage.browser.until(
        "fetch(location.href).then(a => a.text()).then(t => t.includes('pakket-kosten[.]example'))",
    );
    let path = stage.browser.value("location.pathname").as_str().unwrap().to_owned();
    stage.open(&path);
    stage.picture("receipt");
    stage.check();
}

#[test]
fn an_owner_objects_and_another_person_lifts_the_block() {
    let Some(mut stage) = Stage::set() else { return };
    let case = stage.report("https://good.shop-owner.example/").to_string();
    stage.hub.command(&["case", "confirm", &case, "--reason", "looks bad"]).unwrap();
    stage.until_blocked("good.shop-owner.example", true);
    stage.open("/lookup?lang=en&name=good.shop-owner.example");
    stage.picture("lookup-blocked");
    stage.browser.press("a[href^='/objection?']", "location.pathname === '/objection'");
    stage.browser.until("document.readyState === 'complete'");
    stage.browser.value("document.querySelector('#words').focus() ?? true");
    stage.browser.write("This is our shop.");
    stage.browser.until("document.querySelector('[name=solution]').value !== ''");
    std::thread::sleep(std::time::Duration::from_millis(1_600));
    stage.browser.press("main button[type=submit]", "location.pathname.startsWith('/objection/')");
    let followed = stage.browser.value("location.pathname").as_str().unwrap().to_owned();
    stage.sign_in("bob", "analyst");
    stage.open("/console/objections?lang=en");
    stage.picture("objections");
    stage.browser.value("document.querySelector('textarea').focus() ?? true");
    stage.browser.write("You are right, we are sorry.");
    stage.browser.press("button[value=grant]", "document.body.innerText.includes('Granted')");
    stage.until_blocked("good.shop-owner.example", false);
    stage.open(&followed);
    assert_eq!(stage.browser.value("document.body.innerText.includes('we are sorry')"), true);
    stage.picture("objection-followed");
    stage.check();
}
