-- What filters counted of templates, by run of counters; a template is an entry of the
-- journal and no order about a name, so it has no row in `orders`.
CREATE TABLE template_effects (
    template_serial BIGINT NOT NULL,
    follower TEXT NOT NULL,
    instance BYTEA NOT NULL,
    matches BIGINT NOT NULL,
    applied_at BIGINT,
    first_match_at BIGINT,
    reported_at BIGINT NOT NULL,
    PRIMARY KEY (template_serial, follower, instance)
);
CREATE INDEX handovers_at ON handovers (at_ms);
