//! Table `standing_verdicts`, and what persons found in a campaign.

macro_rules! columns {
    () => {
        "id, campaign_id, verdict, reason, person, at_ms, until_ms, ended_by"
    };
}

statements! {
    /// $1 id, $2 campaign, $3 verdict, $4 reason, $5 person, $6 at, $7 until.
    PUT = "INSERT INTO standing_verdicts (id, campaign_id, verdict, reason, person, at_ms, \
        until_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// The one in force, the latest given: $1 campaign, $2 now.
    IN_FORCE = concat!("SELECT ", columns!(), " FROM standing_verdicts WHERE campaign_id = $1 \
        AND until_ms > $2 AND ended_by IS NULL ORDER BY id DESC LIMIT 1");
    /// $1 now.
    COUNT = "SELECT COUNT(*) FROM standing_verdicts WHERE until_ms > $1 AND ended_by IS NULL";
    /// All in force of a campaign: $1 campaign, $2 now, $3 by.
    END = "UPDATE standing_verdicts SET ended_by = $3 \
        WHERE campaign_id = $1 AND until_ms > $2 AND ended_by IS NULL";
    /// What persons last found in the cases of a campaign: $1 campaign. A block that was
    /// taken back as a mistake was no fraud.
    FOUND = "SELECT (SELECT COUNT(*) FROM cases WHERE campaign_id = $1) AS cases, \
        COUNT(CASE WHEN verdict NOT IN ('spam', 'benign', 'undecidable') \
        AND status <> 'reversed' THEN 1 END) AS fraud, \
        COUNT(CASE WHEN verdict IN ('spam', 'benign') OR status = 'reversed' THEN 1 END) \
        AS harmless FROM cases JOIN verdicts ON verdicts.case_id = cases.id \
        WHERE campaign_id = $1 AND verdicts.id = (SELECT MAX(latest.id) FROM verdicts AS latest \
        WHERE latest.case_id = cases.id AND latest.person NOT LIKE 'rule:%')";
}
