//! What erasing and keeping for a time needs, over `reports`, `cases` and `holds`.

/// A report that no open case waits for, for whoever must decide on it.
macro_rules! undecided {
    () => {
        "(reports.read_at IS NULL OR EXISTS (SELECT 1 FROM report_cases \
          JOIN cases ON cases.id = report_cases.case_id \
          WHERE report_cases.report_id = reports.id \
          AND cases.status IN ('open', 'awaiting-second', 'parked', 'merged')))"
    };
}

/// A report of a case that was ever blocked.
macro_rules! fraud {
    () => {
        "EXISTS (SELECT 1 FROM report_cases JOIN cases ON cases.id = report_cases.case_id \
          WHERE report_cases.report_id = reports.id AND (cases.status = 'blocked' \
          OR EXISTS (SELECT 1 FROM orders WHERE orders.case_id = cases.id)))"
    };
}

macro_rules! ended {
    () => {
        "SELECT id FROM reports WHERE received_at < $1 \
          AND NOT EXISTS (SELECT 1 FROM holds WHERE holds.report_id = reports.id) AND "
    };
}

statements! {
    /// Undecided reports whose time is over: $1 received before, $2 limit.
    ENDED_UNDECIDED = concat!(ended!(), undecided!(), " ORDER BY received_at LIMIT $2");
    /// Reports of fraud whose time is over: $1 received before, $2 limit.
    ENDED_FRAUD = concat!(ended!(), "NOT ", undecided!(), " AND ", fraud!(),
        " ORDER BY received_at LIMIT $2");
    /// All others whose time is over: $1 received before, $2 limit.
    ENDED_HARMLESS = concat!(ended!(), "NOT ", undecided!(), " AND NOT ", fraud!(),
        " ORDER BY received_at LIMIT $2");
    /// Pseudonyms of decided reports: $1 received before.
    FORGET_REPORTERS = concat!("UPDATE reports SET reporter = NULL WHERE received_at < $1 \
        AND reporter IS NOT NULL AND NOT ", undecided!());
    /// Pseudonyms of decided cases: $1 changed before.
    FORGET_CASE_REPORTERS = "DELETE FROM case_reporters WHERE case_id IN (SELECT id FROM cases \
        WHERE changed_at < $1 AND status NOT IN ('open', 'awaiting-second', 'parked', 'merged'))";
    /// $1 case: its reports and its own orders.
    CASE_TIES = "SELECT (SELECT COUNT(*) FROM report_cases WHERE case_id = $1) AS reports, \
        (SELECT COUNT(*) FROM orders WHERE case_id = $1) AS orders, \
        (SELECT CAST(COALESCE(MIN(report_id), 0) AS BIGINT) FROM report_cases WHERE case_id = $1) \
        AS first_report";
    /// $1 case, $2 reporter, $3 the report that goes: other reports by the same.
    OTHERS_BY_REPORTER = "SELECT COUNT(*) FROM report_cases \
        JOIN reports ON reports.id = report_cases.report_id \
        WHERE report_cases.case_id = $1 AND reports.reporter = $2 AND reports.id <> $3";
    /// $1 report.
    UNLINK = "DELETE FROM report_cases WHERE report_id = $1";
    /// $1 case, $2 reporter.
    DELETE_REPORTER = "DELETE FROM case_reporters WHERE case_id = $1 AND reporter = $2";
    /// $1 case.
    DELETE_REPORTERS = "DELETE FROM case_reporters WHERE case_id = $1";
    /// $1 case, $2 fewer reporters (0 or 1).
    UNCOUNT = "UPDATE cases SET reports = reports - 1, reporters = reporters - $2 WHERE id = $1";
    /// $1 case.
    UNCOUNT_ALL = "UPDATE cases SET reports = 0, reporters = 0 WHERE id = $1";
    /// A message's title that came from the report that goes: $1 case, $2 in its place.
    RETITLE = "UPDATE cases SET subject_note = $2 WHERE id = $1 AND subject_kind = 'message'";
    /// $1 case, $2 in place of the reasons.
    BLANK_REASONS = "UPDATE verdicts SET reason = $2 WHERE case_id = $1";
    /// $1 case.
    DELETE_VERDICTS = "DELETE FROM verdicts WHERE case_id = $1";
    /// $1 case.
    DELETE_CASE = "DELETE FROM cases WHERE id = $1";
    /// $1 report.
    DELETE_REPORT = "DELETE FROM reports WHERE id = $1";
    /// $1 object of the audit log: its details go, the commitments stay.
    BLANK_AUDIT = "UPDATE audit SET detail = '', salt = NULL WHERE object = $1 AND detail <> ''";
    /// $1 report, $2 who, $3 why, $4 at.
    HOLD = "INSERT INTO holds (report_id, who, why, at_ms) VALUES ($1, $2, $3, $4) \
        ON CONFLICT DO NOTHING";
    /// $1 report.
    HELD = "SELECT who, why, at_ms FROM holds WHERE report_id = $1";
    /// $1 report.
    UNHOLD = "DELETE FROM holds WHERE report_id = $1";
    /// $1 object.
    HAS_OBJECT = "SELECT (SELECT COUNT(*) FROM reports WHERE object = $1) \
        + (SELECT COUNT(*) FROM inspections WHERE object = $1)";
}
