-- The audit log as a chain: each line's hash holds that of the line before. The
-- detail is committed to under a salt, so that it can be erased and the chain still
-- verifies. NULL in lines of before the chain, until the first open chains them.
ALTER TABLE audit ADD COLUMN salt BYTEA;
ALTER TABLE audit ADD COLUMN commitment BYTEA;
ALTER TABLE audit ADD COLUMN hash BYTEA;
CREATE INDEX entries_audit ON entries (serial) WHERE kind = 5;

ALTER TABLE tokens ADD COLUMN last_used_at BIGINT;

-- Reports that must not be erased, and who says so.
CREATE TABLE holds (
    report_id BIGINT PRIMARY KEY REFERENCES reports (id),
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);

CREATE INDEX reports_by_received ON reports (received_at, id);
CREATE INDEX reports_by_object ON reports (object);
