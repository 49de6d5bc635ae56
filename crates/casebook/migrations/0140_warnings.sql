-- Public warnings: every version that was written, who approved which, and what became of
-- them. The words are the authority's own; no report and no person who reported is in them.
CREATE TABLE warnings (
    id BIGINT PRIMARY KEY,
    campaign_id BIGINT REFERENCES campaigns (id),
    brand TEXT,
    -- The latest that was written.
    version BIGINT NOT NULL,
    published_version BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    first_published_at BIGINT,
    published_at BIGINT,
    -- Given up, where it was never published.
    withdrawn_at BIGINT,
    withdrawn_by TEXT,
    -- Never published.
    withdrawn_why TEXT
);
CREATE INDEX warnings_published ON warnings (published_at);
INSERT INTO counters (name, value) VALUES ('warnings', 0);

CREATE TABLE warning_versions (
    warning_id BIGINT NOT NULL REFERENCES warnings (id),
    version BIGINT NOT NULL,
    author TEXT NOT NULL,
    written_at BIGINT NOT NULL,
    approved_by TEXT,
    approved_at BIGINT,
    PRIMARY KEY (warning_id, version)
);

CREATE TABLE warning_texts (
    warning_id BIGINT NOT NULL REFERENCES warnings (id),
    version BIGINT NOT NULL,
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (warning_id, version, language)
);

-- What the public was told, in order: what hooks are told too.
CREATE TABLE warning_acts (
    id BIGINT PRIMARY KEY,
    warning_id BIGINT NOT NULL REFERENCES warnings (id),
    version BIGINT NOT NULL,
    act TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX warning_acts_by_warning ON warning_acts (warning_id, id);
INSERT INTO counters (name, value) VALUES ('warning-acts', 0);

-- Who is told of warnings. The secret is made of the salt and a key of the data folder.
CREATE TABLE warning_hooks (
    name TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    salt BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    -- The last act that it took, or that was given up.
    done_act BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    given_up BIGINT NOT NULL,
    last_answer TEXT,
    last_at BIGINT
);
