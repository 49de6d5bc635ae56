-- Pages of cases that a browser opened, or is to. What was seen of one is an object of the
-- evidence, sealed under the key of the report whose link was opened: it goes with it.
CREATE TABLE inspections (
    id BIGINT PRIMARY KEY,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    profile TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    -- waiting, done or failed
    state TEXT NOT NULL,
    -- How a capture ended, in a word of ours; why one failed.
    outcome TEXT NOT NULL,
    ended_at BIGINT,
    report_id BIGINT REFERENCES reports (id),
    object TEXT UNIQUE
);
CREATE INDEX inspections_by_case ON inspections (case_id, id);
CREATE INDEX inspections_by_report ON inspections (report_id);
CREATE INDEX inspections_waiting ON inspections (id) WHERE state = 'waiting';
INSERT INTO counters (name, value) VALUES ('inspections', 0);

-- What the latest page adds to a case's features.
ALTER TABLE assessments ADD COLUMN page TEXT NOT NULL DEFAULT '';
