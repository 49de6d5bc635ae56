//! The desk: the life of a case.
//!
//! In the order of the spine:
//! 1. [`Desk::run_triage`] takes each report that is durable but unread, has its
//!    sender checked ([`sender`]), has it read by a bounded child ([`reader`]) and groups it into cases ([`grouping`]), each of which
//!    is judged as the report joins it (`assessment`);
//! 2. [`Desk::judge`] records an analyst's verdict with what the guard lets follow;
//! 3. [`Desk::release`] takes a block back; [`Desk::run_upkeep`] ends what has
//!    expired and writes the hub's heartbeat.
//!
//! Texts of SMS that operators look for are ordered by [`Desk::order_template`].
//! A page of a case is opened on request, or where that is set ([`Desk::run_inspections`]).
//!
//! Rules that persons set act on what is clear ([`rules`]), until someone pulls the brake
//! ([`Desk::pull_brake`]); an order that is hit too often is an alarm.
//!
//! The desk never writes an order that the guard has not cleared, and never
//! reads hostile bytes in its own process.

mod alarm;
mod approve;
mod assessment;
mod brake;
mod clock;
mod desk;
pub mod grouping;
mod import;
mod inspection;
mod judge;
mod life;
mod metrics;
pub mod reader;
pub mod rules;
pub mod sender;
mod sms;
mod surge;
mod target;
mod triage;
mod upkeep;

pub use crate::alarm::{Alarm, AlarmKind, Alarms};
pub use crate::approve::Approval;
pub use crate::assessment::{Imitated, Labelled};
pub use crate::brake::Braked;
pub use crate::clock::Clocks;
pub use crate::desk::{Desk, DeskSettings, Organisation, RuleSettings, SurgeSettings};
pub use crate::import::{IMPORT_MAX, Import, ImportError, Imported};
pub use crate::inspection::{AskError, OpenPage};
pub use crate::judge::{JudgeError, Ruled, Ruling, TakeBack};
pub use crate::life::{Renew, Renewed};
pub use crate::metrics::DeskMetrics;
pub use crate::sms::{TEMPLATE_DAYS, TemplateDraft, TemplateRuling};
pub use crate::upkeep::{Retention, Stopped};
