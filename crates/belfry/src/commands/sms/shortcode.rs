//! `belfry sms --short-code`: texts that customers forward are handed over to the hub.

use std::sync::Arc;

use belfry_follow::HttpSource;
use belfry_sms::Smsc;
use belfry_sms::shortcode::{HandOver, NotTaken, ShortCodeMetrics, ShortCodeSettings, serve};
use prometheus_client::registry::Registry;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::commands::Failure;
use crate::config::ShortCode;

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
    config: &ShortCode,
    smsc: Smsc,
    hub: Option<HttpSource>,
    registry: &mut Registry,
    stop: &CancellationToken,
    tasks: &mut JoinSet<()>,
) -> Result<(), Failure> {
    let (Some(code), Some(hub)) = (&config.number, hub) else { return Ok(()) };
    let password = match &config.password_file {
        None => String::new(),
        Some(file) => std::fs::read_to_string(file)
            .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?,
    };
    let settings = ShortCodeSettings {
        smsc,
        code: code.clone(),
        account: config.account.clone().unwrap_or_default(),
        password: password.trim_end().to_owned(),
        thanks: config.thanks()?,
    };
    let metrics = ShortCodeMetrics::default();
    metrics.register(registry);
    tasks.spawn(serve(settings, Arc::new(Hub(hub)), metrics, stop.clone()));
    Ok(())
}
