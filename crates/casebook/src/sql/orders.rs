//! Table `orders`.

macro_rules! columns {
    () => {
        "serial, case_id, level, name, category, issued_at, valid_until, released_by"
    };
}

statements! {
    /// $1 serial, $2 case, $3 level, $4 name, $5 category, $6 mode, $7 issued_at, $8 valid_until.
    INSERT = "INSERT INTO orders (serial, case_id, level, name, category, mode, issued_at, \
        valid_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// Orders that hold for the same key before $1: $1 new serial, $2 level, $3 name,
    /// $4 category, $5 mode.
    HELD_FOR_KEY = "SELECT serial FROM orders WHERE name = $3 AND level = $2 AND category = $4 \
        AND mode = $5 AND released_by IS NULL AND serial < $1 ORDER BY serial";
    /// $1 serial, $2 the entry that releases it.
    RELEASE = "UPDATE orders SET released_by = $2 WHERE serial = $1 AND released_by IS NULL";
    /// It was a mistake: $1 serial.
    MISTAKEN = "UPDATE orders SET mistaken = 1 WHERE serial = $1";
    /// Orders of late that hold, with what followers counted: $1 issued since, $2 limit.
    RECENT = "SELECT orders.serial, case_id, name, issued_at, (SELECT CAST(COALESCE( \
        SUM(blocked_answers), 0) AS BIGINT) FROM effects WHERE order_serial = orders.serial) \
        AS blocked_answers FROM orders WHERE released_by IS NULL AND issued_at >= $1 \
        ORDER BY issued_at DESC LIMIT $2";
    /// No parameter.
    COUNT_MISTAKEN = "SELECT COUNT(*) FROM orders WHERE mistaken = 1";
    /// $1 serial.
    ORDER = concat!("SELECT ", columns!(), " FROM orders WHERE serial = $1");
    /// $1 case, $2 limit.
    BY_CASE = concat!("SELECT ", columns!(),
        " FROM orders WHERE case_id = $1 ORDER BY serial LIMIT $2");
    /// $1 now, $2 limit.
    ENDED = concat!("SELECT ", columns!(),
        " FROM orders WHERE released_by IS NULL AND valid_until <= $1 \
          ORDER BY valid_until, serial LIMIT $2");
    /// No parameter.
    COUNT_EFFECTIVE = "SELECT COUNT(*) FROM orders WHERE released_by IS NULL";
}
