//! Machine-readable abuse reports: ARF (RFC 5965), XARF 3 (fields in plain text)
//! and XARF 2 and 4 (JSON). What they accuse, and the samples that they carry.

use data_encoding::BASE64_MIME_PERMISSIVE;
use serde_json::Value;

/// Accusations and samples kept of one report: more is no report, but a flood.
const ITEMS_MAX: usize = 10;
/// Octets of JSON that are parsed.
const JSON_BYTES_MAX: usize = 16 << 20;

/// Names of fields and keys, in lower case without `-` and `_`, that hold what is accused.
const ACCUSED: [&str; 9] = [
    "reporteduri",
    "reporteddomain",
    "url",
    "sourceurl",
    "phishingurl",
    "uri",
    "source",
    "sourceidentifier",
    "domain",
];

/// What a report says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct AbuseReport {
    /// URLs and hosts, as they stand.
    pub(crate) accused: Vec<String>,
    /// Samples, with their media type.
    pub(crate) samples: Vec<(String, Vec<u8>)>,
}

/// Whether text is XARF: its version is named where it must be.
pub(crate) fn is_xarf(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let head = crate::limits::cut(text, 2_048);
    if text.starts_with('{') {
        return head.contains("\"xarf_version\"") || head.contains("\"ReportClass\"");
    }
    let field = |name: &str| {
        head.lines()
            .any(|line| line.get(..name.len()).is_some_and(|l| l.eq_ignore_ascii_case(name)))
    };
    field("Reported-From:") && field("Report-ID:") && field("Source:")
}

/// Reads a report of any of the kinds.
pub(crate) fn read(text: &str) -> AbuseReport {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let mut report = AbuseReport::default();
    if text.starts_with('{') {
        if text.len() <= JSON_BYTES_MAX
            && let Ok(json) = serde_json::from_str(text)
        {
            take(&json, &mut report);
        }
    } else {
        fields(text, &mut report);
    }
    report
}

fn fields(text: &str, report: &mut AbuseReport) {
    for line in text.lines() {
        if let Some((name, value)) = line.split_once(':') {
            accuse(name, value.trim().trim_matches(['"', '\'', '<', '>']), report);
        }
    }
}

/// The parser bounds the nesting, so this recursion is bounded too.
fn take(json: &Value, report: &mut AbuseReport) {
    match json {
        Value::Array(items) => items.iter().for_each(|item| take(item, report)),
        Value::Object(map) => {
            sample(map, report);
            for (name, value) in map {
                match value {
                    Value::String(text) => accuse(name, text, report),
                    other => take(other, report),
                }
            }
        }
        _ => {}
    }
}

fn sample(map: &serde_json::Map<String, Value>, report: &mut AbuseReport) {
    let text =
        |names: [&str; 2]| names.iter().find_map(|name| map.get(*name)).and_then(Value::as_str);
    let Some(payload) = text(["payload", "Payload"]) else {
        return;
    };
    let media = text(["content_type", "ContentType"]).unwrap_or("text/plain");
    let plain = map.get("Base64Encoded").and_then(Value::as_bool) == Some(false);
    let bytes = match BASE64_MIME_PERMISSIVE.decode(payload.as_bytes()) {
        Ok(bytes) if !plain => bytes,
        _ => payload.as_bytes().to_vec(),
    };
    if report.samples.len() < ITEMS_MAX {
        report.samples.push((media.to_ascii_lowercase(), bytes));
    }
}

fn accuse(name: &str, value: &str, report: &mut AbuseReport) {
    let name: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    // An IP address is no link, and DNS can't block it.
    let named = value.contains(|c: char| c.is_ascii_alphabetic()) && value.contains('.');
    if ACCUSED.contains(&name.as_str()) && named && report.accused.len() < ITEMS_MAX {
        report.accused.push(value.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::{is_xarf, read};

    #[test]
    fn xarf_3_is_fields() {
        let text = "---\nReported-From: a@example.com\nCategory: fraud\nReport-ID: 1\n\
                    Report-Type: phishing\nSource: https://evil.example/login\nSource-Type: uri\n";
        assert!(is_xarf(text));
        assert_eq!(read(text).accused, ["https://evil.example/login"]);
        assert!(!is_xarf("Source: https://evil.example/\nDear sir,"));
    }

    #[test]
    fn xarf_4_is_json_with_samples() {
        let text = r#"{"xarf_version":"4.0.0","category":"content","type":"phishing",
            "source_identifier":"192.0.2.1","url":"https://evil.example/login",
            "evidence":[{"content_type":"message/rfc822","payload":"U3ViamVjdDogeA0KDQp4"}]}"#;
        assert!(is_xarf(text));
        let report = read(text);
        assert_eq!(report.accused, ["https://evil.example/login"]);
        assert_eq!(report.samples, [("message/rfc822".into(), b"Subject: x\r\n\r\nx".to_vec())]);
    }

    #[test]
    fn xarf_2_and_arf_are_read_too() {
        let text = r#"{"Version":"2","Report":{"ReportClass":"Content","ReportType":"Phishing",
            "SourceUrl":"https://evil.example/","Samples":[{"ContentType":"text/plain",
            "Base64Encoded":false,"Payload":"U3Vi"}]}}"#;
        assert!(is_xarf(text));
        assert_eq!(read(text).samples, [("text/plain".into(), b"U3Vi".to_vec())]);
        let arf = "Feedback-Type: abuse\nUser-Agent: x/1\nReported-Domain: evil.example\n\
                   Reported-Uri: <https://evil.example/x>\nSource-IP: 192.0.2.1\n";
        assert_eq!(read(arf).accused, ["evil.example", "https://evil.example/x"]);
    }

    #[test]
    fn broken_json_accuses_nobody() {
        for text in ["{", "{\"url\":", "{\"xarf_version\":1,\"url\":[\"https://a.example\"]}", ""] {
            assert!(read(text).accused.is_empty(), "{text}");
        }
        assert!(
            read(&format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)))
                .accused
                .is_empty()
        );
    }
}
