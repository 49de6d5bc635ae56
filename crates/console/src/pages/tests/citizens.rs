//! The citizens' pages: help before the form, a report and its receipt, look-up,
//! objection, figures; in four languages.

use axum::body::Body;
use axum::http::{Request, header};
use belfry_casebook::access::Role;
use serde_json::{Value, json};

use super::{Answer, Pages, now};

/// A form as it would be sent some seconds after it was opened: the clock of the tests
/// stands still, so the puzzle is made of an earlier time.
async fn send(pages: &Pages, path: &str, fields: &[(&str, &str)], file: Option<&[u8]>) -> Answer {
    let puzzle = pages.site.puzzles.make(belfry_journal::UnixMillis(now().0 - 60_000));
    if file.is_none() && path != "/report" {
        let mut all = vec![("puzzle", puzzle.as_str())];
        all.extend_from_slice(fields);
        return pages.post(path, "", &all).await;
    }
    let mut body = Vec::new();
    for (name, value) in fields.iter().chain([&("puzzle", puzzle.as_str())]) {
        let part =
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    if let Some(file) = file {
        let head =
            b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.eml\"\r\n\r\n";
        body.extend_from_slice(head);
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    let request =
        Request::post(path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    pages.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn help_comes_before_the_form() {
    let pages = Pages::new().await;
    let first = pages.get("/report?lang=en", "").await.body;
    assert!(
        first.contains("Did you click, type something or pay?") && !first.contains("<textarea")
    );
    let paid = pages.get("/report?lang=en&harm=paid", "").await.body;
    let (help, form) = (paid.find("Have your cards blocked"), paid.find("<textarea"));
    assert!(help.is_some() && help < form);
    assert!(paid.contains("href=\"tel:+3278170170\""));
    let none = pages.get("/report?lang=en&harm=no", "").await.body;
    assert!(!none.contains("Have your cards blocked") && none.contains("<textarea"));
}

#[tokio::test]
async fn a_report_is_durable_and_its_receipt_is_followed() {
    let pages = Pages::new().await;
    let mail = b"Received: by x\r\nSubject: hi\r\n\r\nhttps://evil.example";
    for (fields, file) in [
        (&[("text", "https://evil.example/login")][..], None),
        (&[("text", "Pay now: https://evil.example")][..], None),
        (&[][..], Some(&mail[..])),
    ] {
        let answer = send(&pages, "/report", fields, file).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let to = answer.headers["location"].to_str().unwrap().to_owned();
        let page = pages.get(&format!("{to}?lang=en"), "").await;
        assert!(page.body.contains("We are reading it now"), "{}", page.body);
    }
    assert_eq!(pages.casebook.statistics().await.unwrap().reports, 3);
    assert_eq!(send(&pages, "/report", &[("text", " ")], None).await.status, 422);
}

#[tokio::test]
async fn machines_are_asked_again() {
    let pages = Pages::new().await;
    let trapped = send(&pages, "/report", &[("text", "x"), ("website", "spam")], None).await;
    assert_eq!(trapped.status, 200, "the form is shown again");
    assert_eq!(pages.casebook.statistics().await.unwrap().reports, 0);
}

#[tokio::test]
async fn an_outcome_is_told_with_small_counts_withheld() {
    let pages = Pages::new().await;
    let reading = json!({ "links": [{ "url": "https://evil.example", "text_disagrees": true }] });
    let receipt = pages.case("evil.example", &reading).await;
    let ann = pages.person("ann", Role::Analyst).await;
    let csrf = pages.get("/console/cases/1", &ann).await.csrf();
    let fields = [("csrf", csrf.as_str()), ("version", "1"), ("verdict", "phishing")];
    pages.post("/console/cases/1/decide", &ann, &fields).await;
    let page = pages.get(&format!("/receipt/{receipt}?lang=en"), "").await.body;
    assert!(
        page.contains("It was dangerous and is blocked. That took less than a minute."),
        "{page}"
    );
    assert!(page.contains("The text of a link named another address"));
    assert!(!page.contains("Number of reports of it"), "one report is below ten");
    assert_eq!(pages.get("/receipt/AAAAA-AAAAA-AAAAA-AAAAA", "").await.status, 404);
    assert_eq!(pages.get("/receipt?number=nonsense", "").await.status, 404);
    let found = pages.get(&format!("/receipt?number={}", receipt.to_lowercase()), "").await;
    assert_eq!(found.headers["location"].to_str().unwrap(), format!("/receipt/{receipt}"));
}

#[tokio::test]
async fn a_senders_objection_waits_with_the_others_and_its_sms_is_for_people_who_judge_only() {
    let pages = Pages::new().await;
    let sms = [("sender", "SHOP"), ("text", "Your order <b>7</b> is here")];
    let words = [&sms[..], &[("words", "It is our notice."), ("contact", "")]].concat();
    let sent = send(&pages, "/objection/sms", &words, None).await;
    let to = sent.headers["location"].to_str().unwrap().to_owned();
    let number = to.trim_start_matches("/objection/");
    let open = pages.get(&format!("{to}?lang=en"), "").await.body;
    assert!(open.contains("We are looking at it.") && !open.contains("SHOP"), "{open}");
    let bob = pages.person("bob", Role::Analyst).await;
    let list = pages.get("/console/objections", &bob).await;
    assert!(list.body.contains("SMS: SHOP") && list.body.contains("It is our notice."));
    assert!(list.body.contains("order &#60;b&#62;7&#60;/b&#62; is here"), "{}", list.body);
    let csrf = list.csrf();
    let fields = [("csrf", csrf.as_str()), ("decision", "grant"), ("answer", "None refuses it.")];
    let decided = pages.post(&format!("/console/objections/{number}"), &bob, &fields).await;
    assert_eq!(decided.status, 303);
    let followed = pages.get(&format!("{to}?lang=en"), "").await.body;
    assert!(followed.contains("You were right.") && followed.contains("None refuses it."));
    let nobody = [("sender", " "), ("text", "x"), ("words", "y"), ("contact", "")];
    assert_eq!(send(&pages, "/objection/sms", &nobody, None).await.status, 422);
}

#[tokio::test]
async fn a_block_is_looked_up_objected_to_and_lifted_by_another_person() {
    let pages = Pages::new().await;
    pages.case("evil.example", &json!({})).await;
    let ann = pages.person("ann", Role::Analyst).await;
    let csrf = pages.get("/console/cases/1", &ann).await.csrf();
    let fields = [("csrf", csrf.as_str()), ("version", "1"), ("verdict", "phishing")];
    pages.post("/console/cases/1/decide", &ann, &fields).await;
    let looked = pages.get("/lookup?lang=en&name=https%3A%2F%2Fevil.example%2Fx", "").await.body;
    assert!(looked.contains("This name is blocked") && looked.contains("Phishing"));
    let free = pages.get("/lookup?lang=en&name=good.example", "").await.body;
    assert!(free.contains("That does not say that it is safe"));

    let record = async || pages.get("/record?lang=en", "").await.body;
    let blocked = record().await;
    assert!(blocked.contains("evil[.]example") && blocked.contains("Blocked"), "{blocked}");
    assert!(blocked.contains("/api/v1/record/entries/"));

    let words = [("name", "evil.example"), ("words", "It is my shop."), ("contact", "")];
    let sent = send(&pages, "/objection", &words, None).await;
    let to = sent.headers["location"].to_str().unwrap().to_owned();
    let number = to.trim_start_matches("/objection/");
    let decide = async |cookie: &str, csrf: &str| {
        let fields = [("csrf", csrf), ("decision", "grant"), ("answer", "You are right.")];
        pages.post(&format!("/console/objections/{number}"), cookie, &fields).await.status
    };
    assert_eq!(decide(&ann, &csrf).await, 422, "who judged does not decide");
    let bob = pages.person("bob", Role::Analyst).await;
    let list = pages.get("/console/objections", &bob).await;
    assert!(list.body.contains("It is my shop."));
    assert_eq!(decide(&bob, &list.csrf()).await, 303);
    let followed = pages.get(&format!("{to}?lang=en"), "").await.body;
    assert!(followed.contains("You were right.") && followed.contains("You are right."));
    let looked = pages.get("/lookup?lang=en&name=evil.example", "").await.body;
    assert!(looked.contains("This name is not blocked"));
    let over = record().await;
    assert!(!over.contains("evil[.]example"), "{over}");
    assert_eq!(over.matches("A mistake: the name is not shown").count(), 2, "order and release");
}

#[tokio::test]
async fn figures_are_public_and_small_ones_withheld() {
    let pages = Pages::new().await;
    for n in 0..12 {
        pages.case(&format!("evil{n}.example"), &json!({})).await;
    }
    let page = pages.get("/statistics?lang=en", "").await.body;
    assert!(page.contains("<b>12</b>Reports") && page.contains("<svg class=\"plot\""));
    let json: Value = serde_json::from_str(&pages.get("/statistics.json", "").await.body).unwrap();
    assert_eq!((&json["reports"], &json["blocked_names"]), (&json!(12), &json!(0)));
    let last = json["days"].as_array().unwrap().last().unwrap();
    assert_eq!(last["reports"], 12);
    let csv = pages.get("/statistics.csv", "").await.body;
    assert!(csv.starts_with("date,reports,blocks\r\n") && csv.lines().count() == 31);
}

#[tokio::test]
async fn every_page_is_there_in_four_languages() {
    let pages = Pages::new().await;
    let mut seen = std::collections::HashSet::new();
    for path in [
        "/",
        "/report",
        "/report?harm=typed",
        "/lookup",
        "/objection",
        "/privacy",
        "/statistics",
        "/record",
    ] {
        for tag in ["nl", "fr", "de", "en"] {
            let mark = if path.contains('?') { '&' } else { '?' };
            let answer = pages.get(&format!("{path}{mark}lang={tag}"), "").await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(answer.body.contains(&format!("<html lang=\"{tag}\">")), "{path} {tag}");
            let title = answer.body.split("<h1>").nth(1).unwrap().split('<').next().unwrap();
            seen.insert((path, title.to_owned()));
            assert!(
                !answer.body.contains("http://") && !answer.body.contains("https://"),
                "{path}"
            );
        }
    }
    assert!(seen.len() >= 24, "{}", seen.len());
}
