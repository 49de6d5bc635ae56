//! Figures that are looked up when they are asked for: where the journal is, and how
//! far its followers are. No names: a follower is a serial here.

use std::fmt;

use belfry_casebook::Casebook;
use belfry_casebook::report::Pressure;
use belfry_desk::{AlarmKind, Alarms};
use belfry_feed::transfer::Transfers;
use belfry_follow::{Health, Status};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
use tokio::sync::watch;

/// The hub's journal.
#[derive(Debug)]
pub(crate) struct JournalFigures(pub(crate) Casebook);

impl Collector for JournalFigures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let head = self.0.head().serial.0;
        gauge(&mut encoder, "journal_serial", "The journal's last entry", head)?;
        let furthest = self.0.furthest().0;
        let help = "The furthest entry that any follower acknowledged";
        gauge(&mut encoder, "followers_furthest_serial", help, furthest)?;
        let ahead = u64::from(self.0.ahead().is_some());
        let help = "1 while a follower is ahead of the journal: an alarm";
        gauge(&mut encoder, "followers_ahead", help, ahead)
    }
}

/// What someone must look at.
#[derive(Debug)]
pub(crate) struct AlarmFigures(pub(crate) Alarms);

impl Collector for AlarmFigures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let standing = self.0.all();
        for kind in AlarmKind::ALL {
            let name = format!("alarms_{}", kind.name().replace('-', "_"));
            let count = standing.iter().filter(|alarm| alarm.kind == kind).count();
            gauge(&mut encoder, &name, "Alarms that stand", count as u64)?;
        }
        Ok(())
    }
}

/// How the intake stands: what waits, what room there is, what puts reports off.
#[derive(Debug)]
pub(crate) struct IntakeFigures(pub(crate) Casebook);

impl Collector for IntakeFigures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let figures = self.0.intake_figures();
        gauge(&mut encoder, "intake_unread", "Reports that wait to be read", figures.unread)?;
        let help = "Octets in the spool, on their way to the evidence store";
        gauge(&mut encoder, "intake_spool_bytes", help, figures.spool_bytes)?;
        if let Some(free) = figures.free_bytes {
            gauge(&mut encoder, "intake_free_bytes", "Octets of the disk that are free", free)?;
        }
        for pressure in Pressure::ALL {
            let name = format!("intake_put_off_{}", pressure.name().replace('-', "_"));
            let now = u64::from(figures.pressure == Some(pressure));
            gauge(&mut encoder, &name, "1 while reports are put off for this: an alarm", now)?;
        }
        Ok(())
    }
}

/// The zones that resolvers load.
#[derive(Debug)]
pub(crate) struct TransferFigures(pub(crate) Transfers);

impl Collector for TransferFigures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (serial, defects) = self.0.figures();
        gauge(&mut encoder, "zones_serial", "The last entry that zones are made of", serial.0)?;
        let help = "Names that hold and are too long for a zone, in all zones";
        let defects = u64::try_from(defects).unwrap_or(u64::MAX);
        gauge(&mut encoder, "zones_defects", help, defects)?;
        let help = "1 while zones can't follow the journal: an alarm";
        gauge(&mut encoder, "zones_stopped", help, u64::from(self.0.alarm().is_some()))
    }
}

/// The follower of this process.
#[derive(Debug)]
pub(crate) struct FollowFigures(pub(crate) watch::Receiver<Status>);

impl Collector for FollowFigures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let status = self.0.borrow().clone();
        gauge(&mut encoder, "follow_serial", "The last entry that holds here", status.serial.0)?;
        gauge(&mut encoder, "follow_head", "The hub's head as last heard", status.head.0)?;
        let is = |health| u64::from(status.health == health);
        let help = "1 while in step with the hub's journal";
        gauge(&mut encoder, "follow_fresh", help, is(Health::Fresh))?;
        let help = "1 while the hub's journal is not the one that holds here: an alarm";
        gauge(&mut encoder, "follow_ahead", help, is(Health::Ahead))
    }
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    let metric = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
    gauge.encode(metric)
}
