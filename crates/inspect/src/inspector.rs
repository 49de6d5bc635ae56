//! The captures: a few at a time, each bounded, each with a result in words.

use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::browser::{Process, drive};
use crate::conclude::conclude;
use crate::egress::Egress;
use crate::{Capture, InspectError, InspectSettings, Profile};

/// Opens suspected pages.
#[derive(Debug)]
pub struct Inspector {
    settings: InspectSettings,
    places: Semaphore,
}

impl Inspector {
    /// An inspector; a browser is started for each capture.
    pub fn new(settings: InspectSettings) -> Self {
        let places = Semaphore::new(settings.captures_max.max(1));
        Self { settings, places }
    }

    /// Opens `url` as `profile` and says what was seen. Waits while all places are taken.
    ///
    /// A caller passes what [`stand_in`](crate::stand_in) made of a redacted URL.
    ///
    /// # Errors
    /// [`InspectError`] where no capture could be tried; whatever a page does ends in a
    /// [`Capture`].
    pub async fn capture(&self, url: &str, profile: Profile) -> Result<Capture, InspectError> {
        let parsed = url::Url::parse(url).ok();
        let parsed =
            parsed.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let parsed = parsed.ok_or_else(|| InspectError::Url(url.chars().take(200).collect()))?;
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        let started = Instant::now();
        let egress = Egress::start(&self.settings).await?;
        let mut process = Process::start(&self.settings, profile, egress.address()).await?;
        let deadline = Instant::now() + Duration::from_millis(self.settings.capture_ms_max);
        let settle = Duration::from_millis(self.settings.settle_ms);
        let devtools = process.devtools().to_owned();
        let driving = drive(&devtools, &egress, parsed.as_str(), profile, settle, deadline);
        let (driven, outgrown) = tokio::select! {
            driven = driving => (Some(driven?), None),
            why = process.outgrown(self.settings.memory_bytes_max) => (None, Some(why)),
            () = tokio::time::sleep_until(deadline + Duration::from_secs(3)) => (None, Some("it took too long")),
        };
        drop(process);
        let mut capture = conclude(parsed.as_str(), profile, driven, outgrown, &egress);
        capture.took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(capture)
    }
}
