//! Table `letters_sent`.

statements! {
    /// Counts one more, unless that were too many; a row changes where it does not.
    /// $1 pseudonym, $2 hour, $3 most.
    COUNT = "INSERT INTO letters_sent (pseudonym, hour, sent) VALUES ($1, $2, 1) \
        ON CONFLICT (pseudonym) DO UPDATE SET hour = excluded.hour, \
        sent = CASE WHEN letters_sent.hour = excluded.hour THEN letters_sent.sent + 1 ELSE 1 END \
        WHERE letters_sent.hour <> excluded.hour OR letters_sent.sent < $3";
    /// $1 the present hour.
    DELETE_PAST = "DELETE FROM letters_sent WHERE hour <> $1";
}
