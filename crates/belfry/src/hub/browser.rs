//! The browser by which the desk opens pages of cases.

use std::future::Future;
use std::pin::Pin;

use belfry_desk::OpenPage;
use belfry_inspect::{Capture, InspectError, InspectSettings, Inspector, Profile};

use crate::config::Inspect;

/// A browser for the desk.
pub(super) struct Browser(pub(super) Inspector);

impl OpenPage for Browser {
    fn open<'a>(
        &'a self,
        url: &'a str,
        profile: Profile,
    ) -> Pin<Box<dyn Future<Output = Result<Capture, InspectError>> + Send + 'a>> {
        Box::pin(self.0.capture(url, profile))
    }
}

/// What the configuration says of captures, if there is a browser.
pub(crate) fn inspect_settings(config: &Inspect) -> Option<InspectSettings> {
    config.program.is_file().then(|| InspectSettings {
        sandbox: config.sandbox,
        run_as: config.user_id.map(|user| (user, config.group_id.unwrap_or(user))),
        capture_ms_max: config.capture_ms_max,
        settle_ms: config.settle_ms,
        memory_bytes_max: config.memory_bytes_max,
        traffic_bytes_max: config.traffic_bytes_max,
        reachable: config.reachable.clone(),
        ..InspectSettings::new(config.program.clone())
    })
}
