//! What letters are written by.

use std::time::Duration;

use lettre::message::Mailbox;

/// How letters are written and sent.
#[derive(Clone, Debug)]
pub struct LetterSettings {
    /// Who writes.
    pub sender: Sender,
    /// The language where the reporter's own is not known: `nl`, `fr`, `de` or `en`.
    pub language: String,
    /// Letters to one address within an hour.
    pub per_hour_max: u32,
    /// How long a letter is tried once its outcome is known; then the address is deleted.
    pub give_up: Duration,
    /// How long an address is kept, answered or not; the letter says so.
    pub days: u32,
    /// Our own page where a receipt is looked up; the receipt is put behind it.
    pub page: Option<String>,
    /// Who we are, under each letter.
    pub authority: String,
}

/// Whom a letter is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(pub(super) Mailbox);

/// The sender is no address.
#[derive(Debug, thiserror::Error)]
#[error("is no address such as `Our name <report@csirt.example>`")]
pub struct SenderError;

impl std::str::FromStr for Sender {
    type Err = SenderError;

    fn from_str(text: &str) -> Result<Self, SenderError> {
        let mailbox: Mailbox = text.parse().map_err(|_| SenderError)?;
        if !crate::auth::is_plain_address(mailbox.email.as_ref()) {
            return Err(SenderError);
        }
        Ok(Self(mailbox))
    }
}

impl Sender {
    /// Its address.
    pub fn address(&self) -> &str {
        self.0.email.as_ref()
    }

    /// The domain of its address.
    pub(super) fn domain(&self) -> &str {
        self.0.email.domain()
    }
}
