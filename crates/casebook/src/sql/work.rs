//! Tables `case_notes`, `case_holders` and `objections`.

macro_rules! objection {
    () => {
        "number, target, case_id, order_serial, words, contact, at_ms, status, decided_by, \
         decided_at, answer"
    };
}

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
    LET_GO = "DELETE FROM case_holders WHERE case_id = $1";
    /// $1 case.
    HOLDER = "SELECT person FROM case_holders WHERE case_id = $1";
    /// $1 id, $2 number, $3 target, $4 case, $5 order, $6 words, $7 contact, $8 at.
    INSERT_OBJECTION = "INSERT INTO objections (id, number, target, case_id, order_serial, words, \
        contact, at_ms, status) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open')";
    /// $1 number.
    OBJECTION = concat!("SELECT ", objection!(), " FROM objections WHERE number = $1");
    /// Those that wait first, the oldest first: $1 limit.
    OBJECTIONS = concat!("SELECT ", objection!(), " FROM objections \
        ORDER BY CASE WHEN status = 'open' THEN 0 ELSE 1 END, at_ms LIMIT $1");
    /// No parameter.
    COUNT_OBJECTIONS = "SELECT COUNT(*) FROM objections WHERE status = 'open'";
    /// The contact goes once it is decided. $1 number, $2 status, $3 by, $4 at, $5 answer.
    DECIDE_OBJECTION = "UPDATE objections SET status = $2, decided_by = $3, decided_at = $4, \
        answer = $5, contact = NULL WHERE number = $1 AND status = 'open'";
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
