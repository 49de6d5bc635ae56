//! A reading for a person at a terminal. Nothing of the report can move the
//! cursor, turn the direction of text or be clicked.

use std::fmt::Write as _;

use crate::text::is_invisible;
use crate::{Address, Attachment, Defect, Forward, Link, Place, Reading};

/// Files of one archive that are shown.
const MEMBERS_SHOWN: usize = 20;

/// Shows headers, links (defanged) with role and reason, and defects.
pub fn render_text(reading: &Reading) -> String {
    let mut out = String::new();
    summary(&mut out, reading);
    origin(&mut out, reading);
    section(&mut out, "Links", reading.links.len());
    for link in &reading.links {
        self::link(&mut out, link);
    }
    if !reading.observables.is_empty() {
        section(&mut out, "Numbers and addresses", reading.observables.len());
        for observable in &reading.observables {
            let what = format!("  {:<13}", observable.what.name());
            let value = escaped(&observable.what.text().replace('@', "[@]"));
            line(&mut out, &what, &format!("{value} in {}", place(&observable.place)));
        }
    }
    if !reading.attachments.is_empty() {
        section(&mut out, "Attachments", reading.attachments.len());
        for attachment in &reading.attachments {
            self::attachment(&mut out, attachment);
        }
    }
    section(&mut out, "Could not be read", reading.defects.len());
    for defect in &reading.defects {
        self::defect(&mut out, defect);
    }
    if !reading.text.is_empty() {
        line(&mut out, "\nText", "");
        for text in reading.text.lines() {
            line(&mut out, "", &format!("  {}", escaped(text)));
        }
    }
    out
}

/// `text` with every character that a terminal acts upon, or that hides or turns
/// others, written as `\u{…}`.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

fn summary(out: &mut String, reading: &Reading) {
    let summary = &reading.summary;
    let quoted = reading.forward.as_ref().map(Forward::innermost);
    let fields = [
        ("Subject", summary.subject.as_deref().map(escaped)),
        ("From", summary.from.as_ref().map(address)),
        ("Reply to", summary.reply_to.as_ref().map(address)),
        ("Sender", summary.sms_sender.as_deref().map(escaped)),
        ("Date", summary.date.as_deref().map(escaped)),
        ("Message-ID", summary.message_id.as_deref().map(escaped)),
        ("As quoted", quoted.and_then(|f| f.date.as_deref()).map(escaped)),
        ("Forwarded by", summary.forwarder.as_ref().map(address)),
        ("Saying", quoted.and_then(|f| f.note.as_deref()).map(escaped)),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            line(out, &format!("{name:<13}"), &value);
        }
    }
}

fn origin(out: &mut String, reading: &Reading) {
    if let Some(host) = &reading.origin.sending {
        let name = host.name.as_deref().unwrap_or("no name");
        line(out, "Handed over  ", &format!("by {} ({})", host.ip, escaped(name)));
    }
    for sign in &reading.origin.signs {
        line(out, "But          ", &escaped(&sign.why));
    }
}

fn link(out: &mut String, link: &Link) {
    let role = format!("{:?}", link.role);
    line(out, &format!("  {role:<13}"), &escaped(&link.url.defanged()));
    let mut about = format!("{:?} in {}", link.kind, place(&link.place));
    if let Some(text) = &link.text {
        let disagrees = if link.text_disagrees { " (not where it leads)" } else { "" };
        let _ = write!(about, ", shown as \"{}\"{disagrees}", escaped(text));
    }
    line(out, "                 ", &about);
    for through in &link.through {
        let by = through.by.as_deref().unwrap_or("a link that carries it");
        line(out, "                 ", &format!("in {}: {}", by, escaped(&through.url.defanged())));
    }
    if !link.disguises.is_empty() {
        line(out, "                 ", &format!("disguised by {:?}", link.disguises));
    }
    line(out, "                 ", &format!("because: {}", escaped(&link.why)));
    if let Some(why) = &link.why_not_blockable {
        line(out, "                 ", &escaped(why));
    }
}

fn attachment(out: &mut String, attachment: &Attachment) {
    let Attachment { part, within, name, format, bytes, members, .. } = attachment;
    let name = name.as_deref().map(|name| format!(" {name:?}")).unwrap_or_default();
    let within = within.as_deref().map(|within| format!(", in {within}")).unwrap_or_default();
    let about = format!("{}{name}, {bytes} octets{within}", format.name());
    line(out, &format!("  {:<13}", escaped(part)), &escaped(&about));
    for member in members.iter().take(MEMBERS_SHOWN) {
        let locked = if member.encrypted { ", with a password" } else { "" };
        let about = format!("{:?}, {} octets{locked}", member.name, member.bytes);
        line(out, "                 ", &escaped(&about));
    }
    if members.len() > MEMBERS_SHOWN {
        line(out, "                 ", &format!("and {} more", members.len() - MEMBERS_SHOWN));
    }
}

fn defect(out: &mut String, defect: &Defect) {
    let place = if defect.place.is_empty() { "the report" } else { &defect.place };
    let detail = format!("{}: {}", escaped(place), escaped(&defect.detail));
    line(out, &format!("  {:<13}", defect.kind.name()), &detail);
}

fn place(place: &Place) -> String {
    let part = if place.part.is_empty() { "the header" } else { &place.part };
    let within = place.within.as_deref().map(|within| format!(", in {}", escaped(within)));
    format!("{} at {}{}", escaped(part), place.offset, within.unwrap_or_default())
}

fn address(address: &Address) -> String {
    let mail = address.address.as_deref().unwrap_or("no address");
    match &address.name {
        Some(name) => format!("{} <{}>", escaped(name), escaped(mail)),
        None => escaped(mail),
    }
}

fn section(out: &mut String, title: &str, count: usize) {
    line(out, &format!("\n{title}: "), &if count == 0 { "none".into() } else { count.to_string() });
}

fn line(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    out.push_str(value);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;

    use super::{escaped, render_text};
    use crate::{Limits, read_mail};

    #[test]
    fn nothing_reaches_the_terminal_raw() {
        assert_eq!(escaped("a\x1b[31m\u{202e}b\n"), "a\\u{1b}[31m\\u{202e}b\\u{a}");
        assert_eq!(escaped("Café ✓"), "Café ✓");
    }

    #[test]
    fn a_reading_is_shown_whole_and_cannot_be_clicked() {
        let mail = "From: Bank\u{202e} <a@example.com>\nSubject: =?utf-8?q?Hi=1b[2J?=\n\
                    Date: Tue, 24 Nov 2026 10:00:00 +0100\nContent-Type: text/html\n\n\
                    <a href=https://evil.example.org/x>https://bank.example.com</a>";
        let reading = read_mail(mail.as_bytes(), &EmbeddedSuffixes, &Limits::default());
        insta::assert_snapshot!(render_text(&reading));
    }
}
