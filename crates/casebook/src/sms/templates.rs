//! Templates: written, released, ended.

use belfry_guard::ClearedTemplate;
use belfry_indicator::{Confirmation, LegalBasis, Provenance, Template};
use belfry_journal::{
    Body, Category, Cause, PublicReason, Serial, TemplateEntry, TemplateOrder, UnixMillis,
};

use crate::access::Analyst;
use crate::audit::Act;
use crate::column::{Columns, big};
use crate::sms::Matches;
use crate::sql::sms as sql;
use crate::store::Write;
use crate::verdict::Verdict;
use crate::{Casebook, StoreError};

impl Casebook {
    /// The template that a hand-over, the verdict on `case` and a legal basis make of a
    /// text; the guard is still to be asked.
    ///
    /// # Errors
    /// [`StoreError::Missing`] or [`StoreError::Invalid`] for whatever is lacking, or the database's.
    pub async fn template(
        &self,
        handover: u64,
        case: u64,
        basis: u64,
        text: &str,
    ) -> Result<(Template, Category), StoreError> {
        // In a transaction that writes nothing: what is read belongs together.
        let mut write = self.db().write().await?;
        let basis = write.basis(basis).await?;
        write.provenance(handover, case, basis, text).await
    }

    /// The templates that hold, with what filters counted of each.
    ///
    /// # Errors
    /// The database's.
    pub async fn templates(&self) -> Result<Vec<(Serial, TemplateOrder, Matches)>, StoreError> {
        let held: Vec<(Serial, TemplateOrder)> = {
            let set = self.effective();
            set.templates().map(|(serial, order)| (serial, order.clone())).collect()
        };
        let mut templates = Vec::with_capacity(held.len());
        for (serial, order) in held {
            templates.push((serial, order, self.template_matches(serial).await?));
        }
        Ok(templates)
    }

    /// Writes the order to look for a text, if all that it rests on is found again.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] or [`StoreError::Missing`] where it is not; nothing was written then.
    pub async fn order_template(
        &self,
        by: &Analyst,
        cleared: &ClearedTemplate,
        now: UnixMillis,
    ) -> Result<Serial, StoreError> {
        let order = cleared.order();
        let mut write = self.db().write().await?;
        write.check_provenance(order, now).await?;
        let body = Body::Template(TemplateEntry::Match(Box::new(order.clone())));
        let serial = write.append_template(&body, now).await?;
        let case = order.template.provenance().confirmation().case;
        let (who, object) = (&by.principal().name, format!("case {case}"));
        let detail = format!("{} looks for its text, order {serial}", order.operator());
        write
            .audit(&Act { who, action: "template", object: &object, detail: &detail }, now)
            .await?;
        write.commit().await?;
        Ok(serial)
    }

    /// Takes an order to look for a text back, after an objection or on second thoughts.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where none holds with this serial, or the database's.
    pub async fn release_template(
        &self,
        by: &Analyst,
        of: Serial,
        reason: PublicReason,
        now: UnixMillis,
    ) -> Result<Serial, StoreError> {
        let mut write = self.db().write().await?;
        let held = write.ledger().effective().templates().find_map(|(serial, order)| {
            (serial == of).then(|| order.template.provenance().confirmation().case)
        });
        let case =
            held.ok_or_else(|| StoreError::Missing { what: "template", id: of.to_string() })?;
        let cause = Cause::Withdrawal { case };
        let release = TemplateEntry::Release { of, at: now, cause, reason };
        let serial = write.append_template(&Body::Template(release), now).await?;
        let (who, object) = (&by.principal().name, format!("case {case}"));
        let detail = format!("template {of}, {reason}");
        write
            .audit(&Act { who, action: "release-template", object: &object, detail: &detail }, now)
            .await?;
        write.commit().await?;
        Ok(serial)
    }

    /// Ends the templates whose time is over.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_templates(&self, now: UnixMillis) -> Result<Vec<Serial>, StoreError> {
        let is_over = |order: &TemplateOrder| order.valid_until <= now;
        if !self.effective().templates().any(|(_, order)| is_over(order)) {
            return Ok(Vec::new());
        }
        let mut write = self.db().write().await?;
        let released = write.release_where(is_over, now).await?;
        write.commit().await?;
        Ok(released)
    }
}

impl Write {
    /// What hand-over, verdict and basis make of a text.
    async fn provenance(
        &mut self,
        handover: u64,
        case: u64,
        basis: LegalBasis,
        text: &str,
    ) -> Result<(Template, Category), StoreError> {
        let handed_over = self.handover(handover, text).await?;
        let (at, category) = self.confirmed_at(handover, case).await?;
        let invalid = StoreError::Invalid {
            what: "template",
            why: "hand-over, verdict and legal basis must be of one operator and in this order",
        };
        Provenance::new(handed_over, Confirmation { case, at }, basis)
            .ok()
            .and_then(|provenance| Template::new(text, provenance).ok())
            .map(|template| (template, category))
            .ok_or(invalid)
    }

    /// When a case with the handed-over report was last found to be fraud, and of what kind.
    async fn confirmed_at(
        &mut self,
        handover: u64,
        case: u64,
    ) -> Result<(UnixMillis, Category), StoreError> {
        let row = sqlx::query(sql::VERDICT)
            .bind(big(handover)?)
            .bind(big(case)?)
            .fetch_optional(self.connection())
            .await?;
        let unconfirmed = StoreError::Invalid {
            what: "template",
            why: "no case with the handed-over message was found to be fraud",
        };
        let Some(row) = row else { return Err(unconfirmed) };
        let columns = Columns::new("verdicts", &row);
        let verdict: Verdict = columns.word("verdict")?;
        let category = verdict.category().ok_or(unconfirmed)?;
        Ok((columns.time("at_ms")?, category))
    }

    /// Whether an order says of itself what the books say.
    async fn check_provenance(
        &mut self,
        order: &TemplateOrder,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let said = order.template.provenance();
        let basis = self.basis(said.basis().number).await?;
        let holds = basis.holds_at(now) && order.valid_until <= basis.until;
        let (handover, case) = (said.handover().number, said.confirmation().case);
        let (found, _) = self.provenance(handover, case, basis, order.template.text()).await?;
        if !holds || found != order.template {
            let why = "its provenance is not what the books say, or its legal basis is over";
            return Err(StoreError::Invalid { what: "template", why });
        }
        Ok(())
    }

    /// Releases the templates that rest on a legal basis.
    pub(super) async fn release_templates_of(
        &mut self,
        basis: u64,
        now: UnixMillis,
    ) -> Result<Vec<Serial>, StoreError> {
        let rests = |order: &TemplateOrder| order.template.provenance().basis().number == basis;
        self.release_where(rests, now).await
    }

    async fn release_where(
        &mut self,
        ends: impl Fn(&TemplateOrder) -> bool,
        now: UnixMillis,
    ) -> Result<Vec<Serial>, StoreError> {
        let set = self.ledger().effective();
        let ending = set.templates().filter(|(_, order)| ends(order)).map(|(serial, _)| serial);
        let ending: Vec<Serial> = ending.collect();
        drop(set);
        let mut released = Vec::new();
        for of in ending {
            let (cause, reason) = (Cause::Expiry, PublicReason::Ended);
            let release = TemplateEntry::Release { of, at: now, cause, reason };
            released.push(self.append_template(&Body::Template(release), now).await?);
        }
        Ok(released)
    }
}
