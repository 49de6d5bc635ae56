//! Table `withdrawals`, and what of `orders` decides on what the public may read.

statements! {
    /// $1 the order, $2 the entry that says so.
    WITHDRAW = "INSERT INTO withdrawals (of_serial, serial) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    /// Orders before $1, the last first: $2 limit.
    ORDERS_BEFORE = "SELECT serial, kind, at_ms, salt, body, leaf_hash FROM entries \
        WHERE kind = 2 AND serial < $1 ORDER BY serial DESC LIMIT $2";
    /// Orders between $1 and $2, or released by an entry between them.
    FACTS = "SELECT orders.serial, released_by, mistaken, withdrawals.serial AS withdrawn_by \
        FROM orders LEFT JOIN withdrawals ON withdrawals.of_serial = orders.serial \
        WHERE (orders.serial >= $1 AND orders.serial <= $2) \
        OR (released_by >= $1 AND released_by <= $2)";
    /// $1 order.
    IS_ORDER = "SELECT COUNT(*) FROM orders WHERE serial = $1";
}
