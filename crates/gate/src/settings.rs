//! What an operator sets: every key, its default and its bounds. Reads no file
//! and no environment; the binary does that.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use belfry_indicator::Domain;
use belfry_journal::Category;
use serde::{Deserialize, Serialize};

use crate::access::Prefix;
use crate::errors::{CategoryErrors, StructuredErrors};
use crate::rpz::ZoneAction;
use crate::upstream::UpstreamSettings;

/// The gate's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GateSettings {
    /// Addresses for DNS over UDP and TCP; port 0 takes a free one for both.
    pub listen: Vec<SocketAddr>,
    /// Addresses for DNS over TLS; nothing listens there without a certificate.
    pub dot_listen: Vec<SocketAddr>,
    /// Addresses for DNS over HTTPS (`/dns-query`); nothing listens there without a certificate.
    pub doh_listen: Vec<SocketAddr>,
    /// Threads that answer over UDP, each with a socket and a core of its own; 0 is
    /// one for each core, up to 8.
    pub threads: usize,
    /// Other people's RPZ, from files or their primaries, the highest precedence first.
    pub zones: Vec<ZoneSettings>,
    /// Records that a zone from a primary may have; a larger one is refused whole.
    pub zone_records_max: usize,
    /// How often the zone files are looked at for changes; 0 is never.
    pub zones_check_seconds: u64,
    /// A change of the zone files that adds or drops more than this share of their names
    /// is held until SIGHUP confirms it; 100 and more hold none.
    pub zones_change_percent_max: u32,
    /// A change of the orders that drops or adds more than this share of them within a
    /// minute is held until it is confirmed; 100 and more hold none.
    pub orders_change_percent_max: u32,
    /// Clients that only look whether blocks hold: answers to them are not counted.
    pub probes: Vec<Prefix>,
    /// Resolvers that answer what is not blocked, tried in this order.
    pub upstreams: Vec<UpstreamSettings>,
    /// Whether questions over UDP mix the letter case of names, against forgers.
    pub upstream_letter_case: bool,
    /// Load balancers, which say by the PROXY protocol who asks.
    pub balancers: Vec<Prefix>,
    /// Questions a second over UDP from one prefix (24 bits of IPv4, 56 of IPv6); more are
    /// told to come over TCP. 0 limits nobody.
    pub limit_per_second: u32,
    /// Clients that are served; others are refused.
    pub clients: Vec<Prefix>,
    /// Where a blocked name leads.
    pub warning: WarningHost,
    /// Names that this operator never blocks, with all below them.
    pub never_block: Vec<Domain>,
    /// This operator's name at the hub; orders for named operators hold only if it is among them.
    pub operator: Option<String>,
    /// How each category is answered.
    pub answers: CategoryAnswers,
    /// What clients are told about each category.
    pub errors: CategoryErrors,
    /// Structured error data for clients that ask for it.
    pub structured: StructuredErrors,
    /// TTL of a blocked answer: 10 to 60, so that a release holds soon.
    pub block_ttl_seconds: u32,
    /// Cached answers, counted in pieces of 512 octets.
    pub cache_entries_max: usize,
    /// The longest that an answer is kept.
    pub cache_ttl_seconds_max: u32,
    /// The longest that "no such name" or "no such record" is kept.
    pub cache_negative_ttl_seconds_max: u32,
    /// How long beyond its lifetime an answer may do where upstreams fail; 0 is not at all.
    pub stale_seconds_max: u32,
    /// How long a client waits for an upstream where an old answer could do.
    pub stale_after_ms: u64,
    /// How long one upstream may take for one try.
    pub upstream_timeout_ms: u64,
    /// Different questions asked upstream at the same time; each takes a socket.
    pub upstream_queries_max: usize,
    /// Clients that wait for an upstream at the same time.
    pub clients_waiting_max: usize,
    /// How long a TCP connection may say nothing.
    pub tcp_idle_seconds: u64,
    /// TCP connections at the same time, over all addresses.
    pub tcp_connections_max: usize,
    /// How long to stay silent without a verified block set.
    pub first_sync_seconds: u64,
    /// What to do after that.
    pub without_state: WithoutState,
    /// Orders whose counts are kept; more are counted together.
    pub effects_orders_max: usize,
}

