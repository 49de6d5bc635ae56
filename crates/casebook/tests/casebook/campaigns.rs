//! Campaigns: cases that share marks join as they are opened, two sets that a case ties
//! together become one, and marks go with their report.

use belfry_casebook::assessment::{Said, Standing, TextTie, Weigh, Weighed};
use belfry_casebook::campaign::{Mark, Marked};
use belfry_casebook::report::Report;

use crate::bench::{Bench, NOW, admin, holds, reading, subject};

/// Texts are alike if their sketches begin with the same octet.
struct Scales;

impl Weigh for Scales {
    fn models(&self) -> &'static str {
        "models"
    }
    fn lists(&self) -> &'static str {
        "lists"
    }
    fn weigh(&self, _: &Standing<'_>) -> Option<Weighed> {
        None
    }
    fn text_tie(&self, one: &[u8], other: &[u8]) -> TextTie {
        let alike = one.first() == other.first();
        let shown = "their texts".to_owned();
        TextTie { weight: f64::from(u8::from(alike)), shown, unlike: !alike }
    }
    fn part_if_unlike(&self, kind: &str) -> f64 {
        if kind == "sender" { 0.25 } else { 1.0 }
    }
}

fn mark(kind: &str, value: u64, weight: f64) -> Mark {
    Mark { kind: kind.into(), value, shown: format!("shown-{kind}-{value}"), weight }
}

/// A case about `host` with these marks; answers its report and it.
async fn case(bench: &Bench, host: &str, marks: &[Mark], sketch: &[u8]) -> (Report, u64) {
    let marked = Marked {
        marks: marks.to_vec(),
        sketch: sketch.to_vec(),
        brand: Some("bank".into()),
        channel: "sms".into(),
        month: "2026-11".into(),
    };
    let said = Said { strength: 0.0, evidence: String::new(), marked };
    let report = bench.receive(host.as_bytes(), None).await;
    let (subjects, said) = ([subject(host)], [said]);
    let filed = bench.casebook.file_weighed(report.id, &reading(), &subjects, &said, &Scales).await;
    (report, filed.unwrap()[0])
}

async fn campaign_of(bench: &Bench, case: u64) -> Option<u64> {
    bench.case(case).await.campaign
}

#[tokio::test]
async fn cases_that_are_tied_strongly_enough_are_one_campaign() {
    let bench = Bench::new().await;
    let account = [mark("account", 7, 1.0)];
    let weak = [mark("sender", u64::MAX, 0.6), mark("path", 4, 0.3)];
    let (_, one) = case(&bench, "a.example", &account, b"").await;
    assert_eq!(campaign_of(&bench, one).await, None);
    let (_, two) = case(&bench, "b.example", &account, b"").await;
    assert_eq!(
        (campaign_of(&bench, one).await, campaign_of(&bench, two).await),
        (Some(1), Some(1))
    );
    let (_, third) = case(&bench, "c.example", &weak, b"").await;
    let (_, fourth) = case(&bench, "d.example", &weak, b"").await;
    assert_eq!(campaign_of(&bench, fourth).await, None, "0.9 is not enough");
    let ties = bench.casebook.ties(third, fourth, &Scales).await.unwrap();
    let shown: Vec<_> = ties.iter().map(|tie| (tie.kind.as_str(), tie.weight)).collect();
    assert_eq!(shown, [("sender", 0.6), ("path", 0.3)]);
    let shared = bench.casebook.campaign_marks(1).await.unwrap();
    let shared: Vec<_> = shared.iter().map(|one| (one.shown.as_str(), one.cases)).collect();
    assert_eq!(shared, [("shown-account-7", 2)]);
    let (campaign, members) = bench.casebook.campaign(1).await.unwrap().unwrap();
    assert_eq!((campaign.cases, campaign.brand.as_deref()), (2, Some("bank")));
    assert_eq!(members.iter().map(|case| case.id).collect::<Vec<_>>(), [two, one]);
    let counts = bench.casebook.campaign_counts().await.unwrap();
    assert_eq!((counts[0].cases, counts[0].campaigns, counts[0].brand.as_str()), (4, 1, "bank"));
}

