//! `Template`: the text of an SMS that one operator may look for, and by what right.
//!
//! The law lets an operator look for a text only after its own customer handed it over
//! and it was confirmed, while the legal basis lasts. So there is no template without
//! its [`Provenance`], not even to try one out, and no provenance without the hand-over,
//! the confirmation and the basis agreeing:
//!
//! ```compile_fail,E0451
//! fn forge(operator: belfry_indicator::OperatorName) -> belfry_indicator::Handover {
//!     let at = belfry_indicator::UnixMillis(0);
//!     let _ = belfry_indicator::Template { text: "any text".into(), provenance: todo!() };
//!     belfry_indicator::Handover { operator, number: 1, at }
//! }
//! ```

use std::fmt;

use crate::{OperatorName, UnixMillis};

/// Characters of the longest text: ten parts of a multipart SMS.
pub const TEMPLATE_CHARS_MAX: usize = 1_600;
const AUTHORITY_CHARS_MAX: usize = 500;

/// What a legal basis lets an operator look for. Matching by link, sender or number
/// alone needs a basis of its own, which no scope here gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Texts that its customers handed over, and texts similar to them.
    SimilarTexts,
}

/// By what right an operator looks for texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LegalBasis {
    /// Whose right it is.
    pub operator: OperatorName,
    /// Its number in the hub's books.
    pub number: u64,
    /// The law, decree or decision that gives it.
    pub authority: String,
    /// What it allows.
    pub scope: Scope,
    /// Its first moment.
    pub from: UnixMillis,
    /// The first moment at which it no longer holds.
    pub until: UnixMillis,
}

/// A customer's hand-over of a message to the customer's own operator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Handover {
    /// To whom.
    pub operator: OperatorName,
    /// Its number in the hub's books.
    pub number: u64,
    /// When.
    pub at: UnixMillis,
}

/// That a person, or a rule that persons set, found the message to be fraud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Confirmation {
    /// The case of the verdict.
    pub case: u64,
    /// When.
    pub at: UnixMillis,
}

/// Whence a template comes. Its parts agree: [`Provenance::new`] is its only maker.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Provenance {
    handover: Handover,
    confirmation: Confirmation,
    basis: LegalBasis,
}

/// Why hand-over, confirmation and legal basis make no provenance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProvenanceError {
    /// The message was handed to somebody else.
    #[error("the message was handed to {handed_to}, and the legal basis is that of {basis_of}")]
    OtherOperator {
        /// Who has the message.
        handed_to: OperatorName,
        /// Who has the right.
        basis_of: OperatorName,
    },
    /// The basis did not hold when the message was handed over, or confirmed.
    #[error("the legal basis did not hold when the message was handed over or confirmed")]
    OutsideBasis,
    /// A verdict older than the hand-over was about another message.
    #[error("the verdict is older than the hand-over")]
    ConfirmedBefore,
    /// No authority is named.
    #[error("the legal basis names no authority, or one of more than 500 characters")]
    Authority,
}

/// A text that its provenance allows one operator to look for.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Template {
    text: Box<str>,
    provenance: Provenance,
}

/// Why a text can't be a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text of a template is 1 to 1600 characters, not all of them spaces")]
pub struct TemplateError;

impl LegalBasis {
    /// Whether it holds at this moment.
    pub fn holds_at(&self, moment: UnixMillis) -> bool {
        self.from <= moment && moment < self.until
    }
}

impl Provenance {
    /// What the three make together.
    ///
    /// # Errors
    /// [`ProvenanceError`] if they do not agree.
    pub fn new(
        handover: Handover,
        confirmation: Confirmation,
        basis: LegalBasis,
    ) -> Result<Self, ProvenanceError> {
        if handover.operator != basis.operator {
            return Err(ProvenanceError::OtherOperator {
                handed_to: handover.operator,
                basis_of: basis.operator,
            });
        }
        let chars = basis.authority.chars().count();
        if basis.authority.trim().is_empty() || chars > AUTHORITY_CHARS_MAX {
            return Err(ProvenanceError::Authority);
        }
        if !basis.holds_at(handover.at) || !basis.holds_at(confirmation.at) {
            return Err(ProvenanceError::OutsideBasis);
        }
        if confirmation.at < handover.at {
            return Err(ProvenanceError::ConfirmedBefore);
        }
        Ok(Self { handover, confirmation, basis })
    }

