//! An abuse report in XARF v4 (xarf.org): machines of providers read it. It names the host
//! and what was found, never a reporter, and carries no mail.

use aws_lc_rs::digest::{SHA256, digest};
use belfry_casebook::case::{CaseFile, Subject};
use belfry_casebook::verdict::Verdict;
use belfry_desk::Organisation;
use belfry_journal::UnixMillis;
use belfry_web::rfc3339;
use data_encoding::{BASE64, HEXLOWER};
use serde_json::json;

/// The report; `None` where the latest verdict is no fraud, or there is no URL to report.
pub(crate) fn report(
    file: &CaseFile,
    organisation: &Organisation,
    now: UnixMillis,
) -> Option<String> {
    let verdict = file.verdicts.last()?;
    let kind = kind(verdict.verdict)?;
    let (source, url) = match &file.case.subject {
        Subject::Host { host, .. } => (host.to_string(), format!("https://{host}/")),
        Subject::Url { url, .. } => (url.host().to_string(), url.to_string()),
        Subject::Message { .. } => return None,
    };
    let found = format!(
        "{url} was confirmed as {} by an analyst at {}, after {} reports.",
        verdict.verdict.name(),
        rfc3339(verdict.at),
        file.case.reports,
    );
    let us = json!({
        "org": organisation.name,
        "contact": organisation.contact,
        "domain": organisation.domain,
    });
    let report = json!({
        "xarf_version": "4.0.0",
        "report_id": report_id(file.case.id, &url, now),
        "timestamp": rfc3339(now),
        "reporter": us,
        "sender": us,
        "source_identifier": source,
        "category": "content",
        "type": kind,
        "evidence_source": "user_report",
        "url": url,
        "first_seen": rfc3339(file.case.opened_at),
        "description": found,
        "evidence": [{
            "content_type": "text/plain",
            "description": "What was found, by whom and when",
            "payload": BASE64.encode(found.as_bytes()),
            "hash": format!("sha256:{}", HEXLOWER.encode(digest(&SHA256, found.as_bytes()).as_ref())),
        }],
        "tags": ["tool:belfry"],
    });
    serde_json::to_string_pretty(&report).ok()
}

fn kind(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Phishing => Some("phishing"),
        Verdict::Malware => Some("malware"),
        Verdict::FakeShop | Verdict::OtherFraud => Some("fraud"),
        Verdict::Spam | Verdict::Benign | Verdict::Undecidable => None,
    }
}

/// A UUID of our own making (RFC 9562, version 8): the same report, the same number.
fn report_id(case: u64, url: &str, now: UnixMillis) -> String {
    let hash = digest(&SHA256, format!("{case} {url} {}", now.0).as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&hash.as_ref()[..16]);
    id[6] = id[6] & 0x0f | 0x80;
    id[8] = id[8] & 0x3f | 0x80;
    let hex = HEXLOWER.encode(&id);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_uuid_of_version_8_and_repeats() {
        let id = report_id(7, "https://evil.example/", UnixMillis(1));
        assert_eq!(id, report_id(7, "https://evil.example/", UnixMillis(1)));
        assert_ne!(id, report_id(7, "https://evil.example/", UnixMillis(2)));
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(&id[14..15], "8");
    }

    #[test]
    fn only_fraud_is_reported() {
        assert_eq!(kind(Verdict::Phishing), Some("phishing"));
        for verdict in [Verdict::Spam, Verdict::Benign, Verdict::Undecidable] {
            assert_eq!(kind(verdict), None);
        }
    }
}
