//! From a reading to the subjects of its cases.
//!
//! A mail with twelve links raises the suspected calls to action, not twelve
//! cases. What DNS can't block, or must not, becomes a case of its URL; a
//! message without any link that matters becomes a case of its text.

use std::collections::HashSet;

use belfry_casebook::case::Subject;
use belfry_guard::Lists;
use belfry_indicator::{Blockable, RedactedUrl, Suffixes, Target, blockable};
use belfry_reading::{Defect, DefectKind, Link, Reading, Role};

/// Cases that one report may raise.
const SUBJECTS_MAX: usize = 10;
/// Characters of a message's title.
const TITLE_CHARS: usize = 120;

/// The subjects that `reading` raises, at least one. Where it names more hosts
/// than one report may raise, that becomes a defect of the reading.
pub fn subjects(reading: &mut Reading, lists: &Lists, suffixes: &impl Suffixes) -> Vec<Subject> {
    let mut seen = HashSet::new();
    let mut subjects: Vec<Subject> = reading
        .links
        .iter()
        .filter(|link| link.role == Role::CallToAction)
        .map(|link| subject_of(link, lists, suffixes))
        .filter(|subject| seen.insert(subject.clone()))
        .collect();
    if subjects.len() > SUBJECTS_MAX {
        reading.defects.push(Defect {
            kind: DefectKind::LimitReached,
            place: String::new(),
            detail: format!("{} of {} hosts raised as cases", SUBJECTS_MAX, subjects.len()),
        });
        subjects.truncate(SUBJECTS_MAX);
    }
    if subjects.is_empty() {
        subjects.push(message(reading));
    }
    subjects
}

/// The links of `reading` that raise `subject`.
pub fn links_of<'a>(
    subject: &Subject,
    reading: &'a Reading,
    lists: &Lists,
    suffixes: &impl Suffixes,
) -> Vec<&'a Link> {
    let calls = reading.links.iter().filter(|link| link.role == Role::CallToAction);
    calls.filter(|link| is_about(subject, &subject_of(link, lists, suffixes))).collect()
}

/// Whether two subjects are the same case. Why DNS can't block one may have changed.
fn is_about(one: &Subject, other: &Subject) -> bool {
    match (one, other) {
        (Subject::Host { host: one, .. }, Subject::Host { host: other, .. }) => one == other,
        (Subject::Url { url: one, .. }, Subject::Url { url: other, .. }) => one == other,
        (one, other) => one == other,
    }
}

fn subject_of(link: &Link, lists: &Lists, suffixes: &impl Suffixes) -> Subject {
    subject_of_url(&link.url, lists, suffixes)
}

/// What a URL is a case of.
pub(crate) fn subject_of_url(
    url: &RedactedUrl,
    lists: &Lists,
    suffixes: &impl Suffixes,
) -> Subject {
    match blockable(&url.nameable_host(), suffixes) {
        Ok(Blockable { host, registrable }) => {
            match lists.refusal(&Target::Host(host.clone()), suffixes) {
                None => Subject::Host { host, registrable },
                Some(finding) => unblockable(
                    url,
                    format!("not blockable by DNS, because {}", finding.explanation),
                ),
            }
        }
        Err(why) => unblockable(url, why.to_string()),
    }
}

/// Without query and fragment: they name the victim more often than the page.
fn unblockable(url: &RedactedUrl, why_not_blockable: String) -> Subject {
    Subject::Url { url: url.page(), why_not_blockable }
}

fn message(reading: &Reading) -> Subject {
    let title = reading
        .summary
        .subject
        .as_deref()
        .filter(|subject| !subject.trim().is_empty())
        .or_else(|| reading.text.lines().find(|line| !line.trim().is_empty()))
        .unwrap_or("(no text)");
    Subject::Message {
        digest: reading.text_digest.clone(),
        title: title.trim().chars().take(TITLE_CHARS).collect(),
    }
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;
    use belfry_reading::{Limits, read_sms};

    use super::*;

    fn lists() -> Lists {
        let never = belfry_indicator::Domain::parse("shared.example").unwrap();
        Lists::new([], [never], [])
    }

    fn raised(text: &str) -> Vec<Subject> {
        let mut reading = read_sms(text.as_bytes(), &EmbeddedSuffixes, &Limits::default());
        subjects(&mut reading, &lists(), &EmbeddedSuffixes)
    }

    fn host(subject: &Subject) -> &str {
        match subject {
            Subject::Host { host, .. } => host.as_str(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_same_host_twice_is_one_case() {
        let subjects = raised("Pay https://a.evil.example/x now, or https://a.evil.example/y");
        assert_eq!(subjects.len(), 1);
        assert_eq!(host(&subjects[0]), "a.evil.example");
    }

    #[test]
    fn what_dns_cannot_block_is_a_case_of_its_url_without_the_victims_part() {
        let subjects = raised("Log in at http://192.0.2.7/login?mail=an@mail.example#an");
        let [Subject::Url { url, why_not_blockable }] = &subjects[..] else {
            panic!("{subjects:?}")
        };
        assert_eq!(url.as_str(), "http://192.0.2.7/login");
        assert!(why_not_blockable.contains("IP address"), "{why_not_blockable}");
    }

    #[test]
    fn a_protected_host_is_a_case_of_its_url() {
        let subjects = raised("See https://shared.example/f/123");
        let [Subject::Url { url, why_not_blockable }] = &subjects[..] else {
            panic!("{subjects:?}")
        };
        assert_eq!(url.as_str(), "https://shared.example/f/123");
        assert!(why_not_blockable.contains("shared.example"), "{why_not_blockable}");
    }

    #[test]
    fn a_text_without_links_is_a_case_of_the_text() {
        let first = raised("Hi mum, this is my new number, please send 500 euro");
        let again = raised("Hi mum, this is my new number, please send 500 euro");
        assert!(
            matches!(&first[..], [Subject::Message { title, .. }] if title.starts_with("Hi mum"))
        );
        assert_eq!(first, again);
    }

    #[test]
    fn each_subject_has_its_own_links() {
        let text = "Pay https://a.evil.example/x or https://a.evil.example/y or http://192.0.2.7/z";
        let mut reading = read_sms(text.as_bytes(), &EmbeddedSuffixes, &Limits::default());
        let raised = subjects(&mut reading, &lists(), &EmbeddedSuffixes);
        let links = |subject| links_of(subject, &reading, &lists(), &EmbeddedSuffixes).len();
        assert_eq!(raised.iter().map(links).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn more_hosts_than_may_be_raised_are_a_defect_not_a_silence() {
        let links: Vec<String> =
            (0..14).map(|n| format!("https://h{n}.evil{n}.example/")).collect();
        let text = links.join(" ");
        let mut reading = read_sms(text.as_bytes(), &EmbeddedSuffixes, &Limits::default());
        for link in &mut reading.links {
            link.role = Role::CallToAction;
        }
        let raised = subjects(&mut reading, &lists(), &EmbeddedSuffixes);
        assert_eq!(raised.len(), SUBJECTS_MAX);
        let said =
            reading.defects.iter().any(|defect| defect.detail == "10 of 14 hosts raised as cases");
        assert!(said, "{:?}", reading.defects);
    }
}
