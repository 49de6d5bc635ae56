//! From a reading to the subjects of its cases.
//!
//! A mail with twelve links raises the suspected calls to action, not twelve
//! cases. What DNS can't block, or must not, becomes a case of its URL; a
//! message without any link that matters becomes a case of its text.

use std::collections::HashSet;

use belfry_casebook::case::Subject;
use belfry_guard::Lists;
use belfry_indicator::{Blockable, Suffixes, Target, Url, blockable};
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
        .filter_map(|link| subject_of(link, lists, suffixes))
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

fn subject_of(link: &Link, lists: &Lists, suffixes: &impl Suffixes) -> Option<Subject> {
    let url = Url::parse(&link.url).ok()?;
    match blockable(url.host(), suffixes) {
        Ok(Blockable { host, registrable }) => {
            match lists.refusal(&Target::Host(host.clone()), suffixes) {
                None => Some(Subject::Host { host, registrable }),
                Some(finding) => Some(unblockable(
                    &url,
                    format!("not blockable by DNS, because {}", finding.explanation),
                )),
            }
        }
        Err(why) => Some(unblockable(&url, why.to_string())),
    }
}

/// Without query and fragment: they name the victim more often than the page.
fn unblockable(url: &Url, why_not_blockable: String) -> Subject {
    let text = url.as_str();
    let end = text.find(['?', '#']).unwrap_or(text.len());
    Subject::Url { url: text[..end].to_owned(), why_not_blockable }
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

