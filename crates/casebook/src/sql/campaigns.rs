//! Tables `campaigns`, `case_marks`, `case_sketches` and `campaign_counts`.

/// Marks, or cases, that one statement takes. Where there are fewer, the last is repeated.
pub(crate) const ROWS: usize = 16;

macro_rules! puts {
    ($kind:literal $value:literal $shown:literal $weight:literal
        $(, $kinds:literal $values:literal $showns:literal $weights:literal)*) => {
        concat!(
            "INSERT INTO case_marks (case_id, report_id, kind, value, shown, weight) VALUES ($1, $2, $",
            $kind, ", $", $value, ", $", $shown, ", $", $weight,
            $("), ($1, $2, $", $kinds, ", $", $values, ", $", $showns, ", $", $weights,)*
            ") ON CONFLICT DO NOTHING"
        )
    };
}

macro_rules! latest {
    ($kind:literal $value:literal) => {
        concat!(
            "SELECT * FROM (SELECT kind, value, case_id FROM case_marks WHERE kind = $",
            $kind,
            " AND value = $",
            $value,
            " AND case_id <> $1 ORDER BY case_id DESC LIMIT $2) AS latest"
        )
    };
}

macro_rules! sharing {
    ($kind:literal $value:literal $(, $kinds:literal $values:literal)*) => {
        concat!(latest!($kind $value) $(, " UNION ALL ", latest!($kinds $values))*)
    };
}

statements! {
    /// $1 case, $2 report; then kind, value, shown and weight of each of [`ROWS`] marks. One
    /// that is named twice is put once.
    PUT_MARKS = puts!(3 4 5 6, 7 8 9 10, 11 12 13 14, 15 16 17 18, 19 20 21 22, 23 24 25 26,
        27 28 29 30, 31 32 33 34, 35 36 37 38, 39 40 41 42, 43 44 45 46, 47 48 49 50,
        51 52 53 54, 55 56 57 58, 59 60 61 62, 63 64 65 66);
    /// The latest cases that have one of [`ROWS`] marks: $1 but this case, $2 limit for each
    /// mark; then kind and value of each.
    SHARING = sharing!(3 4, 5 6, 7 8, 9 10, 11 12, 13 14, 15 16, 17 18, 19 20, 21 22, 23 24,
        25 26, 27 28, 29 30, 31 32, 33 34);
    /// The sketches of [`ROWS`] cases.
    SKETCHES = "SELECT case_id, sketch FROM case_sketches WHERE case_id IN \
        ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    /// $1 one case, $2 another: what both have.
    SHARED = "SELECT one.kind, one.shown, one.weight FROM case_marks one JOIN case_marks other \
        ON other.kind = one.kind AND other.value = one.value \
        WHERE one.case_id = $1 AND other.case_id = $2 ORDER BY one.weight DESC, one.kind";
    /// What most cases of a campaign share, the most shared first: $1 campaign, $2 limit.
    MARKS_OF = "SELECT kind, MIN(shown) AS shown, COUNT(*) AS cases FROM case_marks \
        JOIN cases ON cases.id = case_marks.case_id WHERE cases.campaign_id = $1 \
        GROUP BY kind, value HAVING COUNT(*) > 1 ORDER BY cases DESC, kind, shown LIMIT $2";
    /// $1 case.
    HAS_MARKS = "SELECT COUNT(*) FROM case_marks WHERE case_id = $1";
    /// $1 case, $2 report, $3 sketch.
    PUT_SKETCH = "INSERT INTO case_sketches (case_id, report_id, sketch) VALUES ($1, $2, $3) \
        ON CONFLICT DO NOTHING";
    /// $1 case.
    SKETCH = "SELECT sketch FROM case_sketches WHERE case_id = $1";
    /// $1 case.
    CAMPAIGN_OF = "SELECT campaign_id FROM cases WHERE id = $1";
    /// $1 case, $2 campaign.
    JOIN = "UPDATE cases SET campaign_id = $2 WHERE id = $1";
    /// $1 id, $2 at, $3 cases, $4 brand.
    INSERT = "INSERT INTO campaigns (id, opened_at, changed_at, cases, brand) \
        VALUES ($1, $2, $2, $3, $4)";
    /// $1 id, $2 at, $3 more cases, $4 brand.
    GROW = "UPDATE campaigns SET cases = cases + $3, changed_at = $2, \
        brand = COALESCE(brand, $4) WHERE id = $1";
    /// $1 from, $2 to.
    MOVE_CASES = "UPDATE cases SET campaign_id = $2 WHERE campaign_id = $1";
    /// $1 from, $2 to.
    MERGE = "UPDATE campaigns SET merged_into = $2, cases = 0 WHERE id = $1";
    /// $1 id.
    CAMPAIGN = "SELECT id, opened_at, changed_at, cases, brand, merged_into FROM campaigns \
        WHERE id = $1";
    /// $1 before this id, $2 limit.
    LIST = "SELECT id, opened_at, changed_at, cases, brand, merged_into FROM campaigns \
        WHERE id < $1 AND merged_into IS NULL AND cases > 0 ORDER BY id DESC LIMIT $2";
    /// $1 month, $2 brand, $3 channel, $4 more cases, $5 more campaigns.
    COUNT = "INSERT INTO campaign_counts (month, brand, channel, cases, campaigns) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (month, brand, channel) DO UPDATE SET \
        cases = campaign_counts.cases + excluded.cases, \
        campaigns = campaign_counts.campaigns + excluded.campaigns";
    /// $1 limit.
    COUNTS = "SELECT month, brand, channel, cases, campaigns FROM campaign_counts \
        ORDER BY month DESC, cases DESC, brand, channel LIMIT $1";
    /// $1 report.
    FORGET_MARKS_OF_REPORT = "DELETE FROM case_marks WHERE report_id = $1";
    /// $1 report.
    FORGET_SKETCH_OF_REPORT = "DELETE FROM case_sketches WHERE report_id = $1";
    /// $1 case.
    FORGET_MARKS = "DELETE FROM case_marks WHERE case_id = $1";
    /// $1 case.
    FORGET_SKETCH = "DELETE FROM case_sketches WHERE case_id = $1";
    /// $1 case that goes.
    LEAVE = "UPDATE campaigns SET cases = cases - 1 WHERE id = \
        (SELECT campaign_id FROM cases WHERE id = $1)";
}
