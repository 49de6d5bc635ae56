//! What is SQLite's own, or can't be prepared: savepoints, copying, sweeping, and taking a backup apart. Not in the
//! list that a test prepares on PostgreSQL, whose own tools do this there.

/// No statement of both.
pub(super) const ALL: &[(&str, &str)] = &[];

/// A write begins within a transaction that others share.
pub(crate) const ENTER: &str = "SAVEPOINT one";
/// It is done, or taken back.
pub(crate) const LEAVE: &str = "RELEASE SAVEPOINT one";
/// All since it began is taken back.
pub(crate) const TAKE_BACK: &str = "ROLLBACK TO SAVEPOINT one";
/// Empties the write-ahead log.
pub(crate) const TRUNCATE_LOG: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
/// Rewrites the database without its free pages.
pub(crate) const VACUUM: &str = "VACUUM";
/// One consistent copy, while others read and write: $1 file.
pub(crate) const COPY: &str = "VACUUM INTO $1";
/// Opens a second file beside: $1 file.
pub(crate) const ATTACH: &str = "ATTACH DATABASE $1 AS secrets";
/// Closes it.
pub(crate) const DETACH: &str = "DETACH DATABASE secrets";

/// Takes out of a copy what erasing must reach in backups too: keys, texts, names of cases and
/// whatever people wrote about them, revocations, addresses of reporters (which are not
/// there again once the outcome was sent), and the reports that were there.
pub(crate) const TAKE_OUT: &[&str] = &[
    "CREATE TABLE secrets.report_keys (object TEXT PRIMARY KEY, wrapped_key BLOB NOT NULL)",
    "INSERT INTO secrets.report_keys SELECT object, wrapped_key FROM main.reports",
    // Pages are sealed under the keys of their reports.
    "INSERT INTO secrets.report_keys SELECT object, x'' FROM main.inspections \
        WHERE object IS NOT NULL",
    "CREATE TABLE secrets.case_texts (id INTEGER PRIMARY KEY, text TEXT, note TEXT)",
    "INSERT INTO secrets.case_texts SELECT id, subject_text, subject_note FROM main.cases \
        WHERE subject_text IS NOT NULL OR subject_note IS NOT NULL",
    "CREATE TABLE secrets.revoked (hash BLOB PRIMARY KEY, revoked_at INTEGER NOT NULL)",
    "INSERT INTO secrets.revoked SELECT hash, revoked_at FROM main.tokens \
        WHERE revoked_at IS NOT NULL",
    "CREATE TABLE secrets.made_for (reports INTEGER NOT NULL)",
    "INSERT INTO secrets.made_for SELECT value FROM main.counters WHERE name = 'reports'",
    "CREATE TABLE secrets.master (name TEXT PRIMARY KEY, key BLOB NOT NULL)",
    "CREATE TABLE secrets.answers AS SELECT reports.object, stage, correspondent, due_at, tries, \
        ends_at FROM main.correspondence JOIN main.reports ON reports.id = report_id",
    "DELETE FROM main.correspondence",
    "DELETE FROM main.letters_sent",
    "CREATE TABLE secrets.envelopes AS SELECT object, envelope FROM main.reports \
        WHERE envelope IS NOT NULL",
    "UPDATE main.reports SET envelope = NULL WHERE envelope IS NOT NULL",
    "UPDATE main.reports SET wrapped_key = x''",
    "CREATE TABLE secrets.objection_keys (number TEXT PRIMARY KEY, wrapped_key BLOB, \
        sealed_contact BLOB, target TEXT NOT NULL)",
    "INSERT INTO secrets.objection_keys SELECT number, wrapped_key, sealed_contact, target \
        FROM main.objections",
    "UPDATE main.objections SET wrapped_key = NULL, sealed_contact = NULL, target = ''",
    "CREATE TABLE secrets.case_names (id INTEGER PRIMARY KEY, subject_key TEXT, host TEXT, \
        registrable TEXT)",
    "INSERT INTO secrets.case_names SELECT id, subject_key, host, registrable FROM main.cases",
    "UPDATE main.cases SET subject_key = 'case ' || id, host = NULL, registrable = NULL",
    "CREATE TABLE secrets.reasons (id INTEGER PRIMARY KEY, reason TEXT)",
    "INSERT INTO secrets.reasons SELECT id, reason FROM main.verdicts",
    "UPDATE main.verdicts SET reason = ''",
    "CREATE TABLE secrets.proposed (id INTEGER PRIMARY KEY, reason TEXT)",
    "INSERT INTO secrets.proposed SELECT case_id, reason FROM main.proposals",
    "UPDATE main.proposals SET reason = ''",
    "CREATE TABLE secrets.notes (id INTEGER PRIMARY KEY, text TEXT)",
    "INSERT INTO secrets.notes SELECT id, text FROM main.case_notes",
    "UPDATE main.case_notes SET text = ''",
    "CREATE TABLE secrets.held (id INTEGER PRIMARY KEY, why TEXT)",
    "INSERT INTO secrets.held SELECT report_id, why FROM main.holds",
    "UPDATE main.holds SET why = ''",
    "CREATE TABLE secrets.details (id INTEGER PRIMARY KEY, detail TEXT, salt BLOB)",
    "INSERT INTO secrets.details SELECT id, detail, salt FROM main.audit WHERE detail <> ''",
    "UPDATE main.audit SET detail = '', salt = NULL WHERE detail <> ''",
    "DELETE FROM main.assessments",
    "DELETE FROM main.case_marks",
    "DELETE FROM main.case_sketches",
    "UPDATE main.cases SET subject_text = '', subject_note = '' \
        WHERE subject_text IS NOT NULL OR subject_note IS NOT NULL",
];
/// $1 name, $2 key.
pub(crate) const PUT_MASTER: &str = "INSERT INTO secrets.master (name, key) VALUES ($1, $2)";
/// No parameter.
pub(crate) const MASTERS: &str = "SELECT name, key FROM secrets.master";
/// How many reports the keys were taken from, and how many the copy has had.
pub(crate) const MADE_FOR: &str = "SELECT (SELECT reports FROM secrets.made_for) AS made_for, \
    (SELECT value FROM main.counters WHERE name = 'reports') AS reports";
