//! An abuse report in XARF v4 (xarf.org; held by tests against the schemas of 4.2.0): machines of providers read it. It names the host
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
    let mut report = json!({
        "xarf_version": "4.2.0",
        "report_id": report_id(file.case.id, &url, now),
        "timestamp": rfc3339(verdict.at),
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
    if let Some(fraud) = fraud_type(verdict.verdict) {
        report["fraud_type"] = fraud.into();
    }
    if let Subject::Host { host, .. } = &file.case.subject {
        report["domain"] = host.to_string().into();
    }
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

/// The kind of fraud, which reports of fraud must name.
fn fraud_type(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::FakeShop => Some("shopping"),
        Verdict::OtherFraud => Some("other"),
        _ => None,
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
    use belfry_casebook::case::{Case, CaseState, Open};
    use belfry_casebook::verdict::VerdictRecord;
    use belfry_indicator::Domain;
    use serde_json::Value;

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

    fn file(verdict: Verdict) -> CaseFile {
        let name = |text| Domain::parse(text).unwrap();
        let (host, registrable) = (name("pay.evil.example"), name("evil.example"));
        let case = Case {
            id: 7,
            version: 2,
            subject: Subject::Host { host, registrable },
            state: CaseState::Open(Open),
            opened_at: UnixMillis(1_795_510_800_000),
            changed_at: UnixMillis(1_795_510_900_000),
            reports: 3,
            reporters: 2,
            score: None,
            campaign: None,
        };
        let given = VerdictRecord {
            verdict,
            reason: "it asks for a card".into(),
            by: "local:an".into(),
            at: UnixMillis(1_795_510_850_000),
        };
        CaseFile {
            case,
            proven_reporters: 1,
            assessment: None,
            reports: Vec::new(),
            verdicts: vec![given],
            orders: Vec::new(),
            members: Vec::new(),
            leader: None,
            proposal: None,
        }
    }

    /// What the schemas of XARF 4.2.0 demand of a report about content, in our own words:
    /// `xarf-core`, `content-base`, `content-phishing`, `content-malware`, `content-fraud`.
    fn check(report: &Value) {
        let text = |key: &str| report[key].as_str().unwrap_or_else(|| panic!("no {key}"));
        assert!(text("xarf_version").starts_with("4.") && text("xarf_version").len() == 5);
        assert_eq!(text("report_id").len(), 36);
        assert!(text("timestamp").ends_with('Z') && text("first_seen").ends_with('Z'));
        for who in ["reporter", "sender"] {
            let us = report[who].as_object().unwrap();
            let keys: Vec<&str> = us.keys().map(String::as_str).collect();
            assert_eq!(keys, ["contact", "domain", "org"], "no other is allowed");
            assert!(us["contact"].as_str().unwrap().contains('@'));
            assert!(us["org"].as_str().unwrap().chars().count() <= 200);
        }
        assert!(!text("source_identifier").is_empty() && text("category") == "content");
        assert!(belfry_indicator::Url::parse(text("url")).is_ok());
        let frauds = ["shopping", "investment", "other"];
        match text("type") {
            "fraud" => assert!(frauds.contains(&text("fraud_type"))),
            kind => {
                assert!(["phishing", "malware"].contains(&kind));
                assert!(report["fraud_type"].is_null());
            }
        }
        let evidence = report["evidence"].as_array().unwrap();
        assert!(evidence.len() <= 50);
        for item in evidence {
            for key in item.as_object().unwrap().keys() {
                let known = ["content_type", "description", "payload", "hash", "size"];
                assert!(known.contains(&key.as_str()), "{key}");
            }
            let payload = BASE64.decode(item["payload"].as_str().unwrap().as_bytes()).unwrap();
            let hash = HEXLOWER.encode(digest(&SHA256, &payload).as_ref());
            assert_eq!(item["hash"], format!("sha256:{hash}"));
        }
        for tag in report["tags"].as_array().unwrap() {
            let (space, name) = tag.as_str().unwrap().split_once(':').unwrap();
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_+-".contains(c);
            assert!([space, name].iter().all(|part| part.chars().all(plain)));
        }
    }

    #[test]
    fn a_report_has_what_the_schema_demands_and_nobodys_name() {
        let us = Organisation {
            name: "CSIRT".into(),
            contact: "abuse@csirt.example".into(),
            domain: "csirt.example".into(),
        };
        let all = [Verdict::Phishing, Verdict::Malware, Verdict::FakeShop, Verdict::OtherFraud];
        for verdict in all {
            let report = report(&file(verdict), &us, UnixMillis(1_795_511_000_000)).unwrap();
            check(&serde_json::from_str(&report).unwrap());
            assert!(!report.contains("local:an") && !report.contains("it asks for"), "{report}");
        }
        assert_eq!(report(&file(Verdict::Benign), &us, UnixMillis(1)), None);
    }

    #[test]
    fn only_fraud_is_reported() {
        assert_eq!(kind(Verdict::Phishing), Some("phishing"));
        for verdict in [Verdict::Spam, Verdict::Benign, Verdict::Undecidable] {
            assert_eq!(kind(verdict), None);
        }
    }
}
