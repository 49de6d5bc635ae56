-- What an objection's sender wrote, where to answer, and what we answered, sealed under a key
-- of the objection's own, wrapped as a report's is: erasing destroys it. The columns in clear
-- stay empty from now on; what older versions left in them is sealed at the next start.
ALTER TABLE objections ADD COLUMN wrapped_key BYTEA;
ALTER TABLE objections ADD COLUMN sealed_words BYTEA;
ALTER TABLE objections ADD COLUMN sealed_contact BYTEA;
ALTER TABLE objections ADD COLUMN sealed_answer BYTEA;

-- A hand-over outlives its report, without what tells which text it was.
CREATE TABLE handovers_kept (
    id BIGINT PRIMARY KEY,
    operator TEXT NOT NULL,
    report_id BIGINT REFERENCES reports (id),
    salt BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    at_ms BIGINT NOT NULL
);
INSERT INTO handovers_kept (id, operator, report_id, salt, digest, at_ms)
    SELECT id, operator, report_id, salt, digest, at_ms FROM handovers;
DROP TABLE handovers;
ALTER TABLE handovers_kept RENAME TO handovers;
CREATE INDEX handovers_by_report ON handovers (report_id);
