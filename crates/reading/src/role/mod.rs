//! Which link matters. A mail with twelve links raises the one or few that its
//! reader is meant to click; each link says why it has its role.
//!
//! It goes by words, shape, place and a list of boilerplate hosts. It knows no
//! reputation, and never drops a link.

mod boilerplate;
mod carrier;
mod context;
mod prominence;
mod sender;
mod words;

pub(crate) use self::boilerplate::carries as led_on_to;
pub(crate) use self::context::mark;
use self::sender::Sender;
use crate::findings::{Cues, Findings};
use crate::{Format, Link, LinkKind, Role, Summary};

/// Gives every link its role. `subjects` are the suspicious messages by their numbers,
/// the first one first; each raises the links that stand out in it.
pub(crate) fn assign(findings: &mut Findings<'_>, subjects: &[(usize, &Summary)]) {
    let list = findings.list;
    let Findings { links, cues, attachments, .. } = findings;
    for (link, cues) in links.iter_mut().zip(cues.iter_mut()) {
        // An innocent site that carries a link leads on to it; a trap carries the brand's.
        cues.nested &= !boilerplate::carries(link);
        let (role, why) = by_nature(link, *cues);
        // What was seen through stays the boilerplate that it was found to be.
        if role != Role::Other || link.role != Role::Boilerplate {
            (link.role, link.why) = (role, why);
        }
    }
    carrier::mark(links);
    let alone = subjects.len() == 1;
    let lured_by_file = attachments.iter().any(|attachment| is_lure(attachment.format));
    for (subject, summary) in subjects {
        let reach = Reach { subject: *subject, alone, lured_by_file };
        let candidates = candidates(links, cues, reach);
        prominence::choose(links, cues, &candidates, &Sender::of(summary, list));
    }
    if !alone
        && let Some((_, summary)) = subjects.first()
        && links.iter().all(|link| link.role != Role::CallToAction)
    {
        let open: Vec<_> = (0..links.len()).filter(|&n| is_open(&links[n])).collect();
        prominence::choose(links, cues, &open, &Sender::of(summary, list));
    }
    prominence::pass_over(links);
}

/// The role that a link has whatever else stands in the mail; `Other` where it
/// could be the one that matters.
fn by_nature(link: &Link, cues: Cues) -> (Role, String) {
    let (role, why) = match link.kind {
        LinkKind::Header => (Role::Unsubscribe, "named by the List-Unsubscribe header"),
        LinkKind::Image if words::is_tracking(link) => {
            (Role::Tracking, "loaded to tell the sender that the message was opened")
        }
        LinkKind::Image => (Role::Asset, "loaded with the message, not clicked"),
        LinkKind::Stylesheet | LinkKind::Resource => {
            (Role::Asset, "a style, script or font, not clicked")
        }
        LinkKind::Script => match boilerplate::class(&link.host) {
            Some(class) => {
                let why = format!("{}, found in pages of every kind", class.name);
                return (Role::Boilerplate, why);
            }
            None => (Role::Asset, "a script that a page runs, or an address in one"),
        },
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
        | LinkKind::ImageText => return clickable(link, cues),
    };
    (role, why.to_owned())
}

fn clickable(link: &Link, cues: Cues) -> (Role, String) {
    if !link.host.contains(['.', ':']) {
        return (Role::Other, "a name without a dot leads nowhere on the internet".to_owned());
    }
    if let Some(class) = boilerplate::class(&link.host).filter(|_| !boilerplate::redirects(link)) {
        let ending = if class.open { OPEN } else { "found in mails of every kind" };
        return (Role::Boilerplate, format!("{}, {ending}", class.name));
    }
    if let Some(word) = words::unsubscribe(link) {
        return (Role::Unsubscribe, format!("{word:?} in its text or address"));
    }
    if cues.leaving {
        return (Role::Unsubscribe, "the words around it are for leaving a list".to_owned());
    }
    let text = link.text.as_deref().unwrap_or_default();
    if let Some(word) = words::legal(text).filter(|_| is_small(text) && !cues.button) {
        return (Role::Boilerplate, format!("{word:?} in its text: {LEGAL}"));
    }
    if cues.legal {
        return (Role::Boilerplate, format!("by the words before it, {LEGAL}"));
    }
    if is_mention(link) && !cues.pointed {
        return (Role::Mention, "a name in running text".to_owned());
    }
    (Role::Other, String::new())
}

