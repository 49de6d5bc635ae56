//! What anyone may read of the journal.
//!
//! Every entry is there by number, kind and commitment, so that the tree can be checked by
//! whoever likes. What an order says is there too, with the salt that proves it, unless one
//! of the reasons in [`Withheld`] stands against it. Never here: what a person wrote,
//! who reported, texts of messages.

use std::collections::HashMap;

use belfry_journal::{Audience, Body, Entry, Mode, Order, Serial, UnixMillis};

use crate::access::Admin;
use crate::audit::Act;
use crate::column::{Columns, big};
use crate::sql::record as sql;
use crate::{Casebook, StoreError};

/// Why the public may not read what an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// Of a kind that is nobody's but its followers': texts of messages, kinds not known here.
    Kind,
    /// It only counts: nobody is blocked by it.
    Shadow,
    /// It is for named operators.
    Operators,
    /// It was a mistake: its name is to be found with no wrong word beside it.
    Mistake,
    /// It was about a site that had been broken into, and is over.
    Compromised,
    /// It was withdrawn.
    Withdrawn,
}

/// An entry, and whether the public may read what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordEntry {
    /// The entry; its salt and body are not to be shown where they are withheld.
    pub entry: Entry,
    /// What it says, or why the public may not read it.
    pub said: Result<Body, Withheld>,
}

/// What became of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Facts {
    released: bool,
    mistaken: bool,
    withdrawn: bool,
}

impl Withheld {
    /// The stable word of the API.
    pub fn name(self) -> &'static str {
        match self {
            Withheld::Kind => "kind",
            Withheld::Shadow => "shadow",
            Withheld::Operators => "operators",
            Withheld::Mistake => "mistake",
            Withheld::Compromised => "compromised",
            Withheld::Withdrawn => "withdrawn",
        }
    }
}

impl Casebook {
    /// Entries after `after`, at most `limit`, as the public may read them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record(&self, after: Serial, limit: u32) -> Result<Vec<RecordEntry>, StoreError> {
        let entries = self.entries(after, limit).await?;
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
            return Ok(Vec::new());
        };
        // Read after the entries: what was withdrawn meanwhile is not shown.
        let facts = self.facts(first.serial, last.serial).await?;
        entries.into_iter().map(|entry| public(entry, &facts)).collect()
    }

    /// Orders and releases before `before`, the last first, as the public may read them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_orders(
        &self,
        before: Serial,
        limit: u32,
    ) -> Result<Vec<RecordEntry>, StoreError> {
        let rows = sqlx::query(sql::ORDERS_BEFORE)
            .bind(i64::try_from(before.0).unwrap_or(i64::MAX))
            .bind(i64::from(limit.clamp(1, 1_000)))
            .fetch_all(self.readers())
            .await?;
        let entries: Vec<Entry> =
            rows.iter().map(crate::journal::entry_of).collect::<Result<_, _>>()?;
        let (Some(last), Some(first)) = (entries.first(), entries.last()) else {
            return Ok(Vec::new());
        };
        let facts = self.facts(first.serial, last.serial).await?;
        entries.into_iter().map(|entry| public(entry, &facts)).collect()
    }

    /// Takes what an order says from the public record, and what its release says.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such order, [`StoreError::Taken`] where it was
    /// done before, or the database's.
    pub async fn withdraw_from_record(
        &self,
        by: &Admin,
        of: Serial,
        reason: &str,
        now: UnixMillis,
    ) -> Result<Serial, StoreError> {
        let mut write = self.db().write().await?;
        let orders: i64 = sqlx::query_scalar(sql::IS_ORDER)
            .bind(big(of.0)?)
            .fetch_one(write.connection())
            .await?;
        if orders == 0 {
            return Err(StoreError::Missing { what: "order", id: of.to_string() });
        }
        let serial = write.append_withdrawn(of, now).await?;
        let done = sqlx::query(sql::WITHDRAW)
            .bind(big(of.0)?)
            .bind(big(serial.0)?)
            .execute(write.connection())
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Taken { what: "withdrawal of order", id: of.to_string() });
        }
        let object = format!("order {of}");
        let who = &by.principal().name;
        write.audit(&Act { who, action: "withdraw", object: &object, detail: reason }, now).await?;
        write.commit().await?;
        Ok(serial)
    }

    async fn facts(
        &self,
        first: Serial,
        last: Serial,
    ) -> Result<HashMap<Serial, Facts>, StoreError> {
        let rows = sqlx::query(sql::FACTS)
            .bind(big(first.0)?)
            .bind(big(last.0)?)
            .fetch_all(self.readers())
            .await?;
        let facts = rows.iter().map(|row| {
            let columns = Columns::new("orders", row);
            let facts = Facts {
                released: columns.number_maybe("released_by")?.is_some(),
                mistaken: columns.number("mistaken")? != 0,
                withdrawn: columns.number_maybe("withdrawn_by")?.is_some(),
            };
            Ok((columns.serial("serial")?, facts))
        });
        facts.collect()
    }
}

