//! The arguments of `belfry sms`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::DataArgs;
use crate::commands::sms::{BasisVerb, HandoverVerb, ShortCodeArgs, TemplateVerb};

#[derive(Debug, Args)]
pub(crate) struct SmsArgs {
    #[command(subcommand)]
    pub(crate) verb: Option<SmsVerb>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// This operator's name at the hub: templates of others are never looked for.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) operator: Option<String>,
    /// The SMSC, as HOST:PORT.
    #[arg(long, value_name = "ADDR")]
    pub(crate) smsc: Option<String>,
    /// Where peers connect.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:2775")]
    pub(crate) listen: SocketAddr,
    /// Where platforms ask over HTTP (`POST /v1/decide`); nowhere unless given.
    #[arg(long, value_name = "ADDR")]
    pub(crate) decide: Option<SocketAddr>,
    /// The hub to follow.
    #[arg(long, requires = "token_file")]
    pub(crate) hub: Option<String>,
    /// File with the token of this operator.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// PEM file with the certificates that the hub's must be signed by.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// What happens to a message that a live template matches.
    #[arg(long, value_enum, default_value_t = SmsOnMatch::Reject)]
    pub(crate) on_match: SmsOnMatch,
    /// Other than that for single templates: SERIAL=ACTION.
    #[arg(long = "template", value_name = "SERIAL=ACTION", value_parser = template_action)]
    pub(crate) templates: Vec<(u64, SmsOnMatch)>,
    /// Refuse messages while no templates have ever been known, instead of passing them.
    #[arg(long)]
    pub(crate) closed: bool,
    /// Messages that a peer may have under way.
    #[arg(long, default_value_t = 1_000)]
    pub(crate) window: usize,
    #[command(flatten)]
    pub(crate) short_code: ShortCodeArgs,
    /// PEM file with the certificate for peers over TLS.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// PEM file with its private key.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub(crate) tls_key: Option<PathBuf>,
}

/// What happens to a message that a live template matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SmsOnMatch {
    /// It is refused, and its sender told so
    Reject,
    /// It is dropped, and its sender given a receipt
    Drop,
    /// It passes and is counted
    Count,
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
    use super::*;

    #[test]
    fn a_template_may_have_an_action_of_its_own() {
        assert_eq!(template_action("7=drop"), Ok((7, SmsOnMatch::Drop)));
        for wrong in ["7", "x=drop", "7=maybe"] {
            assert!(template_action(wrong).is_err(), "{wrong}");
        }
    }
}
