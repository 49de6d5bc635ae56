//! Tables `legal_bases`, `handovers` and `template_effects`.

statements! {
    /// $1 id, $2 operator, $3 authority, $4 scope, $5 from, $6 until.
    INSERT_BASIS = "INSERT INTO legal_bases (id, operator, authority, scope, from_ms, until_ms) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// $1 id.
    BASIS = "SELECT id, operator, authority, scope, from_ms, until_ms FROM legal_bases \
        WHERE id = $1";
    /// All of them, the latest first, at most 1,000. No parameter.
    BASES = "SELECT id, operator, authority, scope, from_ms, until_ms FROM legal_bases \
        ORDER BY id DESC LIMIT 1000";
    /// Whether a basis of that operator holds: $1 operator, $2 now.
    BASIS_HOLDS = "SELECT COUNT(*) FROM legal_bases \
        WHERE operator = $1 AND from_ms <= $2 AND until_ms > $2";
    /// $1 id, $2 its new end.
    END_BASIS = "UPDATE legal_bases SET until_ms = $2 WHERE id = $1 AND until_ms > $2";
    /// $1 id, $2 operator, $3 report, $4 salt, $5 digest, $6 now.
    INSERT_HANDOVER = "INSERT INTO handovers (id, operator, report_id, salt, digest, at_ms) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// Forgets which message was handed over: $1 report, $2 in place of salt and digest.
    FORGET_MESSAGE = "UPDATE handovers SET report_id = NULL, salt = $2, digest = $2 \
        WHERE report_id = $1";
    /// $1 id.
    HANDOVER = "SELECT id, operator, salt, digest, at_ms FROM handovers WHERE id = $1";
    /// $1 id.
    HANDED_REPORT = "SELECT r.id AS id, r.receipt AS receipt FROM handovers h \
        JOIN reports r ON r.id = h.report_id WHERE h.id = $1";
    /// The latest first: $1 before this number, $2 at most so many.
    HANDOVERS = "SELECT h.id AS id, h.operator AS operator, h.at_ms AS at_ms, \
        r.receipt AS receipt FROM handovers h JOIN reports r ON r.id = h.report_id \
        WHERE h.id < $1 ORDER BY h.id DESC LIMIT $2";
    /// Whether an entry is one about a template: $1 serial, $2 the kind's number.
    IS_TEMPLATE = "SELECT COUNT(*) FROM entries WHERE serial = $1 AND kind = $2";
    /// Cumulative, as with orders: $1 template, $2 follower, $3 instance, $4 matches,
    /// $5 applied_at, $6 first_match_at, $7 now.
    UPSERT_MATCHES = "INSERT INTO template_effects (template_serial, follower, instance, \
        matches, applied_at, first_match_at, reported_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
        ON CONFLICT (template_serial, follower, instance) DO UPDATE SET \
        matches = CASE WHEN excluded.matches > template_effects.matches \
            THEN excluded.matches ELSE template_effects.matches END, \
        applied_at = CASE WHEN template_effects.applied_at IS NULL \
            OR excluded.applied_at < template_effects.applied_at \
            THEN excluded.applied_at ELSE template_effects.applied_at END, \
        first_match_at = CASE WHEN template_effects.first_match_at IS NULL \
            OR excluded.first_match_at < template_effects.first_match_at \
            THEN excluded.first_match_at ELSE template_effects.first_match_at END, \
        reported_at = excluded.reported_at";
    /// $1 template.
    MATCHES = "SELECT CAST(COALESCE(SUM(matches), 0) AS BIGINT) AS matches, \
        MIN(applied_at) AS applied_at, MIN(first_match_at) AS first_match_at \
        FROM template_effects WHERE template_serial = $1";
    /// The last verdict on a case that the handed-over report is in: $1 hand-over, $2 case.
    VERDICT = "SELECT v.verdict AS verdict, v.at_ms AS at_ms FROM verdicts v \
        JOIN report_cases rc ON rc.case_id = v.case_id \
        JOIN handovers h ON h.report_id = rc.report_id \
        WHERE h.id = $1 AND v.case_id = $2 ORDER BY v.id DESC LIMIT 1";
}
