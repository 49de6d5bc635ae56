-- Sets of cases by the same hand, and by what they are tied. Marks are hashes, and words
-- that were taken from a report: they go with it.
CREATE TABLE campaigns (
    id BIGINT PRIMARY KEY,
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    cases BIGINT NOT NULL,
    brand TEXT,
    -- The campaign that this one turned out to be.
    merged_into BIGINT REFERENCES campaigns (id)
);
INSERT INTO counters (name, value) VALUES ('campaigns', 0);

ALTER TABLE cases ADD COLUMN campaign_id BIGINT;
CREATE INDEX cases_by_campaign ON cases (campaign_id, id);

CREATE TABLE case_marks (
    kind TEXT NOT NULL,
    value BIGINT NOT NULL,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    report_id BIGINT NOT NULL REFERENCES reports (id),
    shown TEXT NOT NULL,
    -- Thousandths.
    weight BIGINT NOT NULL,
    PRIMARY KEY (kind, value, case_id)
);
CREATE INDEX case_marks_by_case ON case_marks (case_id);
CREATE INDEX case_marks_by_report ON case_marks (report_id);

CREATE TABLE case_sketches (
    case_id BIGINT PRIMARY KEY REFERENCES cases (id),
    report_id BIGINT NOT NULL REFERENCES reports (id),
    sketch BYTEA NOT NULL
);
CREATE INDEX case_sketches_by_report ON case_sketches (report_id);

-- The register: numbers only.
CREATE TABLE campaign_counts (
    month TEXT NOT NULL,
    brand TEXT NOT NULL,
    channel TEXT NOT NULL,
    cases BIGINT NOT NULL,
    campaigns BIGINT NOT NULL,
    PRIMARY KEY (month, brand, channel)
);
