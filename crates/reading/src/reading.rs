//! `Reading`: all that was found in one report.

use belfry_indicator::Secrets;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::findings::Findings;
use crate::limits::{TEXT_KEPT_BYTES_MAX, cut};
use crate::redact::redact;
use crate::{Attachment, Defect, Forward, Link, Observable, Origin, Work};

/// What is in a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The innermost suspicious message's own headers.
    pub summary: Summary,
    /// Where that message says that it comes from, and what speaks against it.
    #[serde(default)]
    pub origin: Origin,
    /// Every link, in the order found; duplicates of URL, kind and text are folded.
    pub links: Vec<Link>,
    /// Telephone numbers, accounts, wallets and mail addresses, in the order found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observables: Vec<Observable>,
    /// The visible text, at most 64 KiB.
    pub text: String,
    /// SHA-256 (hex) over the normalised visible text, for grouping messages without links.
    pub text_digest: String,
    /// What was attached, with what is in it where that is only listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The mail that was forwarded within the text, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<Forward>,
    /// The other mails, where the report forwards several side by side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<FurtherMail>,
    /// What could not be read.
    pub defects: Vec<Defect>,
    /// The work that reading took.
    #[serde(default)]
    pub work: Work,
}

/// Headers that people ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Subject, decoded.
    pub subject: Option<String>,
    /// Who it claims to be from.
    pub from: Option<Address>,
    /// Where replies go, where that differs.
    pub reply_to: Option<Address>,
    /// The Date header, RFC 3339.
    pub date: Option<String>,
    /// Message-ID without brackets.
    pub message_id: Option<String>,
    /// Messages around it, attached or quoted: 0 where the report itself is the suspicious message.
    pub forwarded_depth: usize,
    /// Who forwarded it (the outermost From), where nested.
    pub forwarder: Option<Address>,
    /// The SMS sender, for an SMS.
    pub sms_sender: Option<String>,
}

/// A suspicious mail beside the first in one report. Its links are among all links.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FurtherMail {
    /// The part that it is, as in [`Place`](crate::Place): the parts of its links begin so.
    #[serde(default)]
    pub part: String,
    /// Its headers.
    pub summary: Summary,
    /// Its visible text, at most 4 KiB.
    pub text: String,
}

/// A display name and an address, either of which may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Display name, decoded.
    pub name: Option<String>,
    /// `local@host`.
    pub address: Option<String>,
}

/// Puts a reading together: bounds its text and makes the digest over all of it.
///
/// The people of `secrets` are in it no more.
pub(crate) fn assemble(
    findings: Findings<'_>,
    summary: Summary,
    text: &str,
    secrets: &Secrets,
) -> Reading {
    let text = secrets.redact_text(text);
    let mut reading = Reading {
        summary,
        origin: Origin::default(),
        forward: None,
        further: Vec::new(),
        links: findings.links,
        observables: findings.observables,
        text_digest: digest(&text),
        text: cut(&text, TEXT_KEPT_BYTES_MAX).to_owned(),
        attachments: findings.attachments,
        defects: findings.defects,
        work: findings.budget.spent(),
    };
    redact(&mut reading, secrets);
    reading
}

/// Letter case, digits and white space differ between copies of one message
/// (a name, an amount, a code); the digest leaves them out.
fn digest(text: &str) -> String {
    let mut hash = Sha256::new();
    for word in text.split_whitespace() {
        let word: String = word.chars().filter(|c| !c.is_numeric()).collect();
        hash.update(word.to_lowercase());
        hash.update(b" ");
    }
    HEXLOWER.encode(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn the_digest_sees_through_case_space_and_digits() {
        assert_eq!(digest("Hi Mum,\n new number: 0470 11"), digest("hi mum, new  NUMBER: 0471 12"));
        assert_ne!(digest("Hi Mum"), digest("Hi Dad"));
        assert_eq!(digest("").len(), 64);
    }
}
