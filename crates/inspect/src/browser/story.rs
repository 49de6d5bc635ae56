//! What happened to a page, told by the browser's events, in order.

use chromiumoxide::cdp::browser_protocol::network::{
    EventLoadingFailed, EventRequestWillBeSent, EventResponseReceived, ResourceType, Response,
};

use crate::bounds::{HOPS_MAX, NAMES_MAX, WORDS_CHARS_MAX, shortened};
use crate::capture::{Certificate, Hop, HopKind};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Story {
    /// The main frame; events of others do not count as hops.
    pub(crate) frame: String,
    pub(crate) hops: Vec<Hop>,
    /// Hops that did not fit.
    pub(crate) hops_more: usize,
    pub(crate) certificate: Option<Certificate>,
    pub(crate) dialogs: u32,
    /// The name of a file that was offered.
    pub(crate) download: Option<String>,
    /// Why the last page did not come, as the browser calls it.
    pub(crate) failed: Option<String>,
    /// Times that the main frame has loaded.
    pub(crate) loads: u32,
    /// The request for the page that is under way.
    pub(crate) request: String,
}

impl Story {
    pub(crate) fn requested(&mut self, event: &EventRequestWillBeSent) {
        let main = event.frame_id.as_ref().is_some_and(|frame| frame.as_ref() == self.frame);
        if !main || event.r#type != Some(ResourceType::Document) {
            return;
        }
        if let Some(from) = &event.redirect_response {
            self.answered(from);
        }
        let kind = match (&event.redirect_response, self.hops.is_empty()) {
            (Some(_), _) => HopKind::Redirect,
            (None, true) => HopKind::Asked,
            (None, false) => HopKind::Page,
        };
        self.request = event.request_id.inner().clone();
        self.failed = None;
        self.certificate = None;
        if self.hops.len() < HOPS_MAX {
            let url = shortened(&event.request.url, WORDS_CHARS_MAX);
            self.hops.push(Hop { url, kind, status: None });
        } else {
            self.hops_more += 1;
        }
    }

    pub(crate) fn responded(&mut self, event: &EventResponseReceived) {
        if event.request_id.inner() == &self.request {
            self.answered(&event.response);
            self.certificate = event.response.security_details.as_ref().map(|details| {
                #[expect(clippy::cast_possible_truncation, reason = "seconds; `as` saturates")]
                let seconds = |time: f64| time as i64;
                Certificate {
                    subject: shortened(&details.subject_name, WORDS_CHARS_MAX),
                    issuer: shortened(&details.issuer, WORDS_CHARS_MAX),
                    names: details.san_list.iter().take(NAMES_MAX).cloned().collect(),
                    valid_from_seconds: seconds(*details.valid_from.inner()),
                    valid_until_seconds: seconds(*details.valid_to.inner()),
                }
            });
        }
    }

    pub(crate) fn lost(&mut self, event: &EventLoadingFailed) {
        if event.request_id.inner() == &self.request {
            self.failed = Some(event.error_text.clone());
        }
    }

    fn answered(&mut self, response: &Response) {
        if self.hops_more == 0
            && let Some(hop) = self.hops.last_mut()
        {
            hop.status = u16::try_from(response.status).ok().filter(|status| *status > 0);
        }
    }

    /// Where the browser stands.
    pub(crate) fn landed(&self) -> &str {
        self.hops.last().map_or("", |hop| hop.url.as_str())
    }

    /// Ways on that a page took by itself, without a status of 3xx.
    pub(crate) fn page_hops(&self) -> usize {
        self.hops.iter().filter(|hop| hop.kind == HopKind::Page).count() + self.hops_more
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    /// An event as Chromium writes it.
    fn event<T: for<'de> Deserialize<'de>>(value: &Value) -> T {
        T::deserialize(value).unwrap()
    }

    fn response(status: u16) -> Value {
        json!({
            "url": "https://evil.test/", "status": status, "statusText": "", "headers": {},
            "mimeType": "text/html", "charset": "utf-8", "connectionReused": false, "connectionId": 1,
            "encodedDataLength": 0, "securityState": "secure",
        })
    }

    fn asked(frame: &str, id: &str, url: &str, redirected: Option<u16>) -> EventRequestWillBeSent {
        let mut value = json!({
            "requestId": id, "loaderId": "l", "documentURL": url, "frameId": frame,
            "request": {
                "url": url, "method": "GET", "headers": {}, "initialPriority": "High",
                "referrerPolicy": "no-referrer",
            },
            "timestamp": 1.0, "wallTime": 1.0, "initiator": {"type": "other"},
            "redirectHasExtraInfo": false, "type": "Document",
        });
        if let Some(status) = redirected {
            value["redirectResponse"] = response(status);
        }
        event(&value)
    }

    fn story() -> Story {
        Story { frame: "main".to_owned(), ..Story::default() }
    }

    #[test]
    fn ways_on_are_told_by_what_led_there() {
        let mut story = story();
        story.requested(&asked("main", "1", "https://a.test/", None));
        story.requested(&asked("main", "1", "https://b.test/", Some(302)));
        story.requested(&asked("main", "2", "https://c.test/", None));
        let told: Vec<_> = story.hops.iter().map(|hop| (hop.kind, hop.status)).collect();
        assert_eq!(
            told,
            [(HopKind::Asked, Some(302)), (HopKind::Redirect, None), (HopKind::Page, None)]
        );
        assert_eq!((story.landed(), story.page_hops()), ("https://c.test/", 1));
    }

    #[test]
    fn frames_within_a_page_are_no_ways_on() {
        let mut story = story();
        story.requested(&asked("main", "1", "https://a.test/", None));
        story.requested(&asked("inner", "2", "https://ad.test/", None));
        assert_eq!(story.hops.len(), 1);
    }

    #[test]
    fn what_failed_is_the_page_and_not_a_part_of_it() {
        let mut story = story();
        story.requested(&asked("main", "1", "https://a.test/", None));
        let lost = |id: &str| {
            event(&json!({
                "requestId": id, "timestamp": 1.0, "type": "Document",
                "errorText": "net::ERR_FAILED", "canceled": false,
            }))
        };
        story.lost(&lost("7"));
        assert_eq!(story.failed, None);
        story.lost(&lost("1"));
        assert_eq!(story.failed.as_deref(), Some("net::ERR_FAILED"));
        story.requested(&asked("main", "2", "https://b.test/", None));
        assert_eq!(story.failed, None, "it went on");
    }

    #[test]
    fn a_page_that_leads_on_for_ever_is_counted_and_not_kept() {
        let mut story = story();
        for n in 0..HOPS_MAX + 9 {
            story.requested(&asked("main", &n.to_string(), "https://a.test/", None));
        }
        assert_eq!((story.hops.len(), story.hops_more), (HOPS_MAX, 9));
        assert!(story.page_hops() > HOPS_MAX);
    }
}
