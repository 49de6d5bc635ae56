-- People who sign in with passkeys, and what they are signed in by.

CREATE TABLE people (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    handle BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    removed_at BIGINT
);

-- One live link a person; only its hash is kept, and it goes when it is used.
CREATE TABLE invitations (
    name TEXT PRIMARY KEY REFERENCES people (name),
    hash BYTEA NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL
);

-- cose_key: the public key as the authenticator wrote it.
CREATE TABLE passkeys (
    credential BYTEA PRIMARY KEY,
    name TEXT NOT NULL REFERENCES people (name),
    cose_key BYTEA NOT NULL,
    sign_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX passkeys_by_name ON passkeys (name);

-- proven_at: when a passkey was last touched in this session.
CREATE TABLE sessions (
    hash BYTEA PRIMARY KEY,
    name TEXT NOT NULL REFERENCES people (name),
    begun_at BIGINT NOT NULL,
    proven_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_name ON sessions (name);
CREATE INDEX sessions_ends ON sessions (ends_at);
