//! What happened to a page, told by the browser's events, in order.

use chromiumoxide::cdp::browser_protocol::network::{
    EventLoadingFailed, EventRequestWillBeSent, EventResponseReceived, ResourceType, Response,
};

use crate::capture::{Certificate, HOPS_MAX, Hop, HopKind, NAMES_MAX, WORDS_CHARS_MAX, shortened};

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
    request: String,
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
