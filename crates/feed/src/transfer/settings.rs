//! How zones are made and served, as the configuration says it.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use belfry_indicator::Domain;
use belfry_rpz::{BlockAnswer, RecordSettings};
use serde::{Deserialize, Serialize};

/// How a block is answered by a resolver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answers {
    /// With the warning host's addresses.
    Redirect,
    /// That there is no such name.
    Nxdomain,
}

/// `[transfers]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransferSettings {
    /// Where zones are served over TCP and UDP.
    pub listen: Vec<SocketAddr>,
    /// Where they are served over TLS.
    pub tls_listen: Vec<SocketAddr>,
    /// The name that all zones are below.
    pub origin: String,
    /// How a block is answered.
    pub answer: Answers,
    /// The warning host's address, answered to A.
    pub warning_ipv4: Option<Ipv4Addr>,
    /// The warning host's address, answered to AAAA.
    pub warning_ipv6: Option<Ipv6Addr>,
    /// TTL of every record, at most 60.
    pub ttl_seconds: u32,
    /// How often secondaries look without being told.
    pub refresh_seconds: u32,
    /// Connections at once.
    pub connections_max: usize,
    /// Of them from one address.
    pub connections_per_address_max: usize,
    /// How long a connection may say nothing.
    pub idle_seconds: u64,
    /// How long a secondary may take for one message.
    pub message_seconds: u64,
    /// How long changes are gathered before secondaries are told.
    pub notify_delay_ms: u64,
    /// How often resolvers of operators are probed; 0 never does.
    pub probe_seconds: u64,
    /// How long a resolver may lack a change before that is an alarm.
    pub behind_seconds: u64,
}

impl Default for TransferSettings {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from(([127, 0, 0, 1], 5354))],
            tls_listen: Vec::new(),
            origin: "rpz.belfry.internal".to_owned(),
            answer: Answers::Redirect,
            warning_ipv4: None,
            warning_ipv6: None,
            ttl_seconds: 30,
            refresh_seconds: 60,
            connections_max: 400,
            connections_per_address_max: 40,
            idle_seconds: 30,
            message_seconds: 30,
            notify_delay_ms: 20,
            probe_seconds: 10,
            behind_seconds: 120,
        }
    }
}

impl TransferSettings {
    /// As zones are made by them; what can't be used is said in words.
    ///
    /// # Errors
    /// Which key, and why.
    pub fn records(&self) -> Result<RecordSettings, String> {
        let origin = Domain::parse(&self.origin)
            .map_err(|error| format!("transfers.origin {:?}: {error}", self.origin))?;
        if !(1..=60).contains(&self.ttl_seconds) {
            let ttl = self.ttl_seconds;
            return Err(format!("transfers.ttl_seconds is {ttl}: give 1 to 60"));
        }
        let block = match self.answer {
            Answers::Redirect if self.warning_ipv4.is_some() || self.warning_ipv6.is_some() => {
                BlockAnswer::Redirect { ipv4: self.warning_ipv4, ipv6: self.warning_ipv6 }
            }
            Answers::Redirect | Answers::Nxdomain => BlockAnswer::NxDomain,
        };
        Ok(RecordSettings {
            origin,
            block,
            ttl_seconds: self.ttl_seconds,
            refresh_seconds: self.refresh_seconds.max(1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_warning_host_a_block_is_no_such_name() {
        let settings = TransferSettings::default();
        assert_eq!(settings.records().unwrap().block, BlockAnswer::NxDomain);
        let ipv4 = Some(Ipv4Addr::LOCALHOST);
        let with = TransferSettings { warning_ipv4: ipv4, ..settings };
        let expected = BlockAnswer::Redirect { ipv4, ipv6: None };
        assert_eq!(with.records().unwrap().block, expected);
    }

    #[test]
    fn what_cannot_be_used_says_which_key() {
        let long = TransferSettings { ttl_seconds: 61, ..TransferSettings::default() };
        assert!(long.records().unwrap_err().contains("transfers.ttl_seconds"));
        let origin = TransferSettings { origin: "a..b".into(), ..TransferSettings::default() };
        assert!(origin.records().unwrap_err().contains("transfers.origin"));
    }
}
