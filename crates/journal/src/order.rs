//! `Order`: what a verdict, an expiry or a withdrawal asks every follower to do.

use std::collections::BTreeSet;

use belfry_indicator::{Domain, Target};

use crate::codec::{Reader, Writer};
use crate::names::stable_names;
use crate::{DecodeError, OperatorName, Serial, UnixMillis};

/// One instruction about one target in one category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What to do.
    pub action: Action,
    /// About what.
    pub target: Target,
    /// In which category (a zone of its own at operators).
    pub category: Category,
    /// For real, or only counted.
    pub mode: Mode,
    /// When it was ordered.
    pub issued_at: UnixMillis,
    /// Until when; the hub writes the release, followers do not expire by their own clock.
    pub valid_until: UnixMillis,
    /// Who is to follow it.
    pub audience: Audience,
    /// What caused it.
    pub cause: Cause,
    /// What the public may read about it.
    pub reason: PublicReason,
    /// A compromised site: MX and TXT go on being answered.
    pub keeps_mail: bool,
}

/// What an order does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Answer with the warning.
    Block,
    /// Never block, whatever another order says.
    Allow,
    /// Take back the order with this serial.
    Release {
        /// The order taken back.
        of: Serial,
    },
}

/// Why a target is blocked, in the order in which zones take precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// Steals credentials or payments under another's name.
    Phishing,
    /// Distributes malicious software.
    Malware,
    /// Takes money for goods that never come.
    FakeShop,
    /// Any other fraud.
    OtherFraud,
}

/// Whether an order acts or only counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// It acts.
    Live,
    /// It counts what it would have done.
    Shadow,
}

/// Who follows an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Every operator.
    Everyone,
    /// These operators only; an empty set reaches nobody.
    Operators(BTreeSet<OperatorName>),
}

/// What caused an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A verdict on this case.
    Verdict {
        /// The case.
        case: u64,
    },
    /// Its validity ended.
    Expiry,
    /// Someone with the right withdrew it.
    Withdrawal {
        /// The case.
        case: u64,
    },
    /// The name came onto a never-block list.
    NeverBlock,
}

/// The fixed, translated reasons that the public may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PublicReason {
    /// Imitates an organisation to steal credentials or payment data.
    Impersonation,
    /// Distributes malicious software.
    Malware,
    /// A shop that does not deliver.
    FakeShop,
    /// Another fraud.
    Fraud,
    /// The block ended in time.
    Ended,
    /// The block was a mistake.
    Mistake,
    /// The site is clean again, or the threat is gone.
    Resolved,
}

stable_names!(Category {
    Phishing = 1 "phishing",
    Malware = 2 "malware",
    FakeShop = 3 "fake-shop",
    OtherFraud = 4 "other-fraud",
});

stable_names!(Mode {
    Live = 1 "live",
    Shadow = 2 "shadow",
});

stable_names!(PublicReason {
    Impersonation = 1 "impersonation",
    Malware = 2 "malware",
    FakeShop = 3 "fake-shop",
    Fraud = 4 "fraud",
    Ended = 5 "ended",
    Mistake = 6 "mistake",
    Resolved = 7 "resolved",
});

impl Action {
    /// The stable name in APIs and records: `block`, `allow`, `release`.
    pub fn name(self) -> &'static str {
        match self {
            Action::Block => "block",
            Action::Allow => "allow",
            Action::Release { .. } => "release",
        }
    }

    /// 1 block, 2 allow, 3 release and then the serial.
    fn encode(self, out: &mut Writer) {
        match self {
            Action::Block => out.u8(1),
            Action::Allow => out.u8(2),
            Action::Release { of } => out.u8(3).u64(of.0),
        };
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match input.u8("action")? {
            1 => Ok(Action::Block),
            2 => Ok(Action::Allow),
            3 => Ok(Action::Release { of: Serial(input.number("the order released")?) }),
            other => Err(DecodeError::field("action", other)),
        }
    }
}

