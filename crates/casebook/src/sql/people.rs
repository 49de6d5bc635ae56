//! Tables `people`, `invitations`, `passkeys` and `sessions`.

statements! {
    /// $1 name, $2 role, $3 handle, $4 created_at; a removed person of the name is there again.
    PUT_PERSON = "INSERT INTO people (name, role, handle, created_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (name) DO UPDATE SET role = excluded.role, removed_at = NULL";
    /// $1 name, $2 hash, $3 expires_at.
    PUT_INVITATION = "INSERT INTO invitations (name, hash, expires_at) VALUES ($1, $2, $3) \
        ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at";
    /// $1 hash, $2 now.
    INVITED = "SELECT people.name, people.role, people.handle FROM invitations \
        JOIN people ON people.name = invitations.name \
        WHERE invitations.hash = $1 AND invitations.expires_at > $2 AND people.removed_at IS NULL";
    /// $1 hash.
    USE_INVITATION = "DELETE FROM invitations WHERE hash = $1";
    /// $1 name.
    DROP_INVITATION = "DELETE FROM invitations WHERE name = $1";
    /// $1 role.
    PASSKEYS_OF_ROLE = "SELECT COUNT(*) FROM passkeys JOIN people ON people.name = passkeys.name \
        WHERE people.role = $1 AND people.removed_at IS NULL";
    /// $1 credential, $2 name, $3 key, $4 count, $5 now.
    INSERT_PASSKEY = "INSERT INTO passkeys (credential, name, cose_key, sign_count, created_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    /// $1 credential.
    PASSKEY = "SELECT passkeys.name, people.role, cose_key, sign_count FROM passkeys \
        JOIN people ON people.name = passkeys.name \
        WHERE credential = $1 AND people.removed_at IS NULL";
    /// $1 credential, $2 count, $3 now.
    USE_PASSKEY = "UPDATE passkeys SET sign_count = $2, last_used_at = $3 WHERE credential = $1";
    /// $1 name.
    DROP_PASSKEYS = "DELETE FROM passkeys WHERE name = $1";
    /// $1 hash, $2 name, $3 begun_at (and proven_at), $4 ends_at.
    INSERT_SESSION = "INSERT INTO sessions (hash, name, begun_at, proven_at, ends_at) \
        VALUES ($1, $2, $3, $3, $4)";
    /// $1 hash, $2 now.
    SESSION = "SELECT sessions.name, people.role, proven_at FROM sessions \
        JOIN people ON people.name = sessions.name \
        WHERE hash = $1 AND ends_at > $2 AND people.removed_at IS NULL";
    /// $1 hash.
    DROP_SESSION = "DELETE FROM sessions WHERE hash = $1";
    /// $1 name.
    DROP_SESSIONS_OF = "DELETE FROM sessions WHERE name = $1";
    /// $1 now.
    DROP_ENDED = "DELETE FROM sessions WHERE ends_at <= $1";
    /// $1 name, $2 now.
    REMOVE_PERSON = "UPDATE people SET removed_at = $2 WHERE name = $1 AND removed_at IS NULL";
    /// $1 now, $2 limit.
    PEOPLE = "SELECT name, role, created_at, \
        (SELECT COUNT(*) FROM passkeys WHERE passkeys.name = people.name) AS passkeys, \
        (SELECT MAX(last_used_at) FROM passkeys WHERE passkeys.name = people.name) AS last_used_at, \
        (SELECT COUNT(*) FROM sessions WHERE sessions.name = people.name AND ends_at > $1) AS sessions, \
        (SELECT COUNT(*) FROM invitations WHERE invitations.name = people.name \
            AND invitations.expires_at > $1) AS invitations \
        FROM people WHERE removed_at IS NULL ORDER BY name LIMIT $2";
}
