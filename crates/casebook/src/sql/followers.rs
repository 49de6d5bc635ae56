//! Table `followers`.

statements! {
    /// What a follower holds now: $1 name, $2 instance, $3 serial, $4 now.
    UPSERT = "INSERT INTO followers (name, instance, serial, seen_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (name, instance) DO UPDATE SET serial = excluded.serial, \
        seen_at = excluded.seen_at";
    /// Forgets runs of a follower long over, never the one that was furthest: $1 name,
    /// $2 how many runs stay.
    PRUNE = "DELETE FROM followers WHERE name = $1 AND serial < \
        (SELECT MAX(serial) FROM followers WHERE name = $1) AND seen_at < \
        (SELECT seen_at FROM followers WHERE name = $1 ORDER BY seen_at DESC LIMIT 1 OFFSET $2)";
    /// $1 limit.
    LIST = "SELECT name, instance, serial, seen_at FROM followers \
        ORDER BY serial DESC, name, instance LIMIT $1";
    /// No parameter.
    FURTHEST = "SELECT CAST(COALESCE(MAX(serial), 0) AS BIGINT) AS serial FROM followers";
    /// $1 name.
    FORGET = "DELETE FROM followers WHERE name = $1";
}
