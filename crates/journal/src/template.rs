//! `TemplateOrder`: an operator may look for a text, or no longer.
//!
//! A kind of entry of its own, so that followers that know nothing of SMS skip it.
//! Its audience is the operator of the template's provenance and nobody else.
//! Canonical body, version 1: `version(1) action(1)`, then for 1 (match) `mode(1)
//! category(1) issued_at(8) valid_until(8) case(8) confirmed_at(8) handover(8)
//! handed_over_at(8) operator basis(8) scope(1) from(8) until(8) authority text`, for 2
//! (release) `of(8) at(8) cause reason(1)`.

use belfry_indicator::{Confirmation, Handover, LegalBasis, Provenance, Scope, Template};

use crate::codec::{Reader, Writer};
use crate::{Category, Cause, DecodeError, Mode, OperatorName, PublicReason, Serial, UnixMillis};

const VERSION: u8 = 1;

/// That an operator is to look for a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateOrder {
    /// The text, with the operator whose it is and by what right.
    pub template: Template,
    /// What kind of fraud it is.
    pub category: Category,
    /// For real, or only counted.
    pub mode: Mode,
    /// When it was ordered.
    pub issued_at: UnixMillis,
    /// Until when; not beyond the legal basis. The hub writes the release.
    pub valid_until: UnixMillis,
}

/// One entry about a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateEntry {
    /// It is to be looked for.
    Match(Box<TemplateOrder>),
    /// The one with this serial no longer is.
    Release {
        /// The order taken back.
        of: Serial,
        /// When.
        at: UnixMillis,
        /// Why: its end, a withdrawal, an objection.
        cause: Cause,
        /// What the public may read about it.
        reason: PublicReason,
    },
}

impl TemplateEntry {
    /// When it was written.
    pub fn at(&self) -> UnixMillis {
        match self {
            TemplateEntry::Match(order) => order.issued_at,
            TemplateEntry::Release { at, .. } => *at,
        }
    }

    /// The canonical body.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION);
        match self {
            TemplateEntry::Match(order) => {
                out.u8(1);
                order.encode(&mut out);
            }
            TemplateEntry::Release { of, at, cause, reason } => {
                out.u8(2).u64(of.0).u64(at.0);
                cause.encode(&mut out);
                out.u8(reason.tag());
            }
        }
        out.finish()
    }

    /// Reads the canonical body, all of it.
    ///
    /// # Errors
    /// [`DecodeError`] for whatever [`TemplateEntry::to_bytes`] does not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        match input.u8("version")? {
            VERSION => {}
            other => return Err(DecodeError::Version(other)),
        }
        let entry = match input.u8("action")? {
            1 => TemplateEntry::Match(Box::new(TemplateOrder::decode(&mut input)?)),
            2 => TemplateEntry::Release {
                of: Serial(input.number("the order released")?),
                at: UnixMillis(input.u64("at")?),
                cause: Cause::decode(&mut input)?,
                reason: input.tagged("reason", PublicReason::from_tag)?,
            },
            other => return Err(DecodeError::field("action", other)),
        };
        input.end()?;
        Ok(entry)
    }
}

impl TemplateOrder {
    /// The only operator that follows it.
    pub fn operator(&self) -> &OperatorName {
        self.template.provenance().operator()
    }

    pub(crate) fn encode(&self, out: &mut Writer) {
        let provenance = self.template.provenance();
        let (handover, basis) = (provenance.handover(), provenance.basis());
        out.u8(self.mode.tag()).u8(self.category.tag());
        out.u64(self.issued_at.0).u64(self.valid_until.0);
        out.u64(provenance.confirmation().case).u64(provenance.confirmation().at.0);
        out.u64(handover.number).u64(handover.at.0);
        out.name(basis.operator.as_str()).u64(basis.number);
        out.u8(match basis.scope {
            Scope::SimilarTexts => 1,
        });
        out.u64(basis.from.0).u64(basis.until.0);
        for text in [basis.authority.as_str(), self.template.text()] {
            out.length(text.len()).raw(text.as_bytes());
        }
    }

    pub(crate) fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mode = input.tagged("mode", Mode::from_tag)?;
        let category = input.tagged("category", Category::from_tag)?;
        let (issued_at, valid_until) = (moment(input)?, moment(input)?);
        let confirmation = Confirmation { case: input.u64("case")?, at: moment(input)? };
        let (handover, handed_over_at) = (input.u64("handover")?, moment(input)?);
        let name = input.name("operator")?;
        let operator =
            OperatorName::parse(name).map_err(|_| DecodeError::field("operator", name))?;
        let handover =
            Handover { operator: operator.clone(), number: handover, at: handed_over_at };
        let basis = LegalBasis {
            operator,
            number: input.u64("basis")?,
            scope: input.tagged("scope", |tag| (tag == 1).then_some(Scope::SimilarTexts))?,
            from: moment(input)?,
            until: moment(input)?,
            authority: text(input, "authority")?.to_owned(),
        };
        let provenance = Provenance::new(handover, confirmation, basis)
            .map_err(|error| DecodeError::field("provenance", error))?;
        let template = Template::new(text(input, "text")?, provenance)
            .map_err(|error| DecodeError::field("text", error))?;
        Ok(Self { template, category, mode, issued_at, valid_until })
    }
}

fn moment(input: &mut Reader<'_>) -> Result<UnixMillis, DecodeError> {
    input.u64("a time").map(UnixMillis)
}

/// A text behind its length in four octets.
fn text<'a>(input: &mut Reader<'a>, field: &'static str) -> Result<&'a str, DecodeError> {
    let length = input.length(field)?;
    let bytes = input.raw(length, field)?;
    std::str::from_utf8(bytes).map_err(|_| DecodeError::field(field, "text that is not UTF-8"))
}

#[cfg(test)]
mod tests;
