//! What a reporter is told: one outcome from what became of their report's cases.

use std::time::Duration;

use belfry_casebook::correspondence::Finding;
use belfry_casebook::verdict::Verdict;
use belfry_journal::UnixMillis;

/// Fewer reporters than this are not counted out: a small number could name them.
const REPORTERS_SHOWN_MIN: u64 = 10;

/// The outcome of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// What it led to is blocked.
    Blocked {
        /// The name, defanged.
        name: String,
        /// How long after the report; `None` where it was blocked before it.
        after: Option<Duration>,
        /// How many people reported it; `None` where they are few.
        reporters: Option<u64>,
    },
    /// It is a fraud without anything that DNS may block.
    NotBlockable,
    /// It was blocked, and is so no more.
    Ended,
    /// It could not be told.
    Undecided,
    /// It is unwanted, not fraudulent.
    Spam,
    /// It is harmless.
    Benign,
}

impl Outcome {
    /// Of a report's cases the gravest counts; `None` where none is decided.
    pub(super) fn of(findings: &[Finding], received_at: UnixMillis) -> Option<Self> {
        let outcomes = findings.iter().filter_map(|finding| of_one(finding, received_at));
        outcomes.min_by_key(Outcome::rank)
    }

    fn rank(&self) -> u8 {
        match self {
            Outcome::Blocked { .. } => 0,
            Outcome::NotBlockable => 1,
            Outcome::Ended => 2,
            Outcome::Undecided => 3,
            Outcome::Spam => 4,
            Outcome::Benign => 5,
        }
    }
}

fn of_one(finding: &Finding, received_at: UnixMillis) -> Option<Outcome> {
    if let Some(block) = &finding.block {
        let before = block.issued_at <= received_at;
        return Some(Outcome::Blocked {
            name: block.name.defanged(),
            after: (!before).then(|| block.issued_at.since(received_at)),
            reporters: Some(finding.reporters).filter(|count| *count >= REPORTERS_SHOWN_MIN),
        });
    }
    Some(match finding.status.as_str() {
        "released" => Outcome::Ended,
        "reversed" | "benign" => Outcome::Benign,
        "refused" => Outcome::NotBlockable,
        "closed" => match finding.verdict? {
            Verdict::Spam => Outcome::Spam,
            Verdict::Undecidable => Outcome::Undecided,
            Verdict::Benign => Outcome::Benign,
            Verdict::Phishing | Verdict::Malware | Verdict::FakeShop | Verdict::OtherFraud => {
                Outcome::NotBlockable
            }
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use belfry_casebook::correspondence::Block;
    use belfry_indicator::Domain;

    use super::*;

    const RECEIVED: UnixMillis = UnixMillis(1_000_000);

    fn finding(status: &str, verdict: Option<Verdict>) -> Finding {
        Finding { status: status.into(), verdict, block: None, reporters: 1 }
    }

    fn blocked(issued_at: u64, reporters: u64) -> Finding {
        let name = Domain::parse("login.evil.example").unwrap();
        let block = Some(Block { name, issued_at: UnixMillis(issued_at) });
        Finding { block, reporters, ..finding("blocked", Some(Verdict::Phishing)) }
    }

    fn of(findings: &[Finding]) -> Option<Outcome> {
        Outcome::of(findings, RECEIVED)
    }

    #[test]
    fn each_state_has_its_outcome() {
        let check = |status, verdict, expected| {
            assert_eq!(of(&[finding(status, verdict)]), expected, "{status}");
        };
        check("open", None, None);
        check("awaiting-second", Some(Verdict::Phishing), None);
        check("benign", Some(Verdict::Benign), Some(Outcome::Benign));
        check("reversed", Some(Verdict::Phishing), Some(Outcome::Benign));
        check("released", Some(Verdict::Phishing), Some(Outcome::Ended));
        check("refused", Some(Verdict::Phishing), Some(Outcome::NotBlockable));
        check("closed", Some(Verdict::Spam), Some(Outcome::Spam));
        check("closed", Some(Verdict::Undecidable), Some(Outcome::Undecided));
        check("closed", Some(Verdict::OtherFraud), Some(Outcome::NotBlockable));
    }

    #[test]
    fn a_block_says_how_soon_and_few_reporters_are_not_counted() {
        let name = "login[.]evil[.]example".to_owned();
        let after = Some(Duration::from_millis(5));
        let expected = Outcome::Blocked { name: name.clone(), after, reporters: Some(10) };
        assert_eq!(of(&[blocked(1_000_005, 10)]), Some(expected));
        let expected = Outcome::Blocked { name, after: None, reporters: None };
        assert_eq!(of(&[blocked(999_999, 9)]), Some(expected));
    }

    #[test]
    fn the_gravest_counts() {
        let benign = finding("benign", Some(Verdict::Benign));
        let undecided = finding("closed", Some(Verdict::Undecidable));
        assert_eq!(of(&[benign.clone(), undecided.clone()]), Some(Outcome::Undecided));
        let worst = of(&[benign, blocked(2_000_000, 1), undecided]);
        assert!(matches!(worst, Some(Outcome::Blocked { .. })));
        assert_eq!(of(&[]), None);
    }
}
