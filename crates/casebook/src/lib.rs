//! The casebook: reports, cases, verdicts, the journal, tokens and the audit
//! log. The only crate that knows SQL and blobs.
//!
//! One writer, many readers. What [`Casebook::receive`] has answered is on
//! disk. Only [`Casebook::decide`], [`Casebook::release`] and
//! [`Casebook::expire`] write orders, and only from a `guard::Cleared`; a
//! verdict and its order are one transaction.
//!
//! | to find | look in |
//! |---|---|
//! | opening, folders, keys, the one-process lock | [`Casebook::open`] in `store`, `keys` |
//! | a write transaction, and the fold that follows its commit | `store/write` |
//! | a report from its bytes to its row | [`report`], `report/intake`, `evidence` |
//! | a reading into its cases | `report/filing` |
//! | who handed a mail in, and whom to answer | `report/sender`, [`correspondence`] |
//! | sets of cases by the same hand | [`campaign`] |
//! | what a case scored, and why | [`assessment`] |
//! | pages that a browser opened for a case | [`inspection`] |
//! | the states of a case and their moves | [`case`], `case/state`, `case/moves` |
//! | a verdict, its order, its release | [`verdict`], `verdict/decide`, `verdict/release` |
//! | merging, parking, splitting, taking up again | `case/life` |
//! | a first person's proposal, renewal of a block | `verdict/proposal`, `verdict/renew` |
//! | verdicts that stand for a campaign | [`standing`] |
//! | rules that persons set, and the brake | [`rules`] |
//! | entries, serials, the fold | [`journal`], `journal/append` |
//! | how far followers are, and the filling up after a restore | [`followers`], `journal/void` |
//! | legal bases, hand-overs, templates of SMS texts | [`sms`], `sms/templates` |
//! | operators that load zones, their keys | [`operators`] |
//! | what anyone may read of the journal | [`record`] |
//! | public warnings, who approved them, who is told | [`warning`], `warning/hooks` |
//! | who may do what | [`access`] |
//! | notes, objections, the figures of pages | [`work`] |
//! | erasing, holds, how long things are kept | `report/erase`, `report/hold`, `report/retention` |
//! | the audit log and its chain | `audit`, `audit/chain`, `audit/verify` |
//! | backups and coming back from one | [`backup`] |
//! | every statement | [`sql`] |

pub mod access;
pub mod assessment;
mod audit;
pub mod backup;
pub mod campaign;
pub mod case;
mod column;
pub mod correspondence;
pub mod effects;
mod error;
mod evidence;
pub mod followers;
pub mod inspection;
pub mod journal;
mod keys;
pub mod operators;
pub mod record;
pub mod report;
pub mod rules;
pub mod sms;
pub mod sql;
pub mod standing;
mod store;
pub mod verdict;
pub mod warning;
pub mod work;

pub use crate::audit::{AuditRecord, AuditVerified};
pub use crate::error::StoreError;
pub use crate::store::{Casebook, Settings};
