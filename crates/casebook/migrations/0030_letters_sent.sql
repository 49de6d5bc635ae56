-- How many letters went to one reporter, by pseudonym, in the hour (since 1970) that a row
-- names: a start anew does not let more go. Rows of past hours are deleted.
CREATE TABLE letters_sent (
    pseudonym BYTEA PRIMARY KEY,
    hour BIGINT NOT NULL,
    sent BIGINT NOT NULL
);
CREATE INDEX letters_sent_hour ON letters_sent (hour);
