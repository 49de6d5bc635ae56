//! Table `correspondence`.

macro_rules! waiting {
    () => {
        "correspondence.report_id, stage, correspondent, due_at, tries, ends_at, receipt, \
         reports.received_at, object, wrapped_key, reporter \
         FROM correspondence JOIN reports ON reports.id = correspondence.report_id"
    };
}

/// Whether the outcome of a row's report is known.
macro_rules! known {
    () => {
        "(EXISTS (SELECT 1 FROM report_cases JOIN cases ON cases.id = report_cases.case_id \
          WHERE report_cases.report_id = correspondence.report_id AND cases.status = 'blocked') \
          OR (EXISTS (SELECT 1 FROM report_cases \
          WHERE report_cases.report_id = correspondence.report_id) \
          AND NOT EXISTS (SELECT 1 FROM report_cases \
          JOIN cases ON cases.id = report_cases.case_id \
          WHERE report_cases.report_id = correspondence.report_id \
          AND cases.status IN ('open', 'awaiting-second', 'parked', 'merged'))))"
    };
}

statements! {
    /// $1 report, $2 stage, $3 correspondent, $4 due_at, $5 ends_at.
    INSERT = "INSERT INTO correspondence \
        (report_id, stage, correspondent, due_at, tries, ends_at) VALUES ($1, $2, $3, $4, 0, $5)";
    /// $1 now, $2 limit.
    DUE = concat!("SELECT ", waiting!(),
        " WHERE stage <> 'awaiting' AND due_at <= $1 ORDER BY due_at, report_id LIMIT $2");
    /// $1 report, $2 the stage it is in, $3 the next stage, $4 due_at.
    MOVE = "UPDATE correspondence SET stage = $3, due_at = $4, tries = 0 \
        WHERE report_id = $1 AND stage = $2";
    /// $1 report, $2 the stage it is in, $3 due_at.
    DELAY = "UPDATE correspondence SET due_at = $3, tries = tries + 1 \
        WHERE report_id = $1 AND stage = $2";
    /// $1 report.
    DELETE = "DELETE FROM correspondence WHERE report_id = $1";
    /// $1 now.
    DELETE_ENDED = "DELETE FROM correspondence WHERE ends_at <= $1";
    /// Reports whose outcome is known: a case of theirs is blocked, or none is open any more.
    /// $1 now, $2 given up at, $3 cases changed since.
    INFORM_CHANGED = concat!("UPDATE correspondence SET stage = 'inform', due_at = $1, tries = 0, \
        ends_at = CASE WHEN ends_at < $2 THEN ends_at ELSE $2 END WHERE stage = 'awaiting' AND report_id IN (SELECT report_cases.report_id FROM cases \
        JOIN report_cases ON report_cases.case_id = cases.id WHERE cases.changed_at >= $3) AND ",
        known!());
    /// As the former, of all reports. $1 now, $2 given up at.
    INFORM_ALL = concat!("UPDATE correspondence SET stage = 'inform', due_at = $1, tries = 0, \
        ends_at = CASE WHEN ends_at < $2 THEN ends_at ELSE $2 END WHERE stage = 'awaiting' AND ", known!());
    /// What became of a report's cases. $1 report.
    FINDINGS = "SELECT cases.status, (SELECT COUNT(*) FROM case_reporters \
        WHERE case_reporters.case_id = cases.id AND case_reporters.authentic = 1) AS reporters, \
        orders.name, orders.issued_at, \
        (SELECT verdicts.verdict FROM verdicts WHERE verdicts.case_id = cases.id \
        ORDER BY verdicts.id DESC LIMIT 1) AS verdict \
        FROM report_cases JOIN cases ON cases.id = report_cases.case_id \
        LEFT JOIN orders ON orders.serial = cases.state_serial AND cases.status = 'blocked' \
        WHERE report_cases.report_id = $1 ORDER BY report_cases.place, cases.id";
    /// No parameter.
    COUNT = "SELECT stage, COUNT(*) AS letters FROM correspondence GROUP BY stage";
}
