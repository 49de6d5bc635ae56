-- Operators that load zones: who may take them, from where, and whom to tell of a change.
-- Lists are words with one space between; categories NULL: the public zones only.
CREATE TABLE operators (
    name TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL,
    suspended_at BIGINT,
    addresses TEXT NOT NULL,
    notify TEXT NOT NULL,
    probes TEXT NOT NULL,
    categories TEXT,
    view_serial BIGINT NOT NULL
);

-- TSIG keys: a secret is made of the salt and a key of this data folder, and is kept nowhere.
CREATE TABLE operator_keys (
    name TEXT PRIMARY KEY,
    operator TEXT NOT NULL REFERENCES operators (name),
    algorithm TEXT NOT NULL,
    salt BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    retires_at BIGINT
);
CREATE INDEX operator_keys_by_operator ON operator_keys (operator, created_at);

-- What the zones were made by when they were last changed by it.
CREATE TABLE zone_views (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    digest BYTEA NOT NULL,
    serial BIGINT NOT NULL
);
