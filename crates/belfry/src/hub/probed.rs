//! What probes find becomes an alarm of the desk's while it stands.

use std::time::Duration;

use belfry_desk::{AlarmKind, Desk};
use belfry_feed::transfer::Transfers;
use tokio_util::sync::CancellationToken;

use crate::clock::now;

/// How often it is looked at.
const PAUSE: Duration = Duration::from_secs(5);

/// Keeps the alarms about operators as probes see them, until `stop`.
pub(super) async fn keep(desk: Desk, transfers: Transfers, stop: CancellationToken) {
    loop {
        match transfers.alarms(now()).await {
            Ok(found) => {
                let alarms = desk.alarms();
                alarms.keep(AlarmKind::Operators, |alarm| {
                    found.iter().any(|(about, _)| *about == alarm.about)
                });
                for (about, words) in found {
                    alarms.raise(AlarmKind::Operators, &about, words, now());
                }
            }
            Err(error) => tracing::error!(%error, "how operators stand can't be looked up"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}
