//! The body of a report: a mail as it is, or JSON with one SMS or one URL.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{StatusCode, header};
use belfry_casebook::report::Content;
use belfry_reading::{SmsCoding, decode_sms};
use belfry_web::{Named, Problem};
use data_encoding::HEXLOWER_PERMISSIVE;
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::ToSchema;

use crate::REPORT_BYTES_MAX;

/// The longest SMS: 255 segments of 153 characters, rounded up.
pub(super) const SMS_CHARS_MAX: usize = 40_000;
/// The longest sender of an SMS.
pub(super) const SENDER_CHARS_MAX: usize = 64;
/// The longest URL.
pub(super) const URL_CHARS_MAX: usize = 8_192;

/// The largest JSON: an SMS of which every character is escaped, and what stands around it.
const JSON_BYTES_MAX: usize = 1 << 20;
/// The unit in which memory is lent.
pub(super) const UNIT_BYTES: usize = 1 << 10;

/// What came, as it goes into evidence.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) content: Content,
    pub(super) bytes: Vec<u8>,
    /// The memory it was lent, until it is stored.
    pub(super) _lent: Option<OwnedSemaphorePermit>,
}

/// A body as it comes in, and the memory lent for it.
struct Incoming {
    bytes: Vec<u8>,
    lent: Option<OwnedSemaphorePermit>,
}

impl Incoming {
    /// Reads the body to its end; octets are lent from `memory` as they come, so that
    /// nobody is kept out by what others merely announce.
    async fn read(request: Request, most: usize, memory: &Arc<Semaphore>) -> Result<Self, Problem> {
        let announced = request.headers().get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|value| value.to_str().ok()?.parse().ok());
        if announced.is_some_and(|octets: u64| octets > most as u64) {
            return Err(too_large(most));
        }
        let mut body = request.into_body().into_data_stream();
        let mut incoming = Self { bytes: Vec::new(), lent: None };
        while let Some(part) = body.next().await {
            let part = part.map_err(|error| broken(&error))?;
            if incoming.bytes.len() + part.len() > most {
                return Err(too_large(most));
            }
            incoming.bytes.extend_from_slice(&part);
            incoming.borrow(memory)?;
        }
        Ok(incoming)
    }

    /// Has as much memory lent as it holds.
    fn borrow(&mut self, memory: &Arc<Semaphore>) -> Result<(), Problem> {
        let units = self.bytes.capacity().div_ceil(UNIT_BYTES);
        let lent = self.lent.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = u32::try_from(units.saturating_sub(lent)).unwrap_or(u32::MAX);
        if more == 0 {
            return Ok(());
        }
        let permit = Arc::clone(memory).try_acquire_many_owned(more).map_err(|_| no_memory())?;
        match &mut self.lent {
            Some(lent) => lent.merge(permit),
            lent => *lent = Some(permit),
        }
        Ok(())
    }
}

/// The JSON form: exactly one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    /// An SMS.
    #[schema(value_type = Option<Sms>)]
    sms: Option<Named<Sms>>,
    /// One URL.
    #[schema(example = "https://login.bank.example/verify")]
    url: Option<String>,
}

/// An SMS as its recipient saw it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Sms {
    /// Its text.
    #[schema(example = "Your parcel waits: https://parcel.example/x")]
    text: Option<String>,
    /// Instead of `text`: its octets in hex, as the network carries them.
    data: Option<String>,
    /// How `data` stands for the text.
    #[schema(value_type = Option<String>, example = "gsm7")]
    coding: Option<SmsCoding>,
    /// The number or name it came from.
    sender: Option<String>,
}

impl Body {
    /// Reads the body as its Content-Type says.
    pub(super) async fn read(request: Request, memory: &Arc<Semaphore>) -> Result<Self, Problem> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let media_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        if media_type.eq_ignore_ascii_case("message/rfc822") {
            let Incoming { bytes, lent } =
                Incoming::read(request, REPORT_BYTES_MAX, memory).await?;
            return if bytes.is_empty() {
                Err(unfit("the mail is empty"))
            } else {
                Ok(Self { content: Content::Mail, bytes, _lent: lent })
            };
        }
        if media_type.eq_ignore_ascii_case("application/json") {
            let json = Incoming::read(request, JSON_BYTES_MAX, memory).await?.bytes;
            let axum::Json(Named(form)) = axum::Json::<Named<Form>>::from_bytes(&json)?;
            return form.into_body();
        }
        let title = "a report is message/rfc822 or application/json";
        Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type", title))
    }

    fn text(content: Content, text: String) -> Self {
        Self { content, bytes: text.into_bytes(), _lent: None }
    }
}

impl Form {
    pub(super) fn into_body(self) -> Result<Body, Problem> {
        match (self.sms, self.url) {
            (Some(Named(sms)), None) => sms.into_body(),
            (None, Some(url)) => {
                let url = url.trim();
                if url.is_empty() || url.chars().count() > URL_CHARS_MAX {
                    return Err(unfit("url has 1 to 8192 characters"));
                }
                if url.chars().any(|char| char.is_control() || char.is_whitespace()) {
                    return Err(unfit("url has neither white space nor control characters"));
                }
                Ok(Body::text(Content::Url, url.to_owned()))
            }
            _ => Err(unfit("the body has exactly one of sms and url")),
        }
    }
}

