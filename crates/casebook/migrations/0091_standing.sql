-- "The same verdict for this campaign": what a person decided for the cases of a campaign
-- that are still to come, until a time.
CREATE TABLE standing_verdicts (
    id BIGINT PRIMARY KEY,
    campaign_id BIGINT NOT NULL REFERENCES campaigns (id),
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    person TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    -- Who ended it before its time.
    ended_by TEXT
);
CREATE INDEX standing_verdicts_by_campaign ON standing_verdicts (campaign_id, until_ms);
INSERT INTO counters (name, value) VALUES ('standing-verdicts', 0);
