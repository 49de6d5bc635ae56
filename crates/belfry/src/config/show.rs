//! `config show`: every key with its value, meaning and origin.

use std::fmt::Write;

use toml::{Table, Value};

use crate::config::meanings::MEANINGS;
use crate::config::{Config, ConfigError, Loaded};

/// The configuration as a TOML file that says the same, each key with its
/// meaning and origin as a comment.
pub(crate) fn show(loaded: &Loaded) -> Result<String, ConfigError> {
    let values = table(&loaded.config)?;
    let mut text = String::new();
    let mut section = "";
    for (key, meaning) in MEANINGS {
        let (path, name) = key.rsplit_once('.').unwrap_or(("", key));
        if path != section {
            section = path;
            let _ = writeln!(text, "[{section}]");
        }
        let origin = origin(loaded, key);
        let _ = writeln!(text, "# {meaning} ({origin})");
        let _ = match look_up(&values, key) {
            Some(value) => writeln!(text, "{name} = {value}\n"),
            None => writeln!(text, "# {name} is not set\n"),
        };
    }
    Ok(text)
}

fn table(config: &Config) -> Result<Table, ConfigError> {
    Table::try_from(config)
        .map_err(|error| ConfigError::value("the configuration", error.to_string()))
}

fn look_up<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    let mut parts = key.split('.');
    let first = table.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(part))
}

fn origin(loaded: &Loaded, key: &str) -> &'static str {
    let in_file = loaded.file.as_ref().is_some_and(|file| look_up(file, key).is_some());
    if loaded.flags.contains(&key) {
        "by flag or environment"
    } else if key == "gate.upstreams" && loaded.system_upstreams {
        "the system's resolvers"
    } else if in_file {
        "from the file"
    } else {
        "default"
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli::DataArgs;

    /// Keys that are not set by default, so that no value shows them.
    const UNSET: [&str; 46] = [
        "sms.honest_texts",
        "sms.operator",
        "sms.smsc",
        "sms.smsc_ca_file",
        "sms.smsc_name",
        "sms.peers_ca_file",
        "sms.decide",
        "sms.hub",
        "sms.token_file",
        "sms.ca_file",
        "sms.templates",
        "sms.short_code.number",
        "sms.short_code.account",
        "sms.short_code.password_file",
        "sms_tls.certificate",
        "sms_tls.key",
        "transfers.warning_ipv4",
        "transfers.warning_ipv6",
        "transfers_tls.certificate",
        "transfers_tls.key",
        "inspect.group_id",
        "inspect.user_id",
        "judge.model",
        "judge.brands",
        "console.origin",
        "backup.folder",
        "backup.key_file",
        "backup.passed_file",
        "smtp_tls.certificate",
        "smtp_tls.key",
        "http_tls.certificate",
        "http_tls.key",
        "gate_tls.certificate",
        "gate_tls.key",
        "upstream_tls.ca_file",
        "outgoing.smarthost",
        "outgoing.ca_file",
        "outgoing.user",
        "outgoing.password_file",
        "outgoing.sender",
        "outgoing.page",
        "gate.operator",
        "gate.warning.ipv6",
        "gate.warning.name",
        "warning.objection_url",
        "warning.report_url",
    ];

    fn leaves(prefix: &str, table: &Table, into: &mut BTreeSet<String>) {
        for (name, value) in table {
            let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            match value {
                Value::Table(inner) => leaves(&key, inner, into),
                _ => drop(into.insert(key)),
            }
        }
    }

    #[test]
    fn every_key_has_a_meaning_and_every_meaning_a_key() {
        let mut keys = BTreeSet::new();
        leaves("", &table(&Config::default()).unwrap(), &mut keys);
        keys.extend(UNSET.iter().map(ToString::to_string));
        let meant: BTreeSet<String> = MEANINGS.iter().map(|(key, _)| key.to_string()).collect();
        assert_eq!(meant, keys);
    }

    #[test]
    fn what_is_shown_loads_as_the_same_configuration() {
        let loaded = crate::config::load(&DataArgs { config: None, data: None }, &[]).unwrap();
        let shown = show(&loaded).unwrap();
        assert_eq!(toml::from_str::<Config>(&shown).unwrap(), loaded.config, "{shown}");
    }
}
