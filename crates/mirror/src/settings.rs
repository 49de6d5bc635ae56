//! What is kept where, as `belfry operator config` writes it.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::time::Duration;

use belfry_indicator::{Domain, OperatorName};
use belfry_journal::Category;
use belfry_rpz::{BlockAnswer, RecordSettings, Selection, ZoneAlone, ZoneKind, ZonesError};
use serde::Deserialize;

/// The shortest pause between two files: servers look once a second, some at whole seconds only.
const PAUSE_SECONDS_MIN: u64 = 1;

/// The form of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Writes {
    /// A zone of RPZ, for Knot Resolver.
    Rpz,
    /// A constant database, for dnsdist.
    Cdb,
}

/// `mirror.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MirrorSettings {
    /// Whose orders count besides everyone's.
    pub operator: String,
    /// Blocks of these categories.
    pub categories: Vec<String>,
    /// The server's folder, where the files go.
    pub folder: PathBuf,
    /// Their form.
    pub writes: Writes,
    /// The warning host's address, answered to A by a zone.
    pub warning_ipv4: Option<Ipv4Addr>,
    /// The warning host's address, answered to AAAA by a zone.
    pub warning_ipv6: Option<Ipv6Addr>,
    /// TTL of a zone's records, at most 60.
    #[serde(default = "thirty")]
    pub ttl_seconds: u32,
    /// The pause after a write: at most one file is replaced in so many seconds.
    #[serde(default = "one")]
    pub pause_seconds: u64,
    /// How often the base may be written anew, unless it must be.
    #[serde(default = "sixty")]
    pub base_seconds: u64,
}

fn one() -> u64 {
    1
}

fn thirty() -> u32 {
    30
}

fn sixty() -> u64 {
    60
}

/// Why settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A key with a value that is none.
    #[error("mirror.toml: {0}")]
    Value(String),
    /// The zone can't be made.
    #[error(transparent)]
    Zones(#[from] ZonesError),
}

impl MirrorSettings {
    /// The zone that is kept, empty.
    ///
    /// # Errors
    /// [`SettingsError`]: which key, and why.
    pub fn zone(&self) -> Result<ZoneAlone, SettingsError> {
        let value = |why: String| SettingsError::Value(why);
        let operator = OperatorName::parse(&self.operator)
            .map_err(|error| value(format!("operator {:?}: {error}", self.operator)))?;
        let category = |name: &String| {
            Category::from_name(name).ok_or_else(|| value(format!("{name:?} is no category")))
        };
        let categories =
            self.categories.iter().map(category).collect::<Result<BTreeSet<_>, _>>()?;
        if !(1..=60).contains(&self.ttl_seconds) {
            return Err(value(format!("ttl_seconds is {}: give 1 to 60", self.ttl_seconds)));
        }
        let kind = ZoneKind::Operator(Selection { operator, categories });
        Ok(ZoneAlone::new(kind, self.records())?)
    }

    /// How a zone's records are written.
    pub(crate) fn records(&self) -> RecordSettings {
        let origin = Domain::parse("belfry").expect("one label is a name");
        let (ipv4, ipv6) = (self.warning_ipv4, self.warning_ipv6);
        let block = if ipv4.is_none() && ipv6.is_none() {
            BlockAnswer::NxDomain
        } else {
            BlockAnswer::Redirect { ipv4, ipv6 }
        };
        RecordSettings { origin, block, ttl_seconds: self.ttl_seconds, refresh_seconds: 60 }
    }

    /// Where the followed set is kept over a restart.
    pub fn store(&self) -> PathBuf {
        self.folder.join("mirror")
    }

    pub(crate) fn pause(&self) -> Duration {
        Duration::from_secs(self.pause_seconds.max(PAUSE_SECONDS_MIN))
    }

    /// The name of the base's file, and that of what changed since.
    pub(crate) fn names(&self) -> [&'static str; 2] {
        match self.writes {
            Writes::Rpz => ["belfry.rpz", "belfry-recent.rpz"],
            Writes::Cdb => ["belfry.cdb", "belfry-recent.cdb"],
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn settings(more: &str) -> MirrorSettings {
        let text = "operator = \"isp-one\"\ncategories = [\"phishing\", \"malware\"]\n\
                    folder = \"/srv/dns\"\nwrites = \"rpz\"\nwarning_ipv4 = \"192.0.2.80\"\n";
        toml::from_str(&format!("{text}{more}")).unwrap()
    }

    #[test]
    fn what_an_operator_gets_makes_a_zone() {
        let settings = settings("");
        let zone = settings.zone().unwrap();
        assert_eq!(zone.zone().apex().as_str(), "isp-one.operator.belfry");
        assert_eq!(settings.pause(), Duration::from_secs(1));
        assert_eq!(settings.store(), PathBuf::from("/srv/dns/mirror"));
        let none = MirrorSettings { warning_ipv4: None, ..settings };
        assert_eq!(none.records().block, BlockAnswer::NxDomain);
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let check = |change: fn(&mut MirrorSettings), why: &str| {
            let mut settings = settings("");
            change(&mut settings);
            let said = settings.zone().unwrap_err().to_string();
            assert!(said.contains(why), "{said}");
        };
        check(|settings| settings.ttl_seconds = 61, "ttl_seconds is 61");
        check(|settings| settings.operator = "A b".into(), "operator \"A b\"");
        check(|settings| settings.categories.push("x".into()), "\"x\" is no category");
        assert!(toml::from_str::<MirrorSettings>("operator = \"a\"\nfolders = 1").is_err());
        let eager = settings("pause_seconds = 0");
        assert_eq!(eager.pause(), Duration::from_secs(1), "whole seconds tell files apart");
    }
}
