//! Which link matters. A mail with twelve links raises the one or few that its
//! reader is meant to click; each link says why it has its role.
//!
//! First version: words, shape and a list of boilerplate hosts. It knows no
//! reputation, and never drops a link.

mod boilerplate;
mod prominence;
mod words;

use crate::findings::{Cues, Findings};
use crate::{Link, LinkKind, Role, Summary};

/// Gives every link its role. `subject` is the number of the suspicious message.
pub(crate) fn assign(findings: &mut Findings<'_>, summary: &Summary, subject: usize) {
    let Findings { links, cues, .. } = findings;
    for link in links.iter_mut() {
        let (role, why) = by_nature(link);
        // What was seen through stays the boilerplate that it was found to be.
        if role != Role::Other || link.role != Role::Boilerplate {
            link.role = role;
            link.why = why;
        }
    }
    let candidates = candidates(links, cues, subject);
    prominence::choose(links, cues, &candidates, summary);
}

/// The role that a link has whatever else stands in the mail; `Other` where it
/// could be the one that matters.
fn by_nature(link: &Link) -> (Role, String) {
    let (role, why) = match link.kind {
        LinkKind::Header => (Role::Unsubscribe, "named by the List-Unsubscribe header"),
        LinkKind::Image => (Role::Asset, "loaded with the message, not clicked"),
        LinkKind::Stylesheet | LinkKind::Resource => {
            (Role::Asset, "a style, script or font, not clicked")
        }
        LinkKind::Base => (Role::Asset, "where links without a host lead, not clicked itself"),
        LinkKind::Report => (Role::CallToAction, "an abuse report names it as the culprit"),
        LinkKind::Anchor
        | LinkKind::Button
        | LinkKind::Form
        | LinkKind::Text
        | LinkKind::Refresh
        | LinkKind::Qr
        | LinkKind::PdfAnnotation
        | LinkKind::Ics
        | LinkKind::ImageText => {
            if let Some(class) = boilerplate::class(&link.host) {
                return (Role::Boilerplate, format!("{class}, found in mails of every kind"));
            }
            if let Some(word) = words::unsubscribe(link) {
                return (Role::Unsubscribe, format!("{word:?} in its text or address"));
            }
            (Role::Other, "")
        }
    };
    (role, why.to_owned())
}

/// Links that could matter: those of the suspicious message, else of any message,
/// else the clickable ones that only unsubscribe, since a lure may be called so.
fn candidates(links: &[Link], cues: &[Cues], subject: usize) -> Vec<usize> {
    let pick = |test: &dyn Fn(usize) -> bool| (0..links.len()).filter(|&n| test(n)).collect();
    let open = |n: usize| links[n].role == Role::Other;
    let own: Vec<usize> = pick(&|n| open(n) && cues[n].message == subject);
    if !own.is_empty() {
        return own;
    }
    let any: Vec<usize> = pick(&open);
    if !any.is_empty() {
        return any;
    }
    pick(&|n| links[n].role == Role::Unsubscribe && links[n].kind != LinkKind::Header)
}

#[cfg(test)]
mod tests;
