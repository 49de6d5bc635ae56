//! What people do to warnings. Each act is one transaction, with its line in the audit log.

use belfry_journal::UnixMillis;

use super::{LANGUAGES, Warning, WarningAct, WarningState, WarningTexts, warning_of};
use crate::access::{Analyst, Approver, Proof};
use crate::audit::Act;
use crate::column::{Word, big, millis};
use crate::sql::{campaigns, warnings as sql};
use crate::store::Write;
use crate::{Casebook, StoreError};

const TITLE_CHARS_MAX: usize = 150;
const BODY_CHARS_MAX: usize = 4_000;
/// Versions of one warning.
const VERSIONS_MAX: u64 = 100;
const WHY_CHARS_MAX: usize = 2_000;

/// A warning to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WarningDraft {
    /// The campaign that it is drafted from.
    pub campaign: Option<u64>,
    /// The brand that is abused, by its key.
    pub brand: Option<String>,
    /// What it says.
    pub texts: WarningTexts,
}

impl Casebook {
    /// Keeps a draft; answers its number.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for its texts, [`StoreError::Missing`] for its campaign, or the
    /// database's.
    pub async fn draft_warning(
        &self,
        by: &Analyst,
        draft: &WarningDraft,
        now: UnixMillis,
    ) -> Result<u64, StoreError> {
        check(&draft.texts)?;
        let mut write = self.db().write().await?;
        let campaign = draft.campaign.map(big).transpose()?;
        if let (Some(number), Some(id)) = (campaign, draft.campaign) {
            let found = sqlx::query(campaigns::CAMPAIGN).bind(number);
            let found = found.fetch_optional(write.connection()).await?;
            found.ok_or_else(|| StoreError::Missing { what: "campaign", id: id.to_string() })?;
        }
        let id = write.draw("warnings").await?.unsigned_abs();
        sqlx::query(sql::INSERT)
            .bind(big(id)?)
            .bind(campaign)
            .bind(draft.brand.as_deref())
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        let who = &by.principal().name;
        write.put_version(id, 1, who, &draft.texts, now).await?;
        write.audit_warning(who, "draft-warning", id, "", now).await?;
        write.commit().await?;
        Ok(id)
    }

    /// Writes a new version over `version`; answers its number.
    ///
    /// # Errors
    /// [`StoreError::Changed`] where it is another version by now, or withdrawn;
    /// [`StoreError::Invalid`], [`StoreError::Missing`], or the database's.
    pub async fn edit_warning(
        &self,
        by: &Analyst,
        (id, version): (u64, u64),
        texts: &WarningTexts,
        now: UnixMillis,
    ) -> Result<u64, StoreError> {
        check(texts)?;
        let mut write = self.db().write().await?;
        let warning = write.warning_at(id, version).await?;
        if warning.version >= VERSIONS_MAX {
            let why = "it has 100 versions: withdraw it and draft another";
            return Err(StoreError::Invalid { what: "warning", why });
        }
        let (who, next) = (&by.principal().name, version + 1);
        write.put_version(id, next, who, texts, now).await?;
        sqlx::query(sql::EDIT)
            .bind(big(id)?)
            .bind(big(next)?)
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        write.audit_warning(who, "edit-warning", id, &format!("version {next}"), now).await?;
        write.commit().await?;
        Ok(next)
    }

    /// Publishes exactly the version that was seen, as another person than its author.
    ///
    /// # Errors
    /// [`StoreError::Changed`] where it is another version by now, published, withdrawn, or
    /// the approver's own; [`StoreError::Missing`], or the database's.
    pub async fn approve_warning(
        &self,
        by: &Approver,
        (id, version): (u64, u64),
        now: UnixMillis,
    ) -> Result<WarningAct, StoreError> {
        let mut write = self.db().write().await?;
        let warning = write.warning_at(id, version).await?;
        let changed = |why| StoreError::Changed { what: "warning", id: id.to_string(), why };
        if !warning.waits() {
            return Err(changed("is published in this version already"));
        }
        let author: String = sqlx::query_scalar(sql::AUTHOR)
            .bind(big(id)?)
            .bind(big(version)?)
            .fetch_one(write.connection())
            .await?;
        let second = by.principal();
        let people = author.starts_with("person:") && matches!(second.proof, Proof::Passkey { .. });
        if !people {
            return Err(changed("needs two signed-in people: a token or the hub is none"));
        }
        if author == second.name {
            return Err(changed("was written by you: another person must approve it"));
        }
        let act = if warning.published_version.is_some() {
            WarningAct::Updated
        } else {
            WarningAct::Published
        };
        write.publish(id, version, &second.name, now).await?;
        write.tell(id, version, act, now).await?;
        let detail = format!("version {version} by {author}");
        write.audit_warning(&second.name, "publish-warning", id, &detail, now).await?;
        write.commit().await?;
        Ok(act)
    }

