//! The only place that writes an entry.
//!
//! An order is written from a `guard::Cleared` and nothing else, after the
//! guard's lists are compared again inside the transaction.

use belfry_guard::Cleared;
use belfry_journal::{
    Action, AuditAnchor, Body, Entry, Heartbeat, Key, Order, Restored, Serial, UnixMillis,
    ViewChange, Withdrawn,
};

use super::sql;
use crate::StoreError;
use crate::column::{Columns, big, millis};
use crate::keys::random;
use crate::store::Write;

impl Write {
    /// Appends an order, if the lists it was checked against still hold.
    pub(crate) async fn append_order(
        &mut self,
        cleared: &Cleared,
        at: UnixMillis,
    ) -> Result<Serial, StoreError> {
        let lists = sqlx::query(sql::LISTS).fetch_optional(self.connection()).await?;
        let lists: Option<[u8; 32]> =
            lists.map(|row| Columns::new("guard_lists", &row).array("version")).transpose()?;
        if lists != Some(cleared.lists().0) {
            return Err(StoreError::ListsChanged);
        }
        self.takes_no_others_place(cleared.order())?;
        let serial = self.draw_serial().await?;
        self.append(serial, &Body::Order(cleared.order().clone()), at).await
    }

    /// Appends a heartbeat with the tree as it stands before it.
    pub(crate) async fn append_heartbeat(&mut self, at: UnixMillis) -> Result<Serial, StoreError> {
        let serial = self.draw_serial().await?;
        let set = self.ledger().effective();
        let tree_size = set.serial().0;
        let root = set.frontier().root();
        drop(set);
        self.append(serial, &Body::Heartbeat(Heartbeat { at, tree_size, root }), at).await
    }

    /// Appends an entry that says nothing and takes a number.
    pub(crate) async fn append_void(&mut self, at: UnixMillis) -> Result<Serial, StoreError> {
        let serial = self.draw_serial().await?;
        self.append(serial, &Body::Void, at).await
    }

    /// Declares that the journal was restored up to `kept`, with the tree as it stands
    /// before this entry, entries of this transaction included.
    pub(crate) async fn append_restored(
        &mut self,
        kept: Serial,
        at: UnixMillis,
    ) -> Result<Serial, StoreError> {
        let serial = self.draw_serial().await?;
        let mut tree = self.ledger().effective().frontier().clone();
        for entry in self.appended() {
            tree.push(entry.leaf_hash());
        }
        let (tree_size, root) = (tree.size(), tree.root());
        self.append(serial, &Body::Restored(Restored { at, kept, tree_size, root }), at).await
    }

    /// Appends how far the audit log is.
    pub(crate) async fn append_anchor(
        &mut self,
        anchor: AuditAnchor,
    ) -> Result<Serial, StoreError> {
        let serial = self.draw_serial().await?;
        self.append(serial, &Body::Audit(anchor), anchor.at).await
    }

    /// Appends that a view of the journal is made otherwise from here on.
    pub(crate) async fn append_view(
        &mut self,
        digest: [u8; 32],
        at: UnixMillis,
    ) -> Result<Serial, StoreError> {
        let serial = self.draw_serial().await?;
        self.append(serial, &Body::View(ViewChange { at, digest }), at).await
    }

    /// Appends that the public record no longer says what an order was about.
    pub(crate) async fn append_withdrawn(
        &mut self,
        of: Serial,
        at: UnixMillis,
    ) -> Result<Serial, StoreError> {
        let serial = self.draw_serial().await?;
        self.append(serial, &Body::Withdrawn(Withdrawn { at, of }), at).await
    }

    /// The last line of the audit log that the journal knows.
    pub(crate) async fn last_anchor(&mut self) -> Result<Option<u64>, StoreError> {
        let last = super::audit_anchors(self.connection(), 1).await?;
        Ok(last.first().and_then(|entry| match entry.decode() {
            Ok(Body::Audit(anchor)) => Some(anchor.line),
            _ => None,
        }))
    }

    /// Appends an entry about a template; `sms` checks what it rests on.
    pub(crate) async fn append_template(
        &mut self,
        body: &Body,
        at: UnixMillis,
    ) -> Result<Serial, StoreError> {
        let serial = self.draw_serial().await?;
        self.append(serial, body, at).await
    }

    /// Followers read orders for others sealed: one that took the place of theirs would leave
    /// theirs standing with them. It must be released first, in this transaction at the latest.
    fn takes_no_others_place(&self, order: &Order) -> Result<(), StoreError> {
        if matches!(order.action, Action::Release { .. }) {
            return Ok(());
        }
        let Some(held) = self.ledger().effective().get(&Key::of(order)) else { return Ok(()) };
        let is_release = |entry: &Entry| match entry.decode() {
            Ok(Body::Order(order)) => order.action == Action::Release { of: held.serial },
            _ => false,
        };
        if held.order.audience == order.audience || self.appended().iter().any(is_release) {
            return Ok(());
        }
        Err(StoreError::OtherAudience { serial: held.serial })
    }

    async fn draw_serial(&mut self) -> Result<Serial, StoreError> {
        let row = sqlx::query(sql::DRAW_SERIAL).fetch_one(self.connection()).await?;
        Columns::new("journal_head", &row).serial("serial")
    }

    async fn append(
        &mut self,
        serial: Serial,
        body: &Body,
        at: UnixMillis,
    ) -> Result<Serial, StoreError> {
        let entry = Entry::new(serial, random(), body);
        sqlx::query(sql::INSERT_ENTRY)
            .bind(big(serial.0)?)
            .bind(i64::from(entry.kind.number()))
            .bind(millis(at)?)
            .bind(entry.salt.to_vec())
            .bind(entry.body.clone())
            .bind(entry.leaf_hash().0.to_vec())
            .execute(self.connection())
            .await?;
        self.will_fold(entry);
        Ok(serial)
    }
}
