//! The language that a reporter writes in, from their own words: what the field
//! Content-Language says, what their program calls a forward, or a few frequent words
//! before the forwarded mail begins. Never decoded, never more than a prefix.

use super::head::Head;

/// Octets of the body that are looked at.
const PREFIX_BYTES: usize = 8 << 10;
/// Words that must be found before a language is believed.
const WORDS_MIN: usize = 2;

/// The languages that we write in.
const LANGUAGES: [&str; 4] = ["nl", "fr", "de", "en"];

/// How programs call a forward in their language.
const FORWARDS: &[(&str, &str)] =
    &[("tr:", "fr"), ("tr :", "fr"), ("wg:", "de"), ("doorst:", "nl"), ("doorsturen:", "nl")];

/// Frequent words that the other three languages do not have.
const WORDS: [(&str, &str); 4] = [
    ("nl", "ik het een deze dit niet van voor mij mijn kreeg echt jullie groeten bericht"),
    ("fr", "je le les une est vous pour bonjour merci cordialement suis ceci avec"),
    ("de", "ich das ist nicht und eine mir bitte diese sehr habe mit"),
    ("en", "the this it you please have from thanks hello and my got"),
];

/// What begins the mail that was forwarded: from here on the words are another's.
const MARKERS: &[&str] = &[
    "-----",
    "________",
    "begin forwarded",
    "from:",
    "de :",
    "de:",
    "von:",
    "van:",
    "begin doorgestuurd",
    "d\u{e9}but du message",
    "anfang der weitergeleiteten",
];

/// The language of the mail's sender, where it can be told.
pub(super) fn guess(head: &Head<'_>) -> Option<&'static str> {
    if let Some(named) = head.word("Content-Language")
        && let Some(language) = known(&named)
    {
        return Some(language);
    }
    let subject = head.all("Subject").next().unwrap_or_default();
    let subject = String::from_utf8_lossy(&subject[..subject.len().min(64)]).to_lowercase();
    let forward = FORWARDS.iter().find(|(prefix, _)| subject.starts_with(prefix));
    forward.map(|(_, language)| *language).or_else(|| by_words(head.body()))
}

/// The language of a tag such as `fr-BE`, if we write in it.
fn known(tag: &str) -> Option<&'static str> {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    LANGUAGES.into_iter().find(|language| primary.eq_ignore_ascii_case(language))
}

fn by_words(body: &[u8]) -> Option<&'static str> {
    let prefix = String::from_utf8_lossy(&body[..body.len().min(PREFIX_BYTES)]).to_lowercase();
    let mut counts = [0_usize; WORDS.len()];
    for line in own_lines(&prefix) {
        for word in line.split(|char: char| !char.is_alphabetic()) {
            for (count, (_, words)) in counts.iter_mut().zip(WORDS) {
                *count += usize::from(words.split(' ').any(|known| known == word));
            }
        }
    }
    let most = counts.into_iter().max().filter(|most| *most >= WORDS_MIN)?;
    let mut best = WORDS.iter().zip(counts).filter(|(_, count)| *count == most);
    let ((language, _), _) = best.next()?;
    best.next().is_none().then_some(*language)
}

/// Lines of the sender's own: past the fields and boundaries of a first part, up to the
/// forwarded mail.
fn own_lines(text: &str) -> impl Iterator<Item = &str> {
    let is_field = |line: &str| {
        line.starts_with("content-") || line.starts_with(' ') || line.starts_with("--")
    };
    text.lines()
        .skip_while(move |line| {
            line.is_empty()
                || is_field(line) && !line.starts_with("-----")
                || line.starts_with("this is a multi-part message")
        })
        .take_while(|line| !MARKERS.iter().any(|marker| line.trim_start().starts_with(marker)))
        .filter(|line| !line.starts_with('>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mail: &str, expected: Option<&str>) {
        assert_eq!(guess(&Head::of(mail.as_bytes()).unwrap()), expected, "{mail}");
    }

    #[test]
    fn the_header_is_believed_first() {
        check("Content-Language: fr-BE\r\nSubject: WG: x\r\n\r\n", Some("fr"));
        check("Content-Language: el\r\nSubject: WG: x\r\n\r\n", Some("de"));
        check("Subject: TR: Votre colis\r\n\r\n", Some("fr"));
        check("Subject: Fwd: parcel\r\n\r\n", None);
    }

    #[test]
    fn then_the_senders_own_words() {
        check("Subject: x\r\n\r\nIk kreeg deze mail, het is niet van mij.\r\n", Some("nl"));
        check("Subject: x\r\n\r\nBonjour, je vous transmets ceci. Merci.\r\n", Some("fr"));
        check("Subject: x\r\n\r\nDas ist nicht von mir, bitte\r\n", Some("de"));
        check("Subject: x\r\n\r\nHello, is this from the bank?\r\n", Some("en"));
        check("Subject: x\r\n\r\n42\r\n", None);
    }

    #[test]
    fn but_never_the_words_of_the_mail_that_was_forwarded() {
        let quoted = "Subject: x\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nVoil\u{e0}, je vous \
                      l'envoie pour info.\r\n\r\n-----Original Message-----\r\nThe bank has this \
                      is it you please have and the from thanks\r\n";
        check(quoted, Some("fr"));
        check("Subject: x\r\n\r\nFrom: bank\r\nthe this is it you please\r\n", None);
    }
}
