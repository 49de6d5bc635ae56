//! Tables `tokens` and `audit`.

statements! {
    /// Frees the name of a token that has expired: $1 name, $2 now.
    RETIRE_EXPIRED = "UPDATE tokens SET revoked_at = expires_at \
        WHERE name = $1 AND revoked_at IS NULL AND expires_at <= $2";
    /// $1 hash, $2 name, $3 role, $4 created_at, $5 expires_at.
    INSERT_TOKEN = "INSERT INTO tokens (hash, name, role, created_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    /// $1 hash.
    TOKEN_BY_HASH = "SELECT name, role, expires_at FROM tokens \
        WHERE hash = $1 AND revoked_at IS NULL";
    /// $1 hash, $2 at: never earlier than it says already.
    USED = "UPDATE tokens SET last_used_at = $2 \
        WHERE hash = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
    /// $1 limit.
    TOKENS = "SELECT name, role, created_at, expires_at, last_used_at FROM tokens \
        WHERE revoked_at IS NULL ORDER BY name LIMIT $1";
    /// $1 name, $2 now.
    REVOKE = "UPDATE tokens SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL";
    /// $1 id, $2 at, $3 who, $4 action, $5 object, $6 detail, $7 salt, $8 commitment, $9 hash.
    INSERT_AUDIT = "INSERT INTO audit (id, at_ms, who, action, object, detail, salt, \
        commitment, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// No parameter.
    AUDIT_LAST = "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1";
    /// $1 id.
    AUDIT_HASH = "SELECT hash FROM audit WHERE id = $1";
    /// No parameter.
    AUDIT_COUNTS = "SELECT COUNT(*) AS lines, \
        CAST(COALESCE(SUM(CASE WHEN hash IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS unchained \
        FROM audit";
    /// From line $1 on, $2 limit.
    AUDIT_CHAIN = "SELECT id, at_ms, who, action, object, detail, salt, commitment, hash \
        FROM audit WHERE id >= $1 ORDER BY id LIMIT $2";
    /// $1 id, $2 salt, $3 commitment, $4 hash.
    CHAIN_AUDIT = "UPDATE audit SET salt = $2, commitment = $3, hash = $4 WHERE id = $1";
    /// $1 object, $2 limit.
    AUDIT_OF = "SELECT id, at_ms, who, action, object, detail FROM audit \
        WHERE object = $1 ORDER BY id DESC LIMIT $2";
    /// $1 before this id, $2 limit.
    AUDIT = "SELECT id, at_ms, who, action, object, detail FROM audit \
        WHERE id < $1 ORDER BY id DESC LIMIT $2";
}
