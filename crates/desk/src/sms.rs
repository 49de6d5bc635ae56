//! Templates of SMS texts: drafted from a hand-over, tried by the guard, ordered.
//!
//! The text is never typed in: it is the one that was handed over, out of evidence.

use belfry_casebook::StoreError;
use belfry_casebook::access::Analyst;
use belfry_guard::{Finding, TemplateOutcome, check_template};
use belfry_journal::{Mode, PublicReason, Serial, TemplateOrder};

use crate::Desk;
use crate::desk::days;

/// Days for which a template holds, unless said otherwise: a campaign is over sooner.
pub const TEMPLATE_DAYS: u32 = 30;

/// A template to be ordered.
#[derive(Clone, Copy, Debug)]
pub struct TemplateDraft {
    /// The hand-over of its text.
    pub handover: u64,
    /// The case in which that was found to be fraud.
    pub case: u64,
    /// The legal basis.
    pub basis: u64,
    /// For real, or only counted.
    pub mode: Mode,
    /// How long it holds.
    pub days: u32,
}

/// A template that was tried or ordered.
#[derive(Clone, Debug)]
pub struct TemplateRuling {
    /// The order as it was asked for.
    pub order: TemplateOrder,
    /// Why the guard refused it, if it did.
    pub finding: Option<Finding>,
    /// The entry that orders it; none where it was refused or only tried.
    pub serial: Option<Serial>,
}

impl Desk {
    /// Adds texts of the organisation's own that no template may be like, beside ours.
    #[must_use]
    pub fn with_honest_texts(self, texts: Vec<String>) -> Self {
        Self { honest: texts.into(), ..self }
    }

    /// Tries a template: what it would look for, and whether the guard lets it.
    ///
    /// # Errors
    /// [`StoreError::Missing`] or [`StoreError::Invalid`] for whatever is lacking, or the
    /// database's.
    pub async fn try_template(
        &self,
        by: &Analyst,
        draft: TemplateDraft,
    ) -> Result<TemplateRuling, StoreError> {
        let (order, outcome) = self.checked(by, draft).await?;
        let finding = match outcome {
            TemplateOutcome::Cleared(_) => None,
            TemplateOutcome::Refused(finding) => Some(finding),
        };
        Ok(TemplateRuling { order, finding, serial: None })
    }

    /// Orders a template, if the guard lets it.
    ///
    /// # Errors
    /// As [`Desk::try_template`]; nothing was written then.
    pub async fn order_template(
        &self,
        by: &Analyst,
        draft: TemplateDraft,
    ) -> Result<TemplateRuling, StoreError> {
        let (order, outcome) = self.checked(by, draft).await?;
        let (finding, serial) = match outcome {
            TemplateOutcome::Refused(finding) => (Some(finding), None),
            TemplateOutcome::Cleared(cleared) => {
                let serial = self.casebook.order_template(by, &cleared, order.issued_at).await?;
                (None, Some(serial))
            }
        };
        Ok(TemplateRuling { order, finding, serial })
    }

    /// The order that a draft asks for, with the text out of evidence, and the guard's answer.
    async fn checked(
        &self,
        by: &Analyst,
        draft: TemplateDraft,
    ) -> Result<(TemplateOrder, TemplateOutcome), StoreError> {
        let now = (self.now)();
        let text = self.casebook.handed_over_text(by, draft.handover, now).await?;
        let (template, category) =
            self.casebook.template(draft.handover, draft.case, draft.basis, &text).await?;
        let order = TemplateOrder {
            template,
            category,
            mode: draft.mode,
            issued_at: now,
            valid_until: now.plus(days(draft.days)),
        };
        let honest = self.honest.iter().map(String::as_str);
        let outcome = check_template(order.clone(), honest, now);
        Ok((order, outcome))
    }

    /// Takes a template back: nobody looks for its text from then on.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where none holds with this serial, or the database's.
    pub async fn release_template(
        &self,
        by: &Analyst,
        of: Serial,
        reason: PublicReason,
    ) -> Result<Serial, StoreError> {
        self.casebook.release_template(by, of, reason, (self.now)()).await
    }
}