    /// Tells the public that a warning no longer holds, or gives a draft up.
    ///
    /// # Errors
    /// [`StoreError::Changed`] where that was done before, [`StoreError::Invalid`] for the
    /// reason's length, [`StoreError::Missing`], or the database's.
    pub async fn withdraw_warning(
        &self,
        by: &Analyst,
        id: u64,
        why: &str,
        now: UnixMillis,
    ) -> Result<WarningState, StoreError> {
        if why.trim().is_empty() || why.chars().count() > WHY_CHARS_MAX {
            let why = "it must have 1 to 2,000 characters";
            return Err(StoreError::Invalid { what: "reason", why });
        }
        let mut write = self.db().write().await?;
        let warning = write.warning_in_force(id).await?;
        let who = &by.principal().name;
        sqlx::query(sql::WITHDRAW)
            .bind(big(id)?)
            .bind(millis(now)?)
            .bind(who)
            .bind(why.trim())
            .execute(write.connection())
            .await?;
        let published = warning.published_version;
        if let Some(version) = published {
            write.tell(id, version, WarningAct::Withdrawn, now).await?;
        }
        write.audit_warning(who, "withdraw-warning", id, why.trim(), now).await?;
        write.commit().await?;
        Ok(published.map_or(WarningState::Dropped, |_| WarningState::Withdrawn))
    }
}

impl Write {
    async fn warning_in_force(&mut self, id: u64) -> Result<Warning, StoreError> {
        let row = sqlx::query(sql::WARNING).bind(big(id)?).fetch_optional(self.connection());
        let missing = || StoreError::Missing { what: "warning", id: id.to_string() };
        let warning = warning_of(&row.await?.ok_or_else(missing)?)?;
        if warning.withdrawn.is_some() {
            let why = "was withdrawn: draft another";
            return Err(StoreError::Changed { what: "warning", id: id.to_string(), why });
        }
        Ok(warning)
    }

    async fn warning_at(&mut self, id: u64, version: u64) -> Result<Warning, StoreError> {
        let warning = self.warning_in_force(id).await?;
        if warning.version != version {
            let why = "has been edited meanwhile: read it again";
            return Err(StoreError::Changed { what: "warning", id: id.to_string(), why });
        }
        Ok(warning)
    }

    async fn put_version(
        &mut self,
        id: u64,
        version: u64,
        author: &str,
        texts: &WarningTexts,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let (id, version) = (big(id)?, big(version)?);
        sqlx::query(sql::INSERT_VERSION)
            .bind(id)
            .bind(version)
            .bind(author)
            .bind(millis(now)?)
            .execute(self.connection())
            .await?;
        for (language, text) in LANGUAGES.into_iter().zip(texts) {
            sqlx::query(sql::INSERT_TEXT)
                .bind(id)
                .bind(version)
                .bind(language)
                .bind(text.title.trim())
                .bind(text.body.trim())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    async fn publish(
        &mut self,
        id: u64,
        version: u64,
        by: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let (id, version, now) = (big(id)?, big(version)?, millis(now)?);
        sqlx::query(sql::APPROVE)
            .bind(id)
            .bind(version)
            .bind(by)
            .bind(now)
            .execute(self.connection())
            .await?;
        let publish = sqlx::query(sql::PUBLISH).bind(id).bind(version).bind(now);
        publish.execute(self.connection()).await?;
        Ok(())
    }

    async fn tell(
        &mut self,
        warning: u64,
        version: u64,
        act: WarningAct,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let id = self.draw("warning-acts").await?;
        sqlx::query(sql::INSERT_ACT)
            .bind(id)
            .bind(big(warning)?)
            .bind(big(version)?)
            .bind(act.word())
            .bind(millis(now)?)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn audit_warning(
        &mut self,
        who: &str,
        action: &'static str,
        id: u64,
        detail: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let object = format!("warning {id}");
        self.audit(&Act { who, action, object: &object, detail }, now).await
    }
}

/// A text in every language, of a length that people read.
fn check(texts: &WarningTexts) -> Result<(), StoreError> {
    let fits = |text: &str, most| (1..=most).contains(&text.trim().chars().count());
    let fit = |text: &super::WarningText| {
        fits(&text.title, TITLE_CHARS_MAX)
            && fits(&text.body, BODY_CHARS_MAX)
            && !text.title.trim().contains('\n')
    };
    if texts.iter().all(fit) {
        return Ok(());
    }
    let why = "each of its four languages needs a title of one line (at most 150 characters) and a \
               text (at most 4,000)";
    Err(StoreError::Invalid { what: "warning", why })
}
