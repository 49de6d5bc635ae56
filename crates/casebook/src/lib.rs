//! Reports, cases, verdicts, journal and audit: the only crate that knows SQL and blobs.
