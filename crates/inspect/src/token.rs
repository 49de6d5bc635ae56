//! Stand-ins for what was redacted: the page is asked for as nobody in particular.

use belfry_indicator::{REDACTED, RedactedUrl};

/// What stands for a person in a host's label.
const IN_HOST: &str = "someone";
/// What stands for a person elsewhere in a URL, percent-encoded.
const ELSEWHERE: &str = "someone%40example.org";

/// The URL to open for `url`: each mark of a redaction becomes somebody who does not exist.
/// Capturing it neither consumes the victim's token nor confirms the victim's address.
pub fn stand_in(url: &RedactedUrl) -> String {
    let text = url.as_str();
    let authority_starts = text.find("://").map_or(0, |at| at + 3);
    let rest = &text[authority_starts..];
    let authority_ends = authority_starts + rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, tail) = text.split_at(authority_ends);
    format!("{}{}", host.replace(REDACTED, IN_HOST), tail.replace(REDACTED, ELSEWHERE))
}

#[cfg(test)]
mod tests {
    use belfry_indicator::{EmbeddedSuffixes, Secrets, Url};

    use super::*;

    fn check(url: &str, expect: &str) {
        let secrets = Secrets::new(["anna.peeters@mail.example"]);
        let redacted = RedactedUrl::new(&Url::parse(url).unwrap(), &secrets, &EmbeddedSuffixes);
        assert_eq!(stand_in(&redacted), expect);
    }

    #[test]
    fn nobody_real_is_named() {
        check(
            "https://evil.example/a?to=anna.peeters@mail.example",
            "https://evil.example/a?to=someone%40example.org",
        );
        check("https://evil.example/?id=7", "https://evil.example/?id=7");
    }

    #[test]
    fn a_label_stays_a_label() {
        let secrets = Secrets::new(["anna.peeters@mail.example"]);
        let url = Url::parse("https://anna.peeters.evil.example/x").unwrap();
        let redacted = RedactedUrl::new(&url, &secrets, &EmbeddedSuffixes);
        assert!(!stand_in(&redacted).contains(REDACTED));
        assert!(!stand_in(&redacted).contains('%'));
    }
}
