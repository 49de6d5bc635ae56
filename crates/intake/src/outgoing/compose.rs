//! A letter: our words, filled with a receipt, a defanged name, a time and a number.

use std::time::{Duration, SystemTime};

use belfry_casebook::correspondence::{Due, Stage};
use belfry_casebook::report::Receipt;
use belfry_journal::UnixMillis;
use lettre::Message;
use lettre::address::{Address, Envelope};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};

use super::outcome::Outcome;
use super::settings::LetterSettings;
use super::texts::Texts;

/// The subject and the text of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) subject: String,
    pub(super) body: String,
}

/// The letter could not be made; nothing of it is told, for it names a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unwritable;

/// That the report came in.
pub(super) fn acknowledgement(
    texts: &Texts,
    receipt: &Receipt,
    settings: &LetterSettings,
) -> Words {
    let mut paragraphs = vec![texts.arrived, texts.number, texts.advice, texts.to_come];
    if settings.page.is_some() {
        paragraphs.push(texts.follow);
    }
    words(texts, texts.arrived_subject, &paragraphs, receipt, settings)
}

/// What became of the report.
pub(super) fn outcome(
    texts: &Texts,
    outcome: &Outcome,
    receipt: &Receipt,
    settings: &LetterSettings,
) -> Words {
    let mut paragraphs = vec![texts.number];
    match outcome {
        Outcome::Blocked { after, reporters, .. } => {
            paragraphs.push(texts.blocked);
            paragraphs.push(if after.is_some() { texts.after } else { texts.before });
            paragraphs.push(if reporters.is_some() { texts.one_of } else { texts.among_first });
            paragraphs.push(texts.advice);
        }
        Outcome::NotBlockable => paragraphs.extend([texts.not_blockable, texts.advice]),
        Outcome::Ended => paragraphs.extend([texts.ended, texts.advice]),
        Outcome::Undecided => paragraphs.extend([texts.undecided, texts.advice]),
        Outcome::Spam => paragraphs.push(texts.spam),
        Outcome::Benign => paragraphs.push(texts.benign),
    }
    paragraphs.push(texts.deleted);
    let mut words = words(texts, texts.outcome_subject, &paragraphs, receipt, settings);
    if let Outcome::Blocked { name, after, reporters } = outcome {
        words.body = words
            .body
            .replace("{name}", name)
            .replace("{after}", &after.map_or_else(String::new, |after| spoken(after, texts)))
            .replace("{count}", &reporters.unwrap_or_default().to_string());
    }
    words
}

fn words(
    texts: &Texts,
    subject: &str,
    paragraphs: &[&str],
    receipt: &Receipt,
    settings: &LetterSettings,
) -> Words {
    let page = settings.page.as_ref().map(|page| format!("{page}{receipt}"));
    let fill = |text: &str| {
        text.replace("{receipt}", receipt.as_str())
            .replace("{days}", &settings.days.to_string())
            .replace("{page}", page.as_deref().unwrap_or_default())
    };
    let mut body: String = paragraphs.iter().map(|text| fill(text) + "\n\n").collect();
    body.push_str(texts.closing);
    if !settings.authority.is_empty() {
        body.push_str("\n\n");
        body.push_str(&settings.authority);
    }
    body.push('\n');
    Words { subject: fill(subject), body }
}

/// A duration as people say it: one unit, rounded down.
fn spoken(duration: Duration, texts: &Texts) -> String {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        0..60 => return texts.under_a_minute.to_owned(),
        60..3_600 => (seconds / 60, &texts.minutes),
        3_600..172_800 => (seconds / 3_600, &texts.hours),
        _ => (seconds / 86_400, &texts.days),
    };
    let [one, many] = unit;
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The message on the wire, and to whom: from nobody, so that it can't bounce to us.
pub(super) fn message(
    due: &Due,
    words: Words,
    settings: &LetterSettings,
    now: UnixMillis,
) -> Result<(Envelope, Vec<u8>), Unwritable> {
    let to: Address = due.correspondent.address.parse().map_err(|_| Unwritable)?;
    let stage = if due.stage == Stage::Acknowledge { "received" } else { "outcome" };
    // The same letter sent twice (we died before we noted it) has the same number.
    let id = format!("<{}.{stage}@{}>", due.receipt, settings.sender.domain());
    let mut builder = Message::builder()
        .from(settings.sender.0.clone())
        .to(Mailbox::new(None, to.clone()))
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(now.0))
        .subject(words.subject)
        .message_id(Some(id))
        .raw_header(header("Auto-Submitted", "auto-replied"))
        .raw_header(header("X-Auto-Response-Suppress", "All"))
        .header(MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN);
    if let Some(original) = &due.correspondent.message_id {
        let original = format!("<{original}>");
        builder = builder.in_reply_to(original.clone()).references(original);
    }
    let envelope = Envelope::new(None, vec![to]).map_err(|_| Unwritable)?;
    let message = builder.body(words.body).map_err(|_| Unwritable)?;
    Ok((envelope, message.formatted()))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests;
