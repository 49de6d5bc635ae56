//! Tables `effects` and `effect_steps`.

statements! {
    /// Cumulative: within one run of counters only growth counts, and the
    /// earliest time stands. $1 order, $2 follower, $3 instance, $4 blocked
    /// answers, $5 warning views, $6 applied_at, $7 first_blocked_at, $8 now,
    /// $9 prevented visits.
    UPSERT = "INSERT INTO effects (order_serial, follower, instance, blocked_answers, \
        warning_views, applied_at, first_blocked_at, reported_at, prevented_visits) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
        ON CONFLICT (order_serial, follower, instance) DO UPDATE SET \
        blocked_answers = CASE WHEN excluded.blocked_answers > effects.blocked_answers \
            THEN excluded.blocked_answers ELSE effects.blocked_answers END, \
        warning_views = CASE WHEN excluded.warning_views > effects.warning_views \
            THEN excluded.warning_views ELSE effects.warning_views END, \
        prevented_visits = CASE WHEN excluded.prevented_visits > effects.prevented_visits \
            THEN excluded.prevented_visits ELSE effects.prevented_visits END, \
        applied_at = CASE WHEN effects.applied_at IS NULL \
            OR excluded.applied_at < effects.applied_at \
            THEN excluded.applied_at ELSE effects.applied_at END, \
        first_blocked_at = CASE WHEN effects.first_blocked_at IS NULL \
            OR excluded.first_blocked_at < effects.first_blocked_at \
            THEN excluded.first_blocked_at ELSE effects.first_blocked_at END, \
        reported_at = excluded.reported_at";
    /// Keeps a step of the curve where it grew: $1 order, $2 step.
    STEP = "INSERT INTO effect_steps (order_serial, step, blocked_answers, warning_views) \
        SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), sums.answers, sums.views FROM (SELECT \
            CAST(COALESCE(SUM(blocked_answers), 0) AS BIGINT) AS answers, \
            CAST(COALESCE(SUM(warning_views), 0) AS BIGINT) AS views \
            FROM effects WHERE order_serial = $1) AS sums \
        WHERE sums.answers + sums.views > COALESCE((SELECT blocked_answers + warning_views \
            FROM effect_steps WHERE order_serial = $1 ORDER BY step DESC LIMIT 1), 0) \
        ON CONFLICT (order_serial, step) DO UPDATE SET \
        blocked_answers = excluded.blocked_answers, warning_views = excluded.warning_views";
    /// The latest first: $1 order, $2 limit.
    STEPS = "SELECT step, blocked_answers, warning_views FROM effect_steps \
        WHERE order_serial = $1 ORDER BY step DESC LIMIT $2";
    /// $1 order.
    TOTALS = "SELECT CAST(COALESCE(SUM(blocked_answers), 0) AS BIGINT) AS blocked_answers, \
        CAST(COALESCE(SUM(warning_views), 0) AS BIGINT) AS warning_views, \
        CAST(COALESCE(SUM(prevented_visits), 0) AS BIGINT) AS prevented_visits, \
        MIN(applied_at) AS applied_at, MIN(first_blocked_at) AS first_blocked_at \
        FROM effects WHERE order_serial = $1";
    /// No parameter.
    ALL_TOTALS = "SELECT CAST(COALESCE(SUM(blocked_answers), 0) AS BIGINT) AS blocked_answers, \
        CAST(COALESCE(SUM(warning_views), 0) AS BIGINT) AS warning_views, \
        CAST(COALESCE(SUM(prevented_visits), 0) AS BIGINT) AS prevented_visits FROM effects \
        WHERE order_serial NOT IN (SELECT serial FROM orders WHERE mistaken = 1)";
    /// Counts of orders that were mistakes. No parameter.
    MISTAKEN_TOTAL = "SELECT CAST(COALESCE(SUM(blocked_answers), 0) AS BIGINT) FROM effects \
        WHERE order_serial IN (SELECT serial FROM orders WHERE mistaken = 1)";
}