    /// The only operator that may look for the text.
    pub fn operator(&self) -> &OperatorName {
        &self.basis.operator
    }

    /// The hand-over.
    pub fn handover(&self) -> &Handover {
        &self.handover
    }

    /// The verdict.
    pub fn confirmation(&self) -> Confirmation {
        self.confirmation
    }

    /// The right.
    pub fn basis(&self) -> &LegalBasis {
        &self.basis
    }
}

impl Template {
    /// A template for a message as it was handed over.
    ///
    /// # Errors
    /// [`TemplateError`] for a text without content or beyond the bound.
    pub fn new(text: &str, provenance: Provenance) -> Result<Self, TemplateError> {
        let fits = text.chars().count() <= TEMPLATE_CHARS_MAX;
        if text.trim().is_empty() || !fits {
            return Err(TemplateError);
        }
        Ok(Self { text: text.into(), provenance })
    }

    /// The message as it was handed over.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whence it comes.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }
}

/// Without the text, which has no place in a log.
impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template")
            .field("octets", &self.text.len())
            .field("provenance", &self.provenance)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operator(name: &str) -> OperatorName {
        OperatorName::parse(name).unwrap()
    }

    fn parts() -> (Handover, Confirmation, LegalBasis) {
        let basis = LegalBasis {
            operator: operator("telco-1"),
            number: 3,
            authority: "Telecom act, article 121/8".to_owned(),
            scope: Scope::SimilarTexts,
            from: UnixMillis(1_000),
            until: UnixMillis(9_000),
        };
        let handover = Handover { operator: operator("telco-1"), number: 7, at: UnixMillis(2_000) };
        (handover, Confirmation { case: 17, at: UnixMillis(3_000) }, basis)
    }

    fn provenance() -> Provenance {
        let (handover, confirmation, basis) = parts();
        Provenance::new(handover, confirmation, basis).unwrap()
    }

    #[test]
    fn the_three_must_agree() {
        let check = |change: fn(&mut Handover, &mut Confirmation, &mut LegalBasis), expect| {
            let (mut handover, mut confirmation, mut basis) = parts();
            change(&mut handover, &mut confirmation, &mut basis);
            assert_eq!(Provenance::new(handover, confirmation, basis).err(), expect);
        };
        check(|_, _, _| {}, None);
        let other = ProvenanceError::OtherOperator {
            handed_to: operator("telco-2"),
            basis_of: operator("telco-1"),
        };
        check(|handover, _, _| handover.operator = operator("telco-2"), Some(other));
        let outside = Some(ProvenanceError::OutsideBasis);
        check(|handover, _, _| handover.at = UnixMillis(999), outside.clone());
        check(|_, confirmation, _| confirmation.at = UnixMillis(9_000), outside.clone());
        check(|_, _, basis| basis.until = basis.from, outside);
        let before = Some(ProvenanceError::ConfirmedBefore);
        check(|_, confirmation, _| confirmation.at = UnixMillis(1_999), before);
        let authority = Some(ProvenanceError::Authority);
        check(|_, _, basis| basis.authority = " ".to_owned(), authority);
    }

    #[test]
    fn a_template_has_content_and_hides_it() {
        let template = Template::new("Uw pakket wacht", provenance()).unwrap();
        assert_eq!(template.text(), "Uw pakket wacht");
        assert_eq!(template.provenance().operator().as_str(), "telco-1");
        assert!(!format!("{template:?}").contains("pakket"));
        assert_eq!(Template::new(" \n", provenance()), Err(TemplateError));
        assert_eq!(Template::new(&"x".repeat(1_601), provenance()), Err(TemplateError));
    }
}
