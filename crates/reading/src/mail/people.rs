//! Whose addresses a mail must not give away: its recipients and those of every mail
//! in it, and whoever passed it on. Not the sender of the suspicious mail.

use belfry_indicator::Secrets;

use super::walk::Walk;
use crate::Forward;

/// Fields beside To, Cc and Bcc that name a recipient, in the ways of mail servers.
pub(super) const RECIPIENTS: [&str; 13] = [
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Delivered-To",
    "X-Forwarded-To",
    "X-Forwarded-For",
    "X-Rcpt-To",
    "X-Receiver",
    "Resent-To",
    "Apparently-To",
    "Resent-Cc",
    "Original-Recipient",
];

/// Whether a field of this name is one of them.
pub(super) fn is_recipients(name: &str) -> bool {
    RECIPIENTS.iter().any(|field| field.eq_ignore_ascii_case(name))
}

impl Walk<'_, '_> {
    /// The people to hide.
    pub(super) fn secrets(&self) -> Secrets {
        let subjects = self.subjects();
        let recipients = self.messages.iter().flat_map(|met| &met.recipients);
        let senders = self.messages.iter().enumerate();
        let senders = senders.filter(|(number, _)| !subjects.contains(number));
        let senders = senders.filter_map(|(_, met)| met.summary.from.as_ref()?.address.as_ref());
        let forwards = self.messages.iter().filter_map(|met| met.forward.as_ref());
        let quoted = forwards.flat_map(|(forward, _)| quoted(forward));
        Secrets::new(recipients.chain(senders).map(String::as_str).chain(quoted))
    }
}

/// Everyone whom a forward in the text was sent to, and who passed it on.
fn quoted(forward: &Forward) -> impl Iterator<Item = &str> {
    let levels = std::iter::successors(Some(forward), |level| level.inner.as_deref());
    levels.flat_map(|level| {
        let passed_on = level.inner.is_some().then_some(&level.from).into_iter().flatten();
        level
            .to
            .iter()
            .chain(&level.cc)
            .chain(passed_on)
            .filter_map(|person| person.address.as_deref())
    })
}
