-- The casebook's tables. The text is taken by SQLite and by PostgreSQL alike:
-- a test runs it on both. Times are milliseconds since 1970, numbers BIGINT.

-- One row a sequence; drawn with UPDATE … RETURNING inside the transaction
-- that uses the number, so that a rollback leaves no gap.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES
    ('reports', 0), ('cases', 0), ('verdicts', 0), ('audit', 0);

-- The locked row that serials are drawn from.
CREATE TABLE journal_head (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    journal BYTEA NOT NULL,
    serial BIGINT NOT NULL
);

CREATE TABLE entries (
    serial BIGINT PRIMARY KEY,
    kind BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    salt BYTEA NOT NULL,
    body BYTEA NOT NULL,
    leaf_hash BYTEA NOT NULL
);

-- The version of the guard's lists in force.
CREATE TABLE guard_lists (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    version BYTEA NOT NULL
);

CREATE TABLE reports (
    id BIGINT PRIMARY KEY,
    receipt TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    content TEXT NOT NULL,
    size BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    stored_at BIGINT NOT NULL,
    read_at BIGINT,
    status TEXT NOT NULL,
    reporter BYTEA,
    object TEXT NOT NULL,
    wrapped_key BYTEA NOT NULL,
    reading BYTEA,
    defects BIGINT
);
CREATE INDEX reports_unread ON reports (id) WHERE status = 'received';

-- state_*: what the state named by status holds, NULL where it has no such field.
CREATE TABLE cases (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    subject_key TEXT NOT NULL UNIQUE,
    subject_kind TEXT NOT NULL,
    host TEXT,
    registrable TEXT,
    subject_text TEXT,
    subject_note TEXT,
    status TEXT NOT NULL,
    state_serial BIGINT,
    state_until BIGINT,
    state_person TEXT,
    state_category TEXT,
    state_rule TEXT,
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    reports BIGINT NOT NULL,
    reporters BIGINT NOT NULL
);
CREATE INDEX cases_by_status ON cases (status, id);
CREATE INDEX cases_by_host ON cases (host, id);
CREATE INDEX cases_by_registrable ON cases (registrable, id);
CREATE INDEX cases_blocked_by ON cases (state_serial) WHERE status = 'blocked';
CREATE INDEX cases_benign_until ON cases (state_until) WHERE status = 'benign';

CREATE TABLE report_cases (
    report_id BIGINT NOT NULL REFERENCES reports (id),
    case_id BIGINT NOT NULL REFERENCES cases (id),
    place BIGINT NOT NULL,
    PRIMARY KEY (report_id, case_id)
);
CREATE INDEX report_cases_by_case ON report_cases (case_id, report_id);

-- Who reported a case, by pseudonym: what "different reporters" is counted from.
CREATE TABLE case_reporters (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    reporter BYTEA NOT NULL,
    PRIMARY KEY (case_id, reporter)
);

CREATE TABLE verdicts (
    id BIGINT PRIMARY KEY,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    person TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX verdicts_by_case ON verdicts (case_id, id);

-- What the journal's blocks say, beside their case: a projection of entries.
CREATE TABLE orders (
    serial BIGINT PRIMARY KEY REFERENCES entries (serial),
    case_id BIGINT NOT NULL REFERENCES cases (id),
    level TEXT NOT NULL,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    mode TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    valid_until BIGINT NOT NULL,
    released_by BIGINT REFERENCES entries (serial)
);
CREATE INDEX orders_by_case ON orders (case_id, serial);
CREATE INDEX orders_ending ON orders (valid_until, serial) WHERE released_by IS NULL;
CREATE INDEX orders_effective ON orders (name, level) WHERE released_by IS NULL;

CREATE TABLE effects (
    order_serial BIGINT NOT NULL REFERENCES orders (serial),
    follower TEXT NOT NULL,
    instance BYTEA NOT NULL,
    blocked_answers BIGINT NOT NULL,
    warning_views BIGINT NOT NULL,
    applied_at BIGINT,
    first_blocked_at BIGINT,
    reported_at BIGINT NOT NULL,
    PRIMARY KEY (order_serial, follower, instance)
);

CREATE TABLE tokens (
    hash BYTEA PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX tokens_live_names ON tokens (name) WHERE revoked_at IS NULL;

CREATE TABLE audit (
    id BIGINT PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_by_object ON audit (object, id);
