//! Tables `counters`, `journal_head`, `entries` and `guard_lists`.

statements! {
    /// The next number of a sequence: $1 its name.
    DRAW = "UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value";
    /// $1 name.
    COUNTER = "SELECT value FROM counters WHERE name = $1";
    /// Begins the journal where there is none: $1 its id.
    BEGIN_JOURNAL = "INSERT INTO journal_head (only_row, journal, serial) VALUES (1, $1, 0) \
        ON CONFLICT DO NOTHING";
    /// No parameter.
    HEAD = "SELECT journal, serial FROM journal_head WHERE only_row = 1";
    /// Draws the next serial and holds the row until the transaction ends.
    DRAW_SERIAL = "UPDATE journal_head SET serial = serial + 1 WHERE only_row = 1 \
        RETURNING serial";
    /// $1 serial, $2 kind, $3 at, $4 salt, $5 body, $6 leaf hash.
    INSERT_ENTRY = "INSERT INTO entries (serial, kind, at_ms, salt, body, leaf_hash) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// $1 after, $2 limit.
    ENTRIES = "SELECT serial, kind, at_ms, salt, body, leaf_hash FROM entries \
        WHERE serial > $1 ORDER BY serial LIMIT $2";
    /// $1 after, $2 limit.
    LEAVES = "SELECT leaf_hash FROM entries WHERE serial > $1 ORDER BY serial LIMIT $2";
    /// Kind 5 says how far the audit log was: $1 limit.
    AUDIT_ANCHORS = "SELECT serial, kind, at_ms, salt, body, leaf_hash FROM entries \
        WHERE kind = 5 ORDER BY serial DESC LIMIT $1";
    /// No parameter.
    LAST_ENTRY_AT = "SELECT at_ms FROM entries ORDER BY serial DESC LIMIT 1";
    /// $1 version.
    SET_LISTS = "INSERT INTO guard_lists (only_row, version) VALUES (1, $1) \
        ON CONFLICT (only_row) DO UPDATE SET version = excluded.version";
    /// No parameter.
    LISTS = "SELECT version FROM guard_lists WHERE only_row = 1";
    /// For readiness: does the database answer.
    PING = "SELECT COUNT(*) FROM journal_head";
}
