//! Tables `cases`, `case_reporters` and `verdicts`.

macro_rules! columns {
    () => {
        "id, version, subject_kind, host, registrable, subject_text, subject_note, status, \
         state_serial, state_until, state_person, state_category, state_rule, opened_at, \
         changed_at, reports, reporters, score_ppm, urgency, campaign_id"
    };
}

statements! {
    /// $1 id.
    CASE = concat!("SELECT ", columns!(), " FROM cases WHERE id = $1");
    /// $1 subject key.
    BY_SUBJECT = concat!("SELECT ", columns!(), " FROM cases WHERE subject_key = $1");
    /// $1 before this id, $2 limit.
    LIST = concat!("SELECT ", columns!(), " FROM cases WHERE id < $1 ORDER BY id DESC LIMIT $2");
    /// $1 before this id, $2 limit, $3 status.
    LIST_BY_STATUS = concat!("SELECT ", columns!(),
        " FROM cases WHERE status = $3 AND id < $1 ORDER BY id DESC LIMIT $2");
    /// $1 before this id, $2 limit, $3 name, $4 status or NULL.
    LIST_BY_NAME = concat!("SELECT ", columns!(),
        " FROM cases WHERE (host = $3 OR registrable = $3) AND id < $1 \
          AND (CAST($4 AS TEXT) IS NULL OR status = CAST($4 AS TEXT)) \
          ORDER BY id DESC LIMIT $2");
    /// The most urgent first: $1 before this urgency, $2 and this id, $3 limit.
    LIST_URGENT = concat!("SELECT ", columns!(),
        " FROM cases WHERE (urgency, id) < ($1, $2) ORDER BY urgency DESC, id DESC LIMIT $3");
    /// The same in one state: $4.
    LIST_URGENT_BY_STATUS = concat!("SELECT ", columns!(),
        " FROM cases WHERE status = $4 AND (urgency, id) < ($1, $2) \
          ORDER BY urgency DESC, id DESC LIMIT $3");
    /// The same of one name, which few cases have: $4, in state $5 or NULL.
    LIST_URGENT_BY_NAME = concat!("SELECT ", columns!(),
        " FROM cases WHERE (host = $4 OR registrable = $4) AND (urgency, id) < ($1, $2) \
          AND (CAST($5 AS TEXT) IS NULL OR status = CAST($5 AS TEXT)) \
          ORDER BY urgency DESC, id DESC LIMIT $3");
    /// $1 campaign, $2 limit.
    LIST_BY_CAMPAIGN = concat!("SELECT ", columns!(),
        " FROM cases WHERE campaign_id = $1 ORDER BY id DESC LIMIT $2");
    /// $1 id.
    URGENCY = "SELECT urgency FROM cases WHERE id = $1";
    /// $1 order.
    BLOCKED_BY = concat!("SELECT ", columns!(),
        " FROM cases WHERE status = 'blocked' AND state_serial = $1 ORDER BY id");
    /// $1 now, $2 limit.
    BENIGN_ENDED = concat!("SELECT ", columns!(),
        " FROM cases WHERE status = 'benign' AND state_until <= $1 ORDER BY state_until LIMIT $2");
    /// $1 now, $2 limit.
    PARKED_ENDED = concat!("SELECT ", columns!(),
        " FROM cases WHERE status = 'parked' AND state_until <= $1 ORDER BY state_until LIMIT $2");
    /// Blocked cases whose order ends soon: $1 ending before, $2 limit.
    RECHECK = concat!("SELECT ", columns!(), " FROM cases WHERE status = 'blocked' \
        AND EXISTS (SELECT 1 FROM orders WHERE orders.serial = cases.state_serial \
        AND orders.released_by IS NULL AND orders.valid_until <= $1) ORDER BY id LIMIT $2");
    /// Cases opened since then, for a rule's report: $1 since, $2 after this id, $3 limit. With
    /// the last verdict by a person, and how many reporters are proven.
    OPENED_SINCE = concat!("SELECT ", columns!(), ", (SELECT verdicts.verdict FROM verdicts \
        WHERE verdicts.case_id = cases.id AND verdicts.person NOT LIKE 'rule:%' \
        ORDER BY verdicts.id DESC LIMIT 1) AS found, (SELECT COUNT(*) FROM case_reporters \
        WHERE case_reporters.case_id = cases.id AND case_reporters.authentic = 1) AS proven \
        FROM cases WHERE opened_at >= $1 AND id > $2 ORDER BY id LIMIT $3");
    /// A case of the same registrable domain that a person decided as fraud and that is
    /// blocked: $1 registrable domain, $2 not this case.
    DECIDED_KIN = "SELECT cases.id FROM cases WHERE registrable = $1 AND cases.id <> $2 \
        AND status = 'blocked' AND EXISTS (SELECT 1 FROM verdicts WHERE verdicts.case_id = cases.id \
        AND verdicts.person NOT LIKE 'rule:%') ORDER BY cases.id DESC LIMIT 1";
    /// $1 id, $2 key, $3 kind, $4 host, $5 registrable, $6 text, $7 note, $8 opened_at.
    INSERT = "INSERT INTO cases (id, version, subject_key, subject_kind, host, registrable, \
        subject_text, subject_note, status, opened_at, changed_at, reports, reporters) \
        VALUES ($1, 1, $2, $3, $4, $5, $6, $7, 'open', $8, $8, 0, 0)";
    /// $1 id, $2 version before, $3 changed_at, $4 status, $5 serial, $6 until, $7 person,
    /// $8 category, $9 rule.
    MOVE = "UPDATE cases SET version = version + 1, changed_at = $3, status = $4, \
        state_serial = $5, state_until = $6, state_person = $7, state_category = $8, \
        state_rule = $9 WHERE id = $1 AND version = $2";
    /// $1 case, $2 reporter.
    PROVE_REPORTER = "UPDATE case_reporters SET authentic = 1 \
        WHERE case_id = $1 AND reporter = $2";
    /// $1 case.
    COUNT_PROVEN = "SELECT COUNT(*) FROM case_reporters WHERE case_id = $1 AND authentic = 1";
    /// $1 id, $2 more reporters (0 or 1).
    COUNT_REPORT = "UPDATE cases SET reports = reports + 1, reporters = reporters + $2 \
        WHERE id = $1";
    /// $1 case, $2 reporter.
    INSERT_REPORTER = "INSERT INTO case_reporters (case_id, reporter) VALUES ($1, $2) \
        ON CONFLICT DO NOTHING";
    /// $1 id, $2 case, $3 verdict, $4 reason, $5 person, $6 at.
    INSERT_VERDICT = "INSERT INTO verdicts (id, case_id, verdict, reason, person, at_ms) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// $1 case, $2 limit.
    VERDICTS = "SELECT verdict, reason, person, at_ms FROM verdicts \
        WHERE case_id = $1 ORDER BY id LIMIT $2";
    /// Decided cases by their latest verdict: $1 after this case, $2 limit.
    LABELLED = "SELECT cases.id AS id, status, verdict, at_ms FROM cases \
        JOIN verdicts ON verdicts.case_id = cases.id WHERE cases.id > $1 \
        AND status NOT IN ('open', 'awaiting-second') AND subject_kind <> 'message' \
        AND verdicts.id = (SELECT MAX(id) FROM verdicts WHERE case_id = cases.id) \
        AND verdict NOT IN ('spam', 'undecidable') ORDER BY cases.id LIMIT $2";
    /// No parameter.
    COUNT_OPEN = "SELECT COUNT(*) FROM cases WHERE status = 'open'";
}
