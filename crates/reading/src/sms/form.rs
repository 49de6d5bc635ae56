//! An SMS as an application's JSON gives it.

use data_encoding::HEXLOWER_PERMISSIVE;
use serde::Deserialize;

use super::{SmsCoding, decode_sms, shape};
use crate::Format;
use crate::container::format::sniff;
use crate::limits::cut;

/// An SMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsForm {
    /// The number or name that it came from.
    pub sender: Option<String>,
    /// Its text.
    pub text: String,
    /// Some of its octets were not in the coding that it names.
    pub damaged: bool,
}

impl SmsForm {
    /// The form that [`read_sms`](crate::read_sms) reads.
    pub fn to_report(&self) -> String {
        match &self.sender {
            Some(sender) => format!("From: {}\n{}", sender.replace(['\r', '\n'], " "), self.text),
            None => self.text.clone(),
        }
    }
}

/// What an application writes; other fields are passed over.
#[derive(Deserialize)]
struct Raw {
    #[serde(alias = "from", alias = "address", alias = "originator")]
    sender: Option<String>,
    #[serde(alias = "body", alias = "message")]
    text: Option<String>,
    /// Octets in hex, for `coding`.
    data: Option<String>,
    coding: Option<SmsCoding>,
}

#[derive(Deserialize)]
struct Wrapped {
    sms: Raw,
}

/// Reads `{"sender":…,"text":…}`, `{"sender":…,"data":HEX,"coding":"gsm7"}` or one of
/// these under `"sms"`; `None` where it is no such JSON.
pub fn sms_form(bytes: &[u8]) -> Option<SmsForm> {
    let bytes = bytes.trim_ascii();
    if !bytes.starts_with(b"{") {
        return None;
    }
    let wrapped = serde_json::from_slice::<Wrapped>(bytes).map(|wrapped| wrapped.sms);
    let raw = wrapped.or_else(|_| serde_json::from_slice::<Raw>(bytes)).ok()?;
    let (text, sound) = match (raw.text, raw.data) {
        (Some(text), None) => (text, true),
        (None, Some(data)) => {
            let octets = HEXLOWER_PERMISSIVE.decode(data.as_bytes()).ok()?;
            decode_sms(&octets, raw.coding.unwrap_or(SmsCoding::Gsm7))
        }
        _ => return None,
    };
    Some(SmsForm {
        sender: raw.sender.filter(|sender| !sender.trim().is_empty()),
        text,
        damaged: !sound,
    })
}

/// Octets of the longest text that is taken for an SMS without being called one.
const PLAIN_BYTES_MAX: usize = 4_096;

/// Whether `bytes` are short running text and no mail, which begins with header
/// fields and an empty line.
pub fn is_plain_sms(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    if text.trim().is_empty() || bytes.len() > PLAIN_BYTES_MAX || text.contains('\0') {
        return false;
    }
    // A small page or PDF is text too.
    if sniff(bytes) != Format::Text || bytes.trim_ascii_start().starts_with(b"{") {
        return false;
    }
    let text = text.trim_start_matches(['\u{feff}', '\r', '\n']);
    // The head that a person's telephone writes: `Van: bpost`, which mails have in English.
    let head = shape(text);
    if head.forwarded || (head.sender.is_some() && !cut(text, 4).eq_ignore_ascii_case("from")) {
        return true;
    }
    let mut fields = 0;
    for line in text.lines() {
        if line.is_empty() {
            return fields == 0;
        }
        let name = line.split_once(':').map(|(name, _)| name);
        let field =
            name.is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic()));
        let continued = fields > 0 && line.starts_with([' ', '\t']);
        if !field && !continued && !line.starts_with("From ") {
            return true;
        }
        fields += 1;
    }
    // Fields only: a cut mail, or one line such as `ING: uw kaart verloopt`.
    fields < 3
}

#[cfg(test)]
mod tests {
    use super::{is_plain_sms, sms_form};

    #[test]
    fn a_short_text_is_told_from_a_mail() {
        for text in [
            "Hi mum",
            "ING: uw kaart",
            "From: +32470000000\nPay now: https://a.example",
            "\n\nhi\n\nthere",
            "Fwd:\nVan: bpost\nBericht: Uw pakket wacht",
            "Afzender: bpost\nDatum: 24/11\nTekst: Uw pakket\n\nwacht",
        ] {
            assert!(is_plain_sms(text.as_bytes()), "{text:?}");
        }
        let long = "word ".repeat(1_000);
        for text in [
            "",
            "From: a@b.example\n\nHi",
            "From x\nTo: a\nSubject: b\n\nc",
            "A: b\r\nC: d\r\n e\r\n\r\nx",
            "A: b\nC: d\nE: f",
            "\0",
            "<!doctype html><a href=https://a.example>x</a>",
            "%PDF-1.4",
            "{\\rtf1 x}",
            "BEGIN:VCALENDAR",
            "From: a@b.example\nSubject: Fwd: x\nFwd: y",
            "{\"xarf_version\":\"4\"}",
            &long,
        ] {
            assert!(!is_plain_sms(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn json_of_any_application_is_an_sms() {
        for (json, expect) in [
            (r#"{"sender":"bpost","text":"Hi"}"#, "From: bpost\nHi"),
            (r#" {"sms":{"text":"Hi"}} "#, "Hi"),
            (r#"{"from":"a\nb","body":"Hi","date":5}"#, "From: a b\nHi"),
            (r#"{"data":"48691b65","coding":"gsm7"}"#, "Hi€"),
            (r#"{"data":"00480069","coding":"ucs2","sender":"8686"}"#, "From: 8686\nHi"),
        ] {
            assert_eq!(
                sms_form(json.as_bytes()).map(|form| form.to_report()).as_deref(),
                Some(expect),
                "{json}"
            );
        }
        for other in [
            "",
            "{",
            "Hi",
            "{}",
            "[]",
            r#"{"url":"x"}"#,
            r#"{"data":"4","coding":"gsm7"}"#,
            r#"{"text":"a","data":"41"}"#,
        ] {
            assert_eq!(sms_form(other.as_bytes()), None, "{other}");
        }
    }
}
