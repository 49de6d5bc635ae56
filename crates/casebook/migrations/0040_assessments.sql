-- What a case scored, and why: features, versions and reasons, so that it can be shown
-- as it was and judged again. Words of a report may be in it: it goes with that report.
CREATE TABLE assessments (
    case_id BIGINT PRIMARY KEY REFERENCES cases (id),
    -- The report that says most.
    report_id BIGINT NOT NULL REFERENCES reports (id),
    -- How much it says, in millionths of log-odds.
    strength BIGINT NOT NULL,
    evidence TEXT NOT NULL,
    proven BIGINT NOT NULL,
    models TEXT NOT NULL,
    lists TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reasons TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX assessments_by_report ON assessments (report_id);

-- Numbers only, for lists and rules: the score in millionths, and the order of urgency.
ALTER TABLE cases ADD COLUMN score_ppm BIGINT;
ALTER TABLE cases ADD COLUMN urgency BIGINT NOT NULL DEFAULT 0;
CREATE INDEX cases_by_urgency ON cases (urgency, id);
