//! Tables `case_notes` and `case_holders`.

statements! {
    /// $1 id, $2 case, $3 person, $4 at, $5 text.
    INSERT_NOTE = "INSERT INTO case_notes (id, case_id, person, at_ms, text) \
        VALUES ($1, $2, $3, $4, $5)";
    /// $1 case, $2 limit.
    NOTES = "SELECT person, at_ms, text FROM case_notes WHERE case_id = $1 ORDER BY id LIMIT $2";
    /// $1 case, $2 person, $3 since.
    HOLD_CASE = "INSERT INTO case_holders (case_id, person, since) VALUES ($1, $2, $3) \
        ON CONFLICT (case_id) DO UPDATE SET person = excluded.person, since = excluded.since";
    /// $1 case.
    FORGET_NOTES = "DELETE FROM case_notes WHERE case_id = $1";
    /// $1 case.
    LET_GO = "DELETE FROM case_holders WHERE case_id = $1";
    /// $1 case.
    HOLDER = "SELECT person FROM case_holders WHERE case_id = $1";
    /// $1 order.
    EFFECTS_OF = "SELECT follower, \
        CAST(SUM(blocked_answers) AS BIGINT) AS blocked_answers, \
        CAST(SUM(warning_views) AS BIGINT) AS warning_views, MIN(applied_at) AS applied_at, \
        MIN(first_blocked_at) AS first_blocked_at FROM effects WHERE order_serial = $1 \
        GROUP BY follower ORDER BY follower";
    /// The order that blocks a name now: $1 name, then its parents by the caller.
    EFFECTIVE_FOR = "SELECT serial, case_id, level, name, category, issued_at, valid_until, \
        released_by FROM orders WHERE name = $1 AND released_by IS NULL AND mode = 'live' \
        ORDER BY serial DESC LIMIT 1";
    /// Who gave the verdict behind a case's block: $1 case.
    LAST_JUDGE = "SELECT person FROM verdicts WHERE case_id = $1 ORDER BY id DESC LIMIT 1";
    /// Reports a day: $1 since, $2 a day in milliseconds.
    REPORTS_BY_DAY = "SELECT received_at / $2 AS day, COUNT(*) AS count FROM reports \
        WHERE received_at >= $1 GROUP BY received_at / $2 ORDER BY day";
    /// Blocks a day, by category: $1 since, $2 a day in milliseconds.
    ORDERS_BY_DAY = "SELECT issued_at / $2 AS day, category, COUNT(*) AS count FROM orders \
        WHERE issued_at >= $1 AND mode = 'live' GROUP BY issued_at / $2, category ORDER BY day";
    /// Cases by state.
    CASES_BY_STATUS = "SELECT status, COUNT(*) AS count FROM cases GROUP BY status";
}
