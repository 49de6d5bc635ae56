//! The shapes in which people pass an SMS on: `Fwd:` before it, sender and date on
//! lines of their own, or what a phone shows above it on its screen.

use belfry_indicator::Sender;

/// Lines at the start that may be such a head.
const HEAD_LINES_MAX: usize = 8;
/// What announces a forwarded text, in lower case.
const MARKS: [&str; 14] = [
    "fwd:",
    "fw:",
    "tr:",
    "wg:",
    "fwd ",
    "doorgestuurd bericht",
    "doorgestuurd:",
    "forwarded message",
    "forwarded:",
    "message transféré",
    "transféré:",
    "weitergeleitete nachricht",
    "weitergeleitet:",
    "doorgestuurde sms",
];
const SENDERS: [&str; 12] = [
    "from",
    "van",
    "de",
    "von",
    "expéditeur",
    "absender",
    "afzender",
    "sender",
    "numéro",
    "nummer",
    "number",
    "sms van",
];
const TEXTS: [&str; 11] = [
    "message",
    "bericht",
    "nachricht",
    "texte",
    "tekst",
    "text",
    "sms",
    "inhoud",
    "contenu",
    "inhalt",
    "body",
];
const OTHERS: [&str; 18] = [
    "date",
    "datum",
    "sent",
    "verzonden",
    "envoyé",
    "gesendet",
    "received",
    "ontvangen",
    "reçu",
    "empfangen",
    "to",
    "aan",
    "à",
    "an",
    "time",
    "tijd",
    "heure",
    "zeit",
];
/// What phones write above a conversation.
const SCREEN: [&str; 9] = [
    "text message",
    "imessage",
    "sms",
    "sms/mms",
    "tekstbericht",
    "message texte",
    "textnachricht",
    "rcs",
    "sms-bericht",
];

/// A text, and what its head says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape<'t> {
    /// Who sent it, where its head says so.
    pub(crate) sender: Option<Sender>,
    /// It says that it is passed on.
    pub(crate) forwarded: bool,
    /// What the head stands above.
    pub(crate) body: &'t str,
}

/// Tells a head from the text below it.
pub(crate) fn shape(text: &str) -> Shape<'_> {
    let mut shape = Shape { body: text, ..Shape::default() };
    let mut screen = false;
    for _ in 0..HEAD_LINES_MAX {
        let (line, rest) = shape.body.split_once('\n').unwrap_or((shape.body, ""));
        let trimmed = line.trim();
        if trimmed.is_empty() && !rest.is_empty() {
            shape.body = rest;
            continue;
        }
        let lower = trimmed.to_lowercase();
        if let Some(mark) = MARKS.iter().find(|mark| lower.starts_with(*mark)) {
            shape.forwarded = true;
            // Lower-casing keeps the length of these words.
            shape.body =
                if mark.ends_with([':', ' ']) { after(shape.body, mark.len()) } else { rest };
            continue;
        }
        if SCREEN.contains(&lower.as_str()) || (screen && is_time(trimmed)) {
            (screen, shape.body) = (true, rest);
            continue;
        }
        match label(&lower, trimmed) {
            Some(Label::Sender(sender)) if shape.sender.is_none() => {
                (shape.sender, shape.body) = (Some(sender), rest);
            }
            Some(Label::Other) if shape.forwarded || shape.sender.is_some() => shape.body = rest,
            Some(Label::Text(at)) if shape.forwarded || shape.sender.is_some() => {
                let start = shape.body.len() - shape.body.trim_start().len();
                shape.body = shape.body[start + at..].trim_start();
                return shape;
            }
            _ => return shape,
        }
    }
    shape
}

fn after(body: &str, length: usize) -> &str {
    let start = body.len() - body.trim_start().len();
    body.get(start + length..).unwrap_or_default().trim_start()
}

enum Label {
    Sender(Sender),
    Other,
    /// The text begins so far in the line.
    Text(usize),
}

/// `Van: bpost`, `Datum: …`, `Bericht: …`.
fn label(lower: &str, line: &str) -> Option<Label> {
    let (name, _) = lower.split_once(':')?;
    let (written, value) = line.split_once(':')?;
    let name = name.trim();
    if SENDERS.contains(&name) {
        return Sender::parse(value).map(Label::Sender);
    }
    if TEXTS.contains(&name) {
        return Some(Label::Text(written.len() + 1));
    }
    OTHERS.contains(&name).then_some(Label::Other)
}

/// `Today 9:41 AM`, `14 nov. 18:02`.
fn is_time(line: &str) -> bool {
    let colon = line.match_indices(':').any(|(at, _)| {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        digit(line[..at].chars().next_back()) && digit(line[at + 1..].chars().next())
    });
    line.chars().count() <= 28 && colon && !line.contains("//")
}

#[cfg(test)]
mod tests {
    use belfry_indicator::Sender;

    use super::shape;

    fn check(text: &str, sender: Option<&str>, forwarded: bool, body: &str) {
        let found = shape(text);
        assert_eq!(found.sender.as_ref().map(Sender::as_str), sender, "{text:?}");
        assert_eq!((found.forwarded, found.body), (forwarded, body), "{text:?}");
    }

    #[test]
    fn a_head_is_told_from_the_text() {
        check("From: +32470000000\nHi", Some("+32470000000"), false, "Hi");
        check("Fwd: Uw pakket wacht", None, true, "Uw pakket wacht");
        check(
            "FW:\nVan: 0470 12 34 56\nDatum: 24/11/2026\n\nBericht: Hoi mama",
            Some("+32470123456"),
            true,
            "Hoi mama",
        );
        check(
            "Message transféré\nDe : Ameli\nReçu : hier 9:41\nVotre carte",
            Some("Ameli"),
            true,
            "Votre carte",
        );
        check("Weitergeleitet: Von: DHL\nText:\nIhr Paket", Some("DHL"), true, "Ihr Paket");
        check(
            "Text Message\nToday 9:41 AM\nYour card is blocked",
            None,
            false,
            "Your card is blocked",
        );
        check("\nAfzender: bpost\nTekst: x", Some("bpost"), false, "x");
    }

    #[test]
    fn a_text_that_only_has_a_colon_stays_whole() {
        for text in [
            "",
            "\n",
            "ING: uw kaart verloopt",
            "Bericht: niet weg",
            "Date: 24/11",
            "Hi\nFrom: bpost",
            "9:41 see you",
        ] {
            check(text, None, false, text);
        }
        assert_eq!(shape("Fwd:").body, "");
        assert_eq!(shape("Fwd: Fwd: Fwd: a").body, "a");
    }
}
