-- By what right operators look for texts of SMS, and which messages their customers
-- handed over. What holds of templates is in the journal.
CREATE TABLE legal_bases (
    id BIGINT PRIMARY KEY,
    operator TEXT NOT NULL,
    authority TEXT NOT NULL,
    scope TEXT NOT NULL,
    from_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('legal_bases', 0);

-- digest: of the text under a salt of its own; the text is in the report's evidence.
CREATE TABLE handovers (
    id BIGINT PRIMARY KEY,
    operator TEXT NOT NULL,
    report_id BIGINT NOT NULL REFERENCES reports (id),
    salt BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    at_ms BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('handovers', 0);
