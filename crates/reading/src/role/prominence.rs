//! Of the links that could matter, the hosts that stand out. Points are small
//! whole numbers whose sum only orders hosts within one mail; they are no score
//! of guilt.

use std::collections::HashMap;

use super::sender::Sender;
use super::words;
use crate::findings::Cues;
use crate::{Link, LinkKind, Role};

/// Hosts that one mail may raise.
const HOSTS_MAX: usize = 3;
/// A host this far below the best is not meant.
const MARGIN: i32 = 4;

/// What speaks for one host.
struct Candidate<'l> {
    host: &'l str,
    points: i32,
    links: i32,
    /// The link that speaks for it most, and why.
    best: usize,
    why: String,
}

/// Marks the links of the most prominent hosts as the call to action.
pub(super) fn choose(links: &mut [Link], cues: &[Cues], candidates: &[usize], sender: &Sender) {
    let chosen = chosen(links, cues, candidates, sender);
    let best = chosen.first().map(|(host, ..)| host.clone()).unwrap_or_default();
    for &number in candidates {
        let link = &mut links[number];
        if let Some((_, first, why)) = chosen.iter().find(|(host, ..)| *host == link.host) {
            link.role = Role::CallToAction;
            link.why = if *first == number {
                why.clone()
            } else {
                format!("the host of a link that stands out: {why}")
            };
        } else if link.role == Role::Other {
            let own = sender.is_brand(link) || (sender.owns(link) && is_front_page(link));
            link.role = if own { Role::Brand } else { Role::Other };
            let what = if own { "the claimed sender's own, and " } else { "" };
            link.why = format!("{what}less prominent than the links to {best}");
        }
    }
}

/// Gives a reason to whatever no suspicious message holds.
pub(super) fn pass_over(links: &mut [Link]) {
    for link in links.iter_mut().filter(|l| l.role == Role::Other && l.why.is_empty()) {
        "outside the forwarded message".clone_into(&mut link.why);
    }
}

/// The hosts that stand out, best first, each with its best link and why.
fn chosen(
    links: &[Link],
    cues: &[Cues],
    candidates: &[usize],
    sender: &Sender,
) -> Vec<(String, usize, String)> {
    let mut hosts: Vec<Candidate<'_>> = Vec::new();
    let mut index: HashMap<&str, usize> = HashMap::new();
    for (rank, &number) in candidates.iter().enumerate() {
        let link = &links[number];
        let (points, why) = points(link, cues[number], rank == 0, sender);
        let at = *index.entry(&link.host).or_insert_with(|| {
            hosts.push(Candidate {
                host: &link.host,
                points,
                links: 0,
                best: number,
                why: why.clone(),
            });
            hosts.len() - 1
        });
        let host = &mut hosts[at];
        host.links += 1;
        if points > host.points {
            (host.points, host.best, host.why) = (points, number, why);
        }
    }
    for host in &mut hosts {
        host.points += host.links.min(3);
    }
    // A stable sort: of equals the first in the mail wins.
    hosts.sort_by_key(|host| -host.points);
    let least = hosts.first().map_or(0, |host| host.points) - MARGIN;
    hosts
        .into_iter()
        .take_while(|host| host.points >= least)
        .take(HOSTS_MAX)
        .map(|host| (host.host.to_owned(), host.best, host.why))
        .collect()
}

/// What speaks for one link, and the strongest reason in words.
fn points(link: &Link, cues: Cues, first: bool, sender: &Sender) -> (i32, String) {
    let text = link.text.as_deref().unwrap_or_default();
    let (mut points, mut why) = match link.kind {
        LinkKind::Form => (25, "a form is sent to it".to_owned()),
        LinkKind::Refresh => (25, "the message leads there by itself".to_owned()),
        LinkKind::Anchor | LinkKind::Button => (10, "a link that can be clicked".to_owned()),
        LinkKind::Qr => (25, "a QR code leads to it".to_owned()),
        LinkKind::Script => (6, "what an attached page runs, and all it leads to".to_owned()),
        LinkKind::PdfAnnotation => (18, "a link that can be clicked in a PDF".to_owned()),
        _ => (6, "a link in running text".to_owned()),
    };
    let mut add = |holds: bool, more: i32, reason: &dyn Fn() -> String| {
        if holds {
            points += more;
            if more >= 8 {
                why = reason();
            }
        }
    };
    add(cues.image, 8, &|| "a picture that can be clicked".to_owned());
    add(cues.button, 12, &|| "it is drawn as a button".to_owned());
    add(cues.calls, 10, &|| "the words before it call for an act".to_owned());
    add(link.url.is_redacted(), 8, &|| "it carries its recipient's address".to_owned());
    let action = words::action(text);
    add(action.is_some(), 16, &|| format!("its text {text:?} calls for an act"));
    add(cues.unseen, -12, &String::new);
    add(cues.pointed, 50, &|| "an arrow points at it".to_owned());
    add(link.text_disagrees, 24, &|| format!("it shows {text:?} but leads elsewhere"));
    // What another link merely carries; the brand that a trap goes on to, as a rule.
    add(cues.nested, -30, &String::new);
    add(first, 3, &String::new);
    add(is_capitals(text), 6, &String::new);
    let anchor = matches!(link.kind, LinkKind::Anchor | LinkKind::Button);
    add(anchor && text.is_empty() && !cues.image, -6, &String::new);
    add(words::legal(text).is_some() && !cues.button, -16, &String::new);
    let own = sender.owns(link);
    let plain = words::purpose(text).is_none() && !link.text_disagrees;
    let bare = plain && !cues.button;
    add(bare && own, -4, &String::new);
    add(sender.is_brand(link) && !own, -10, &String::new);
    // Logos lead to the brand that is shown, lures into a site.
    add((bare || (plain && cues.image)) && is_front_page(link), -10, &String::new);
    add(cues.image && text.to_lowercase().contains("logo"), -10, &String::new);
    (points, why)
}

/// Whether a link asks to be clicked: it is drawn as a button, or words say so.
pub(super) fn calls(link: &Link, cues: Cues) -> bool {
    cues.button
        || cues.calls
        || cues.pointed
        || words::action(link.text.as_deref().unwrap_or_default()).is_some()
}

/// A text in capitals, as on buttons: a call, or at least loud.
fn is_capitals(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = text.chars().filter(|c| c.is_uppercase()).count();
    (4..40).contains(&letters) && capitals * 10 >= letters * 7
}

/// A site's front page: brands link to theirs, lures are deeper.
fn is_front_page(link: &Link) -> bool {
    let after_host = link.url.as_str().splitn(4, '/').nth(3).unwrap_or_default();
    after_host.is_empty()
}