/// How the reason of a boilerplate link ends that may become the one that matters.
const OPEN: &str = "found in mails of every kind, and open to everyone";

/// How the reason of a legal link ends, by which it may still become the one that matters.
const LEGAL: &str = "a legal or help page";

/// A text as short as those in a footer, and without a call to act.
fn is_small(text: &str) -> bool {
    text.chars().count() <= 40 && words::action(text).is_none()
}

/// A host alone in running text: a mention, or a missing space: `please sign.in now`.
fn is_mention(link: &Link) -> bool {
    link.kind == LinkKind::Text
        && link.raw.as_deref().is_some_and(|raw| !raw.contains(['/', '?', '#']))
}

/// Whether a mention is likely meant to be opened, where nothing else is.
fn stands_out(link: &Link, cues: Cues) -> bool {
    let name = link.raw.as_deref().unwrap_or(&link.host);
    let lower = !name.contains(char::is_uppercase);
    name.starts_with("www.")
        || (lower && (cues.led || name.contains(['-']) || name.matches('.').count() > 1))
}

/// Whether a file of this format may be what a mail lures to.
fn is_lure(format: Format) -> bool {
    use Format::{Archive, Compound, Html, Office, Pdf, Program, Rtf, Unknown, Zip};
    matches!(format, Archive | Compound | Html | Office | Pdf | Program | Rtf | Unknown | Zip)
}

/// Where links that matter are looked for.
#[derive(Clone, Copy)]
struct Reach {
    /// The suspicious message.
    subject: usize,
    /// It is the only one.
    alone: bool,
    /// A file is attached that may be the lure itself.
    lured_by_file: bool,
}

/// Nothing speaks against its being the one that matters.
fn is_open(link: &Link) -> bool {
    link.role == Role::Other && link.why.is_empty()
}

/// Links that could matter: those of the suspicious message, else of any message if it
/// stands `alone`; else names in its text that look like addresses; else the clickable
/// ones that are called a footer, since a lure may be called so, where no file is one;
/// else what a page runs; else places open to everyone that the mail calls to.
fn candidates(links: &[Link], cues: &[Cues], reach: Reach) -> Vec<usize> {
    let Reach { subject, alone, lured_by_file } = reach;
    let pick = |test: &dyn Fn(usize) -> bool| (0..links.len()).filter(|&n| test(n)).collect();
    // Words that no reader sees fill a mail up whose lure is the file.
    let open = |n: usize| is_open(&links[n]) && !(lured_by_file && cues[n].unseen);
    let own = |n: usize| cues[n].message == subject;
    let within = |n: usize| alone || own(n);
    let footer = |n: usize| {
        let link = &links[n];
        (link.role == Role::Unsubscribe && link.kind != LinkKind::Header)
            || (link.role == Role::Boilerplate && link.why.ends_with(LEGAL))
    };
    let runs = |n: usize| links[n].kind == LinkKind::Script && links[n].role == Role::Asset;
    let called = |n: usize| {
        let (link, cues) = (&links[n], cues[n]);
        link.role == Role::Boilerplate
            && link.why.ends_with(OPEN)
            && (prominence::calls(link, cues) || matches!(link.kind, LinkKind::Qr | LinkKind::Form))
    };
    let steps: [&dyn Fn(usize) -> bool; 6] = [
        &|n| open(n) && own(n),
        &|n| open(n) && within(n),
        &|n| {
            links[n].role == Role::Mention
                && own(n)
                && !(lured_by_file && cues[n].unseen)
                && stands_out(&links[n], cues[n])
        },
        &|n| !lured_by_file && footer(n) && within(n),
        &|n| runs(n) && within(n),
        &|n| !lured_by_file && called(n) && within(n),
    ];
    let found = steps.iter().map(|step| pick(*step)).find(|found: &Vec<usize>| !found.is_empty());
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests;
