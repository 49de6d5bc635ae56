//! A score between 0 and 1 for a URL, a mail or an SMS, as a sum of named reasons.
//!
//! An assessment is additive: what a [`Reason`] weighs is what it adds to the
//! log-odds, and nothing else moves the score. It is replayable: the same model,
//! brands and input give the same answer on every machine. Nothing here does I/O,
//! follows a link or decides: an assessment is advice to a person or to a rule.
//!
//! The way through it: `url` and `text` turn what is judged into features;
//! `model` weighs them; `judge` adds what was set by hand and puts the reasons in
//! words; `case` is what a report says of a case, `page` what a browser saw of it; [`campaign`] ties cases of one hand together; `train` makes models from labelled examples.

mod adapt;
mod assessment;
mod brand;
pub mod campaign;
mod case;
mod feature;
mod hash;
mod judge;
mod mail;
mod model;
mod page;
mod popular;
mod text;
pub mod train;
mod url;

pub use crate::adapt::{AdaptError, Adapted, Decided};
pub use crate::assessment::{Assessment, Opinion, Reason};
pub use crate::brand::{Brands, BrandsError, Imitation, ImitationKind};
pub use crate::case::{Content, Crowd, Evidence};
pub use crate::feature::{Family, Features};
pub use crate::judge::Judge;
pub use crate::mail::facts::{FACTS as MAIL_FACTS, Fact as MailFact};
pub use crate::mail::{MailWeights, MailWeightsError};
pub use crate::model::{Calibration, Model, ModelError};
pub use crate::page::{PageForm, PageSeen};
pub use crate::popular::Popular;
pub use crate::text::text_features;
pub use crate::url::{Names, url_features};
