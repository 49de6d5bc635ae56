//! Hostile mails, texts and addresses in every view: nothing runs, nothing leaves. Chromium
//! tells of every request, script error and refusal of the policy.

use crate::stage::Stage;

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

/// What is typed where a name is asked for.
const EVIL: &str = "%22%3E%3Cscript%3Etop.document.title%3D%27run%27%3C%2Fscript%3E%3Cimg%20src%3D\
    http%3A%2F%2Fevil.example%2Fx%20onerror%3Dalert(1)%3E%E2%80%AE";

#[test]
fn nothing_runs_and_nothing_leaves_in_any_view() {
    let Some(mut stage) = Stage::set() else { return };
    let subject = "<svg onload=top.document.title='run'>\u{202e}<img src=http://evil.example/s>";
    let subject = subject.repeat((1 << 20) / subject.len());
    let long = HOSTILE_MAIL.replace("Subject: Pay", &format!("Subject: {subject}"));
    let mails = [HOSTILE_MAIL.to_owned(), long];
    let mut cases: Vec<u64> = mails.iter().map(|mail| stage.report_mail(mail.as_bytes())).collect();
    cases.push(stage.report_sms(
        "\u{202e}<script>top.document.title='run'</script> https://kaart.\u{202e}shop-login.example/x",
    ));
    cases.push(stage.report("https://xn--bnk-0na.evil.example/%3Cscript%3Ealert(1)%3C/script%3E"));
    let waiting = stage.report("https://login.bank.example/<svg/onload=alert(1)>").to_string();
    stage.hub.command(&["case", "confirm", &waiting, "--reason", subject_line()]).unwrap();
    stage.warn();
    stage.sign_in("ann", "admin");
    let mut paths: Vec<String> =
        cases.iter().map(|case| format!("/console/cases/{case}")).collect();
    let others = [
        "/console".to_owned(),
        format!("/console?q={EVIL}"),
        "/console/approvals".into(),
        "/console/campaigns".into(),
        format!("/console/campaigns?brand={EVIL}"),
        "/console/campaigns/1".into(),
        "/console/warnings".into(),
        "/console/warnings/1".into(),
        "/warnings".into(),
        "/warnings/1".into(),
        "/warnings/feeds/en.html".into(),
        "/console/objections".into(),
        "/console/shift".into(),
        format!("/console/rules?said={EVIL}"),
        format!("/console/lists?name={EVIL}"),
        "/console/people".into(),
        "/console/audit".into(),
        format!("/lookup?name={EVIL}"),
        format!("/objection?name={EVIL}"),
        format!("/receipt/{EVIL}"),
        format!("/report?harm={EVIL}"),
    ];
    paths.extend(others);
    for path in &paths {
        stage.open(path);
        stage
            .browser
            .value("document.querySelectorAll('details').forEach(d => d.open = true) ?? true");
        let title = stage.browser.value("document.title");
        assert_ne!(title, "run", "{path}");
        let foreign = "[...document.querySelectorAll('[src],[href],[action]')].filter(e => \
            !(e.src || e.href || e.action).toString().startsWith(location.origin) && \
            !/^(tel:|#)/.test(e.getAttribute('href') || '')).length";
        assert_eq!(stage.browser.value(foreign), 0, "{path} leads elsewhere");
        let problems = stage.browser.problems(&stage.host.clone());
        assert!(problems.is_empty(), "{path}: {problems:#?}");
    }
}

fn subject_line() -> &'static str {
    "<script>top.document.title='run'</script><img src=http://evil.example/r onerror=alert(1)>"
}