#[tokio::test]
async fn a_text_ties_only_where_it_is_compared_and_found_alike() {
    let bench = Bench::new().await;
    let band = [mark("band", 1, 0.0)];
    let (_, one) = case(&bench, "a.example", &band, b"xa").await;
    let (_, like) = case(&bench, "b.example", &band, b"xb").await;
    let (_, unlike) = case(&bench, "c.example", &band, b"yc").await;
    assert_eq!(campaign_of(&bench, one).await, campaign_of(&bench, like).await);
    assert_eq!(campaign_of(&bench, unlike).await, None);
    let ties = bench.casebook.ties(one, like, &Scales).await.unwrap();
    assert_eq!((ties.len(), ties[0].shown.as_str()), (1, "their texts"));
}

#[tokio::test]
async fn two_campaigns_that_a_case_ties_together_become_one() {
    let bench = Bench::new().await;
    let (left, right) = ([mark("account", 1, 1.0)], [mark("redirector", 2, 1.0)]);
    for (host, marks) in [("a", &left), ("b", &left), ("c", &left), ("d", &right), ("e", &right)] {
        case(&bench, &format!("{host}.example"), marks, b"").await;
    }
    assert_eq!(bench.casebook.campaigns(None, 9).await.unwrap().len(), 2);
    let both = [left[0].clone(), right[0].clone()];
    let (_, last) = case(&bench, "f.example", &both, b"").await;
    let left = bench.casebook.campaigns(None, 9).await.unwrap();
    assert_eq!((left.len(), left[0].cases, left[0].id), (1, 6, 1));
    assert_eq!(campaign_of(&bench, last).await, Some(1));
    let gone = bench.casebook.campaign(2).await.unwrap().unwrap();
    assert_eq!((gone.0.merged_into, gone.1.len()), (Some(1), 0));
    assert!(bench.casebook.campaign(9).await.unwrap().is_none());
}

#[tokio::test]
async fn marks_go_with_their_report_and_a_case_leaves_its_campaign() {
    let bench = Bench::new().await;
    let account = [mark("account", 4711, 1.0)];
    let (_, one) = case(&bench, "a.example", &account, b"x").await;
    let (report, two) = case(&bench, "b.example", &account, b"x").await;
    assert!(holds(bench.folder.path(), "shown-account-4711"));
    bench.casebook.erase(&admin(), &report.receipt, NOW).await.unwrap();
    assert!(bench.casebook.ties(one, two, &Scales).await.unwrap().is_empty());
    assert_eq!(bench.casebook.campaign(1).await.unwrap().unwrap().0.cases, 1);
}

#[tokio::test]
async fn many_marks_are_put_and_found_whole_and_only_the_first_64_count() {
    for count in [1, 15, 16, 17, 40, 70] {
        let bench = Bench::new().await;
        let all: Vec<Mark> = (0..count).map(|n| mark("band", u64::MAX - n, 0.0)).collect();
        let last = mark("account", 9, 1.0);
        let marks = [&all[..], std::slice::from_ref(&last)].concat();
        let (_, one) = case(&bench, "a.example", &marks, b"x").await;
        let (_, two) = case(&bench, "b.example", std::slice::from_ref(&last), b"").await;
        let tied = campaign_of(&bench, one).await.is_some();
        assert_eq!(tied, count < 64, "the last of {count} ties them");
        assert_eq!(campaign_of(&bench, two).await.is_some(), tied);
        // Every band alone leads to the text that has it.
        for n in [0, count / 2, count.min(63) - 1] {
            let host = format!("c{n}.example");
            let (_, like) =
                case(&bench, &host, &all[usize::try_from(n).unwrap()..][..1], b"x").await;
            assert!(campaign_of(&bench, like).await.is_some(), "{count}: the mark {n}");
        }
    }
}

