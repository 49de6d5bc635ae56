//! The orders of a case: what each blocks, how far it is at each operator, and how its
//! counts grew.

use belfry_casebook::case::{CaseFile, OrderRecord};
use belfry_casebook::work::FollowerEffect;
use belfry_casebook::{Casebook, StoreError};
use belfry_journal::UnixMillis;

use super::curve::Curve;
use crate::pages::frame::Frame;
use crate::shown;
use crate::texts::{Moment, grouped};

/// An order.
pub(super) struct OrderView {
    pub(super) serial: u64,
    pub(super) target: String,
    pub(super) level: &'static str,
    pub(super) issued: Moment,
    pub(super) until: Moment,
    pub(super) released: Option<u64>,
    pub(super) answers: String,
    pub(super) views: String,
    pub(super) followers: Vec<FollowerView>,
    pub(super) curve: Option<Curve>,
}

/// What one operator did with it.
pub(super) struct FollowerView {
    pub(super) name: String,
    pub(super) applied: Option<Moment>,
    pub(super) first: Option<Moment>,
    pub(super) answers: String,
    pub(super) after: Option<String>,
}

/// The orders of a case, the latest first.
pub(super) async fn orders(
    casebook: &Casebook,
    file: &CaseFile,
    f: &Frame,
) -> Result<Vec<OrderView>, StoreError> {
    let mut views = Vec::with_capacity(file.orders.len());
    for order in file.orders.iter().rev() {
        let effects = casebook.effects_of(order.serial).await?;
        let steps = casebook.steps_of(order.serial).await?;
        let curve = Curve::new(order.issued_at, &steps, f.language);
        views.push(OrderView { curve, ..order_view(order, &effects, f) });
    }
    Ok(views)
}

fn order_view(order: &OrderRecord, effects: &[FollowerEffect], f: &Frame) -> OrderView {
    let moment = |at| Moment::of(at, f.language);
    OrderView {
        serial: order.serial.0,
        target: order.target.name().defanged(),
        level: if order.target.level() == "host" { f.w.level_host } else { f.w.level_domain },
        issued: moment(order.issued_at),
        until: moment(order.valid_until),
        released: order.released_by.map(|serial| serial.0),
        curve: None,
        answers: grouped(order.effects.blocked_answers),
        views: grouped(order.effects.warning_views),
        followers: effects
            .iter()
            .map(|effect| FollowerView {
                name: shown::line(&effect.follower),
                applied: effect.applied_at.map(moment),
                first: effect.first_blocked_at.map(moment),
                answers: grouped(effect.blocked_answers),
                after: effect.applied_at.map(|at| seconds(order.issued_at, at)),
            })
            .collect(),
    }
}

fn seconds(from: UnixMillis, to: UnixMillis) -> String {
    let millis = to.0.saturating_sub(from.0);
    format!("{}.{} s", millis / 1_000, millis % 1_000 / 100)
}