/// Puts keys, texts and revocations back into a copy, as they are by now.
pub(crate) const PUT_BACK: &[&str] = &[
    "UPDATE main.reports SET wrapped_key = COALESCE((SELECT wrapped_key \
        FROM secrets.report_keys WHERE report_keys.object = reports.object), x'')",
    "INSERT INTO main.correspondence (report_id, stage, correspondent, due_at, tries, ends_at) \
        SELECT reports.id, stage, correspondent, due_at, tries, ends_at FROM secrets.answers \
        JOIN main.reports ON reports.object = answers.object WHERE wrapped_key <> x''",
    "UPDATE main.reports SET envelope = (SELECT envelopes.envelope FROM secrets.envelopes \
        WHERE envelopes.object = reports.object) WHERE status = 'received'",
    "UPDATE main.cases SET \
        subject_text = (SELECT text FROM secrets.case_texts WHERE case_texts.id = cases.id), \
        subject_note = (SELECT note FROM secrets.case_texts WHERE case_texts.id = cases.id) \
        WHERE EXISTS (SELECT 1 FROM secrets.case_texts WHERE case_texts.id = cases.id)",
    "UPDATE main.tokens SET revoked_at = (SELECT revoked_at FROM secrets.revoked \
        WHERE revoked.hash = tokens.hash) WHERE EXISTS (SELECT 1 FROM secrets.revoked \
        WHERE revoked.hash = tokens.hash)",
];
/// Whether keys, and whether books, are of a version that takes words out: older ones do not.
pub(crate) const WORDS_APART: &str = "SELECT (SELECT COUNT(*) FROM secrets.sqlite_master \
    WHERE name = 'objection_keys') AS keys, (SELECT COUNT(*) FROM pragma_table_info('objections') \
    WHERE name = 'wrapped_key') AS books";
/// Puts back what people wrote, as it is by now: nothing of what was erased since.
pub(crate) const PUT_WORDS_BACK: &[&str] = &[
    "UPDATE main.cases SET (subject_key, host, registrable) = (SELECT known.subject_key, \
        known.host, known.registrable FROM secrets.case_names AS known WHERE known.id = cases.id) \
        WHERE id IN (SELECT id FROM secrets.case_names)",
    "UPDATE main.verdicts SET reason = COALESCE((SELECT reasons.reason FROM secrets.reasons \
        WHERE reasons.id = verdicts.id), '')",
    "UPDATE main.proposals SET reason = COALESCE((SELECT proposed.reason FROM secrets.proposed \
        WHERE proposed.id = proposals.case_id), '')",
    "DELETE FROM main.case_notes WHERE id NOT IN (SELECT id FROM secrets.notes)",
    "UPDATE main.case_notes SET text = (SELECT notes.text FROM secrets.notes \
        WHERE notes.id = case_notes.id)",
    "UPDATE main.holds SET why = COALESCE((SELECT held.why FROM secrets.held \
        WHERE held.id = holds.report_id), '')",
    "UPDATE main.audit SET (detail, salt) = (SELECT details.detail, details.salt \
        FROM secrets.details WHERE details.id = audit.id) \
        WHERE id IN (SELECT id FROM secrets.details)",
];
/// Puts the keys of objections back; one whose key is gone was erased since, or its time is over.
pub(crate) const PUT_OBJECTIONS_BACK: &[&str] = &[
    "DELETE FROM main.objections WHERE number NOT IN (SELECT number FROM secrets.objection_keys)",
    "UPDATE main.objections SET (wrapped_key, sealed_contact, target) = \
        (SELECT known.wrapped_key, known.sealed_contact, known.target FROM secrets.objection_keys AS known \
        WHERE known.number = objections.number)",
];
/// Objects with their keys, in order: $1 after, $2 limit.
pub(crate) const OBJECTS: &str = "SELECT object FROM secrets.report_keys \
    WHERE object > $1 ORDER BY object LIMIT $2";
/// $1 object.
pub(crate) const KNOWS_OBJECT: &str = "SELECT COUNT(*) FROM secrets.report_keys WHERE object = $1";
/// Reports whose key is gone: erased since.
pub(crate) const KEYLESS: &str = "SELECT id FROM reports WHERE wrapped_key = x'' ORDER BY id";
/// How fast the journal grew: $1 since when.
pub(crate) const ENTRIES_SINCE: &str = "SELECT COUNT(*) FROM entries WHERE at_ms >= $1";
