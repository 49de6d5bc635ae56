//! What an operator sets about the warning page. Reads no file itself.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::http::HttpLimits;
use crate::warning::language::Language;

/// The warning page's settings; the defaults fit Belgium.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WarningSettings {
    /// Where the page is served.
    pub listen: SocketAddr,
    /// For browsers that ask for none of ours.
    pub language: Language,
    /// Who ordered the blocks, by name; empty says "the authority that runs this service".
    pub authority: String,
    /// Where a site's owner can object; without it the page says to quote the order's number.
    pub objection_url: Option<String>,
    /// Where suspicious messages can be reported.
    pub report_url: Option<String>,
    /// Who blocks bank cards, by name.
    pub helpline_name: String,
    /// Its telephone number as it is dialled in the country.
    pub helpline_phone: String,
    /// Connections at the same time.
    pub connections_max: usize,
    /// Connections of one address at the same time; many customers may share one.
    pub connections_per_address_max: usize,
    /// How long a request's header may take.
    pub header_seconds: u64,
}

impl Default for WarningSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)),
            language: Language::default(),
            authority: String::new(),
            objection_url: None,
            report_url: None,
            helpline_name: "Card Stop".into(),
            helpline_phone: "078 170 170".into(),
            connections_max: 2_000,
            connections_per_address_max: 200,
            header_seconds: 10,
        }
    }
}

impl WarningSettings {
    pub(super) fn limits(&self) -> HttpLimits {
        HttpLimits {
            connections_max: self.connections_max,
            connections_per_address_max: self.connections_per_address_max,
            header_seconds: self.header_seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_set_by_its_tag_and_a_misspelt_key_refused() {
        let french: WarningSettings = serde_json::from_str(r#"{"language":"fr"}"#).unwrap();
        let expected = WarningSettings { language: Language::Fr, ..WarningSettings::default() };
        assert_eq!(french, expected);
        assert!(serde_json::from_str::<WarningSettings>(r#"{"langauge":"fr"}"#).is_err());
        assert!(serde_json::from_str::<WarningSettings>(r#"{"language":"lu"}"#).is_err());
    }
}
