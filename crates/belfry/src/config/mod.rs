//! The configuration: one TOML file, every key with a default. Only this crate
//! reads files and environment; the others take what is here as arguments.

mod guard_lists;
mod judging;
mod load;
mod meanings;
mod outgoing;
mod show;
mod sms;

use std::net::SocketAddr;
use std::path::PathBuf;

use belfry_casebook::report::IntakeLimits;
use belfry_console::Site;
use belfry_feed::transfer::TransferSettings;
use belfry_gate::GateSettings;
use belfry_gate::warning::WarningSettings;
use belfry_intake::auth::AuthenticationSettings;
use belfry_intake::smtp::SmtpSettings;
use belfry_web::{Rate, Rates};
use serde::{Deserialize, Serialize};

pub(crate) use crate::config::guard_lists::{GuardList, list_files, lists};
pub(crate) use crate::config::judging::{brands, judge};
pub(crate) use crate::config::load::{ConfigError, Loaded, load};
pub(crate) use crate::config::outgoing::{Letters, Outgoing, letters};
pub(crate) use crate::config::show::show;
pub(crate) use crate::config::sms::{ShortCode, Sms, SmsOnMatch};

/// All of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// The data folder.
    pub(crate) data: PathBuf,
    pub(crate) listen: Listen,
    pub(crate) http: Http,
    pub(crate) smtp: SmtpSettings,
    pub(crate) smtp_tls: TlsKeys,
    pub(crate) http_tls: TlsKeys,
    pub(crate) gate_tls: TlsKeys,
    pub(crate) upstream_tls: UpstreamTls,
    pub(crate) console: Console,
    pub(crate) intake: Intake,
    pub(crate) outgoing: Outgoing,
    pub(crate) desk: Desk,
    pub(crate) rules: Rules,
    pub(crate) reader: Reader,
    pub(crate) inspect: Inspect,
    pub(crate) guard: Guard,
    pub(crate) judge: Judging,
    pub(crate) organisation: Organised,
    pub(crate) sms: Sms,
    pub(crate) sms_tls: TlsKeys,
    pub(crate) transfers: TransferSettings,
    pub(crate) transfers_tls: TlsKeys,
    pub(crate) follow: Follow,
    pub(crate) backup: Backup,
    pub(crate) retention: Retention,
    pub(crate) gate: GateSettings,
    pub(crate) warning: WarningSettings,
}

impl Default for Config {
    fn default() -> Self {
        let mut gate = GateSettings::default();
        gate.warning.ipv4 = Some(std::net::Ipv4Addr::LOCALHOST);
        Self {
            data: PathBuf::from("belfry-data"),
            listen: Listen::default(),
            http: Http::default(),
            smtp: SmtpSettings::default(),
            smtp_tls: TlsKeys::default(),
            http_tls: TlsKeys::default(),
            gate_tls: TlsKeys::default(),
            upstream_tls: UpstreamTls::default(),
            console: Console::default(),
            intake: Intake::default(),
            outgoing: Outgoing::default(),
            desk: Desk::default(),
            rules: Rules::default(),
            reader: Reader::default(),
            inspect: Inspect::default(),
            guard: Guard::default(),
            judge: Judging::default(),
            organisation: Organised::default(),
            sms: Sms::default(),
            sms_tls: TlsKeys::default(),
            transfers: TransferSettings::default(),
            transfers_tls: TlsKeys::default(),
            follow: Follow::default(),
            backup: Backup::default(),
            retention: Retention::default(),
            gate,
            warning: WarningSettings::default(),
        }
    }
}

/// The hub's ports; the gate's are under `[gate]` and `[warning]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Listen {
    pub(crate) smtp: Vec<SocketAddr>,
    pub(crate) smtps: Vec<SocketAddr>,
    pub(crate) http: SocketAddr,
    pub(crate) metrics: SocketAddr,
}

