//! Tables `operators`, `operator_keys` and `zone_views`.

statements! {
    /// $1 name, $2 created_at, $3 addresses, $4 notify, $5 probes, $6 categories, $7 view_serial.
    INSERT = "INSERT INTO operators (name, created_at, suspended_at, addresses, notify, probes, \
        categories, view_serial) VALUES ($1, $2, NULL, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    /// $1 name, $2 addresses, $3 notify, $4 probes, $5 categories, $6 view_serial.
    UPDATE = "UPDATE operators SET addresses = $2, notify = $3, probes = $4, categories = $5, \
        view_serial = $6 WHERE name = $1";
    /// $1 name, $2 when, or NULL.
    SUSPEND = "UPDATE operators SET suspended_at = $2 WHERE name = $1";
    /// $1 limit.
    LIST = "SELECT name, created_at, suspended_at, addresses, notify, probes, categories, \
        view_serial FROM operators ORDER BY name LIMIT $1";
    /// $1 name, $2 operator, $3 algorithm, $4 salt, $5 created_at.
    INSERT_KEY = "INSERT INTO operator_keys (name, operator, algorithm, salt, created_at, \
        retires_at) VALUES ($1, $2, $3, $4, $5, NULL)";
    /// $1 operator, $2 when: keys that have no end get one.
    RETIRE_KEYS = "UPDATE operator_keys SET retires_at = $2 \
        WHERE operator = $1 AND retires_at IS NULL";
    /// $1 now.
    FORGET_KEYS = "DELETE FROM operator_keys WHERE retires_at <= $1";
    /// $1 operator.
    COUNT_KEYS = "SELECT COUNT(*) FROM operator_keys WHERE operator = $1";
    /// $1 limit.
    KEYS = "SELECT name, operator, algorithm, salt, created_at, retires_at FROM operator_keys \
        ORDER BY operator, created_at DESC, name DESC LIMIT $1";
    /// No parameter.
    VIEW = "SELECT digest, serial FROM zone_views WHERE only_row = 1";
    /// $1 digest, $2 serial.
    SET_VIEW = "INSERT INTO zone_views (only_row, digest, serial) VALUES (1, $1, $2) \
        ON CONFLICT (only_row) DO UPDATE SET digest = excluded.digest, serial = excluded.serial";
}
