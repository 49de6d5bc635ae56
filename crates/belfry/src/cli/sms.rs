//! The arguments of `belfry sms`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum as _};

use crate::cli::DataArgs;
use crate::commands::sms::{BasisVerb, HandoverVerb, TemplateVerb};
use crate::config::{Config, ConfigError, SmsOnMatch};

#[derive(Debug, Args)]
pub(crate) struct SmsArgs {
    #[command(subcommand)]
    pub(crate) verb: Option<SmsVerb>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) options: SmsOptions,
}

/// What the filter runs by; each wins over its key of `[sms]` in the configuration.
#[derive(Debug, Default, Args)]
pub(crate) struct SmsOptions {
    /// This operator's name at the hub: templates of others are never looked for.
    #[arg(long, global = true, value_name = "NAME")]
    operator: Option<String>,
    /// The SMSC, as HOST:PORT.
    #[arg(long, value_name = "ADDR")]
    smsc: Option<String>,
    /// Speak with the SMSC within TLS; its certificate must be in order.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    smsc_tls: Option<bool>,
    /// PEM file with the certificates that the SMSC's must be signed by; else the system's.
    #[arg(long, value_name = "FILE")]
    smsc_ca_file: Option<PathBuf>,
    /// The name that the SMSC's certificate must be for, if not the host of --smsc.
    #[arg(long, value_name = "NAME")]
    smsc_name: Option<String>,
    /// Where peers connect [default: 127.0.0.1:2775].
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Where platforms ask over HTTP (`POST /v1/decide`); nowhere unless given.
    #[arg(long, value_name = "ADDR")]
    decide: Option<SocketAddr>,
    /// The hub to follow.
    #[arg(long)]
    hub: Option<String>,
    /// File with the token of this operator.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// PEM file with the certificates that the hub's must be signed by.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// What happens to a message that a live template matches [default: reject].
    #[arg(long, value_enum)]
    on_match: Option<SmsOnMatch>,
    /// Other than that for single templates: SERIAL=ACTION.
    #[arg(long = "template", value_name = "SERIAL=ACTION", value_parser = template_action)]
    templates: Vec<(u64, SmsOnMatch)>,
    /// Refuse messages while no templates have ever been known, instead of passing them.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    closed: Option<bool>,
    /// Messages that a peer may have under way [default: 1000].
    #[arg(long)]
    window: Option<usize>,
    /// The number that customers forward suspicious SMS to; needs --hub.
    #[arg(long, value_name = "NUMBER")]
    short_code: Option<String>,
    /// The account at the SMSC that gets what is sent to it.
    #[arg(long, value_name = "NAME")]
    short_code_account: Option<String>,
    /// File with that account's password.
    #[arg(long, value_name = "FILE")]
    short_code_password_file: Option<PathBuf>,
    /// What a customer is told, in one SMS; `{receipt}` stands for the receipt.
    #[arg(long, value_name = "TEXT")]
    thanks: Option<String>,
    /// How often an hour one number is told so; 0 is never [default: 3].
    #[arg(long, value_name = "TIMES")]
    thanks_per_hour: Option<u32>,
    /// PEM file with the certificate for peers over TLS.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// PEM file with its private key.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// PEM file with the certificates that a peer's own must be signed by; else peers need none.
    #[arg(long, value_name = "FILE")]
    peers_ca_file: Option<PathBuf>,
}

impl SmsOptions {
    /// Puts what was given over what the file says.
    pub(crate) fn over(&self, config: &mut Config) -> Result<(), ConfigError> {
        let (given, sms) = (self, &mut config.sms);
        set(&mut sms.operator, &given.operator);
        set(&mut sms.smsc, &given.smsc);
        set(&mut sms.smsc_ca_file, &given.smsc_ca_file);
        set(&mut sms.smsc_name, &given.smsc_name);
        set(&mut sms.decide, &given.decide);
        set(&mut sms.hub, &given.hub);
        set(&mut sms.token_file, &given.token_file);
        set(&mut sms.ca_file, &given.ca_file);
        set(&mut sms.peers_ca_file, &given.peers_ca_file);
        sms.smsc_tls = given.smsc_tls.unwrap_or(sms.smsc_tls);
        sms.listen = given.listen.unwrap_or(sms.listen);
        sms.on_match = given.on_match.unwrap_or(sms.on_match);
        sms.closed = given.closed.unwrap_or(sms.closed);
        sms.window = given.window.unwrap_or(sms.window);
        let templates = given.templates.iter();
        sms.templates.extend(templates.map(|(serial, action)| (serial.to_string(), *action)));
        let short = &mut sms.short_code;
        set(&mut short.number, &given.short_code);
        set(&mut short.account, &given.short_code_account);
        set(&mut short.password_file, &given.short_code_password_file);
        short.thanks = given.thanks.clone().unwrap_or_else(|| std::mem::take(&mut short.thanks));
        short.thanks_per_hour = given.thanks_per_hour.unwrap_or(short.thanks_per_hour);
        set(&mut config.sms_tls.certificate, &given.tls_certificate);
        set(&mut config.sms_tls.key, &given.tls_key);
        config.sms.check()
    }
}

