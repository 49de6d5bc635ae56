//! The life of a case: grouping, verdicts, expiry.