#[tokio::test]
async fn the_texts_of_those_that_share_most_are_compared() {
    let bench = Bench::new().await;
    let shared: Vec<Mark> = (0..3).map(|n| mark("band", n, 0.0)).collect();
    let (_, alike) = case(&bench, "alike.example", &shared, b"x").await;
    // Later ones, unlike, that share a mark each.
    for n in 0..120u64 {
        let host = format!("r{n}.example");
        let own = format!("{}", char::from(b'A' + u8::try_from(n % 26).unwrap()));
        case(&bench, &host, &[mark("band", 100 + n, 0.0)], own.as_bytes()).await;
    }
    let more: Vec<Mark> = (100..130).map(|n| mark("band", n, 0.0)).collect();
    let (_, last) = case(&bench, "last.example", &[&shared[..], &more].concat(), b"x").await;
    let ours = campaign_of(&bench, last).await;
    assert!(ours.is_some() && ours == campaign_of(&bench, alike).await);
}

#[tokio::test]
async fn texts_that_are_unlike_speak_against_a_shared_sender() {
    let bench = Bench::new().await;
    let mailer = [mark("sender", 1, 0.8), mark("sender", 2, 0.8)];
    let (_, one) = case(&bench, "a.example", &mailer, b"xa").await;
    let (_, unlike) = case(&bench, "b.example", &mailer, b"yb").await;
    assert_eq!(campaign_of(&bench, unlike).await, None);
    let ties = bench.casebook.ties(one, unlike, &Scales).await.unwrap();
    assert!(ties.iter().all(|tie| (tie.weight - 0.2).abs() < 1e-9), "{ties:?}");
    assert!(ties[0].shown.ends_with("(less, since their texts are unlike)"), "{ties:?}");
    // Without a text nothing speaks against it, and an account stays whose it is.
    let (_, silent) = case(&bench, "c.example", &mailer, b"").await;
    assert_eq!(campaign_of(&bench, silent).await, Some(1));
    let account = [mark("account", 3, 1.0)];
    let (_, paid) = case(&bench, "d.example", &account, b"xd").await;
    let (_, paid_too) = case(&bench, "e.example", &account, b"ze").await;
    assert_eq!(campaign_of(&bench, paid).await, campaign_of(&bench, paid_too).await);
    assert!(campaign_of(&bench, paid).await.is_some());
}

#[tokio::test]
async fn what_a_case_shows_later_ties_it_too_and_goes_with_its_report() {
    let bench = Bench::new().await;
    let (account, page) = ([mark("account", 1, 1.0)], vec![mark("drop", 2, 1.0)]);
    let more = async |case: u64, report: &Report| {
        let marks = page.clone();
        bench.casebook.mark_more(case, report.id, marks, &Scales, NOW).await.unwrap();
    };
    let (from_one, one) = case(&bench, "a.example", &[], b"").await;
    let (from_two, two) = case(&bench, "b.example", &[], b"").await;
    let (from_three, three) = case(&bench, "c.example", &account, b"").await;
    let (_, four) = case(&bench, "d.example", &account, b"").await;
    more(one, &from_one).await;
    assert_eq!(campaign_of(&bench, one).await, None, "alone with it");
    let joined = campaign_of(&bench, three).await;
    assert!(joined.is_some());
    // One that is in a campaign draws in those that share what it shows, once.
    for _ in 0..2 {
        more(three, &from_three).await;
    }
    more(two, &from_two).await;
    for case in [one, two, three, four] {
        assert_eq!(campaign_of(&bench, case).await, joined);
    }
    let (campaign, _) = bench.casebook.campaign(joined.unwrap()).await.unwrap().unwrap();
    assert_eq!(campaign.cases, 4);
    assert_eq!(bench.casebook.ties(one, two, &Scales).await.unwrap()[0].kind, "drop");
    bench.casebook.erase(&admin(), &from_two.receipt, NOW).await.unwrap();
    assert!(bench.casebook.ties(one, two, &Scales).await.unwrap().is_empty());
    assert!(bench.casebook.mark_more(99, from_one.id, page, &Scales, NOW).await.is_err());
}