impl Cause {
    /// The stable name in APIs and records: `verdict`, `never-block`.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Verdict { .. } => "verdict",
            Cause::Expiry => "expiry",
            Cause::Withdrawal { .. } => "withdrawal",
            Cause::NeverBlock => "never-block",
        }
    }

    /// The case behind it, where there is one.
    pub fn case(self) -> Option<u64> {
        match self {
            Cause::Verdict { case } | Cause::Withdrawal { case } => Some(case),
            Cause::Expiry | Cause::NeverBlock => None,
        }
    }

    /// 1 verdict and the case, 2 expiry, 3 withdrawal and the case, 4 never-block.
    pub(crate) fn encode(self, out: &mut Writer) {
        match self {
            Cause::Verdict { case } => out.u8(1).u64(case),
            Cause::Expiry => out.u8(2),
            Cause::Withdrawal { case } => out.u8(3).u64(case),
            Cause::NeverBlock => out.u8(4),
        };
    }

    pub(crate) fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match input.u8("cause")? {
            1 => Ok(Cause::Verdict { case: input.u64("case")? }),
            2 => Ok(Cause::Expiry),
            3 => Ok(Cause::Withdrawal { case: input.u64("case")? }),
            4 => Ok(Cause::NeverBlock),
            other => Err(DecodeError::field("cause", other)),
        }
    }
}

impl Audience {
    /// Whether this operator follows the order.
    pub fn includes(&self, operator: &OperatorName) -> bool {
        match self {
            Audience::Everyone => true,
            Audience::Operators(names) => names.contains(operator),
        }
    }

    /// 1 everyone, 2 a count and as many names in rising order.
    fn encode(&self, out: &mut Writer) {
        match self {
            Audience::Everyone => {
                out.u8(1);
            }
            Audience::Operators(names) => {
                out.u8(2).length(names.len());
                for name in names {
                    out.name(name.as_str());
                }
            }
        }
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match input.u8("audience")? {
            1 => Ok(Audience::Everyone),
            2 => {
                let mut names = BTreeSet::new();
                for _ in 0..input.length("operators")? {
                    let text = input.name("operator")?;
                    let name = OperatorName::parse(text)
                        .ok()
                        .filter(|name| names.last().is_none_or(|last| last < name))
                        .ok_or_else(|| DecodeError::field("operator", text))?;
                    names.insert(name);
                }
                Ok(Audience::Operators(names))
            }
            other => Err(DecodeError::field("audience", other)),
        }
    }
}

/// 1 for a host, 2 for a domain.
pub(crate) fn level_tag(target: &Target) -> u8 {
    match target {
        Target::Host(_) => 1,
        Target::Domain(_) => 2,
    }
}

/// The level, then the name as canonical text.
fn encode_target(target: &Target, out: &mut Writer) {
    out.u8(level_tag(target)).name(target.name().as_str());
}

fn decode_target(input: &mut Reader<'_>) -> Result<Target, DecodeError> {
    let level = input.tagged("level", |tag| match tag {
        1 => Some(Target::Host as fn(Domain) -> Target),
        2 => Some(Target::Domain as fn(Domain) -> Target),
        _ => None,
    })?;
    let text = input.name("target")?;
    Domain::from_canonical(text).map(level).map_err(|_| DecodeError::field("target", text))
}

impl Order {
    /// The canonical body of an order's entry: `action target category(1) mode(1)
    /// issued_at(8) valid_until(8) audience cause reason(1) keeps_mail(1)`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.encode(&mut out);
        out.finish()
    }

    /// Reads the canonical body of an order's entry, all of it.
    ///
    /// # Errors
    /// [`DecodeError`] for whatever [`Order::to_bytes`] does not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        let order = Self::decode(&mut input)?;
        input.end()?;
        Ok(order)
    }

    pub(crate) fn encode(&self, out: &mut Writer) {
        self.action.encode(out);
        encode_target(&self.target, out);
        out.u8(self.category.tag()).u8(self.mode.tag());
        out.u64(self.issued_at.0).u64(self.valid_until.0);
        self.audience.encode(out);
        self.cause.encode(out);
        out.u8(self.reason.tag()).u8(u8::from(self.keeps_mail));
    }

    pub(crate) fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            action: Action::decode(input)?,
            target: decode_target(input)?,
            category: input.tagged("category", Category::from_tag)?,
            mode: input.tagged("mode", Mode::from_tag)?,
            issued_at: UnixMillis(input.u64("issued_at")?),
            valid_until: UnixMillis(input.u64("valid_until")?),
            audience: Audience::decode(input)?,
            cause: Cause::decode(input)?,
            reason: input.tagged("reason", PublicReason::from_tag)?,
            keeps_mail: input.tagged("keeps_mail", |tag| match tag {
                0 => Some(false),
                1 => Some(true),
                _ => None,
            })?,
        })
    }
}

#[cfg(test)]
mod tests;
