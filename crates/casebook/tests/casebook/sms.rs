//! Templates of SMS texts: none without hand-over, confirmation and legal basis.

use belfry_casebook::StoreError;
use belfry_casebook::access::{Analyst, Follower, Principal, Proof, Role};
use belfry_casebook::report::ReportId;
use belfry_casebook::sms::BasisDraft;
use belfry_casebook::work::{NewSenderObjection, ObjectionState, RefusedSms};
use belfry_guard::{ClearedTemplate, TemplateOutcome, check_template};
use belfry_indicator::{Handover, LegalBasis, OperatorName, Provenance, Template};
use belfry_journal::{Category, Mode, PublicReason, Serial, TemplateOrder, UnixMillis};

use crate::bench::{Bench, NOW, admin, analyst, host, reading, subject};

const FRAUD: &str =
    "Douane: uw zending werd tegengehouden. Voldoe de invoerkosten van 2,99 via evil.example/x";
const DAY: u64 = 24 * 60 * 60 * 1000;

fn later(days: u64) -> UnixMillis {
    UnixMillis(NOW.0 + days * DAY)
}

fn operator(name: &str) -> Follower {
    Principal { name: format!("token:{name}"), role: Role::Operator, proof: Proof::Token }
        .authorize()
        .unwrap()
}

async fn basis(bench: &Bench, name: &str) -> LegalBasis {
    let draft = BasisDraft {
        operator: OperatorName::parse(name).unwrap(),
        authority: "Telecom act 121/8".to_owned(),
        from: UnixMillis(NOW.0 - DAY),
        until: later(60),
    };
    bench.casebook.add_legal_basis(&admin(), draft, NOW).await.unwrap()
}

/// A report of the text, with its case.
async fn reported(bench: &Bench) -> (ReportId, u64) {
    let report = bench.receive(FRAUD.as_bytes(), None).await;
    let subjects = [subject("evil.example")];
    let case = bench.casebook.file_reading(report.id, &reading(), &subjects).await.unwrap()[0];
    (report.id, case)
}

async fn handed_over(bench: &Bench) -> (Handover, u64, LegalBasis) {
    let basis = basis(bench, "telco-1").await;
    let (report, case) = reported(bench).await;
    let before = UnixMillis(NOW.0 - 1_000);
    let handover = bench.casebook.hand_over(&operator("telco-1"), report, FRAUD, before).await;
    (handover.unwrap(), case, basis)
}

fn cleared(template: Template, days: u64) -> ClearedTemplate {
    let order = TemplateOrder {
        template,
        category: Category::Phishing,
        mode: Mode::Live,
        issued_at: NOW,
        valid_until: later(days),
    };
    match check_template(order, [], NOW) {
        TemplateOutcome::Cleared(cleared) => cleared,
        TemplateOutcome::Refused(finding) => panic!("{finding:?}"),
    }
}

fn held(bench: &Bench) -> Vec<Serial> {
    bench.casebook.effective().templates().map(|(serial, _)| serial).collect()
}

fn refused<T: std::fmt::Debug>(result: Result<T, StoreError>, expect: &str) {
    let why = result.unwrap_err().to_string();
    assert!(why.contains(expect), "{why}");
}

#[tokio::test]
async fn a_template_from_its_hand_over_to_its_release() {
    let bench = Bench::new().await;
    let (handover, case, basis) = handed_over(&bench).await;
    let (handover, basis) = (handover.number, basis.number);
    refused(bench.casebook.template(handover, case, basis, FRAUD).await, "found to be fraud");
    bench.block(case, host("evil.example")).await.unwrap();
    refused(bench.casebook.template(handover, case, basis, "another text").await, "handed over");
    let (template, category) = bench.casebook.template(handover, case, basis, FRAUD).await.unwrap();
    assert_eq!(category, Category::Phishing);
    assert_eq!(template.provenance().operator().as_str(), "telco-1");
    let ordered = cleared(template.clone(), 30);
    let serial = bench.casebook.order_template(&analyst("an"), &ordered, NOW).await.unwrap();
    assert_eq!(held(&bench), [serial]);
    let casebook = &bench.casebook;
    let mistake = PublicReason::Mistake;
    casebook.release_template(&analyst("bo"), serial, mistake, NOW).await.unwrap();
    assert_eq!(held(&bench), []);
    refused(casebook.release_template(&analyst("bo"), serial, mistake, NOW).await, "no template");
    // One that is renewed ends by its time.
    casebook.order_template(&analyst("an"), &cleared(template, 30), NOW).await.unwrap();
    assert_eq!(casebook.end_templates(later(29)).await.unwrap(), []);
    assert_eq!(casebook.end_templates(later(30)).await.unwrap().len(), 1);
    assert_eq!(held(&bench), []);
}

#[tokio::test]
async fn a_report_to_the_csirt_is_no_hand_over() {
    let bench = Bench::new().await;
    let basis = basis(&bench, "telco-1").await;
    let (_, case) = reported(&bench).await;
    bench.block(case, host("evil.example")).await.unwrap();
    refused(bench.casebook.template(1, case, basis.number, FRAUD).await, "no hand-over 1");
}

