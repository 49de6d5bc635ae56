//! Tables `warnings`, `warning_versions`, `warning_texts`, `warning_acts` and
//! `warning_hooks`.

/// What is read of a warning.
macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, campaign_id, brand, version, published_version, created_at, changed_at, \
             first_published_at, published_at, withdrawn_at, withdrawn_by, withdrawn_why \
             FROM warnings ",
            $rest
        )
    };
}

statements! {
    /// $1 id, $2 campaign, $3 brand, $4 now.
    INSERT = "INSERT INTO warnings (id, campaign_id, brand, version, created_at, changed_at) \
        VALUES ($1, $2, $3, 1, $4, $4)";
    /// $1 id.
    WARNING = columns!("WHERE id = $1");
    /// The latest first: $1 before this number, $2 at most so many.
    LIST = columns!("WHERE id < $1 ORDER BY id DESC LIMIT $2");
    /// What the public was told, the latest first, withdrawn or not: $1 at most so many.
    PUBLIC = columns!(
        "WHERE published_at IS NOT NULL \
         ORDER BY COALESCE(withdrawn_at, published_at) DESC, id DESC LIMIT $1"
    );
    /// How many wait for another person. No parameter.
    WAITING = "SELECT COUNT(*) FROM warnings WHERE withdrawn_at IS NULL \
        AND (published_version IS NULL OR published_version < version)";
    /// $1 id, $2 its version after, $3 now.
    EDIT = "UPDATE warnings SET version = $2, changed_at = $3 WHERE id = $1";
    /// $1 id, $2 version, $3 now.
    PUBLISH = "UPDATE warnings SET published_version = $2, published_at = $3, changed_at = $3, \
        first_published_at = COALESCE(first_published_at, $3) WHERE id = $1";
    /// $1 id, $2 now, $3 by, $4 why.
    WITHDRAW = "UPDATE warnings SET withdrawn_at = $2, changed_at = $2, withdrawn_by = $3, \
        withdrawn_why = $4 WHERE id = $1";
    /// $1 id, $2 version, $3 author, $4 now.
    INSERT_VERSION = "INSERT INTO warning_versions (warning_id, version, author, written_at) \
        VALUES ($1, $2, $3, $4)";
    /// $1 id, $2 version.
    AUTHOR = "SELECT author FROM warning_versions WHERE warning_id = $1 AND version = $2";
    /// $1 id, $2 version, $3 by, $4 now.
    APPROVE = "UPDATE warning_versions SET approved_by = $3, approved_at = $4 \
        WHERE warning_id = $1 AND version = $2";
    /// The latest first: $1 id.
    VERSIONS = "SELECT version, author, written_at, approved_by, approved_at \
        FROM warning_versions WHERE warning_id = $1 ORDER BY version DESC";
    /// $1 id, $2 version, $3 language, $4 title, $5 body.
    INSERT_TEXT = "INSERT INTO warning_texts (warning_id, version, language, title, body) \
        VALUES ($1, $2, $3, $4, $5)";
    /// $1 id, $2 version.
    TEXTS = "SELECT language, title, body FROM warning_texts \
        WHERE warning_id = $1 AND version = $2";
    /// $1 id, $2 warning, $3 version, $4 act, $5 now.
    INSERT_ACT = "INSERT INTO warning_acts (id, warning_id, version, act, at_ms) \
        VALUES ($1, $2, $3, $4, $5)";
    /// The first first: $1 warning.
    ACTS = "SELECT id, warning_id, version, act, at_ms FROM warning_acts \
        WHERE warning_id = $1 ORDER BY id";
    /// The next that a hook is to be told: $1 after this one.
    NEXT_ACT = "SELECT id, warning_id, version, act, at_ms FROM warning_acts \
        WHERE id > $1 ORDER BY id LIMIT 1";
    /// No parameter.
    LAST_ACT = "SELECT CAST(COALESCE(MAX(id), 0) AS BIGINT) FROM warning_acts";
    /// $1 name, $2 url, $3 salt, $4 now, $5 the last act.
    INSERT_HOOK = "INSERT INTO warning_hooks (name, url, salt, created_at, done_act, tries, \
        next_at, given_up) VALUES ($1, $2, $3, $4, $5, 0, 0, 0) ON CONFLICT DO NOTHING";
    /// $1 at most so many.
    HOOKS = "SELECT name, url, salt, created_at, done_act, tries, next_at, given_up, \
        last_answer, last_at FROM warning_hooks ORDER BY name LIMIT $1";
    /// $1 name.
    DROP_HOOK = "DELETE FROM warning_hooks WHERE name = $1";
    /// $1 name, $2 the act that is done, $3 tries, $4 next at, $5 more given up, $6 what was
    /// answered, $7 now.
    SETTLE_HOOK = "UPDATE warning_hooks SET done_act = $2, tries = $3, next_at = $4, \
        given_up = given_up + $5, last_answer = $6, last_at = $7 WHERE name = $1";
}