impl Default for Listen {
    fn default() -> Self {
        let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self {
            smtp: vec![loopback(2525)],
            smtps: Vec::new(),
            http: loopback(8080),
            metrics: loopback(9090),
        }
    }
}

/// How the HTTP API bounds its connections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Http {
    pub(crate) connections_max: usize,
    pub(crate) connections_per_address_max: usize,
    pub(crate) header_seconds: u64,
    pub(crate) body_seconds: u64,
    pub(crate) client_burst: u32,
    pub(crate) client_per_minute: u32,
    pub(crate) token_burst: u32,
    pub(crate) token_per_minute: u32,
    pub(crate) failures_burst: u32,
    pub(crate) failures_per_minute: u32,
}

impl Http {
    /// How often clients may ask.
    pub(crate) fn rates(&self) -> Rates {
        let rate = |burst, per_minute| Rate { burst, per_minute };
        Rates {
            client: rate(self.client_burst, self.client_per_minute),
            token: rate(self.token_burst, self.token_per_minute),
            failures: rate(self.failures_burst, self.failures_per_minute),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            connections_max: 2_000,
            connections_per_address_max: 200,
            header_seconds: 10,
            body_seconds: 120,
            client_burst: 2_000,
            client_per_minute: 30_000,
            token_burst: 2_000,
            token_per_minute: 30_000,
            failures_burst: 30,
            failures_per_minute: 12,
        }
    }
}

/// A port's certificate: from files, or made at the start for a test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TlsKeys {
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    pub(crate) self_signed: bool,
}

/// Who vouches for upstreams inside TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct UpstreamTls {
    pub(crate) ca_file: Option<PathBuf>,
}

/// Who the pages are to browsers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Console {
    pub(crate) origin: Option<String>,
    pub(crate) private_hooks: bool,
}

/// What the intake does besides taking in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Intake {
    pub(crate) free_bytes_min: u64,
    pub(crate) unread_max: u64,
    pub(crate) authentication: AuthenticationSettings,
}

impl Default for Intake {
    fn default() -> Self {
        let IntakeLimits { free_bytes_min, unread_max } = IntakeLimits::default();
        Self { free_bytes_min, unread_max, authentication: AuthenticationSettings::default() }
    }
}

impl Intake {
    /// As the casebook takes them.
    pub(crate) fn limits(&self) -> IntakeLimits {
        IntakeLimits { free_bytes_min: self.free_bytes_min, unread_max: self.unread_max }
    }
}

/// The desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Desk {
    pub(crate) block_days: u32,
    pub(crate) compromised_hours: u32,
    pub(crate) benign_days: u32,
    pub(crate) upkeep_seconds: u32,
    pub(crate) heartbeat_seconds: u32,
    pub(crate) expiry_percent_max: u32,
    pub(crate) expiry_free: u32,
    pub(crate) away_hours_max: u32,
    pub(crate) recheck_days: u32,
    pub(crate) surge_answers_per_minute: u32,
    pub(crate) surge_hours: u32,
}

impl Default for Desk {
    fn default() -> Self {
        let settings = belfry_desk::DeskSettings::default();
        Self {
            block_days: settings.block_days,
            compromised_hours: settings.compromised_hours,
            benign_days: settings.benign_days,
            upkeep_seconds: settings.upkeep_seconds,
            heartbeat_seconds: settings.heartbeat_seconds,
            expiry_percent_max: settings.expiry_percent_max,
            expiry_free: settings.expiry_free,
            away_hours_max: settings.away_hours_max,
            recheck_days: settings.recheck_days,
            surge_answers_per_minute: settings.surge.answers_per_minute,
            surge_hours: settings.surge.hours,
        }
    }
}

