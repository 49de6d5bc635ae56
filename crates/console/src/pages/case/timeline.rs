//! Everything that happened to a case, from the report to the last act of a person.

use belfry_casebook::AuditRecord;
use belfry_casebook::case::CaseFile;
use belfry_journal::UnixMillis;

use crate::pages::frame::Frame;
use crate::pages::queue::verdict_text;
use crate::shown;
use crate::texts::{Dossier, Moment};

/// Reports that stand in it; their number is elsewhere.
const REPORTS: usize = 20;

/// Everything that happened, the latest first.
pub(super) fn timeline(file: &CaseFile, acts: &[AuditRecord], f: &Frame) -> Vec<(Moment, String)> {
    let mut events: Vec<(UnixMillis, String)> = Vec::new();
    events.push((file.case.opened_at, f.w.event_opened.to_owned()));
    for report in file.reports.iter().take(REPORTS) {
        events.push((report.received_at, format!("{} {}", f.w.event_report, report.receipt)));
    }
    for verdict in &file.verdicts {
        let (by, words) = (shown::line(&verdict.by), shown::line(&verdict.reason));
        let found = verdict_text(verdict.verdict, f.w);
        events.push((verdict.at, format!("{}: {found} · {by} · {words}", f.w.event_verdict)));
    }
    for order in &file.orders {
        let serial = order.serial;
        events.push((order.issued_at, format!("{} {serial}", f.w.event_order)));
        if let Some(at) = order.effects.applied_at {
            events.push((at, format!("{} {serial}", f.w.event_applied)));
        }
        if let Some(at) = order.effects.first_blocked_at {
            events.push((at, format!("{} {serial}", f.w.event_first)));
        }
    }
    // A verdict is told above, in words.
    let acts = acts.iter().filter(|act| act.action != "decide");
    events.extend(acts.map(|act| (act.at, act_text(act, Dossier::of(f.language)))));
    events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    events.into_iter().map(|(at, text)| (Moment::of(at, f.language), text)).collect()
}

fn act_text(act: &AuditRecord, d: &'static Dossier) -> String {
    let what = match act.action.as_str() {
        "park" => d.act_park,
        "take-up" => d.act_take_up,
        "wake" => d.act_wake,
        "merge" => d.act_merge,
        "unmerge" => d.act_unmerge,
        "split" => d.act_split,
        "raise" => d.act_raise,
        "renew" => d.act_renew,
        "decline" => d.act_decline,
        "release" => d.act_release,
        "reverse" => d.act_reverse,
        "expire" => d.act_expire,
        "reopen" => d.act_reopen,
        other => return join([d.act_other, other, &act.who, &act.detail]),
    };
    join([what, "", &act.who, &act.detail])
}

fn join(parts: [&str; 4]) -> String {
    let parts = parts.into_iter().map(shown::line).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[track_caller]
    fn check(action: &str, detail: &str, expect: &str) {
        let act = AuditRecord {
            id: 1,
            at: UnixMillis(0),
            who: "person:ann".into(),
            action: action.into(),
            object: "case 7".into(),
            detail: detail.into(),
        };
        assert_eq!(act_text(&act, Dossier::of(Language::En)), expect);
    }

    #[test]
    fn acts_are_told_in_words() {
        check("park", "the owner answers", "Parked · person:ann · the owner answers");
        check("decline", "a\u{202e}b", "Declined by the second person · person:ann · a⟨U+202E⟩b");
        check("xarf", "", "Act · xarf · person:ann");
        for action in ["take-up", "wake", "merge", "unmerge", "split", "raise", "renew"] {
            let act = AuditRecord {
                id: 1,
                at: UnixMillis(0),
                who: String::new(),
                action: action.into(),
                object: String::new(),
                detail: String::new(),
            };
            for language in Language::ALL {
                let text = act_text(&act, Dossier::of(language));
                assert!(!text.contains('·'), "{action} has words of its own: {text}");
            }
        }
    }
}
