//! What asks for a second person: one function a source, each with the sentence that
//! an analyst reads.

use belfry_indicator::{Domain, Target};

use crate::list::{Kind, List};
use crate::names::{Hit, Reach, tails};
use crate::{Finding, Lists};

/// What to do about it.
const HOW: &str = "A second person must sign in and confirm.";

/// Governments, banks and the like: an entry covers what its reach says.
pub(crate) fn of_list(target: &Target, list: &List) -> Option<Finding> {
    let name = target.name();
    let listed = match list.names.hit(target)? {
        Hit::Listed(entry) if entry == *name => format!("{name} is"),
        Hit::Listed(entry) => format!("{name} lies below {entry}, which is"),
        Hit::Holds(entry) => format!("All of {name} includes {entry}, which is"),
    };
    let what = "on the list of names that only two people may block together.";
    Some(found(list, format!("{listed} {what} {HOW}")))
}

/// A name below which strangers have sites: only it and its `www` are meant.
pub(crate) fn of_shared(target: &Target, list: &List) -> Option<Finding> {
    let name = target.name().as_str();
    let own = name.strip_prefix("www.").unwrap_or(name);
    let entry = [name, own].into_iter().find(|name| list.names.find(name).is_some());
    let held = match target {
        Target::Host(_) => None,
        Target::Domain(_) => list.names.below(name).map(|entry| entry.to_string()),
    };
    let entry = entry.map(ToOwned::to_owned).or(held)?;
    let what = format!(
        "Strangers have sites of their own below {entry}, and {name} is more than one of them. \
         Name the one site, or let two people block this. {HOW}"
    );
    Some(found(list, what))
}

/// Popular and old names: up to the suffix, or to where strangers have sites.
pub(crate) fn of_used(
    target: &Target,
    list: &List,
    lists: &Lists,
    suffix: &Domain,
) -> Option<Finding> {
    let name = target.name().as_str();
    let own = name.strip_prefix("www.").unwrap_or(name);
    let listed = tails(name)
        .take_while(|tail| *tail != suffix.as_str())
        .take_while(|tail| *tail == name || *tail == own || !lists.is_shared(tail))
        .find(|tail| match list.names.find(tail) {
            Some(Reach::Subtree) => true,
            Some(Reach::Exact) => *tail == name || *tail == own,
            None => false,
        });
    let held = match (listed, target) {
        (None, Target::Domain(_)) => list.names.below(name),
        _ => None,
    };
    let subject = match (listed, held) {
        (Some(entry), _) if entry == name => format!("{name} is"),
        (Some(entry), _) => format!("{name} lies below {entry}, which is"),
        (None, Some(entry)) => format!("All of {name} includes {entry}, which is"),
        (None, None) => return None,
    };
    let what = match list.name.kind {
        Kind::Old => "a site of long standing, which may have been taken over:",
        _ => "among the sites that many people use:",
    };
    Some(found(list, format!("{subject} {what} only two people may block it. {HOW}")))
}

fn found(list: &List, explanation: String) -> Finding {
    Finding::listed(list.name.kind.rule(), explanation, list.name.clone())
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;

    use super::*;

    fn name(text: &str) -> Domain {
        Domain::parse(text).expect("a test names a domain")
    }

    fn said(kind: Kind, target: &Target) -> String {
        let list = List::new("x", kind, None, [(name("shop.example"), Reach::Subtree)]);
        let lists = Lists::of([std::sync::Arc::new(list)]);
        lists.second(target, &EmbeddedSuffixes).map_or("free".into(), |found| found.explanation)
    }

    #[test]
    fn an_analyst_reads_why_two_people_are_needed() {
        let (host, whole) =
            (Target::Host(name("shop.example")), Target::Domain(name("shop.example")));
        insta::assert_snapshot!(said(Kind::Popular, &host), @"shop.example is among the sites that many people use: only two people may block it. A second person must sign in and confirm.");
        insta::assert_snapshot!(said(Kind::Old, &Target::Host(name("a.shop.example"))), @"a.shop.example lies below shop.example, which is a site of long standing, which may have been taken over: only two people may block it. A second person must sign in and confirm.");
        insta::assert_snapshot!(said(Kind::Shared, &whole), @"Strangers have sites of their own below shop.example, and shop.example is more than one of them. Name the one site, or let two people block this. A second person must sign in and confirm.");
        insta::assert_snapshot!(said(Kind::Shared, &Target::Host(name("a.shop.example"))), @"free");
    }
}