/// A zone of other people's RPZ: from a file, or from a primary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneSettings {
    /// The file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// The primary that it is transferred from instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<SocketAddr>,
    /// The file with the key that the primary and the gate sign by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// The zone's name; the file's, without its last extension, unless given. A primary is
    /// asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Acts, or only counts what it would have done.
    #[serde(default)]
    pub mode: ZoneMode,
    /// What is done wherever the zone wants anything done.
    #[serde(default)]
    pub action: ZoneAction,
}

/// Whether a zone acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZoneMode {
    /// It acts.
    #[default]
    Live,
    /// It only counts.
    Shadow,
}

impl ZoneSettings {
    /// The zone of a file, named for it, live and as it is.
    pub fn of_file(file: PathBuf) -> Self {
        Self { file: Some(file), ..Self::default() }
    }

    /// The zone of this name from a primary, live and as it is.
    pub fn of_primary(primary: SocketAddr, name: &Domain) -> Self {
        let name = Some(name.as_str().to_owned());
        Self { primary: Some(primary), name, ..Self::default() }
    }

    /// The zone's name.
    pub fn name(&self) -> String {
        let stem = self.file.as_ref().and_then(|file| file.file_stem());
        let stem = || stem.map(|stem| stem.to_string_lossy().into_owned());
        let name = self.name.clone().or_else(stem).unwrap_or_else(|| "zone".to_owned());
        match self.primary.and_then(|_| Domain::parse(&name).ok()) {
            Some(domain) => domain.as_str().to_owned(),
            None => name,
        }
    }

    fn check(&self) -> Result<(), &'static str> {
        match (&self.file, self.primary) {
            (None, None) | (Some(_), Some(_)) => {
                Err("must each name either a file or a primary, such as 192.0.2.1:53")
            }
            (Some(_), None) if self.key_file.is_some() => Err("with a file have no key_file"),
            (Some(_), None) => Ok(()),
            (None, Some(address)) if address.port() == 0 => {
                Err("have a primary with port 0; name the port, usually 53")
            }
            (None, Some(_)) => match self.name.as_deref().map(Domain::parse) {
                Some(Ok(_)) => Ok(()),
                _ => Err("with a primary must say the zone's name"),
            },
        }
    }
}

/// Where a blocked name leads. Without any address, blocked names do not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WarningHost {
    /// Answered to A.
    pub ipv4: Option<Ipv4Addr>,
    /// Answered to AAAA.
    pub ipv6: Option<Ipv6Addr>,
    /// Its own name, which is never blocked.
    pub name: Option<Domain>,
}

/// How a blocked name is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerMode {
    /// With the warning host's address.
    #[default]
    Redirect,
    /// As a name that does not exist.
    #[serde(rename = "nxdomain")]
    NxDomain,
}

/// How each category is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct CategoryAnswers {
    /// Steals credentials or payments.
    pub phishing: AnswerMode,
    /// Distributes malicious software.
    pub malware: AnswerMode,
    /// Takes money for nothing.
    pub fake_shop: AnswerMode,
    /// Any other fraud.
    pub other_fraud: AnswerMode,
}

/// What a gate without a verified block set does after `first_sync_seconds`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WithoutState {
    /// Answers unfiltered, with an alarm.
    #[default]
    Unfiltered,
    /// Answers SERVFAIL.
    Closed,
}

