//! Tables `proposals`, `case_members`, `rules`, `rule_acts` and `brake`.

macro_rules! rule {
    () => {
        "name, version, text, author, created_at, mode, mode_by, mode_at"
    };
}

statements! {
    /// $1 case, $2 verdict, $3 level, $4 compromised, $5 block_days, $6 reason, $7 person, $8 at.
    PROPOSE = "INSERT INTO proposals (case_id, verdict, level, compromised, block_days, reason, \
        person, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (case_id) DO UPDATE SET \
        verdict = excluded.verdict, level = excluded.level, compromised = excluded.compromised, \
        block_days = excluded.block_days, reason = excluded.reason, person = excluded.person, \
        at_ms = excluded.at_ms";
    /// $1 case.
    PROPOSAL = "SELECT verdict, level, compromised, block_days, reason, person, at_ms \
        FROM proposals WHERE case_id = $1";
    /// $1 case.
    DROP_PROPOSAL = "DELETE FROM proposals WHERE case_id = $1";
    /// $1 case, $2 leader, $3 at.
    JOIN = "INSERT INTO case_members (case_id, leader, at_ms) VALUES ($1, $2, $3) \
        ON CONFLICT (case_id) DO UPDATE SET leader = excluded.leader, at_ms = excluded.at_ms";
    /// The members of one case become those of another: $1 old leader, $2 new leader.
    JOIN_ALL = "UPDATE case_members SET leader = $2 WHERE leader = $1";
    /// $1 case.
    LEAVE = "DELETE FROM case_members WHERE case_id = $1";
    /// $1 leader, $2 limit.
    MEMBERS = "SELECT case_id FROM case_members WHERE leader = $1 ORDER BY case_id LIMIT $2";
    /// $1 case.
    LEADER = "SELECT leader FROM case_members WHERE case_id = $1";
    /// The members of a case that goes are open again: $1 leader.
    FREE_MEMBERS = "UPDATE cases SET status = 'open', state_serial = NULL, version = version + 1 \
        WHERE status = 'merged' AND state_serial = $1";
    /// $1 leader or case.
    LEAVE_ALL = "DELETE FROM case_members WHERE case_id = $1 OR leader = $1";
    /// $1 name, $2 version, $3 text, $4 author, $5 at, $6 mode.
    PUT_RULE = "INSERT INTO rules (name, version, text, author, created_at, mode, mode_by, mode_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $4, $5)";
    /// The version in force of each rule: $1 limit.
    RULES = concat!("SELECT ", rule!(), " FROM rules WHERE version = (SELECT MAX(latest.version) \
        FROM rules AS latest WHERE latest.name = rules.name) ORDER BY name LIMIT $1");
    /// $1 name.
    RULE = concat!("SELECT ", rule!(), " FROM rules WHERE name = $1 ORDER BY version DESC LIMIT 1");
    /// $1 name, $2 version, $3 mode, $4 by, $5 at.
    SET_MODE = "UPDATE rules SET mode = $3, mode_by = $4, mode_at = $5 \
        WHERE name = $1 AND version = $2";
    /// $1 rule, $2 version, $3 case, $4 mode, $5 outcome, $6 order, $7 at.
    PUT_ACT = "INSERT INTO rule_acts (rule, version, case_id, mode, outcome, order_serial, at_ms) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    /// $1 rule, $2 version, $3 case, $4 mode.
    HAS_ACT = "SELECT COUNT(*) FROM rule_acts WHERE rule = $1 AND version = $2 AND case_id = $3 \
        AND mode = $4";
    /// $1 rule, $2 since.
    COUNT_ACTS = "SELECT mode, outcome, COUNT(*) AS acts FROM rule_acts \
        WHERE rule = $1 AND at_ms >= $2 GROUP BY mode, outcome ORDER BY mode, outcome";
    /// $1 since.
    COUNT_LIVE_ACTS = "SELECT COUNT(*) FROM rule_acts WHERE mode = 'live' AND at_ms >= $1 \
        AND order_serial IS NOT NULL";
    /// Cases whose block a rule ordered and that still holds: $1 since, $2 limit.
    /// An order bears the time of the verdict that caused it; a renewed one does not.
    BLOCKED_BY_RULES = "SELECT DISTINCT cases.id FROM verdicts \
        JOIN cases ON cases.id = verdicts.case_id AND cases.status = 'blocked' \
        JOIN orders ON orders.serial = cases.state_serial AND orders.issued_at = verdicts.at_ms \
        WHERE verdicts.person LIKE 'rule:%' AND verdicts.at_ms >= $1 ORDER BY cases.id LIMIT $2";
    /// $1 case.
    DROP_ACTS = "DELETE FROM rule_acts WHERE case_id = $1";
    /// $1 person, $2 reason, $3 at.
    PULL_BRAKE = "INSERT INTO brake (only_row, person, reason, at_ms) VALUES (1, $1, $2, $3) \
        ON CONFLICT DO NOTHING";
    /// No parameter.
    RELEASE_BRAKE = "DELETE FROM brake WHERE only_row = 1";
    /// No parameter.
    BRAKE = "SELECT person, reason, at_ms FROM brake WHERE only_row = 1";
}