fn set<T: Clone>(key: &mut Option<T>, given: &Option<T>) {
    if given.is_some() {
        key.clone_from(given);
    }
}

fn template_action(text: &str) -> Result<(u64, SmsOnMatch), String> {
    let (serial, action) = text.split_once('=').ok_or("SERIAL=ACTION is wanted")?;
    let serial = serial.parse().map_err(|_| format!("`{serial}` is no entry's number"))?;
    Ok((serial, SmsOnMatch::from_str(action, true)?))
}

#[derive(Debug, Subcommand)]
pub(crate) enum SmsVerb {
    /// JSON lines with a `text` in, the same lines out with `match` (a template's id or null)
    /// and `why` (both texts aligned, slots marked). For measuring: it blocks nothing.
    Match(SmsMatchArgs),
    /// By what right operators look for texts: record, list, end.
    Basis {
        #[command(subcommand)]
        verb: BasisVerb,
    },
    /// What customers handed over to operators.
    Handover {
        #[command(subcommand)]
        verb: HandoverVerb,
    },
    /// What operators look for: try, order, list, release.
    Template {
        #[command(subcommand)]
        verb: TemplateVerb,
    },
    /// Which template of this operator a text is a mutation of, and why.
    Explain {
        /// The text, or `-` for standard input.
        text: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SmsMatchArgs {
    /// The file, or `-` for standard input.
    #[arg(default_value = "-")]
    pub(crate) file: PathBuf,
    /// Templates: JSON lines with an `id` and a `text`.
    #[arg(long, value_name = "FILE")]
    pub(crate) templates: PathBuf,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: SmsOptions,
    }

    /// The file, with the options of a command line over it.
    fn over(file: &str, options: &[&str]) -> Result<Config, String> {
        let mut config: Config = toml::from_str(file).unwrap();
        let line = Line::try_parse_from([&["sms"], options].concat()).unwrap();
        line.options.over(&mut config).map_err(|error| error.to_string())?;
        Ok(config)
    }

    #[test]
    fn options_win_over_the_file_and_what_is_not_given_stays() {
        let file = "[sms]\noperator = 'telco-1'\nsmsc = 'a.example:2775'\nclosed = true\n\
                    window = 7\ntemplates = { 3 = 'drop', 4 = 'drop' }\n[sms_tls]\nkey = 'k'\n\
                    certificate = 'c'\n";
        assert_eq!(over(file, &[]).unwrap(), toml::from_str(file).unwrap());
        let options = ["--smsc", "b.example:1", "--closed=false", "--template", "4=count"];
        let config = over(file, &options).unwrap();
        let sms = &config.sms;
        assert_eq!((sms.smsc.as_deref(), sms.closed), (Some("b.example:1"), false));
        assert_eq!((sms.operator.as_deref(), sms.window), (Some("telco-1"), 7));
        let actions: Vec<_> = sms.templates.values().copied().collect();
        assert_eq!(actions, [SmsOnMatch::Drop, SmsOnMatch::Count]);
        assert!(over("", &["--closed", "--smsc-tls"]).unwrap().sms.smsc_tls);
        assert_eq!(config.sms_tls.certificate, Some(PathBuf::from("c")));
    }

    #[test]
    fn file_and_options_together_must_be_usable() {
        let file = "[sms]\nhub = 'https://hub.example'\ntoken_file = 't'\n";
        let short = ["--short-code", "8450"];
        assert!(over(file, &short).unwrap_err().contains("sms.short_code.account"));
        let whole = [&short[..], &["--short-code-account", "belfry"]].concat();
        assert!(over(file, &whole).is_ok());
        assert!(over("", &whole).unwrap_err().contains("sms.hub"));
    }

    #[test]
    fn a_template_may_have_an_action_of_its_own() {
        assert_eq!(template_action("7=drop"), Ok((7, SmsOnMatch::Drop)));
        for wrong in ["7", "x=drop", "7=maybe"] {
            assert!(template_action(wrong).is_err(), "{wrong}");
        }
    }
}