impl Desk {
    /// As the desk takes them.
    fn settings(&self) -> belfry_desk::DeskSettings {
        belfry_desk::DeskSettings {
            away_hours_max: self.away_hours_max,
            recheck_days: self.recheck_days,
            rules: belfry_desk::DeskSettings::default().rules,
            surge: belfry_desk::SurgeSettings {
                answers_per_minute: self.surge_answers_per_minute,
                hours: self.surge_hours,
            },
            retention: belfry_desk::Retention::default(),
            block_days: self.block_days,
            compromised_hours: self.compromised_hours,
            benign_days: self.benign_days,
            upkeep_seconds: self.upkeep_seconds,
            heartbeat_seconds: self.heartbeat_seconds,
            expiry_percent_max: self.expiry_percent_max,
            expiry_free: self.expiry_free,
        }
    }
}

/// What rules that persons set may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Rules {
    pub(crate) block_hours: u32,
    pub(crate) orders_per_hour_max: u32,
}

impl Default for Rules {
    fn default() -> Self {
        let rules = belfry_desk::DeskSettings::default().rules;
        Self { block_hours: rules.block_hours, orders_per_hour_max: rules.orders_per_hour_max }
    }
}

/// The reader's children.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Reader {
    pub(crate) children: usize,
    pub(crate) job_ms_max: u64,
    pub(crate) jobs_max: u32,
    pub(crate) memory_bytes_max: u64,
    pub(crate) cpu_seconds_max: u64,
    pub(crate) ocr_program: PathBuf,
    pub(crate) ocr_languages: String,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            children: 2,
            job_ms_max: 10_000,
            jobs_max: 1_000,
            memory_bytes_max: 1 << 30,
            cpu_seconds_max: 600,
            ocr_program: PathBuf::from("/usr/bin/tesseract"),
            ocr_languages: "nld+fra+deu+eng".to_owned(),
        }
    }
}

/// Captures of suspected pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Inspect {
    pub(crate) program: PathBuf,
    pub(crate) sandbox: bool,
    pub(crate) user_id: Option<u32>,
    pub(crate) group_id: Option<u32>,
    pub(crate) capture_ms_max: u64,
    pub(crate) settle_ms: u64,
    pub(crate) memory_bytes_max: u64,
    pub(crate) traffic_bytes_max: u64,
    pub(crate) reachable: Vec<std::net::IpAddr>,
    pub(crate) unasked: bool,
    pub(crate) unasked_percent_min: u32,
}

impl Inspect {
    /// From which score on pages of cases are opened without anyone's asking.
    pub(crate) fn unasked_from(&self) -> Option<f64> {
        self.unasked.then_some(f64::from(self.unasked_percent_min) / 100.0)
    }
}

impl Default for Inspect {
    fn default() -> Self {
        Self {
            program: PathBuf::from("/usr/bin/chromium"),
            sandbox: true,
            user_id: None,
            group_id: None,
            capture_ms_max: 30_000,
            settle_ms: 2_000,
            memory_bytes_max: 1 << 30,
            traffic_bytes_max: 32 << 20,
            reachable: Vec::new(),
            unasked: false,
            unasked_percent_min: 50,
        }
    }
}

/// The guard's lists, beside those built in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Guard {
    pub(crate) own_names: Vec<String>,
    pub(crate) never_block: Vec<String>,
    pub(crate) two_people: Vec<String>,
    pub(crate) never_block_files: Vec<PathBuf>,
    pub(crate) two_people_files: Vec<PathBuf>,
    pub(crate) lists: Vec<GuardList>,
    pub(crate) check_seconds: u64,
    pub(crate) shrink_percent_max: u32,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            own_names: Vec::new(),
            never_block: Vec::new(),
            two_people: Vec::new(),
            never_block_files: Vec::new(),
            two_people_files: Vec::new(),
            lists: Vec::new(),
            check_seconds: 10,
            shrink_percent_max: 50,
        }
    }
}

/// What cases are judged by, beside what is built in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Judging {
    pub(crate) model: Option<PathBuf>,
    pub(crate) brands: Option<PathBuf>,
}

/// Who runs this hub.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Organised {
    pub(crate) name: String,
    pub(crate) contact: String,
    pub(crate) domain: String,
}

