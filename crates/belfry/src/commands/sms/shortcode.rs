//! `belfry sms --short-code`: texts that customers forward are handed over to the hub.

use std::path::PathBuf;
use std::sync::Arc;

use belfry_follow::HttpSource;
use belfry_sms::shortcode::{
    HandOver, NotTaken, ShortCodeMetrics, ShortCodeSettings, Thanks, serve,
};
use clap::Args;
use prometheus_client::registry::Registry;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::commands::Failure;

#[derive(Debug, Args)]
pub(crate) struct ShortCodeArgs {
    /// The number that customers forward suspicious SMS to; needs --hub.
    #[arg(long, value_name = "NUMBER", requires = "hub", requires = "short_code_account")]
    pub(crate) short_code: Option<String>,
    /// The account at the SMSC that gets what is sent to it.
    #[arg(long, value_name = "NAME", requires = "short_code")]
    pub(crate) short_code_account: Option<String>,
    /// File with that account's password.
    #[arg(long, value_name = "FILE", requires = "short_code")]
    pub(crate) short_code_password_file: Option<PathBuf>,
    /// What a customer is told, in one SMS; `{receipt}` stands for the receipt.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "Thank you for the suspicious SMS. Your receipt: {receipt}"
    )]
    pub(crate) thanks: String,
    /// How often an hour one number is told so; 0 is never.
    #[arg(long, value_name = "TIMES", default_value_t = 3)]
    pub(crate) thanks_per_hour: u32,
}

/// The hub, over HTTP.
struct Hub(HttpSource);

impl HandOver for Hub {
    async fn hand_over(&self, text: &str) -> Result<String, NotTaken> {
        match self.0.hand_over(text).await {
            Ok(Some(receipt)) => Ok(receipt),
            Ok(None) => {
                tracing::warn!("the hub takes no text: it is none, or no legal basis holds");
                Err(NotTaken::Never)
            }
            Err(error) => {
                tracing::warn!(%error, "a text was not handed over; the SMSC sends it again");
                Err(NotTaken::Later)
            }
        }
    }
}

/// Serves the short code, if one is given.
pub(super) fn start(
    args: &ShortCodeArgs,
    smsc: &str,
    hub: Option<HttpSource>,
    registry: &mut Registry,
    stop: &CancellationToken,
    tasks: &mut JoinSet<()>,
) -> Result<(), Failure> {
    let (Some(code), Some(hub)) = (&args.short_code, hub) else { return Ok(()) };
    let password = match &args.short_code_password_file {
        None => String::new(),
        Some(file) => std::fs::read_to_string(file)
            .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?,
    };
    let thanks = match args.thanks_per_hour {
        0 => None,
        times => Some(
            Thanks::new(&args.thanks, times)
                .map_err(|error| Failure::new(format!("--thanks: {error}")))?,
        ),
    };
    let settings = ShortCodeSettings {
        smsc: smsc.to_owned(),
        code: code.clone(),
        account: args.short_code_account.clone().unwrap_or_default(),
        password: password.trim_end().to_owned(),
        thanks,
    };
    let metrics = ShortCodeMetrics::default();
    metrics.register(registry);
    tasks.spawn(serve(settings, Arc::new(Hub(hub)), metrics, stop.clone()));
    Ok(())
}
