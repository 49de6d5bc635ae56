//! `[sms]`: what no operator may be told to look for (at the hub), and how the filter of an
//! operator runs (there).

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::PathBuf;

use belfry_indicator::OperatorName;
use belfry_sms::OnMatch;
use belfry_sms::shortcode::Thanks;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::config::ConfigError;

const WINDOW_MAX: usize = 1_000_000;

/// SMS at the hub and at the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sms {
    pub(crate) honest_texts: Option<PathBuf>,
    pub(crate) operator: Option<String>,
    pub(crate) smsc: Option<String>,
    pub(crate) smsc_tls: bool,
    pub(crate) smsc_ca_file: Option<PathBuf>,
    pub(crate) smsc_name: Option<String>,
    pub(crate) listen: SocketAddr,
    pub(crate) peers_ca_file: Option<PathBuf>,
    pub(crate) decide: Option<SocketAddr>,
    pub(crate) hub: Option<String>,
    pub(crate) token_file: Option<PathBuf>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) on_match: SmsOnMatch,
    /// By the numbers of their entries, which TOML has as texts.
    pub(crate) templates: BTreeMap<String, SmsOnMatch>,
    pub(crate) closed: bool,
    pub(crate) window: usize,
    pub(crate) short_code: ShortCode,
}

/// The number that customers forward suspicious SMS to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ShortCode {
    pub(crate) number: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) password_file: Option<PathBuf>,
    pub(crate) thanks: String,
    pub(crate) thanks_per_hour: u32,
}

/// What happens to a message that a live template matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SmsOnMatch {
    /// It is refused, and its sender told so
    #[default]
    Reject,
    /// It is dropped, and its sender given a receipt
    Drop,
    /// It passes and is counted
    Count,
}

impl From<SmsOnMatch> for OnMatch {
    fn from(action: SmsOnMatch) -> Self {
        match action {
            SmsOnMatch::Reject => OnMatch::Reject,
            SmsOnMatch::Drop => OnMatch::Drop,
            SmsOnMatch::Count => OnMatch::Count,
        }
    }
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            honest_texts: None,
            operator: None,
            smsc: None,
            smsc_tls: false,
            smsc_ca_file: None,
            smsc_name: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 2775)),
            peers_ca_file: None,
            decide: None,
            hub: None,
            token_file: None,
            ca_file: None,
            on_match: SmsOnMatch::default(),
            templates: BTreeMap::new(),
            closed: false,
            window: 1_000,
            short_code: ShortCode::default(),
        }
    }
}

impl Default for ShortCode {
    fn default() -> Self {
        Self {
            number: None,
            account: None,
            password_file: None,
            thanks: "Thank you for the suspicious SMS. Your receipt: {receipt}".to_owned(),
            thanks_per_hour: 3,
        }
    }
}

impl ShortCode {
    /// What customers are told; nothing where that is never.
    pub(crate) fn thanks(&self) -> Result<Option<Thanks>, ConfigError> {
        if self.thanks_per_hour == 0 {
            return Ok(None);
        }
        let refused = |error| ConfigError::value("sms.short_code.thanks", format!("{error}"));
        Thanks::new(&self.thanks, self.thanks_per_hour).map(Some).map_err(refused)
    }
}

impl Sms {
    /// The texts of the file, one a line.
    pub(crate) fn honest(&self) -> Result<Vec<String>, ConfigError> {
        let Some(file) = &self.honest_texts else { return Ok(Vec::new()) };
        let text = std::fs::read_to_string(file).map_err(|error| {
            ConfigError::value("sms.honest_texts", format!("{}: {error}", file.display()))
        })?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Ok(lines.map(str::to_owned).collect())
    }

    /// What happens on a match of single templates.
    pub(crate) fn actions(&self) -> Result<HashMap<u64, OnMatch>, ConfigError> {
        let action = |(serial, action): (&String, &SmsOnMatch)| {
            let unusable = || {
                let why = format!("has {serial:?}, which is no number of a template's entry");
                ConfigError::value("sms.templates", why)
            };
            Ok((serial.parse().map_err(|_| unusable())?, OnMatch::from(*action)))
        };
        self.templates.iter().map(action).collect()
    }

    /// What no type can say; the same for a file, and for a file with options over it.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let refused = |key: &str, why: &str| Err(ConfigError::value(key, why));
        self.actions()?;
        self.short_code.thanks()?;
        if let Some(Err(error)) = self.operator.as_deref().map(OperatorName::parse) {
            return refused("sms.operator", &error.to_string());
        }
        if self.window == 0 || self.window > WINDOW_MAX {
            let why = format!("is {}: give 1 to {WINDOW_MAX}", self.window);
            return refused("sms.window", &why);
        }
        if self.hub.is_some() != self.token_file.is_some() {
            return refused("sms.hub", "goes with sms.token_file: give both or none");
        }
        let short = &self.short_code;
        if short.number.is_some() && (self.hub.is_none() || short.account.is_none()) {
            return refused(
                "sms.short_code.number",
                "needs sms.hub, where texts go, and sms.short_code.account, to bind with",
            );
        }
        let checks = self.smsc_ca_file.is_some() || self.smsc_name.is_some();
        if checks && !self.smsc_tls {
            let why = "must be true where smsc_ca_file or smsc_name is given: without TLS \
                       nothing is checked by them";
            return refused("sms.smsc_tls", why);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<Sms, String> {
        let sms: Sms = toml::from_str(text).map_err(|error| error.to_string())?;
        sms.check().map_err(|error| error.to_string())?;
        Ok(sms)
    }

    #[test]
    fn all_of_it_can_be_set() {
        let sms = checked(
            "operator = 'telco-1'\nsmsc = 'smsc.example:3550'\nsmsc_tls = true\n\
             smsc_ca_file = 'ca.pem'\nsmsc_name = 'smsc.example'\nlisten = '127.0.0.1:2776'\n\
             peers_ca_file = 'peers.pem'\ndecide = '127.0.0.1:2780'\nhub = 'https://hub.example'\n\
             token_file = 'token'\nca_file = 'hub.pem'\non_match = 'drop'\nclosed = true\n\
             window = 32\n[templates]\n7 = 'count'\n[short_code]\nnumber = '8450'\n\
             account = 'belfry'\npassword_file = 'p'\nthanks = 'OK {receipt}'\n\
             thanks_per_hour = 1\n",
        )
        .unwrap();
        assert_eq!(sms.actions().unwrap(), HashMap::from([(7, OnMatch::Count)]));
        assert_eq!((sms.on_match, sms.window, sms.closed), (SmsOnMatch::Drop, 32, true));
        assert_eq!(checked("").unwrap(), Sms::default());
    }

    #[test]
    fn what_can_not_be_used_is_refused_with_its_key() {
        let check = |text, expect: &str| {
            let said = checked(text).unwrap_err();
            assert!(said.contains(expect), "{text}: {said}");
        };
        check("windows = 3", "unknown field `windows`");
        check("[short_code]\ncode = '8450'", "unknown field `code`");
        check("on_match = 'block'", "unknown variant `block`");
        check("[templates]\nx = 'drop'", "sms.templates has \"x\"");
        check("window = 0", "sms.window is 0: give 1 to");
        check("operator = 'Telco 1'", "sms.operator ");
        check("hub = 'https://hub.example'", "goes with sms.token_file");
        check("[short_code]\nnumber = '8450'", "sms.short_code.number needs sms.hub");
        check("smsc_name = 'smsc.example'", "sms.smsc_tls must be true");
        check("[short_code]\nthanks = ''", "sms.short_code.thanks ");
    }
}
