//! Cases, reports, verdicts and orders as the API writes them. Never evidence.

use belfry_casebook::assessment::AssessmentRecord;
use belfry_casebook::case::{Case, CaseFile, CaseState, OrderRecord, Subject};
use belfry_casebook::report::{Report, SenderCheck};
use belfry_casebook::verdict::VerdictRecord;
use belfry_web::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A case, as lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseView {
    /// Its number.
    id: u64,
    /// Grows at each change; send it back to bind a decision to what was seen.
    version: u64,
    /// The host, the URL, or the message's title.
    target: String,
    /// `host`, `url` or `message`.
    kind: &'static str,
    /// The domain that the block could be widened to.
    #[serde(skip_serializing_if = "Option::is_none")]
    registrable: Option<String>,
    /// Why DNS can't block it.
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not_blockable: Option<String>,
    /// `open`, `awaiting-second`, `blocked`, `benign`, `released`, `reversed`, `refused`, `closed`, `parked` or `merged`.
    status: &'static str,
    /// Until when it is parked, or benign.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    /// The case that it is judged together with, while it is `merged`.
    #[serde(skip_serializing_if = "Option::is_none")]
    into: Option<u64>,
    /// The guard's rule behind `awaiting-second` or `refused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    /// Reports in it.
    reports: u64,
    /// Different reporters.
    reporters: u64,
    /// What it scored, 0 to 1; null until it was judged.
    score: Option<f64>,
    /// The campaign that it belongs to.
    campaign: Option<u64>,
    /// When it was opened.
    opened_at: Timestamp,
    /// When it last changed.
    changed_at: Timestamp,
}

impl From<&Case> for CaseView {
    fn from(case: &Case) -> Self {
        let (kind, target, registrable, why_not_blockable) = match &case.subject {
            Subject::Host { host, registrable } => {
                ("host", host.to_string(), Some(registrable.to_string()), None)
            }
            Subject::Url { url, why_not_blockable } => {
                ("url", url.to_string(), None, Some(why_not_blockable.clone()))
            }
            Subject::Message { title, .. } => ("message", title.clone(), None, None),
        };
        let rule = match &case.state {
            CaseState::AwaitingSecond(waiting) => Some(waiting.rule.name()),
            CaseState::Refused(refused) => Some(refused.rule.name()),
            _ => None,
        };
        Self {
            id: case.id,
            version: case.version,
            target,
            kind,
            registrable,
            why_not_blockable,
            status: case.state.name(),
            until: match &case.state {
                CaseState::Parked(parked) => Some(parked.until.into()),
                CaseState::Benign(benign) => Some(benign.until.into()),
                _ => None,
            },
            into: match &case.state {
                CaseState::Merged(merged) => Some(merged.into),
                _ => None,
            },
            rule,
            reports: case.reports,
            reporters: case.reporters,
            score: case.score,
            campaign: case.campaign,
            opened_at: case.opened_at.into(),
            changed_at: case.changed_at.into(),
        }
    }
}

/// A case with all that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseFileView {
    #[serde(flatten)]
    case: CaseView,
    /// Reporters proven by SPF or DKIM, while their pseudonyms are kept.
    proven_reporters: u64,
    /// What it scored, and why; null until it was judged.
    assessment: Option<AssessmentView>,
    /// Its latest 100 reports, newest first.
    latest_reports: Vec<ReportView>,
    /// Its verdicts, oldest first.
    verdicts: Vec<VerdictView>,
    /// Its orders, oldest first.
    orders: Vec<OrderView>,
    /// Cases that are judged together with it.
    members: Vec<u64>,
    /// The case that it is judged together with.
    leader: Option<u64>,
}

impl From<&CaseFile> for CaseFileView {
    fn from(file: &CaseFile) -> Self {
        Self {
            case: CaseView::from(&file.case),
            proven_reporters: file.proven_reporters,
            assessment: file.assessment.as_ref().map(AssessmentView::from),
            latest_reports: file.reports.iter().map(ReportView::from).collect(),
            verdicts: file.verdicts.iter().map(VerdictView::from).collect(),
            orders: file.orders.iter().map(OrderView::from).collect(),
            members: file.members.clone(),
            leader: file.leader,
        }
    }
}

