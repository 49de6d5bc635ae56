//! What a fuzzer holds the JSON form of a report to.

use belfry_web::Named;

use super::body::{Form, SENDER_CHARS_MAX, SMS_CHARS_MAX, URL_CHARS_MAX};

/// A JSON body of `POST /api/v1/reports`.
pub fn report_form(data: &[u8]) {
    let Ok(axum::Json(Named(form))) = axum::Json::<Named<Form>>::from_bytes(data) else { return };
    let Ok(body) = form.into_body() else { return };
    // Four octets a character, and `From: `, a line break.
    let most = 4 * (SMS_CHARS_MAX + SENDER_CHARS_MAX).max(URL_CHARS_MAX) + 8;
    assert!(!body.bytes.is_empty() && body.bytes.len() <= most, "{} octets", body.bytes.len());
    assert!(std::str::from_utf8(&body.bytes).is_ok());
}
