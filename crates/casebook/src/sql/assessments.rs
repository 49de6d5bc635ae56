//! Table `assessments`, and the numbers of it in `cases`.

statements! {
    /// $1 case.
    OF_CASE = "SELECT report_id, strength, evidence, page, proven, models, lists, verdict, reasons, \
        at_ms, (SELECT score_ppm FROM cases WHERE id = $1) AS score_ppm \
        FROM assessments WHERE case_id = $1";
    /// $1 case, $2 report, $3 strength, $4 evidence, $5 proven, $6 models, $7 lists,
    /// $8 verdict, $9 reasons, $10 at, $11 page.
    PUT = "INSERT INTO assessments (case_id, report_id, strength, evidence, proven, models, \
        lists, verdict, reasons, at_ms, page) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
        ON CONFLICT (case_id) DO UPDATE SET report_id = excluded.report_id, \
        strength = excluded.strength, evidence = excluded.evidence, proven = excluded.proven, \
        models = excluded.models, lists = excluded.lists, verdict = excluded.verdict, \
        reasons = excluded.reasons, at_ms = excluded.at_ms, page = excluded.page";
    /// $1 case, $2 score in millionths, $3 urgency.
    SCORE = "UPDATE cases SET score_ppm = $2, urgency = $3 WHERE id = $1";
    /// $1 report.
    FORGET_REPORT = "DELETE FROM assessments WHERE report_id = $1";
    /// $1 case.
    FORGET_CASE = "DELETE FROM assessments WHERE case_id = $1";
    /// Undecided cases with reports and no assessment: $1 limit.
    MISSING = "SELECT id FROM cases WHERE status IN ('open', 'awaiting-second') \
        AND NOT EXISTS (SELECT 1 FROM assessments WHERE case_id = cases.id) \
        AND EXISTS (SELECT 1 FROM report_cases JOIN reports \
        ON reports.id = report_cases.report_id WHERE report_cases.case_id = cases.id \
        AND reports.read_at IS NOT NULL) ORDER BY id DESC LIMIT $1";
}