/// A setting that the gate refuses to start with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} {problem}")]
pub struct SettingError {
    /// Which key.
    pub key: &'static str,
    /// What is wrong and what would be right.
    pub problem: &'static str,
}

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from(([127, 0, 0, 1], 5353))],
            dot_listen: vec![SocketAddr::from(([127, 0, 0, 1], 8853))],
            doh_listen: vec![SocketAddr::from(([127, 0, 0, 1], 8443))],
            threads: 0,
            zones: Vec::new(),
            zone_records_max: 10_000_000,
            zones_check_seconds: 1,
            zones_change_percent_max: 50,
            orders_change_percent_max: 50,
            probes: Vec::new(),
            upstreams: Vec::new(),
            upstream_letter_case: true,
            balancers: Vec::new(),
            limit_per_second: 0,
            clients: Prefix::loopback(),
            warning: WarningHost::default(),
            never_block: Vec::new(),
            operator: None,
            answers: CategoryAnswers::default(),
            errors: CategoryErrors::default(),
            structured: StructuredErrors::default(),
            block_ttl_seconds: 30,
            cache_entries_max: 100_000,
            cache_ttl_seconds_max: 86_400,
            cache_negative_ttl_seconds_max: 900,
            stale_seconds_max: 86_400,
            stale_after_ms: 1_800,
            upstream_timeout_ms: 1_500,
            upstream_queries_max: 400,
            clients_waiting_max: 10_000,
            tcp_idle_seconds: 10,
            tcp_connections_max: 200,
            first_sync_seconds: 10,
            without_state: WithoutState::default(),
            effects_orders_max: 100_000,
        }
    }
}

impl GateSettings {
    /// Whether a gate can run with these.
    ///
    /// # Errors
    /// [`SettingError`] for the first setting out of its bounds.
    pub fn check(&self) -> Result<(), SettingError> {
        let wrong = |key, problem| Err(SettingError { key, problem });
        if self.listen.is_empty() {
            return wrong("listen", "is empty; name at least one address, such as 127.0.0.1:5353");
        }
        if self.upstreams.is_empty() {
            return wrong(
                "upstreams",
                "is empty; name at least one resolver, such as 192.0.2.53:53",
            );
        }
        if self.upstreams.iter().any(|upstream| upstream.address.port() == 0) {
            return wrong("upstreams", "has an address with port 0; name the port, usually 53");
        }
        if self.upstreams.iter().any(|upstream| self.listen.contains(&upstream.address)) {
            return wrong("upstreams", "names an address of listen: the gate would ask itself");
        }
        if !(10..=60).contains(&self.block_ttl_seconds) {
            return wrong("block_ttl_seconds", "must be 10 to 60, so that a release holds soon");
        }
        if !(1..=60_000).contains(&self.stale_after_ms) {
            return wrong("stale_after_ms", "must be 1 to 60000");
        }
        if !(1..=60_000).contains(&self.upstream_timeout_ms) {
            return wrong("upstream_timeout_ms", "must be 1 to 60000");
        }
        self.errors.check()?;
        self.structured.check()?;
        if self.threads > 1_024 {
            return wrong("threads", "must be at most 1024");
        }
        if self.zones.len() > crate::rpz::ZONES_MAX {
            return wrong("zones", "must be at most 16");
        }
        if let Some(problem) = self.zones.iter().find_map(|zone| zone.check().err()) {
            return wrong("zones", problem);
        }
        let mut names: Vec<_> = self.zones.iter().map(ZoneSettings::name).collect();
        names.sort_unstable();
        if self.zones.iter().any(|zone| zone.primary.is_some())
            && names.windows(2).any(|two| two[0] == two[1])
        {
            return wrong("zones", "must have different names where they have primaries");
        }
        if !(1..=100_000_000).contains(&self.zone_records_max) {
            return wrong("zone_records_max", "must be 1 to 100000000");
        }
        let counts = [
            ("upstream_queries_max", self.upstream_queries_max),
            ("clients_waiting_max", self.clients_waiting_max),
            ("tcp_connections_max", self.tcp_connections_max),
        ];
        match counts.into_iter().find(|(_, count)| !(1..=1_000_000).contains(count)) {
            Some((key, _)) => wrong(key, "must be 1 to 1000000"),
            None => Ok(()),
        }
    }

    /// How long one upstream may take for one try.
    pub(crate) fn upstream_timeout(&self) -> Duration {
        Duration::from_millis(self.upstream_timeout_ms)
    }
}

