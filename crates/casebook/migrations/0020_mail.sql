-- Who handed a mail in, and what goes back to them.

-- What the SMTP client said (its address, its HELO, the sender), sealed under
-- the report's own key, until the sender was checked; then NULL.
ALTER TABLE reports ADD COLUMN envelope BYTEA;
-- Which of our configured reporting addresses the mail came to.
ALTER TABLE reports ADD COLUMN mailbox TEXT;
-- What the check found, NULL until then; authentic is 1 where the sender is proven.
ALTER TABLE reports ADD COLUMN spf TEXT;
ALTER TABLE reports ADD COLUMN dkim TEXT;
ALTER TABLE reports ADD COLUMN dmarc TEXT;
ALTER TABLE reports ADD COLUMN authentic BIGINT;

-- One row a reporter who is to be answered: the address lives here, sealed
-- under the report's own key, and goes with the row once the outcome is sent.
CREATE TABLE correspondence (
    report_id BIGINT PRIMARY KEY REFERENCES reports (id),
    stage TEXT NOT NULL,
    correspondent BYTEA NOT NULL,
    due_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX correspondence_due ON correspondence (due_at) WHERE stage <> 'awaiting';
CREATE INDEX correspondence_ends ON correspondence (ends_at);
CREATE INDEX cases_changed ON cases (changed_at);
