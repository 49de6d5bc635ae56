//! A reading for a person at a terminal. Nothing of the report can move the
//! cursor, turn the direction of text or be clicked.

use crate::text::is_invisible;
use crate::{
    Address, Attachment, Defect, Forward, FurtherMail, Link, Place, Reading, Role, Summary,
};

/// Files of one archive that are shown.
const MEMBERS_SHOWN: usize = 20;
/// Lines of the text of each mail but the first that are shown.
const FURTHER_LINES_SHOWN: usize = 10;
/// The column in which values begin.
const VALUES_AT: usize = 17;

/// Shows headers, links (defanged, those that matter first) with role and reason, and defects.
pub fn render_text(reading: &Reading) -> String {
    let mut out = Out::default();
    summary(&mut out, reading);
    origin(&mut out, reading);
    out.section("Links", reading.links.len());
    let mut links: Vec<&Link> = reading.links.iter().collect();
    links.sort_by_key(|link| (link.role != Role::CallToAction, link.kind.is_loaded()));
    links.into_iter().for_each(|link| self::link(&mut out, link));
    if !reading.observables.is_empty() {
        out.section("Numbers and addresses", reading.observables.len());
        for observable in &reading.observables {
            let value = observable.what.text().replace('@', "[@]");
            let value = format!("{value} in {}", place(&observable.place));
            out.item(observable.what.name(), &value);
        }
    }
    if !reading.attachments.is_empty() {
        out.section("Attachments", reading.attachments.len());
        reading.attachments.iter().for_each(|attached| attachment(&mut out, attached));
    }
    out.section("Could not be read", reading.defects.len());
    reading.defects.iter().for_each(|defect| self::defect(&mut out, defect));
    if !reading.text.is_empty() {
        out.line("\nText", "");
        reading.text.lines().for_each(|text| out.line("  ", text));
    }
    if !reading.further.is_empty() {
        out.section("Further mails in the same report", reading.further.len());
        reading.further.iter().for_each(|mail| further(&mut out, mail));
    }
    out.text
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

/// What is shown so far.
#[derive(Default)]
struct Out {
    text: String,
}

impl Out {
    /// A name of ours and a value, which may be the report's.
    fn line(&mut self, name: &str, value: &str) {
        let value = dead(&escaped(value));
        self.text.push_str(format!("{name}{value}").trim_end());
        self.text.push('\n');
    }

    fn item(&mut self, name: &str, value: &str) {
        self.line(&format!("  {:<width$}", dead(&escaped(name)), width = VALUES_AT - 2), value);
    }

    fn more(&mut self, value: &str) {
        self.line(&" ".repeat(VALUES_AT + 2), value);
    }

    fn field(&mut self, name: &str, value: &str) {
        self.line(&format!("{name:<VALUES_AT$}"), value);
    }

    fn section(&mut self, title: &str, count: usize) {
        let count = if count == 0 { "none".to_owned() } else { count.to_string() };
        self.line(&format!("\n{title}: "), &count);
    }
}

/// Terminals make addresses clickable: those of the report are not to be.
fn dead(text: &str) -> String {
    if !text.contains("://") && !text.contains("ww.") && !text.contains("WW.") {
        return text.to_owned();
    }
    let mut out = text.replace("://", ":[//]");
    for scheme in ["http", "HTTP", "Http"] {
        out = out.replace(&format!("{scheme}:[//]"), "hxxp:[//]");
        out = out.replace(&format!("{scheme}s:[//]"), "hxxps:[//]");
        out = out.replace(&format!("{scheme}S:[//]"), "hxxps:[//]");
    }
    // What was made harmless before has this form.
    out = out.replace("hxxp:[//]", "hxxp://").replace("hxxps:[//]", "hxxps://");
    out.replace("www.", "www[.]").replace("WWW.", "WWW[.]")
}

fn summary(out: &mut Out, reading: &Reading) {
    let quoted = reading.forward.as_ref().map(Forward::innermost);
    head(out, &reading.summary);
    if let Some(date) = quoted.and_then(|forward| forward.date.as_deref()) {
        out.field("As quoted", date);
    }
    if let Some(forwarder) = &reading.summary.forwarder {
        out.field("Forwarded by", &address(forwarder));
    }
    if let Some(note) = quoted.and_then(|forward| forward.note.as_deref()) {
        out.field("Saying", &note.replace('\n', " / "));
    }
}

fn head(out: &mut Out, summary: &Summary) {
    let fields = [
        ("Subject", summary.subject.clone()),
        ("From", summary.from.as_ref().map(address)),
        ("Reply to", summary.reply_to.as_ref().map(address)),
        ("SMS from", summary.sms_sender.clone()),
        ("Date", summary.date.clone()),
        ("Message-ID", summary.message_id.clone()),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            out.field(name, &value);
        }
    }
}

