//! Table `inspections`.

macro_rules! columns {
    () => {
        "id, case_id, profile, asked_by, asked_at, state, outcome, ended_at"
    };
}

statements! {
    /// $1 id, $2 case, $3 profile, $4 by, $5 at.
    INSERT = "INSERT INTO inspections (id, case_id, profile, asked_by, asked_at, state, outcome) \
        VALUES ($1, $2, $3, $4, $5, 'waiting', '')";
    /// $1 id.
    ONE = concat!("SELECT ", columns!(), " FROM inspections WHERE id = $1");
    /// The latest first: $1 case, $2 limit.
    OF_CASE = concat!("SELECT ", columns!(),
        " FROM inspections WHERE case_id = $1 ORDER BY id DESC LIMIT $2");
    /// What a person asked for first; no parameter.
    NEXT = concat!("SELECT ", columns!(), " FROM inspections WHERE state = 'waiting' \
        ORDER BY CASE WHEN asked_by = 'belfry' THEN 1 ELSE 0 END, id LIMIT 1");
    /// $1 case: all that wait, and those of the case.
    COUNTS = "SELECT (SELECT COUNT(*) FROM inspections WHERE state = 'waiting') AS waiting, \
        (SELECT COUNT(*) FROM inspections WHERE case_id = $1) AS of_case";
    /// $1 id, $2 state, $3 outcome, $4 at, $5 report, $6 object.
    END = "UPDATE inspections SET state = $2, outcome = $3, ended_at = $4, report_id = $5, \
        object = $6 WHERE id = $1 AND state = 'waiting'";
    /// $1 id.
    SEALED = "SELECT report_id, object FROM inspections WHERE id = $1 AND state = 'done'";
    /// $1 report.
    OBJECTS_OF_REPORT = "SELECT object FROM inspections WHERE report_id = $1";
    /// What was judged by pages of a report is judged anew: $1 report.
    UNASSESS = "DELETE FROM assessments WHERE case_id IN \
        (SELECT case_id FROM inspections WHERE report_id = $1)";
    /// $1 report.
    FORGET_REPORT = "DELETE FROM inspections WHERE report_id = $1";
    /// $1 case.
    FORGET_CASE = "DELETE FROM inspections WHERE case_id = $1";
}
