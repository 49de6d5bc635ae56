//! From the bytes of a report to what is in it: observables, each with its place
//! and role, and defects for whatever could not be read.
//!
//! Reading never fails and never panics: broken input becomes a [`Defect`].
//! It does no I/O and follows no link. The way through it: a reader of the channel
//! (`mail`, `single`) finds texts, in `container`s too, and `document`s; `html` and `text` find links in them; `forward`
//! tells a forwarder's words from the mail that was forwarded in a text;
//! `resolve` makes URLs of those, `disguise` and `rewriter` see through them; `observable` finds numbers and addresses;
//! `findings` collects them with what was broken;
//! `origin` tells where a mail comes from; `role` says which link matters; `render` shows it all to a person.
//! `redact` takes the people out of whatever leaves this crate.

mod attachment;
mod budget;
mod container;
mod defect;
mod disguise;
mod document;
mod findings;
mod forward;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod html;
mod limits;
mod link;
mod mail;
mod observable;
mod origin;
mod reading;
mod redact;
mod render;
mod resolve;
mod rewriter;
mod role;
mod single;
mod sms;
mod suffixes;
mod text;

pub use crate::attachment::{Attachment, Format, Member};
pub use crate::budget::Work;
pub use crate::defect::{Defect, DefectKind};
pub use crate::disguise::Disguise;
pub use crate::document::{GreyPicture, PictureText};
pub use crate::forward::Forward;
pub use crate::limits::Limits;
pub use crate::link::{Link, LinkKind, Place, Role, Through};
pub use crate::observable::{Observable, Observed};
pub use crate::origin::{Authentication, Hop, Origin, SendingHost, Sign, SignKind};
pub use crate::reading::{Address, FurtherMail, Reading, Summary};
pub use crate::render::{escaped, render_text};

pub use crate::sms::{SmsCoding, SmsForm, decode_sms, is_plain_sms, sms_form};

use belfry_indicator::Suffixes;

use crate::findings::Findings;
use crate::suffixes::List;

/// Reads an RFC 5322 message that a citizen forwarded.
pub fn read_mail(bytes: &[u8], suffixes: &impl Suffixes, limits: &Limits) -> Reading {
    mail::read(bytes, Findings::new(List(suffixes), limits))
}

/// The same, with someone who recognises the text in pictures.
pub fn read_mail_with(
    bytes: &[u8],
    suffixes: &impl Suffixes,
    limits: &Limits,
    eyes: &dyn PictureText,
) -> Reading {
    let mut findings = Findings::new(List(suffixes), limits);
    findings.eyes = Some(eyes);
    mail::read(bytes, findings)
}

/// Reads the text of an SMS, forwarded or not; a first line `From: SENDER` names its sender.
pub fn read_sms(text: &[u8], suffixes: &impl Suffixes, limits: &Limits) -> Reading {
    single::read_sms(text, Findings::new(List(suffixes), limits))
}

/// Reads a single reported URL.
pub fn read_url(text: &[u8], suffixes: &impl Suffixes, limits: &Limits) -> Reading {
    single::read_url(text, Findings::new(List(suffixes), limits))
}