fn origin(out: &mut Out, reading: &Reading) {
    if let Some(host) = &reading.origin.sending {
        let name = host.name.as_deref().unwrap_or("no name");
        out.field("Handed over", &format!("by {} ({name})", host.ip));
    }
    for sign in &reading.origin.signs {
        out.field("But", &sign.why);
    }
}

fn link(out: &mut Out, link: &Link) {
    out.item(link.role.name(), &link.url.defanged());
    let mut about = format!("{} in {}", link.kind.name(), place(&link.place));
    if let Some(text) = &link.text {
        let disagrees = if link.text_disagrees { " (not where it leads)" } else { "" };
        about.push_str(&format!(", shown as \"{text}\"{disagrees}"));
    }
    out.more(&about);
    for through in &link.through {
        let by = through.by.as_deref().unwrap_or("a link that carries it");
        out.more(&format!("in {by}: {}", through.url.defanged()));
    }
    if !link.disguises.is_empty() {
        let names: Vec<_> = link.disguises.iter().map(|disguise| disguise.name()).collect();
        out.more(&format!("disguised by {}", names.join(", ")));
    }
    out.more(&format!("because: {}", link.why));
    if let Some(why) = &link.why_not_blockable {
        out.more(why);
    }
}

fn attachment(out: &mut Out, attachment: &Attachment) {
    let Attachment { part, within, name, format, bytes, members, .. } = attachment;
    let name = name.as_deref().map(|name| format!(" \"{name}\"")).unwrap_or_default();
    let within = within.as_deref().map(|within| format!(", in {within}")).unwrap_or_default();
    out.item(&format!("part {part}"), &format!("{}{name}, {bytes} octets{within}", format.name()));
    for member in members.iter().take(MEMBERS_SHOWN) {
        let locked = if member.encrypted { ", with a password" } else { "" };
        out.more(&format!("\"{}\", {} octets{locked}", member.name, member.bytes));
    }
    if members.len() > MEMBERS_SHOWN {
        out.more(&format!("and {} more", members.len() - MEMBERS_SHOWN));
    }
}

fn defect(out: &mut Out, defect: &Defect) {
    let place = if defect.place.is_empty() {
        "the report".to_owned()
    } else {
        format!("part {}", defect.place)
    };
    out.item(defect.kind.name(), &format!("{place}: {}", defect.detail));
}

fn further(out: &mut Out, mail: &FurtherMail) {
    out.line("", &format!("  part {}", mail.part));
    head(out, &mail.summary);
    let mut lines = mail.text.lines();
    lines.by_ref().take(FURTHER_LINES_SHOWN).for_each(|line| out.line("  | ", line));
    if lines.next().is_some() {
        out.line("  | ", "…");
    }
}

fn place(place: &Place) -> String {
    let part = match place.part.as_str() {
        "" => "the header".to_owned(),
        part => format!("part {part}"),
    };
    let within = place.within.as_deref().map(|within| format!(", in {within}"));
    format!("{part} at {}{}", place.offset, within.unwrap_or_default())
}

fn address(address: &Address) -> String {
    let mail = address.address.as_deref().unwrap_or("no address");
    match &address.name {
        Some(name) => format!("{name} <{mail}>"),
        None => mail.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;

    use super::{dead, escaped, render_text};
    use crate::{Limits, read_mail};

    #[test]
    fn nothing_reaches_the_terminal_raw() {
        assert_eq!(escaped("a\x1b[31m\u{202e}b\n"), "a\\u{1b}[31m\\u{202e}b\\u{a}");
        assert_eq!(escaped("Café ✓"), "Café ✓");
    }

    #[test]
    fn addresses_are_dead_wherever_they_stand() {
        for (text, expect) in [
            (
                "see https://a.example and HTTP://b.example",
                "see hxxps://a.example and hxxp://b.example",
            ),
            ("ftp://c.example www.d.example", "ftp:[//]c.example www[.]d.example"),
            ("hxxps://e[.]example", "hxxps://e[.]example"),
            ("hTtPs://f.example", "hTtPs:[//]f.example"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(dead(text), expect);
        }
    }

    #[test]
    fn several_mails_are_shown_each_with_its_part() {
        let one = "From a@b.example Mon Nov 23 10:00:00 2026\nFrom: A <a@example.com>\n\
                   Date: Tue, 24 Nov 2026 10:00:00 +0100\nSubject: N\n\nsee https://n.example.org/\n\n";
        let mailbox = one.replace('N', "1").replace("n.ex", "one.ex") + &one.replace('N', "2");
        let reading = read_mail(mailbox.as_bytes(), &EmbeddedSuffixes, &Limits::default());
        insta::assert_snapshot!(render_text(&reading));
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