/// A score and what adds up to it. Advice: a person, or a rule of persons, decides.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssessmentView {
    /// The probability of fraud where half of all things are: 0 to 1.
    score: f64,
    /// `phishing`, `benign` or `undecidable`.
    verdict: String,
    /// Which models judged.
    model: String,
    /// Which lists they knew.
    lists: String,
    /// When.
    at: Timestamp,
    /// Strongest first; they add up to the log-odds of the score.
    reasons: Vec<ReasonView>,
}

/// One named part of a score.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReasonView {
    /// Its name, the same in every release.
    name: String,
    /// In words; names and URLs in it are defanged.
    why: String,
    /// What it adds to the log-odds; above 0 speaks for fraud.
    weight: f64,
}

impl From<&AssessmentRecord> for AssessmentView {
    fn from(record: &AssessmentRecord) -> Self {
        Self {
            score: record.score,
            verdict: record.verdict.clone(),
            model: record.models.clone(),
            lists: record.lists.clone(),
            at: record.at.into(),
            // Written by this program; another version's are shown as far as they can be read.
            reasons: serde_json::from_str(&record.reasons).unwrap_or_default(),
        }
    }
}

/// A report of a case.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportView {
    /// Its receipt.
    receipt: String,
    /// When it came in.
    received_at: Timestamp,
    /// When it was durable.
    stored_at: Timestamp,
    /// When it was read.
    read_at: Option<Timestamp>,
    /// Octets.
    size: u64,
    /// Which of our reporting addresses it came to, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    mailbox: Option<String>,
    /// What is known of its sender, once that was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<SenderView>,
}

/// Whether a mail's sender is who it says, by the words of RFC 8601.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SenderView {
    /// SPF of the envelope's sender.
    spf: &'static str,
    /// DKIM: the best of the signatures.
    dkim: &'static str,
    /// DMARC of the From domain.
    dmarc: &'static str,
    /// Whether that proves the sender.
    authentic: bool,
}

impl From<SenderCheck> for SenderView {
    fn from(check: SenderCheck) -> Self {
        Self {
            spf: check.spf.name(),
            dkim: check.dkim.name(),
            dmarc: check.dmarc.name(),
            authentic: check.authentic,
        }
    }
}

impl From<&Report> for ReportView {
    fn from(report: &Report) -> Self {
        Self {
            receipt: report.receipt.to_string(),
            received_at: report.received_at.into(),
            stored_at: report.stored_at.into(),
            read_at: report.read_at.map(Timestamp::from),
            size: report.size,
            mailbox: report.mailbox.clone(),
            sender: report.sender.map(SenderView::from),
        }
    }
}

/// A verdict.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerdictView {
    /// What was found.
    verdict: &'static str,
    /// The analyst's words.
    reason: String,
    /// By whom.
    by: String,
    /// When.
    at: Timestamp,
}

impl From<&VerdictRecord> for VerdictView {
    fn from(record: &VerdictRecord) -> Self {
        Self {
            verdict: record.verdict.name(),
            reason: record.reason.clone(),
            by: record.by.clone(),
            at: record.at.into(),
        }
    }
}

/// An order and what followers counted for it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderView {
    /// Its entry in the journal.
    serial: u64,
    /// The name.
    target: String,
    /// `host` or `domain`.
    level: &'static str,
    /// `phishing`, `malware`, `fake-shop` or `other-fraud`.
    category: &'static str,
    /// When it was ordered.
    issued_at: Timestamp,
    /// Until when it holds.
    valid_until: Timestamp,
    /// The entry that released it.
    released_by: Option<u64>,
    /// When it first held at a follower.
    applied_at: Option<Timestamp>,
    /// When a follower first blocked an answer by it.
    first_blocked_at: Option<Timestamp>,
    /// Blocked answers at all followers.
    blocked_answers: u64,
    /// Views of the warning page.
    warning_views: u64,
    /// Visits that blocked answers prevented: one client, one minute, at most once.
    prevented_visits: u64,
}

impl From<&OrderRecord> for OrderView {
    fn from(order: &OrderRecord) -> Self {
        Self {
            serial: order.serial.0,
            target: order.target.name().to_string(),
            level: order.target.level(),
            category: order.category.name(),
            issued_at: order.issued_at.into(),
            valid_until: order.valid_until.into(),
            released_by: order.released_by.map(|serial| serial.0),
            applied_at: order.effects.applied_at.map(Timestamp::from),
            first_blocked_at: order.effects.first_blocked_at.map(Timestamp::from),
            blocked_answers: order.effects.blocked_answers,
            warning_views: order.effects.warning_views,
            prevented_visits: order.effects.prevented_visits,
        }
    }
}
