//! Assessments: weighed as reports join, by the most telling of them, gone with it.

use belfry_casebook::assessment::{AssessmentRecord, Said, Standing, Weigh, Weighed};
use belfry_casebook::case::{CaseFilter, CaseSort};
use belfry_casebook::report::Report;

use crate::bench::{Bench, NOW, admin, holds, reading, subject};

/// Scales whose models have a name; what a report says is a number.
struct Scales(&'static str);

impl Weigh for Scales {
    fn models(&self) -> &str {
        self.0
    }
    fn lists(&self) -> &'static str {
        "lists 1"
    }
    fn weigh(&self, standing: &Standing<'_>) -> Option<Weighed> {
        let said: u32 = standing.evidence.rsplit(' ').next()?.parse().ok()?;
        Some(Weighed {
            score: f64::from(said) / 100.0,
            urgency: i64::from(said),
            verdict: "undecidable".into(),
            reasons: format!("because {}{}", standing.evidence, standing.page),
        })
    }
}

fn said(words: &str, strength: u32) -> Said {
    let (strength, evidence) = (f64::from(strength), format!("{words} {strength}"));
    Said { strength, evidence, ..Said::default() }
}

/// A report about `host` that says so much; answers it and its case.
async fn report(bench: &Bench, host: &str, said: Said, scales: &Scales) -> (Report, u64) {
    let report = bench.receive(said.evidence.as_bytes(), Some("an@x.example")).await;
    let (subjects, all) = ([subject(host)], [said]);
    let filed =
        bench.casebook.file_weighed(report.id, &reading(), &subjects, &all, scales).await.unwrap();
    (report, filed[0])
}

async fn assessment(bench: &Bench, case: u64) -> Option<AssessmentRecord> {
    bench.casebook.case(case).await.unwrap().unwrap().assessment
}

#[tokio::test]
async fn the_report_that_says_most_speaks_for_the_case() {
    let bench = Bench::new().await;
    let scales = Scales("models 1");
    let (_, case) = report(&bench, "evil.example", said("weak", 20), &scales).await;
    assert_eq!(assessment(&bench, case).await.unwrap().score, 0.2);
    let (strong, _) = report(&bench, "evil.example", said("strong", 70), &scales).await;
    report(&bench, "evil.example", said("middling", 50), &scales).await;
    let found = assessment(&bench, case).await.unwrap();
    assert_eq!((found.score, found.report), (0.7, strong.id));
    assert_eq!((found.reasons.as_str(), found.lists.as_str()), ("because strong 70", "lists 1"));
    assert_eq!(bench.case(case).await.score, Some(0.7));
    // What other models said is another measure.
    report(&bench, "evil.example", said("anew", 10), &Scales("models 2")).await;
    let found = assessment(&bench, case).await.unwrap();
    assert_eq!((found.score, found.models.as_str()), (0.1, "models 2"));
}

#[tokio::test]
async fn an_assessment_goes_with_its_report_and_can_be_made_anew() {
    let bench = Bench::new().await;
    let scales = Scales("models 1");
    let (weak, case) = report(&bench, "evil.example", said("weak", 20), &scales).await;
    let (strong, _) = report(&bench, "evil.example", said("planted-words", 70), &scales).await;
    assert!(bench.casebook.cases_not_assessed(10).await.unwrap().is_empty());
    bench.casebook.erase(&admin(), &strong.receipt, NOW).await.unwrap();
    bench.casebook.sweep().await.unwrap();
    assert!(!holds(bench.folder.path(), "planted-words"));
    assert_eq!(assessment(&bench, case).await, None);
    assert_eq!(bench.casebook.cases_not_assessed(10).await.unwrap(), [case]);
    let left = [(weak.id, said("weak", 20))];
    bench.casebook.assess(case, &left, "", &scales, NOW).await.unwrap();
    assert_eq!(assessment(&bench, case).await.unwrap().score, 0.2);
    assert!(bench.casebook.assess(99, &[], "", &scales, NOW).await.is_err());
}

#[tokio::test]
async fn what_was_seen_of_a_page_counts_for_reports_that_join_later() {
    let bench = Bench::new().await;
    let scales = Scales("models 1");
    let (first, case) = report(&bench, "evil.example", said("weak", 20), &scales).await;
    let all = [(first.id, said("weak", 20))];
    bench.casebook.assess(case, &all, " and a page", &scales, NOW).await.unwrap();
    report(&bench, "evil.example", said("strong", 70), &scales).await;
    let found = assessment(&bench, case).await.unwrap();
    assert_eq!(found.reasons, "because strong 70 and a page");
    assert_eq!(found.page, " and a page");
}

#[tokio::test]
async fn the_most_urgent_cases_come_first_page_by_page() {
    let bench = Bench::new().await;
    let scales = Scales("models 1");
    let mut cases = Vec::new();
    for (host, strength) in [("a.example", 30), ("b.example", 90), ("c.example", 60)] {
        cases.push(report(&bench, host, said("x", strength), &scales).await.1);
    }
    let unweighed = bench.case_about("d.example").await;
    let list = async |before, limit| {
        let sort = CaseSort::Urgency;
        let filter = CaseFilter { sort, before, limit, ..CaseFilter::default() };
        let found = bench.casebook.cases(&filter).await.unwrap();
        found.iter().map(|case| case.id).collect::<Vec<_>>()
    };
    assert_eq!(list(None, 9).await, [cases[1], cases[2], cases[0], unweighed]);
    assert_eq!(list(None, 2).await, [cases[1], cases[2]]);
    assert_eq!(list(Some(cases[2]), 9).await, [cases[0], unweighed]);
    assert!(list(Some(99), 9).await.is_empty());
}
