-- How far each follower is, by what it acknowledged. Outlives the follower's own
-- run of counters (instance): after a restore from backup no serial that any of
-- them has passed is given out again.
CREATE TABLE followers (
    name TEXT NOT NULL,
    instance BYTEA NOT NULL,
    serial BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (name, instance)
);
