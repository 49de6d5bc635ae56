//! Tables `legal_bases` and `handovers`.

statements! {
    /// $1 id, $2 operator, $3 authority, $4 scope, $5 from, $6 until.
    INSERT_BASIS = "INSERT INTO legal_bases (id, operator, authority, scope, from_ms, until_ms) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// $1 id.
    BASIS = "SELECT id, operator, authority, scope, from_ms, until_ms FROM legal_bases \
        WHERE id = $1";
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
    /// The last verdict on a case that the handed-over report is in: $1 hand-over, $2 case.
    VERDICT = "SELECT v.verdict AS verdict, v.at_ms AS at_ms FROM verdicts v \
        JOIN report_cases rc ON rc.case_id = v.case_id \
        JOIN handovers h ON h.report_id = rc.report_id \
        WHERE h.id = $1 AND v.case_id = $2 ORDER BY v.id DESC LIMIT 1";
}
