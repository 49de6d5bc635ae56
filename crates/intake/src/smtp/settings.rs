//! The keys of the `[smtp]` table. Only `belfry` reads files; this is the shape.

use serde::{Deserialize, Serialize};

use crate::REPORT_BYTES_MAX;

/// How the SMTP intake behaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmtpSettings {
    /// The name in the greeting.
    pub hostname: String,
    /// Whom we take mail for: addresses (`report@csirt.example`) and whole domains
    /// (`csirt.example`). Empty takes any recipient: fit for a reporting mailbox
    /// behind a relay that has already chosen.
    pub recipients: Vec<String>,
    /// The largest mail, in octets.
    pub size_bytes_max: usize,
    /// Octets of mails in flight, all connections together.
    pub memory_bytes_max: usize,
    /// Recipients of one mail.
    pub recipients_max: usize,
    /// Errors before we hang up.
    pub errors_max: u32,
    /// Commands between two mails before we hang up.
    pub commands_max: u32,
    /// Mails on one connection before we hang up.
    pub mails_max: u32,
    /// Connections at once.
    pub connections_max: usize,
    /// Connections at once from one IPv4 address or one IPv6 /64.
    pub connections_per_address_max: usize,
    /// Mails at once from one IPv4 address or one IPv6 /64; 0 sets no limit.
    pub mails_burst_per_address: u32,
    /// And so many more a minute.
    pub mails_per_minute_per_address: u32,
    /// How long we wait for the next byte.
    pub idle_seconds: u64,
    /// How long one mail's content may take to arrive.
    pub content_seconds: u64,
    /// How long one connection may last.
    pub session_seconds: u64,
}

impl Default for SmtpSettings {
    fn default() -> Self {
        Self {
            hostname: "localhost".into(),
            recipients: Vec::new(),
            size_bytes_max: REPORT_BYTES_MAX,
            memory_bytes_max: 256 << 20,
            recipients_max: 100,
            errors_max: 20,
            commands_max: 1_000,
            mails_max: 1_000,
            connections_max: 1_000,
            connections_per_address_max: 20,
            mails_burst_per_address: 6_000,
            mails_per_minute_per_address: 6_000,
            idle_seconds: 300,
            content_seconds: 600,
            session_seconds: 1_800,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_keys_have_defaults_and_unknown_ones_are_refused() {
        let settings: SmtpSettings = serde_json::from_str(r#"{"size_bytes_max": 7}"#).unwrap();
        assert_eq!(settings, SmtpSettings { size_bytes_max: 7, ..SmtpSettings::default() });
        let error = serde_json::from_str::<SmtpSettings>(r#"{"size_max": 7}"#).unwrap_err();
        assert!(error.to_string().contains("unknown field `size_max`"), "{error}");
    }
}
