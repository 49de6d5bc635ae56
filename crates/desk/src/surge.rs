//! A surge: a new order that is hit far more often than a phishing site is, is probably a
//! wrong block. It pages someone; it releases nothing.

use std::collections::HashMap;
use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::effects::RecentOrder;
use belfry_journal::{Serial, UnixMillis};

use crate::Desk;
use crate::alarm::AlarmKind;

/// Followers upload every few seconds: a rate is taken over this long at least.
const SPAN_MIN: Duration = Duration::from_secs(30);

/// What was counted for each order at the look before.
#[derive(Debug, Default)]
pub(crate) struct Seen(HashMap<Serial, (u64, UnixMillis)>);

impl Seen {
    /// Answers a minute of each order since the look before, and remembers this one.
    /// An order that is new has had none at its issue.
    fn rates(&mut self, orders: &[RecentOrder], now: UnixMillis) -> Vec<(Serial, u64)> {
        let mut rates = Vec::new();
        let mut kept = HashMap::with_capacity(orders.len());
        for order in orders {
            let (before, at) = self.0.get(&order.serial).copied().unwrap_or((0, order.issued_at));
            let span = now.since(at);
            if span < SPAN_MIN {
                kept.insert(order.serial, (before, at));
                continue;
            }
            let grown = order.blocked_answers.saturating_sub(before);
            let span_ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
            rates.push((order.serial, grown.saturating_mul(60_000) / span_ms));
            kept.insert(order.serial, (order.blocked_answers, now));
        }
        self.0 = kept;
        rates
    }
}

impl Desk {
    /// Compares what followers counted with the look before, and raises an alarm for each
    /// order above the rate. It stands until the order is released or no longer new.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn look_for_surge(&self, now: UnixMillis) -> Result<(), StoreError> {
        let hours_ms = u64::from(self.settings.surge.hours) * 3_600_000;
        let since = UnixMillis(now.0.saturating_sub(hours_ms));
        let orders = self.casebook.recent_orders(since).await?;
        let most = u64::from(self.settings.surge.answers_per_minute);
        let rates = self.surges().rates(&orders, now);
        for (serial, rate) in rates.into_iter().filter(|(_, rate)| *rate > most) {
            let Some(order) = orders.iter().find(|order| order.serial == serial) else { continue };
            let text = format!(
                "{} is hit {rate} times a minute, {most} are expected: probably a wrong block. \
                 Look at it, and if so: belfry case release {} --mistake",
                order.name.defanged(),
                order.case
            );
            self.alarms.raise(AlarmKind::Surge, &about(serial), text, now);
        }
        let standing: Vec<String> = orders.iter().map(|order| about(order.serial)).collect();
        self.alarms.keep(AlarmKind::Surge, |alarm| standing.contains(&alarm.about));
        Ok(())
    }
}

fn about(serial: Serial) -> String {
    format!("order {serial}")
}

#[cfg(test)]
mod tests {
    use belfry_indicator::Domain;

    use super::*;

    fn order(serial: u64, blocked_answers: u64) -> RecentOrder {
        RecentOrder {
            serial: Serial(serial),
            case: 1,
            name: Domain::parse("evil.example").unwrap(),
            issued_at: UnixMillis(1_000_000),
            blocked_answers,
        }
    }

    #[test]
    fn a_rate_is_taken_over_half_a_minute_at_least() {
        let mut seen = Seen::default();
        let mut look = |answers, at: u64| seen.rates(&[order(7, answers)], UnixMillis(at));
        assert_eq!(look(500, 1_010_000), [], "ten seconds after its issue");
        assert_eq!(look(3_000, 1_060_000), [(Serial(7), 3_000)], "since its issue");
        assert_eq!(look(3_500, 1_070_000), []);
        assert_eq!(look(4_000, 1_090_000), [(Serial(7), 2_000)], "a thousand in half a minute");
        assert_eq!(look(10, 1_150_000), [(Serial(7), 0)], "counters that began anew");
    }

    #[test]
    fn an_order_that_is_gone_is_forgotten() {
        let mut seen = Seen::default();
        seen.rates(&[order(7, 10), order(8, 10)], UnixMillis(1_060_000));
        seen.rates(&[order(8, 10)], UnixMillis(1_120_000));
        assert_eq!(seen.0.len(), 1);
    }
}
