-- What a first person proposed, word for word, until a second one agrees.
CREATE TABLE proposals (
    case_id BIGINT PRIMARY KEY REFERENCES cases (id),
    verdict TEXT NOT NULL,
    level TEXT NOT NULL,
    compromised BIGINT NOT NULL,
    block_days BIGINT,
    reason TEXT NOT NULL,
    person TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);

-- Cases that are judged together: what the leader gets, its members get.
CREATE TABLE case_members (
    case_id BIGINT PRIMARY KEY REFERENCES cases (id),
    leader BIGINT NOT NULL REFERENCES cases (id),
    at_ms BIGINT NOT NULL
);
CREATE INDEX case_members_by_leader ON case_members (leader, case_id);
CREATE INDEX cases_parked_until ON cases (state_until) WHERE status = 'parked';

-- Rules that persons set: every version stays, one of each name is in force.
CREATE TABLE rules (
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    text TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    mode TEXT NOT NULL,
    mode_by TEXT NOT NULL,
    mode_at BIGINT NOT NULL,
    PRIMARY KEY (name, version)
);

-- What a rule did, or would have done in shadow; once a case and version.
CREATE TABLE rule_acts (
    rule TEXT NOT NULL,
    version BIGINT NOT NULL,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    mode TEXT NOT NULL,
    outcome TEXT NOT NULL,
    order_serial BIGINT,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (rule, version, case_id, mode)
);
CREATE INDEX rule_acts_by_case ON rule_acts (case_id);
CREATE INDEX rule_acts_by_time ON rule_acts (at_ms);

-- There while the emergency brake is pulled.
CREATE TABLE brake (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    person TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);

-- 1 for an order that was taken back as a mistake: it counts for no good.
ALTER TABLE orders ADD COLUMN mistaken BIGINT NOT NULL DEFAULT 0;
CREATE INDEX orders_issued ON orders (issued_at) WHERE released_by IS NULL;
