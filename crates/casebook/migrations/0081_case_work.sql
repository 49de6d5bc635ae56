-- What people write beside a case, and who has it in hand.

CREATE TABLE case_notes (
    id BIGINT PRIMARY KEY,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    person TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX case_notes_by_case ON case_notes (case_id, id);

CREATE TABLE case_holders (
    case_id BIGINT PRIMARY KEY REFERENCES cases (id),
    person TEXT NOT NULL,
    since BIGINT NOT NULL
);

-- Objections of site owners and senders, until a person has decided each.
-- blocked_by: the order that is objected to, and who ordered it: never who decides.
CREATE TABLE objections (
    id BIGINT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    target TEXT NOT NULL,
    case_id BIGINT REFERENCES cases (id),
    order_serial BIGINT,
    words TEXT NOT NULL,
    contact TEXT,
    at_ms BIGINT NOT NULL,
    status TEXT NOT NULL,
    decided_by TEXT,
    decided_at BIGINT,
    answer TEXT
);
CREATE INDEX objections_open ON objections (at_ms) WHERE status = 'open';

INSERT INTO counters (name, value) VALUES ('case-notes', 0), ('objections', 0);