fn public(entry: Entry, facts: &HashMap<Serial, Facts>) -> Result<RecordEntry, StoreError> {
    let body = entry
        .decode()
        .map_err(|why| StoreError::Damaged { serial: entry.serial, why: why.to_string() })?;
    let against = match &body {
        Body::Template(_) | Body::Unknown => Some(Withheld::Kind),
        Body::Order(order) => {
            let of = match order.action {
                belfry_journal::Action::Release { of } => of,
                _ => entry.serial,
            };
            withheld(order, facts.get(&of).copied().unwrap_or_default())
        }
        Body::Void
        | Body::Heartbeat(_)
        | Body::Restored(_)
        | Body::Audit(_)
        | Body::View(_)
        | Body::Withdrawn(_) => None,
    };
    let said = against.map_or(Ok(body), Err);
    Ok(RecordEntry { entry, said })
}

/// What stands against an order's being read by anyone.
fn withheld(order: &Order, facts: Facts) -> Option<Withheld> {
    if order.mode == Mode::Shadow {
        Some(Withheld::Shadow)
    } else if order.audience != Audience::Everyone {
        Some(Withheld::Operators)
    } else if facts.withdrawn {
        Some(Withheld::Withdrawn)
    } else if facts.mistaken {
        Some(Withheld::Mistake)
    } else if order.keeps_mail && facts.released {
        Some(Withheld::Compromised)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use belfry_indicator::{Domain, Target};
    use belfry_journal::{Action, Category, Cause, PublicReason};

    use super::*;

    fn order() -> Order {
        Order {
            action: Action::Block,
            target: Target::Host(Domain::parse("a.example").unwrap()),
            category: Category::Phishing,
            mode: Mode::Live,
            issued_at: UnixMillis(1),
            valid_until: UnixMillis(2),
            audience: Audience::Everyone,
            cause: Cause::Verdict { case: 1 },
            reason: PublicReason::Impersonation,
            keeps_mail: false,
        }
    }

    #[test]
    fn what_holds_and_what_is_over_is_public_and_the_rest_says_why_not() {
        let over = Facts { released: true, ..Facts::default() };
        let mistaken = Facts { mistaken: true, ..over };
        let withdrawn = Facts { withdrawn: true, ..mistaken };
        let victim = Order { keeps_mail: true, ..order() };
        let shadow = Order { mode: Mode::Shadow, ..order() };
        let named = Order { audience: Audience::Operators([].into()), ..order() };
        for (order, facts, expected) in [
            (&order(), Facts::default(), None),
            (&order(), over, None),
            (&order(), mistaken, Some(Withheld::Mistake)),
            (&order(), withdrawn, Some(Withheld::Withdrawn)),
            (&victim, Facts::default(), None),
            (&victim, over, Some(Withheld::Compromised)),
            (&shadow, Facts::default(), Some(Withheld::Shadow)),
            (&named, over, Some(Withheld::Operators)),
        ] {
            assert_eq!(withheld(order, facts), expected, "{order:?} {facts:?}");
        }
    }

    #[test]
    fn a_release_is_public_as_its_order_is() {
        let release = Order { action: Action::Release { of: Serial(3) }, ..order() };
        let entry = Entry::new(Serial(9), [1; 32], &Body::Order(release));
        let facts = Facts { mistaken: true, released: true, withdrawn: false };
        let shown = public(entry.clone(), &HashMap::from([(Serial(3), facts)])).unwrap();
        assert_eq!(shown.said, Err(Withheld::Mistake));
        let shown = public(entry, &HashMap::from([(Serial(9), facts)])).unwrap();
        assert!(shown.said.is_ok());
    }
}
