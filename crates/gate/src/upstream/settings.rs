//! How an operator names an upstream: its address alone, or a table that says more.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// How an upstream is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpstreamTransport {
    /// By datagrams, by TCP where an answer does not fit or its sender is in doubt.
    #[default]
    Udp,
    /// Over one TCP connection that is kept.
    Tcp,
    /// Inside TLS, and its certificate is checked.
    Tls,
}

/// One upstream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct UpstreamSettings {
    /// Where it is.
    pub address: SocketAddr,
    /// How it is asked.
    pub transport: UpstreamTransport,
    /// The name on its certificate; its address unless given.
    pub tls_name: Option<String>,
    /// It is told who asks, by the PROXY protocol.
    pub proxy: bool,
    /// Its word that an answer is authentic (AD) is passed on: only over a way that
    /// nobody else can write to.
    pub trust_ad: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Address(SocketAddr),
    Table(Table),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    address: SocketAddr,
    #[serde(default)]
    transport: UpstreamTransport,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tls_name: Option<String>,
    #[serde(default)]
    proxy: bool,
    #[serde(default)]
    trust_ad: bool,
}

impl From<SocketAddr> for UpstreamSettings {
    fn from(address: SocketAddr) -> Self {
        let transport = UpstreamTransport::default();
        Self { address, transport, tls_name: None, proxy: false, trust_ad: false }
    }
}

impl From<Written> for UpstreamSettings {
    fn from(written: Written) -> Self {
        match written {
            Written::Address(address) => address.into(),
            Written::Table(Table { address, transport, tls_name, proxy, trust_ad }) => {
                Self { address, transport, tls_name, proxy, trust_ad }
            }
        }
    }
}

impl From<UpstreamSettings> for Written {
    fn from(settings: UpstreamSettings) -> Self {
        let UpstreamSettings { address, transport, tls_name, proxy, trust_ad } = settings;
        if UpstreamSettings::from(address)
            == (UpstreamSettings {
                address,
                transport,
                tls_name: tls_name.clone(),
                proxy,
                trust_ad,
            })
        {
            return Self::Address(address);
        }
        Self::Table(Table { address, transport, tls_name, proxy, trust_ad })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expect: UpstreamTransport) {
        let read: UpstreamSettings = serde_json::from_str(json).unwrap();
        assert_eq!(read.transport, expect, "{json}");
        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<UpstreamSettings>(&written).unwrap(), read);
    }

    #[test]
    fn an_address_is_enough_and_a_table_says_more() {
        check(r#""192.0.2.53:53""#, UpstreamTransport::Udp);
        check(r#"{"address":"192.0.2.53:53","proxy":true}"#, UpstreamTransport::Udp);
        check(
            r#"{"address":"192.0.2.53:853","transport":"tls","tls_name":"dns.example"}"#,
            UpstreamTransport::Tls,
        );
        for wrong in [r#""dns.example""#, r#"{"address":"192.0.2.53:53","adress":1}"#] {
            assert!(serde_json::from_str::<UpstreamSettings>(wrong).is_err(), "{wrong}");
        }
        let plain = UpstreamSettings::from(SocketAddr::from(([192, 0, 2, 53], 53)));
        assert_eq!(serde_json::to_string(&plain).unwrap(), r#""192.0.2.53:53""#);
    }
}
