//! A text that a customer handed over, taken to the hub.

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};

use super::{HttpSource, WHOLE_ANSWER, accept, body, unreachable, wire};
use crate::SourceError;

/// An answer larger than this is no receipt.
const LARGEST: usize = 16 << 10;

#[derive(Debug, Serialize)]
struct HandoverJson<'a> {
    text: &'a str,
}

#[derive(Debug, Deserialize)]
struct TakenJson {
    receipt: String,
}

impl HttpSource {
    /// Hands a text over; its receipt, or `None` where the hub never takes it: it is no text
    /// of an SMS, or no legal basis of this operator holds.
    ///
    /// # Errors
    /// [`SourceError`]: it was not taken, and may be later.
    pub async fn hand_over(&self, text: &str) -> Result<Option<String>, SourceError> {
        let answer = self
            .client
            .post(self.url("/api/v1/sms/handovers"))
            .json(&HandoverJson { text })
            .timeout(WHOLE_ANSWER)
            .send()
            .await
            .map_err(unreachable)?;
        if matches!(answer.status(), StatusCode::FORBIDDEN | StatusCode::UNPROCESSABLE_ENTITY) {
            return Ok(None);
        }
        let answer = accept(answer, "application/json").await?;
        let taken: TakenJson = wire::json(&body(answer, LARGEST).await?)?;
        Ok(Some(taken.receipt))
    }
}
