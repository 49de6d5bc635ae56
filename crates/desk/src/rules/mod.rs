//! Rules that persons set: what is clear need not wait for a person, once persons have
//! said what is clear.
//!
//! A verdict that stands for a campaign for some hours is the shortest of them (`standing`).
//!
//! A rule is off as it is made, then runs in shadow, then live. It acts as `rule:NAME`, through
//! the same guard as everybody: what needs two people it leaves alone. Its blocks are
//! short until a person has seen them, and the brake takes them back.

mod act;
mod definition;
mod language;
mod report;
mod standing;

use std::sync::Arc;

use belfry_casebook::StoreError;
use belfry_casebook::access::Admin;
use belfry_casebook::rules::{RuleMode, RuleRecord};

use crate::Desk;

pub use self::definition::{Definition, RuleAction, RuleError};
pub use self::language::{Condition, ConditionError, Facts, SubjectKind};
pub use self::report::{ReportError, RuleReport, Tally};

/// A rule with its text understood.
#[derive(Clone, Debug)]
pub(crate) struct RunningRule {
    pub(crate) record: RuleRecord,
    pub(crate) definition: Definition,
}

/// The rules that are in shadow or live, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Running(pub(crate) Vec<RunningRule>);

/// Why a rule was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetRuleError {
    /// Its text can't be understood.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The casebook's answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Desk {
    /// Keeps a new version of a rule, which is off.
    ///
    /// # Errors
    /// [`SetRuleError`]; nothing was kept then.
    pub async fn put_rule(
        &self,
        by: &Admin,
        name: &str,
        text: &str,
    ) -> Result<RuleRecord, SetRuleError> {
        Definition::parse(text)?;
        let kept = self.casebook.put_rule(by, name, text, self.time()).await?;
        self.read_rules().await?;
        Ok(kept)
    }

    /// Lets a rule go as far as `mode`: from off to shadow, from there to live.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or [`StoreError::Invalid`] for a step too far.
    pub async fn set_rule_mode(
        &self,
        by: &Admin,
        name: &str,
        mode: RuleMode,
    ) -> Result<RuleRecord, StoreError> {
        let kept = self.casebook.set_rule_mode(by, name, mode, self.time()).await?;
        self.read_rules().await?;
        Ok(kept)
    }

    /// Reads the rules in force; one that this version does not understand is off.
    pub(crate) async fn read_rules(&self) -> Result<(), StoreError> {
        let mut running = Vec::new();
        for record in self.casebook.rules().await? {
            if record.mode == RuleMode::Off {
                continue;
            }
            match Definition::parse(&record.text) {
                Ok(definition) => running.push(RunningRule { record, definition }),
                Err(error) => {
                    tracing::error!(rule = record.name, %error, "a rule is not understood: it is off");
                }
            }
        }
        self.rules.store(Arc::new(Running(running)));
        Ok(())
    }
}