#[tokio::test]
async fn the_hand_over_to_another_operator_carries_nothing() {
    let bench = Bench::new().await;
    let (handover, case, _) = handed_over(&bench).await;
    bench.block(case, host("evil.example")).await.unwrap();
    let other = basis(&bench, "telco-2").await;
    let made = bench.casebook.template(handover.number, case, other.number, FRAUD).await;
    refused(made, "of one operator");
    let (another, _) = reported(&bench).await;
    let analyst_token = operator("Not an operator");
    refused(bench.casebook.hand_over(&analyst_token, another, FRAUD, NOW).await, "operator's name");
}

#[tokio::test]
async fn an_order_with_an_invented_provenance_is_not_written() {
    let bench = Bench::new().await;
    let (handover, case, basis) = handed_over(&bench).await;
    bench.block(case, host("evil.example")).await.unwrap();
    let (real, _) =
        bench.casebook.template(handover.number, case, basis.number, FRAUD).await.unwrap();
    let (handover, confirmation) = (real.provenance().handover(), real.provenance().confirmation());
    let made = |handover: Handover, basis: LegalBasis, text: &str| {
        let provenance = Provenance::new(handover, confirmation, basis).unwrap();
        cleared(Template::new(text, provenance).unwrap(), 20)
    };
    let longer = LegalBasis { until: later(400), ..basis.clone() };
    let elsewhere = Handover { number: 99, ..handover.clone() };
    let text = FRAUD.replace("2,99", "3,49");
    for forged in [
        made(handover.clone(), longer, FRAUD),
        made(elsewhere, basis.clone(), FRAUD),
        made(handover.clone(), basis, &text),
    ] {
        assert!(bench.casebook.order_template(&analyst("an"), &forged, NOW).await.is_err());
    }
    assert_eq!(held(&bench), []);
}

#[tokio::test]
async fn when_the_legal_basis_ends_its_templates_end() {
    let bench = Bench::new().await;
    let (handover, case, basis) = handed_over(&bench).await;
    bench.block(case, host("evil.example")).await.unwrap();
    let (template, _) =
        bench.casebook.template(handover.number, case, basis.number, FRAUD).await.unwrap();
    let ordered = cleared(template, 30);
    bench.casebook.order_template(&analyst("an"), &ordered, NOW).await.unwrap();
    let ended = bench.casebook.end_legal_basis(&admin(), basis.number, later(1)).await.unwrap();
    assert_eq!((ended.len(), held(&bench)), (1, vec![]));
    let again = bench.casebook.order_template(&analyst("an"), &ordered, later(2)).await;
    refused(again, "legal basis");
    refused(
        bench.casebook.end_legal_basis(&admin(), basis.number, later(3)).await,
        "no legal basis",
    );
}

fn person(name: &str) -> Analyst {
    let proof = Proof::Passkey { at: NOW };
    Principal { name: name.into(), role: Role::Analyst, proof }.authorize().unwrap()
}

#[tokio::test]
async fn a_sender_who_is_right_ends_the_template_by_another_persons_word() {
    let bench = Bench::new().await;
    let book = &bench.casebook;
    let (handover, case, basis) = handed_over(&bench).await;
    bench.block(case, host("evil.example")).await.unwrap();
    let made = book.template(handover.number, case, basis.number, FRAUD).await.unwrap();
    let order = cleared(made.0, 30);
    let serial = book.order_template(&analyst("ann"), &order, NOW).await.unwrap();

    let mutation = FRAUD.replace("2,99", "7,49");
    let sms = RefusedSms::new("PLANTED", &mutation).unwrap();
    let new = NewSenderObjection { sms: &sms, words: "It is our notice.", contact: None };
    let number = book.object_as_sender(new, NOW).await.unwrap();
    let honest = RefusedSms::new("+32470000001", "Hoi mam, ik ben om zes uur thuis.").unwrap();
    let other = NewSenderObjection { sms: &honest, words: "Mine too.", contact: None };
    let other = book.object_as_sender(other, NOW).await.unwrap();
    let found = book.objection(&number).await.unwrap().unwrap();
    assert_eq!((found.sms.as_ref(), found.target.as_str()), (Some(&sms), ""));
    assert_eq!(book.objections().await.unwrap().len(), 2);

    let judge = person(&book.case(case).await.unwrap().unwrap().verdicts[0].by);
    refused(book.release_for(&judge, &found, NOW).await, "another person");
    for granted in [true, false] {
        let same = book.decide_objection(&judge, &number, granted, "no", NOW).await;
        refused(same, "another person");
    }
    assert_eq!(held(&bench), [serial]);
    let bob = person("person:bob");
    let harmless = book.objection(&other).await.unwrap().unwrap();
    assert_eq!(book.release_for(&bob, &harmless, NOW).await.unwrap(), []);
    assert_eq!(book.release_for(&bob, &found, NOW).await.unwrap(), [serial]);
    book.decide_objection(&bob, &number, true, "We are sorry.", NOW).await.unwrap();
    assert!(held(&bench).is_empty());
    let found = book.objection(&number).await.unwrap().unwrap();
    assert_eq!(
        (found.state, found.decided_by.as_deref()),
        (ObjectionState::Granted, Some("person:bob"))
    );
}
