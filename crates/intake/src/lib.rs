//! SMTP and HTTP intake of reports.
