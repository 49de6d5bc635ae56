//! Tables `reports` and `report_cases`.

macro_rules! columns {
    () => {
        "reports.id, receipt, channel, content, size, received_at, stored_at, read_at, status, \
         mailbox, spf, dkim, dmarc, authentic"
    };
}

statements! {
    /// $1 id, $2 receipt, $3 channel, $4 content, $5 size, $6 received_at, $7 stored_at,
    /// $8 reporter, $9 object, $10 wrapped key, $11 envelope, $12 mailbox.
    INSERT = "INSERT INTO reports (id, receipt, channel, content, size, received_at, stored_at, \
        status, reporter, object, wrapped_key, envelope, mailbox) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 'received', $8, $9, $10, $11, $12)";
    /// $1 how many: draws so many numbers, answers the last.
    DRAW = "UPDATE counters SET value = value + $1 WHERE name = 'reports' RETURNING value";
    /// $1 after this id, $2 limit.
    UNREAD = concat!("SELECT ", columns!(),
        " FROM reports WHERE status = 'received' AND id > $1 ORDER BY id LIMIT $2");
    /// $1 receipt.
    BY_RECEIPT = concat!("SELECT ", columns!(), " FROM reports WHERE receipt = $1");
    /// $1 case, $2 limit.
    BY_CASE = concat!("SELECT ", columns!(),
        " FROM report_cases JOIN reports ON reports.id = report_cases.report_id \
          WHERE report_cases.case_id = $1 ORDER BY report_cases.report_id DESC LIMIT $2");
    /// $1 id.
    SEALED = "SELECT receipt, object, wrapped_key, status, reporter, reading, defects, read_at, envelope, authentic \
        FROM reports WHERE id = $1";
    /// $1 id, $2 read_at, $3 reading, $4 defects.
    FILE_READING = "UPDATE reports SET status = 'read', read_at = $2, reading = $3, defects = $4, \
        envelope = NULL \
        WHERE id = $1 AND status = 'received'";
    /// $1 id, $2 spf, $3 dkim, $4 dmarc, $5 authentic.
    RECORD_SENDER = "UPDATE reports SET envelope = NULL, spf = $2, dkim = $3, dmarc = $4, \
        authentic = $5 WHERE id = $1 AND spf IS NULL";
    /// $1 report, $2 case, $3 place.
    LINK = "INSERT INTO report_cases (report_id, case_id, place) VALUES ($1, $2, $3) \
        ON CONFLICT DO NOTHING";
    /// $1 receipt, $2 case.
    OF_CASE_BY_RECEIPT = "SELECT reports.id FROM reports \
        JOIN report_cases ON report_cases.report_id = reports.id \
        WHERE receipt = $1 AND case_id = $2";
    /// $1 report, $2 case.
    PLACE = "SELECT place FROM report_cases WHERE report_id = $1 AND case_id = $2";
    /// $1 report, $2 case.
    UNLINK_ONE = "DELETE FROM report_cases WHERE report_id = $1 AND case_id = $2";
    /// $1 report.
    CASES_OF = "SELECT case_id FROM report_cases WHERE report_id = $1 ORDER BY place, case_id";
    /// No parameter.
    COUNT_UNREAD = "SELECT COUNT(*) FROM reports WHERE status = 'received'";
}
