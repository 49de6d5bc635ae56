//! A hub under test and who speaks to it.

use std::path::Path;
use std::time::Duration;

use belfry_testbed::client::{Api, Sent, Smtp};
use belfry_testbed::{Hub, wait_for};
use tempfile::TempDir;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_belfry");
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A hub with more lines of configuration.
pub(crate) struct Doors {
    pub(crate) hub: Hub,
    pub(crate) api: Api,
    _folder: TempDir,
}

/// The configuration of a hub on ports of its own.
pub(crate) fn configuration(more: &str) -> String {
    let at = belfry_testbed::loopback();
    format!(
        "[listen]\nsmtp = [\"{at}:0\"]\nhttp = \"{at}:0\"\nmetrics = \"{at}:0\"\n\
         [transfers]\nlisten = [\"{at}:0\"]\n[gate]\nlisten = [\"{at}:0\"]\nupstreams = [\"{at}:9\"]\n\
         warning = {{ ipv4 = \"127.0.0.1\" }}\n[warning]\nlisten = \"{at}:0\"\n{more}"
    )
}

impl Doors {
    pub(crate) fn open(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hub = Hub::start(Path::new(BINARY), &folder.path().join("data"), &configuration(more))
            .unwrap();
        let api = Api::new(hub.address("http"), &hub.token("analyst", "hostile").unwrap());
        Self { hub, api, _folder: folder }
    }

    pub(crate) fn smtp(&self) -> Smtp {
        Smtp::connect(self.hub.address("smtp")).unwrap()
    }

    /// Sends a mail that must be taken.
    pub(crate) fn send(&self, mail: &[u8]) -> String {
        match self.smtp().send(mail).unwrap() {
            Sent::Received(receipt) => receipt,
            Sent::Refused(words) => panic!("refused: {words}"),
        }
    }

    /// Waits until a report is read.
    pub(crate) fn read(&self, receipt: &str) {
        let read = || {
            let report = self.api.get_json(&format!("/api/v1/reports/{receipt}")).ok()?;
            (report["status"] == "read").then_some(())
        };
        wait_for(read, PATIENCE).unwrap_or_else(|| panic!("{receipt} is never read"));
    }

    /// Everybody else is still served.
    pub(crate) fn still_serves(&self) {
        let receipt = self.send(b"Subject: after\r\n\r\nhttps://after.example/\r\n");
        self.read(&receipt);
    }
}
