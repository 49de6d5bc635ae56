//! The hard refusals: what no approval can overrule. One function a source of
//! refusal, each with the sentences that an analyst reads.

use belfry_indicator::{Domain, Suffixes, Target, is_special_use};
use belfry_journal::{Order, UnixMillis};

use crate::list::{Kind, List};
use crate::names::Hit;
use crate::{Finding, Rule};

const DAY_MILLIS: u64 = 24 * 60 * 60 * 1000;
const MAX_VALIDITY_DAYS: u64 = 366;

/// Refusals that lie in the name itself, whatever is ordered about it.
pub(crate) fn of_name(target: &Target, suffixes: &impl Suffixes) -> Option<Finding> {
    let name = target.name();
    let (rule, explanation) = if is_reverse(name) {
        (
            Rule::ReverseZone,
            format!("{name} is a reverse zone, which maps addresses to names; no site is in it."),
        )
    } else if is_special_use(name) {
        (
            Rule::SpecialUse,
            format!("{name} is a special-use name (RFC 6761); no site can be reached under it."),
        )
    } else if name.parent().is_none() {
        (
            Rule::SingleLabel,
            format!("{name} is a single label, a whole top-level domain. Name one host in it."),
        )
    } else if suffixes.is_suffix(name) {
        (
            Rule::PublicSuffix,
            format!(
                "{name} is a public suffix: the sites below it belong to many unrelated owners. \
                 Name the one site below it."
            ),
        )
    } else if matches!(target, Target::Domain(_)) && suffixes.holds_suffixes(name) {
        (
            Rule::PublicSuffix,
            format!(
                "Every name right below {name} is a public suffix, so all of it belongs to many \
                 unrelated owners. Name the exact host."
            ),
        )
    } else {
        return None;
    };
    Some(Finding::new(rule, explanation))
}

/// The refusal to block what `list` protects: our own names or the never-block names.
pub(crate) fn of_list(target: &Target, list: &List) -> Option<Finding> {
    let name = target.name();
    let hit = list.names.hit(target)?;
    let why = match (list.name.kind, hit) {
        (Kind::Own, Hit::Listed(own)) if own == *name => {
            format!("{name} is one of our own names; blocking it would cut off the warnings.")
        }
        (Kind::Own, Hit::Listed(own)) => {
            format!("{name} lies below {own}, which is one of our own names.")
        }
        (Kind::Own, Hit::Holds(own)) => format!(
            "Blocking all of {name} would block {own} too, which is one of our own names. Name \
             the exact host."
        ),
        (_, Hit::Listed(entry)) if entry == *name => format!(
            "{name} is on the never-block list: too many people depend on it. Report the page to \
             its owner instead."
        ),
        (_, Hit::Listed(entry)) => format!(
            "{name} lies below {entry}, which is on the never-block list with all its hosts. \
             Report the page to its owner instead."
        ),
        (_, Hit::Holds(entry)) => format!(
            "Blocking all of {name} would block {entry} too, which is on the never-block list. \
             Name the exact host."
        ),
    };
    Some(Finding::listed(list.name.kind.rule(), why, list.name.clone()))
}

/// Refusals of a period: nothing blocks for ever, and nothing starts expired.
pub(crate) fn of_validity(draft: &Order, now: UnixMillis) -> Option<Finding> {
    let name = draft.target.name();
    let (from, until) = (draft.issued_at.min(now), draft.valid_until);
    let why = if until <= now || until <= draft.issued_at {
        format!("The order about {name} would end before it begins. Give it a later end.")
    } else if until.0 - from.0 > MAX_VALIDITY_DAYS * DAY_MILLIS {
        format!(
            "The order about {name} would hold for more than {MAX_VALIDITY_DAYS} days. Give it an \
             earlier end; it can be renewed."
        )
    } else {
        return None;
    };
    Some(Finding::new(Rule::Validity, why))
}

fn is_reverse(name: &Domain) -> bool {
    let mut from_top = name.labels().rev();
    from_top.next() == Some("arpa") && matches!(from_top.next(), Some("in-addr" | "ip6"))
}
