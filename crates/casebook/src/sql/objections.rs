//! Table `objections`.

macro_rules! objection {
    () => {
        "number, target, case_id, order_serial, at_ms, status, decided_by, decided_at, \
         wrapped_key, sealed_words, sealed_contact, sealed_answer, sealed_sms"
    };
}

statements! {
    /// $1 id, $2 number, $3 target, $4 case, $5 order, $6 key, $7 words, $8 contact, $9 at,
    /// $10 SMS.
    INSERT = "INSERT INTO objections (id, number, target, case_id, order_serial, words, \
        wrapped_key, sealed_words, sealed_contact, at_ms, sealed_sms, status) \
        VALUES ($1, $2, $3, $4, $5, '', $6, $7, $8, $9, $10, 'open')";
    /// $1 number.
    ONE = concat!("SELECT ", objection!(), " FROM objections WHERE number = $1");
    /// Those that wait first, the oldest first: $1 limit.
    ALL_OF_THEM = concat!("SELECT ", objection!(), " FROM objections \
        ORDER BY CASE WHEN status = 'open' THEN 0 ELSE 1 END, at_ms LIMIT $1");
    /// No parameter.
    COUNT_OPEN = "SELECT COUNT(*) FROM objections WHERE status = 'open'";
    /// The contact goes once it is decided. $1 number, $2 status, $3 by, $4 at, $5 answer.
    DECIDE = "UPDATE objections SET status = $2, decided_by = $3, decided_at = $4, \
        sealed_answer = $5, sealed_contact = NULL WHERE number = $1 AND status = 'open'";
    /// $1 number.
    DELETE = "DELETE FROM objections WHERE number = $1";
    /// Those whose time is over: $1 decided before, $2 open ones that came before, $3 limit.
    ENDED = "SELECT number FROM objections WHERE decided_at < $1 \
        OR (status = 'open' AND at_ms < $2) ORDER BY id LIMIT $3";
    /// What an older version left in clear: $1 limit.
    IN_CLEAR = "SELECT number, words, contact, answer FROM objections \
        WHERE wrapped_key IS NULL LIMIT $1";
    /// $1 number, $2 key, $3 words, $4 contact, $5 answer.
    SEAL = "UPDATE objections SET words = '', contact = NULL, answer = NULL, wrapped_key = $2, \
        sealed_words = $3, sealed_contact = $4, sealed_answer = $5 WHERE number = $1";
}
