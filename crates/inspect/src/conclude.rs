//! From what the browser and the proxy tell to one result in words.

use crate::browser::{Driven, PAGE_HOPS_MAX, forms};
use crate::egress::Egress;
use crate::{Capture, Profile, Seen};

/// Redirects after which Chromium itself gives up, whatever it then calls the failure.
const REDIRECTS_MAX: usize = 20;

/// The capture of `requested`: what was driven, or what made an end of it.
pub(crate) fn conclude(
    requested: &str,
    profile: Profile,
    driven: Option<Driven>,
    ended: Option<&'static str>,
    egress: &Egress,
) -> Capture {
    let mut capture = empty(requested, profile);
    capture.addresses = egress.addresses();
    capture.traffic_bytes = egress.traffic_bytes();
    let Some(driven) = driven else {
        ended.unwrap_or("it could not be watched").clone_into(&mut capture.why);
        return capture;
    };
    let (seen, why) = outcome(&driven, egress.exceeded(), &capture);
    driven.story.landed().clone_into(&mut capture.landed);
    capture.hops = driven.story.hops;
    capture.dialogs = driven.story.dialogs;
    capture.certificate = driven.story.certificate;
    capture.picture = driven.picture.unwrap_or_default();
    if let Some(collected) = driven.collected {
        capture.title = collected.title;
        capture.text = collected.text;
        capture.forms = forms(collected.forms, &capture.landed);
    }
    (capture.seen, capture.why) = (seen, why);
    // What the browser draws in a page's place is its own.
    if matches!(seen, Seen::Error | Seen::Refused | Seen::Loop | Seen::Download) {
        capture.text.clear();
        capture.title.clear();
        capture.forms.clear();
    }
    capture
}

fn empty(requested: &str, profile: Profile) -> Capture {
    Capture {
        requested: requested.to_owned(),
        profile,
        seen: Seen::Exceeded,
        why: String::new(),
        landed: String::new(),
        hops: Vec::new(),
        title: String::new(),
        text: String::new(),
        forms: Vec::new(),
        certificate: None,
        dialogs: 0,
        addresses: Vec::new(),
        traffic_bytes: 0,
        took_ms: 0,
        picture: Vec::new(),
    }
}

fn outcome(driven: &Driven, exceeded: Option<&str>, capture: &Capture) -> (Seen, String) {
    let story = &driven.story;
    let failed = story.failed.as_deref();
    if let Some(name) = &story.download {
        return (Seen::Download, format!("it offers the file `{name}`, which was not taken"));
    }
    let circle = failed.is_some() && story.hops.len() >= REDIRECTS_MAX;
    if circle || story.page_hops() > PAGE_HOPS_MAX {
        return (Seen::Loop, "it leads on and on in a circle".to_owned());
    }
    if let Some(exceeded) = exceeded {
        return (Seen::Exceeded, exceeded.to_owned());
    }
    if let Some(failed) = failed {
        return match refusal(story.landed(), capture) {
            Some(why) => (Seen::Refused, why),
            None => (Seen::Error, format!("the browser could not show it: {failed}")),
        };
    }
    let status = story.hops.last().and_then(|hop| hop.status);
    if driven.unfinished && driven.collected.as_ref().is_none_or(|seen| seen.text.is_empty()) {
        return (Seen::Exceeded, "it had not come to rest when its time was over".to_owned());
    }
    let empty = driven
        .collected
        .as_ref()
        .is_none_or(|seen| seen.text.trim().is_empty() && seen.forms.is_empty());
    match status {
        Some(status) if status >= 400 && empty => {
            (Seen::Error, format!("the site answers with status {status}"))
        }
        Some(status) if status >= 400 => (Seen::Page, format!("a page, with status {status}")),
        _ if empty => (Seen::Nothing, "no text and no form; it may hide from us".to_owned()),
        _ if driven.unfinished => (Seen::Page, "a page that went on loading".to_owned()),
        _ => (Seen::Page, "a page".to_owned()),
    }
}

/// Why the proxy did not reach the host of `landed`, where it refused it.
fn refusal(landed: &str, capture: &Capture) -> Option<String> {
    let url = url::Url::parse(landed).ok()?;
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
    let wanted = format!("{host}:{}", url.port_or_known_default()?);
    let note = capture.addresses.iter().find(|note| note.host == wanted)?;
    let why = note.refused.as_deref()?;
    let ours = why.contains("is not public") || why.starts_with("port ");
    ours.then(|| format!("{wanted} was not reached: {why}"))
}