/// The text of an SMS alone, and with its sender as it goes into evidence.
pub(super) fn evidence_of(sms: Sms) -> Result<(String, String), Problem> {
    let sender = sms.sender.clone();
    let whole = sms.evidence()?;
    // What stands before the text is the sender's line, of a known length.
    let before = sender.map_or(0, |sender| "From: ".len() + sender.len() + 1);
    Ok((whole[before..].to_owned(), whole))
}

impl Sms {
    fn into_body(self) -> Result<Body, Problem> {
        Ok(Body::text(Content::Sms, self.evidence()?))
    }

    fn evidence(self) -> Result<String, Problem> {
        let text = decoded(self.text, self.data.as_deref(), self.coding)?;
        if text.trim().is_empty() || text.chars().count() > SMS_CHARS_MAX {
            return Err(unfit("sms.text has 1 to 40000 characters"));
        }
        match self.sender {
            None => Ok(text),
            Some(sender) => {
                let length = sender.chars().count();
                // A line break in it would begin the text.
                if !(1..=SENDER_CHARS_MAX).contains(&length) || sender.chars().any(char::is_control)
                {
                    return Err(unfit("sms.sender has 1 to 64 characters, none a control one"));
                }
                Ok(format!("From: {sender}\n{text}"))
            }
        }
    }
}

/// The text of an SMS, whichever way it was given.
fn decoded(
    text: Option<String>,
    data: Option<&str>,
    coding: Option<SmsCoding>,
) -> Result<String, Problem> {
    match (text, data, coding) {
        (Some(text), None, None) => Ok(text),
        (None, Some(data), Some(coding)) => {
            let octets = HEXLOWER_PERMISSIVE.decode(data.as_bytes());
            let octets = octets.map_err(|_| unfit("sms.data is hex, two digits an octet"))?;
            Ok(decode_sms(&octets, coding).0)
        }
        _ => Err(unfit("sms has text, or data with its coding")),
    }
}

fn too_large(most: usize) -> Problem {
    let title = format!("the body has at most {most} octets");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", title)
}

fn no_memory() -> Problem {
    let title = "too many reports at once";
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", title)
        .detail("Try again in a few seconds.");
    Problem { retry_after_seconds: Some(5), ..problem }
}

fn broken(error: &axum::Error) -> Problem {
    let gone = || Problem::new(StatusCode::BAD_REQUEST, "body", "the body could not be read");
    Problem::of_slow_body(error).unwrap_or_else(gone)
}

fn unfit(detail: &str) -> Problem {
    Problem::unprocessable("fields", "the report's fields are wrong", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(json: &str) -> Result<(Content, String), String> {
        let Named(form): Named<Form> =
            serde_json::from_str(json).map_err(|error| error.to_string())?;
        match form.into_body() {
            Ok(body) => Ok((body.content, String::from_utf8(body.bytes).unwrap())),
            Err(problem) => Err(problem.detail.unwrap()),
        }
    }

    #[test]
    fn an_sms_keeps_its_sender_on_the_first_line() {
        let expected = (Content::Sms, "From: +32470000000\nPay now".to_owned());
        let json = r#"{"sms":{"text":"Pay now","sender":"+32470000000"}}"#;
        assert_eq!(form(json), Ok(expected));
        let expected = (Content::Sms, "Pay now".to_owned());
        assert_eq!(form(r#"{"sms":{"text":"Pay now"}}"#), Ok(expected));
    }

    #[test]
    fn an_sms_may_come_in_the_coding_of_the_network() {
        let json = r#"{"sms":{"data":"5061791b65","coding":"gsm7","sender":"8686"}}"#;
        assert_eq!(form(json), Ok((Content::Sms, "From: 8686\nPay€".to_owned())));
        let json = r#"{"sms":{"data":"00480069","coding":"ucs2"}}"#;
        assert_eq!(form(json), Ok((Content::Sms, "Hi".to_owned())));
    }

    #[test]
    fn a_url_is_kept_as_it_is() {
        let expected = (Content::Url, "https://a.example/?x=%41".to_owned());
        assert_eq!(form(r#"{"url":" https://a.example/?x=%41\n"}"#), Ok(expected));
    }

    #[test]
    fn what_does_not_fit_is_refused_in_words() {
        for (json, words) in [
            ("{}", "exactly one"),
            (r#"{"url":"a.example","sms":{"text":"x"}}"#, "exactly one"),
            (r#"{"url":""}"#, "1 to 8192"),
            (r#"{"url":"a b"}"#, "white space"),
            (r#"{"sms":{"text":" "}}"#, "1 to 40000"),
            (r#"{"sms":{"sender":"x"}}"#, "text, or data"),
            (r#"{"sms":{"text":"x","data":"41","coding":"gsm7"}}"#, "text, or data"),
            (r#"{"sms":{"data":"4","coding":"gsm7"}}"#, "hex"),
            (r#"{"sms":{"data":"41","coding":"utf7"}}"#, "unknown variant"),
            (r#"{"sms":{"text":"x","sender":""}}"#, "1 to 64"),
            (r#"{"sms":{"text":"x","sender":"a\nb"}}"#, "control"),
            (r#"{"sms":{"text":"x","to":"y"}}"#, "unknown field `to`"),
            (r#"{"mail":"x"}"#, "unknown field `mail`"),
            (r#"[null,"https://a.example/"]"#, "expected an object"),
            (r#"{"sms":["x"]}"#, "expected an object"),
        ] {
            let error = form(json).unwrap_err();
            assert!(error.contains(words), "{json}: {error}");
        }
    }
}
