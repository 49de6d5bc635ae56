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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser::{Collected, Story};
    use crate::capture::{Address, Hop, HopKind};

    /// A page that came and stands still, at `url` with `status`.
    fn driven(url: &str, status: Option<u16>, text: &str) -> Driven {
        let hops = vec![Hop { url: url.to_owned(), kind: HopKind::Asked, status }];
        let collected = Collected { text: text.to_owned(), ..Collected::default() };
        let story = Story { hops, loads: 1, ..Story::default() };
        Driven { story, collected: Some(collected), picture: None, unfinished: false }
    }

    fn check(driven: &Driven, exceeded: Option<&str>, expect: (Seen, &str)) {
        let mut capture = empty("https://evil.test/", Profile::Phone);
        capture.addresses = vec![
            note("inside.test:80", "127.0.0.1 is not public: this machine"),
            note("gone.test:443", "the name can't be resolved: not found"),
        ];
        let (seen, why) = outcome(driven, exceeded, &capture);
        assert_eq!((seen, why.as_str()), expect);
    }

    fn note(host: &str, refused: &str) -> Address {
        Address { host: host.to_owned(), address: None, refused: Some(refused.to_owned()) }
    }

    #[test]
    fn a_page_is_told_from_one_that_hides_and_from_an_error() {
        let url = "https://evil.test/";
        check(&driven(url, Some(200), "log in"), None, (Seen::Page, "a page"));
        check(&driven(url, Some(404), "log in"), None, (Seen::Page, "a page, with status 404"));
        let hidden = "no text and no form; it may hide from us";
        check(&driven(url, Some(200), " "), None, (Seen::Nothing, hidden));
        let error = "the site answers with status 503";
        check(&driven(url, Some(503), ""), None, (Seen::Error, error));
    }

    #[test]
    fn what_was_refused_is_told_from_what_failed() {
        let failed = |url: &str, how: &str| {
            let mut driven = driven(url, None, "an error page of the browser's own");
            driven.story.failed = Some(how.to_owned());
            driven
        };
        let refused = "inside.test:80 was not reached: 127.0.0.1 is not public: this machine";
        let inside = failed("http://inside.test/", "net::ERR_EMPTY_RESPONSE");
        check(&inside, None, (Seen::Refused, refused));
        let gone = failed("https://gone.test/", "net::ERR_TUNNEL_CONNECTION_FAILED");
        let why = "the browser could not show it: net::ERR_TUNNEL_CONNECTION_FAILED";
        check(&gone, None, (Seen::Error, why));
    }

    #[test]
    fn a_circle_a_file_and_a_bound_are_named_before_anything_else() {
        let mut circle = driven("https://evil.test/", None, "again");
        circle.story.hops_more = PAGE_HOPS_MAX + 1;
        check(&circle, Some("too much"), (Seen::Loop, "it leads on and on in a circle"));
        let mut file = driven("https://evil.test/", Some(200), "");
        file.story.download = Some("invoice.apk".to_owned());
        let why = "it offers the file `invoice.apk`, which was not taken";
        check(&file, Some("too much"), (Seen::Download, why));
        let page = driven("https://evil.test/", Some(200), "much");
        check(&page, Some("too much"), (Seen::Exceeded, "too much"));
        let mut slow = driven("https://evil.test/", Some(200), "");
        slow.unfinished = true;
        let why = "it had not come to rest when its time was over";
        check(&slow, None, (Seen::Exceeded, why));
    }

    #[test]
    fn a_page_that_never_rests_still_shows_what_it_has() {
        let mut busy = driven("https://evil.test/", Some(200), "log in");
        busy.unfinished = true;
        check(&busy, None, (Seen::Page, "a page that went on loading"));
    }
}