impl Organised {
    /// As the desk takes it; `None` where a part is missing.
    pub(crate) fn desk(&self) -> Option<belfry_desk::Organisation> {
        let Self { name, contact, domain } = self.clone();
        let whole = ![&name, &contact, &domain].iter().any(|part| part.trim().is_empty());
        whole.then_some(belfry_desk::Organisation { name, contact, domain })
    }
}

/// How the gate keeps up with the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Follow {
    pub(crate) report_seconds: u64,
    pub(crate) save_seconds: u64,
}

impl Default for Follow {
    fn default() -> Self {
        Self { report_seconds: 5, save_seconds: 2 }
    }
}

/// What a restore needs, beside the backup itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Backup {
    pub(crate) folder: Option<PathBuf>,
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) keep: usize,
    pub(crate) passed_file: Option<PathBuf>,
}

impl Default for Backup {
    fn default() -> Self {
        Self { folder: None, key_file: None, keep: 14, passed_file: None }
    }
}

/// How long what people handed over is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Retention {
    pub(crate) undecided_days: u32,
    pub(crate) fraud_days: u32,
    pub(crate) harmless_days: u32,
    pub(crate) reporter_days: u32,
    pub(crate) objection_days: u32,
    pub(crate) sweep_hours: u32,
}

impl Default for Retention {
    fn default() -> Self {
        let retention = belfry_desk::Retention::default();
        Self {
            undecided_days: retention.undecided_days,
            fraud_days: retention.fraud_days,
            harmless_days: retention.harmless_days,
            reporter_days: retention.reporter_days,
            objection_days: retention.objection_days,
            sweep_hours: retention.sweep_hours,
        }
    }
}

impl Retention {
    /// As the desk takes it.
    fn settings(&self) -> belfry_desk::Retention {
        belfry_desk::Retention {
            undecided_days: self.undecided_days,
            fraud_days: self.fraud_days,
            harmless_days: self.harmless_days,
            reporter_days: self.reporter_days,
            objection_days: self.objection_days,
            sweep_hours: self.sweep_hours,
        }
    }
}

impl Config {
    /// Who we are to browsers; by default this machine's, on the HTTP API's `port`.
    pub(crate) fn site(&self, port: u16) -> Result<Site, ConfigError> {
        let secure = self.http_tls.self_signed || self.http_tls.certificate.is_some();
        let scheme = if secure { "https" } else { "http" };
        let own = || format!("{scheme}://localhost:{port}");
        let origin = self.console.origin.clone().unwrap_or_else(own);
        let unusable = || {
            let why = format!("{origin:?} is no origin: give https://HOST or http://HOST:PORT");
            ConfigError::value("console.origin", why)
        };
        let site = Site::new(&origin).ok_or_else(unusable)?;
        let site = site.with_private_hooks(self.console.private_hooks);
        let warning = &self.warning;
        Ok(site.by(&warning.authority, &warning.helpline_name, &warning.helpline_phone))
    }

    /// What the desk works by.
    pub(crate) fn desk_settings(&self) -> belfry_desk::DeskSettings {
        let rules = belfry_desk::RuleSettings {
            block_hours: self.rules.block_hours,
            orders_per_hour_max: self.rules.orders_per_hour_max,
        };
        let retention = self.retention.settings();
        belfry_desk::DeskSettings { retention, rules, ..self.desk.settings() }
    }

    /// How zones are made: the warning host is the gate's, unless zones have one of their own.
    pub(crate) fn transfer_settings(&self) -> TransferSettings {
        let mut settings = self.transfers.clone();
        if settings.warning_ipv4.is_none() && settings.warning_ipv6.is_none() {
            settings.warning_ipv4 = self.gate.warning.ipv4;
            settings.warning_ipv6 = self.gate.warning.ipv6;
        }
        settings
    }

    /// Where it is kept how far followers are.
    pub(crate) fn passed_file(&self) -> PathBuf {
        self.backup.passed_file.clone().unwrap_or_else(|| self.data.join("passed"))
    }
}
