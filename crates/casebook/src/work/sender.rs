//! Objections of senders: an SMS of theirs was refused by a template that holds.
//!
//! Which templates those are is found when a person decides, by the same likeness that filters
//! go by; nothing of the SMS is in a row in clear.

use belfry_indicator::Sender;
use belfry_journal::{PublicReason, Serial, UnixMillis};
use belfry_likeness::{Index, Scratch};

use super::objection::Objection;
use crate::access::Analyst;
use crate::{Casebook, StoreError};

/// Characters of a text: more than the longest SMS in parts has.
const TEXT_CHARS_MAX: usize = 4_000;

/// The SMS that is objected about.
#[derive(Clone, PartialEq, Eq)]
pub struct RefusedSms {
    /// Its sender, as phones show it.
    pub sender: String,
    /// Its text.
    pub text: String,
}

impl std::fmt::Debug for RefusedSms {
    /// Without what was sent, or by whom: it must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RefusedSms(..)")
    }
}

/// An objection of a sender, to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewSenderObjection<'a> {
    /// The SMS.
    pub sms: &'a RefusedSms,
    /// Why: 1 to 4,000 characters.
    pub words: &'a str,
    /// A mail address to answer to, if the sender gave one.
    pub contact: Option<&'a str>,
}

impl RefusedSms {
    /// An SMS of this sender: a number, a short code or a name.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for what is no sender, or no text of 1 to 4,000 characters.
    pub fn new(sender: &str, text: &str) -> Result<Self, StoreError> {
        let why = "give a telephone number, a short code or a name of at most 64 characters";
        Sender::parse(sender).ok_or(StoreError::Invalid { what: "sender", why })?;
        super::check_text("text", text, TEXT_CHARS_MAX)?;
        Ok(Self { sender: sender.trim().to_owned(), text: text.trim().to_owned() })
    }

    /// Both as one text: a sender has no line break.
    pub(super) fn joined(&self) -> String {
        format!("{}\n{}", self.sender, self.text)
    }

    pub(super) fn split(joined: &str) -> Option<Self> {
        let (sender, text) = joined.split_once('\n')?;
        Some(Self { sender: sender.to_owned(), text: text.to_owned() })
    }
}

impl Casebook {
    /// The templates that hold and that this SMS is like, each with its case.
    fn templates_like(&self, sms: &RefusedSms) -> Vec<(Serial, u64)> {
        let (set, mut scratch) = (self.effective(), Scratch::default());
        let like = set.templates().filter(|(_, order)| {
            Index::new([order.template.text()]).find(&sms.text, &mut scratch).is_some()
        });
        let case =
            |order: &belfry_journal::TemplateOrder| order.template.provenance().confirmation().case;
        like.map(|(serial, order)| (serial, case(order))).collect()
    }

    /// The cases that a decision on an objection is about, as things are now.
    pub(super) fn cases_of(&self, objection: &Objection) -> Vec<u64> {
        let templates = objection.sms.as_ref().map(|sms| self.templates_like(sms));
        let cases = templates.into_iter().flatten().map(|(_, case)| case);
        objection.case.into_iter().chain(cases).collect()
    }

    /// Ends, as a mistake, each template that refuses the SMS of an objection; answers the
    /// orders. Who judged any of their cases never does that.
    ///
    /// # Errors
    /// As [`Casebook::check_other_person`] and [`Casebook::release_template`].
    pub async fn release_for(
        &self,
        by: &Analyst,
        objection: &Objection,
        now: UnixMillis,
    ) -> Result<Vec<Serial>, StoreError> {
        let Some(sms) = &objection.sms else { return Ok(Vec::new()) };
        self.check_other_person(by, objection).await?;
        let mut released = Vec::new();
        for (of, _) in self.templates_like(sms) {
            self.release_template(by, of, PublicReason::Mistake, now).await?;
            released.push(of);
        }
        Ok(released)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_send_and_come_back_whole() {
        for (sender, text) in [("+32470000001", "one\ntwo"), ("8450", "x"), (" BANK ", "a\n")] {
            let sms = RefusedSms::new(sender, text).unwrap();
            assert_eq!(RefusedSms::split(&sms.joined()).unwrap(), sms);
            assert!(!format!("{sms:?}").contains(sender.trim()));
        }
        let long = "x".repeat(65);
        for (sender, text) in [("", "x"), ("a\nb", "x"), (&long, "x"), ("BANK", " ")] {
            assert!(RefusedSms::new(sender, text).is_err(), "{sender:?} {text:?}");
        }
    }
}