impl CategoryAnswers {
    /// How `category` is answered.
    pub fn of(&self, category: Category) -> AnswerMode {
        match category {
            Category::Phishing => self.phishing,
            Category::Malware => self.malware,
            Category::FakeShop => self.fake_shop,
            Category::OtherFraud => self.other_fraud,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(change: impl FnOnce(&mut GateSettings)) -> GateSettings {
        let mut settings = GateSettings {
            upstreams: vec![SocketAddr::from(([192, 0, 2, 53], 53)).into()],
            ..GateSettings::default()
        };
        change(&mut settings);
        settings
    }

    #[test]
    fn the_defaults_with_an_upstream_will_do() {
        assert_eq!(settings(|_| ()).check(), Ok(()));
    }

    #[test]
    fn what_is_out_of_bounds_is_named() {
        let key = |change: fn(&mut GateSettings)| settings(change).check().unwrap_err().key;
        assert_eq!(key(|s| s.listen.clear()), "listen");
        assert_eq!(key(|s| s.upstreams.clear()), "upstreams");
        assert_eq!(key(|s| s.upstreams[0].address.set_port(0)), "upstreams");
        assert_eq!(key(|s| s.listen = vec![s.upstreams[0].address]), "upstreams");
        assert_eq!(key(|s| s.stale_after_ms = 0), "stale_after_ms");
        assert_eq!(key(|s| s.block_ttl_seconds = 61), "block_ttl_seconds");
        assert_eq!(key(|s| s.upstream_timeout_ms = 0), "upstream_timeout_ms");
        assert_eq!(key(|s| s.threads = 1_025), "threads");
        assert_eq!(key(|s| s.tcp_connections_max = 0), "tcp_connections_max");
        assert_eq!(key(|s| s.zone_records_max = 0), "zone_records_max");
    }

    #[test]
    fn a_zone_has_a_file_or_a_primary_and_a_name_of_its_own() {
        let at = SocketAddr::from(([192, 0, 2, 1], 53));
        let name = Domain::parse("Rpz.Example").unwrap();
        let whole = ZoneSettings::of_primary(at, &name);
        assert_eq!(whole.name(), "rpz.example");
        let check = |zones: &[ZoneSettings], expect: &str| {
            let found = settings(|s| s.zones = zones.to_vec()).check();
            let found = found.err().map_or("", |error| error.problem);
            assert!(found.contains(expect) && found.is_empty() == expect.is_empty(), "{found}");
        };
        let file = ZoneSettings::of_file("/etc/rpz.zone".into());
        check(&[whole.clone(), file.clone()], "");
        check(&[ZoneSettings::default()], "either a file or a primary");
        check(&[ZoneSettings { file: file.file.clone(), ..whole.clone() }], "either");
        check(&[ZoneSettings { key_file: file.file.clone(), ..file }], "no key_file");
        check(&[ZoneSettings { name: None, ..whole.clone() }], "the zone's name");
        check(&[ZoneSettings { name: Some("..".into()), ..whole.clone() }], "the zone's name");
        let port = SocketAddr::from(([192, 0, 2, 1], 0));
        check(&[ZoneSettings { primary: Some(port), ..whole.clone() }], "port 0");
        check(&[whole.clone(), whole], "different names");
    }

    #[test]
    fn a_zone_is_named_for_its_file_unless_it_has_a_name() {
        let zone = |json: &str| serde_json::from_str::<ZoneSettings>(json).unwrap();
        assert_eq!(zone(r#"{"primary":"192.0.2.1:53","name":"b"}"#).name(), "b");
        let plain = zone(r#"{"file":"/etc/rpz.example.zone"}"#);
        assert_eq!((plain.name().as_str(), plain.mode), ("rpz.example", ZoneMode::Live));
        let named = zone(r#"{"file":"a.zone","name":"b","mode":"shadow"}"#);
        assert_eq!((named.name().as_str(), named.mode), ("b", ZoneMode::Shadow));
    }

    #[test]
    fn reads_what_it_writes_and_refuses_unknown_keys() {
        let json = r#"{"clients":["192.0.2.0/24"],"answers":{"fake-shop":"nxdomain"},"without_state":"closed"}"#;
        let read: GateSettings = serde_json::from_str(json).unwrap();
        assert_eq!(read.answers.of(Category::FakeShop), AnswerMode::NxDomain);
        assert_eq!(read.answers.of(Category::Phishing), AnswerMode::Redirect);
        assert_eq!(read.without_state, WithoutState::Closed);
        assert_eq!(read.block_ttl_seconds, 30);
        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<GateSettings>(&written).unwrap(), read);
        assert!(serde_json::from_str::<GateSettings>(r#"{"client":[]}"#).is_err());
    }
}
