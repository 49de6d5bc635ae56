//! Reading the file: unknown keys and unusable values are refused, with their place.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::address::system_resolvers;
use crate::cli::DataArgs;
use crate::config::{Config, TlsKeys};

const RESOLV_CONF: &str = "/etc/resolv.conf";

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file can't be read.
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    /// TOML, an unknown key or a value of the wrong type.
    #[error("{path} is refused whole: {message}")]
    Refused { path: PathBuf, message: String },
    /// A value that can't be used.
    #[error("{key} {problem}")]
    Value { key: String, problem: String },
}

impl ConfigError {
    pub(crate) fn value(key: &str, problem: impl Into<String>) -> Self {
        Self::Value { key: key.to_owned(), problem: problem.into() }
    }
}

/// A configuration and where its parts come from.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    /// The file's own keys, `None` without a file.
    pub(crate) file: Option<toml::Table>,
    /// Keys set by flag or environment.
    pub(crate) flags: Vec<&'static str>,
    /// Whether the upstreams are the system's.
    pub(crate) system_upstreams: bool,
}

/// The file of `args` over the defaults, and the flags over both.
pub(crate) fn load(args: &DataArgs, upstreams: &[SocketAddr]) -> Result<Loaded, ConfigError> {
    let (mut config, file) = match &args.config {
        Some(path) => {
            let (config, table) = read(path)?;
            (config, Some(table))
        }
        None => (Config::default(), None),
    };
    let mut flags = Vec::new();
    if let Some(data) = &args.data {
        config.data.clone_from(data);
        flags.push("data");
    }
    if !upstreams.is_empty() {
        config.gate.upstreams = upstreams.iter().copied().map(Into::into).collect();
        flags.push("gate.upstreams");
    }
    let system_upstreams = config.gate.upstreams.is_empty();
    if system_upstreams {
        let resolvers = system_resolvers(Path::new(RESOLV_CONF));
        config.gate.upstreams = resolvers.into_iter().map(Into::into).collect();
    }
    check(&config)?;
    Ok(Loaded { config, file, flags, system_upstreams })
}

fn read(path: &Path) -> Result<(Config, toml::Table), ConfigError> {
    let file = |source| ConfigError::File { path: path.to_owned(), source };
    let refused = |error: toml::de::Error| ConfigError::Refused {
        path: path.to_owned(),
        message: error.to_string(),
    };
    let text = std::fs::read_to_string(path).map_err(file)?;
    let config = toml::from_str(&text).map_err(refused)?;
    let table = toml::from_str(&text).map_err(refused)?;
    Ok((config, table))
}

/// What no type can say.
fn check(config: &Config) -> Result<(), ConfigError> {
    let upstreams = config.gate.upstreams.iter().map(|upstream| upstream.address);
    let own = upstreams.into_iter().find(|address| config.gate.listen.contains(address));
    if let Some(upstream) = own {
        let problem =
            format!("names {upstream}, where the gate itself listens: it would ask itself");
        return Err(ConfigError::value("gate.upstreams", problem));
    }
    config.gate.check().map_err(|error| ConfigError::value("gate", error.to_string()))?;
    config.site(config.listen.http.port())?;
    check_tls("smtp_tls", &config.smtp_tls)?;
    check_tls("http_tls", &config.http_tls)?;
    check_tls("gate_tls", &config.gate_tls)?;
    check_tls("sms_tls", &config.sms_tls)?;
    config.sms.check()?;
    let smtp_tls = config.smtp_tls.self_signed || config.smtp_tls.key.is_some();
    if !config.listen.smtps.is_empty() && !smtp_tls {
        return Err(ConfigError::value("listen.smtps", "needs a certificate in [smtp_tls]"));
    }
    let positive = [
        ("desk.block_days", u64::from(config.desk.block_days), 366),
        ("desk.compromised_hours", u64::from(config.desk.compromised_hours), 366 * 24),
        ("desk.benign_days", u64::from(config.desk.benign_days), 3_660),
        ("desk.upkeep_seconds", u64::from(config.desk.upkeep_seconds), 3_600),
        ("desk.heartbeat_seconds", u64::from(config.desk.heartbeat_seconds), 86_400),
        ("desk.away_hours_max", u64::from(config.desk.away_hours_max), 366 * 24),
        ("desk.recheck_days", u64::from(config.desk.recheck_days), 366),
        ("desk.surge_hours", u64::from(config.desk.surge_hours), 366 * 24),
        (
            "desk.surge_answers_per_minute",
            u64::from(config.desk.surge_answers_per_minute),
            1_000_000_000,
        ),
        ("rules.block_hours", u64::from(config.rules.block_hours), 366 * 24),
        ("rules.orders_per_hour_max", u64::from(config.rules.orders_per_hour_max), 1_000_000),
        ("retention.undecided_days", u64::from(config.retention.undecided_days), 36_600),
        ("retention.fraud_days", u64::from(config.retention.fraud_days), 36_600),
        ("retention.harmless_days", u64::from(config.retention.harmless_days), 36_600),
        ("retention.reporter_days", u64::from(config.retention.reporter_days), 36_600),
        ("retention.objection_days", u64::from(config.retention.objection_days), 36_600),
        ("retention.sweep_hours", u64::from(config.retention.sweep_hours), 8_760),
        ("backup.keep", config.backup.keep as u64, 10_000),
        ("reader.children", config.reader.children as u64, 256),
        ("reader.job_ms_max", config.reader.job_ms_max, 600_000),
        ("reader.jobs_max", u64::from(config.reader.jobs_max), 1_000_000),
        ("reader.cpu_seconds_max", config.reader.cpu_seconds_max, 86_400),
        ("intake.unread_max", config.intake.unread_max, 1_000_000_000),
        ("intake.authentication.seconds_max", config.intake.authentication.seconds_max, 60),
        ("outgoing.port", u64::from(config.outgoing.port), 65_535),
        ("outgoing.per_hour_max", u64::from(config.outgoing.per_hour_max), 1_000),
        ("outgoing.give_up_days", u64::from(config.outgoing.give_up_days), 366),
        ("outgoing.days", u64::from(config.outgoing.days), 366),
        ("follow.report_seconds", config.follow.report_seconds, 3_600),
        ("follow.save_seconds", config.follow.save_seconds, 3_600),
    ];
    for (key, value, most) in positive.into_iter().chain(http_numbers(config)) {
        if value == 0 || value > most {
            return Err(ConfigError::value(key, format!("is {value}: give 1 to {most}")));
        }
    }
    if config.reader.memory_bytes_max < 256 << 20 {
        return Err(ConfigError::value("reader.memory_bytes_max", "must be at least 268435456"));
    }
    crate::config::letters(config)?;
    crate::config::lists(config).map(drop)
}

