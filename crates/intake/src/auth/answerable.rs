//! Who may be answered: a proven sender, and never a machine (RFC 3834).
//!
//! An answer to a forged sender is spam that we send; an answer to a machine may be
//! answered again, for ever. In doubt nobody is answered.

use belfry_casebook::correspondence::Correspondent;
use belfry_casebook::report::{Envelope, SenderCheck};

use super::head::Head;
use super::language;

/// The longest address we write to (RFC 5321, 4.5.3.1).
const ADDRESS_BYTES_MAX: usize = 254;
const MESSAGE_ID_BYTES_MAX: usize = 250;

/// Why a reporter gets no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unanswerable {
    /// The mail has no sender to answer.
    NoSender,
    /// A machine wrote it.
    Automatic,
    /// It came over a list, or in bulk.
    Bulk,
    /// Its sender is a role that nobody reads, or a program.
    Role,
    /// Its sender is one of our own addresses.
    Own,
    /// Neither SPF nor DKIM proves its sender.
    Unproven,
    /// The envelope's sender is not who stands in From.
    Different,
    /// The address can't be written to safely.
    Malformed,
}

impl Unanswerable {
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Unanswerable::NoSender => "no-sender",
            Unanswerable::Automatic => "automatic",
            Unanswerable::Bulk => "bulk",
            Unanswerable::Role => "role",
            Unanswerable::Own => "own",
            Unanswerable::Unproven => "unproven",
            Unanswerable::Different => "different",
            Unanswerable::Malformed => "malformed",
        }
    }
}

/// Local parts behind which no person reads.
const ROLES: &[&str] = &[
    "mailer-daemon",
    "daemon",
    "postmaster",
    "hostmaster",
    "root",
    "nobody",
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "bounce",
    "bounces",
    "listserv",
    "majordomo",
];
/// What programs put around the local parts of a list.
const LIST_PREFIXES: &[&str] = &["owner-", "bounce-", "bounces-", "bounces+", "bounce+"];
const LIST_SUFFIXES: &[&str] =
    &["-owner", "-request", "-relay", "-bounces", "-bounce", "-noreply", "-daemon", ".noreply"];

/// Whom we answer, and how.
#[derive(Clone, Debug)]
pub struct Whom {
    /// Our own addresses (`report@csirt.example`) and domains (`csirt.example`).
    pub own: Vec<String>,
    /// Whether the receipt is acknowledged before the outcome.
    pub acknowledge: bool,
    /// How long an address is kept, answered or not.
    pub days: u32,
}

impl Whom {
    /// The one to answer for `mail`, or why nobody is.
    ///
    /// # Errors
    /// [`Unanswerable`].
    pub fn answerable(
        &self,
        envelope: &Envelope,
        mail: &[u8],
        check: &SenderCheck,
    ) -> Result<Correspondent, Unanswerable> {
        let sender = envelope.sender.as_deref().ok_or(Unanswerable::NoSender)?;
        if !is_plain_address(sender) {
            return Err(Unanswerable::Malformed);
        }
        let head = Head::of(mail).ok_or(Unanswerable::Malformed)?;
        if is_automatic(&head) {
            return Err(Unanswerable::Automatic);
        }
        if is_bulk(&head) {
            return Err(Unanswerable::Bulk);
        }
        if is_role(sender) {
            return Err(Unanswerable::Role);
        }
        if self.is_own(sender) {
            return Err(Unanswerable::Own);
        }
        if !check.authentic {
            return Err(Unanswerable::Unproven);
        }
        if !stands_in_from(&head, sender) {
            return Err(Unanswerable::Different);
        }
        Ok(Correspondent {
            address: sender.to_owned(),
            message_id: message_id(&head),
            language: language::guess(&head).map(ToOwned::to_owned),
        })
    }

    fn is_own(&self, sender: &str) -> bool {
        let domain = sender.rsplit_once('@').map_or("", |(_, domain)| domain);
        self.own.iter().any(|own| {
            let theirs = if own.contains('@') { sender } else { domain };
            own.eq_ignore_ascii_case(theirs)
        })
    }
}

/// An address that needs no quoting anywhere: RFC 5321's dot-string, in ASCII.
pub(crate) fn is_plain_address(address: &str) -> bool {
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    let Some((local, domain)) = address.split_once('@') else { return false };
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    address.len() <= ADDRESS_BYTES_MAX
        && local.len() <= 64
        && local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom))
        && domain.contains('.')
        && domain.split('.').all(label)
}

fn is_automatic(head: &Head<'_>) -> bool {
    let submitted = head.word("Auto-Submitted").is_some_and(|word| word != "no");
    // Several programs' own words for the same, and a bounce by its form.
    let marked = ["X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "X-Loop"]
        .into_iter()
        .any(|name| head.all(name).next().is_some());
    let bounce = head.word("Content-Type").is_some_and(|kind| kind == "multipart/report");
    let empty_path = head.all("Return-Path").any(|path| path == b"<>");
    submitted || marked || bounce || empty_path
}

fn is_bulk(head: &Head<'_>) -> bool {
    let precedence = head.word("Precedence");
    precedence.is_some_and(|word| matches!(word.as_str(), "bulk" | "list" | "junk" | "auto_reply"))
        || head.any_prefix("List-")
        || head.all("Feedback-ID").next().is_some()
}

fn is_role(sender: &str) -> bool {
    let local = sender.split('@').next().unwrap_or_default().to_ascii_lowercase();
    ROLES.contains(&local.as_str())
        || LIST_PREFIXES.iter().any(|prefix| local.starts_with(prefix))
        || LIST_SUFFIXES.iter().any(|suffix| local.ends_with(suffix))
}

/// Whether the one From field has exactly this address.
fn stands_in_from(head: &Head<'_>, sender: &str) -> bool {
    let mut fields = head.all("From");
    let (Some(from), None) = (fields.next(), fields.next()) else { return false };
    let Ok(from) = std::str::from_utf8(from) else { return false };
    let address = match from.rsplit_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or_default(),
        None => from,
    };
    address.trim().eq_ignore_ascii_case(sender)
}

/// The Message-ID where it is one that can stand in a header of ours as it is.
fn message_id(head: &Head<'_>) -> Option<String> {
    let value = std::str::from_utf8(head.all("Message-ID").next()?).ok()?;
    let id = value.strip_prefix('<')?.strip_suffix('>')?;
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"<>\"\\()[]:;,".contains(&byte);
    let fits = id.len() <= MESSAGE_ID_BYTES_MAX && id.contains('@') && id.bytes().all(plain);
    fits.then(|| id.to_owned())
}

#[cfg(test)]
mod tests;