/// Numbers of the HTTP ports, each with the most it may be.
fn http_numbers(config: &Config) -> [(&'static str, u64, u64); 11] {
    let (http, warning) = (&config.http, &config.warning);
    let each = |most: usize| most as u64;
    [
        ("http.connections_max", each(http.connections_max), 1_000_000),
        ("http.connections_per_address_max", each(http.connections_per_address_max), 1_000_000),
        (
            "warning.connections_per_address_max",
            each(warning.connections_per_address_max),
            1_000_000,
        ),
        ("http.client_burst", u64::from(http.client_burst), 1_000_000),
        ("http.client_per_minute", u64::from(http.client_per_minute), 100_000_000),
        ("http.token_burst", u64::from(http.token_burst), 1_000_000),
        ("http.token_per_minute", u64::from(http.token_per_minute), 100_000_000),
        ("http.failures_burst", u64::from(http.failures_burst), 1_000_000),
        ("http.failures_per_minute", u64::from(http.failures_per_minute), 100_000_000),
        ("http.body_seconds", http.body_seconds, 86_400),
        ("http.header_seconds", http.header_seconds, 3_600),
    ]
}

fn check_tls(table: &str, keys: &TlsKeys) -> Result<(), ConfigError> {
    if keys.certificate.is_some() != keys.key.is_some() {
        return Err(ConfigError::value(table, "needs both certificate and key, or neither"));
    }
    if keys.self_signed && keys.key.is_some() {
        return Err(ConfigError::value(table, "has files, so that self_signed must be false"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn try_load(text: &str) -> Result<Loaded, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("belfry.toml");
        std::fs::write(&path, text).unwrap();
        load(&DataArgs { config: Some(path), data: None }, &[])
    }

    #[test]
    fn the_defaults_load_without_a_file() {
        let loaded = load(&DataArgs { config: None, data: None }, &[]).unwrap();
        assert!(loaded.file.is_none() && loaded.flags.is_empty());
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = try_load("[listen]\nhttp = \"127.0.0.1:1\"\nhtpp = 1\n").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("htpp") && text.contains("line 3"), "{text}");
    }

    #[test]
    fn values_that_cannot_be_used_are_refused_by_key() {
        let check = |text: &str, key: &str| {
            let error = try_load(text).unwrap_err().to_string();
            assert!(error.contains(key), "{text}: {error}");
        };
        check("[desk]\nblock_days = 0", "desk.block_days");
        check("[desk]\nblock_days = 4000", "desk.block_days");
        check("[smtp_tls]\ncertificate = \"a.pem\"", "smtp_tls");
        check("[http_tls]\nkey = \"a\"\ncertificate = \"b\"\nself_signed = true", "http_tls");
        check("[listen]\nsmtps = [\"127.0.0.1:0\"]", "listen.smtps");
        check("[guard]\nnever_block = [\"not a name\"]", "guard.never_block");
        check("[guard]\nnever_block_files = [\"/nonexistent\"]", "/nonexistent");
        check("[gate]\nupstreams = [\"127.0.0.1:5353\"]", "gate.upstreams");
        check("[gate]\nlisten = []", "gate");
    }

    #[test]
    fn flags_stand_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("belfry.toml");
        std::fs::write(&path, "data = \"from-file\"").unwrap();
        let args = DataArgs { config: Some(path), data: Some("from-flag".into()) };
        let loaded = load(&args, &["192.0.2.1:53".parse().unwrap()]).unwrap();
        assert_eq!(loaded.config.data, PathBuf::from("from-flag"));
        assert_eq!(loaded.flags, ["data", "gate.upstreams"]);
        assert!(!loaded.system_upstreams);
    }
}
