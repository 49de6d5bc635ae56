//! A casebook in a folder of its own, with an SMTP server before it.

#![allow(dead_code, reason = "each test binary needs a part of it")]

use std::net::SocketAddr;
use std::sync::Arc;

use belfry_casebook::report::{Receipt, Report};
use belfry_casebook::{Casebook, Settings};
use belfry_intake::IntakeMetrics;
use belfry_intake::smtp::{SmtpServer, SmtpSettings};
use belfry_journal::UnixMillis;
use belfry_web::Clock;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The time in these tests.
pub const NOW: UnixMillis = UnixMillis(1_795_510_800_000);

/// A hub that ends with its test.
pub struct Hub {
    pub casebook: Casebook,
    pub clock: Clock,
    folder: tempfile::TempDir,
}

impl Hub {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { data: folder.path().to_owned() };
        let casebook = Casebook::open(&settings, NOW).await.unwrap();
        Self { casebook, clock: Clock(|| NOW), folder }
    }

    /// Fails where `plant` stands in any file of the data folder.
    pub fn finds_nothing_of(&self, plant: &str) {
        let mut folders = vec![self.folder.path().to_owned()];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                files += 1;
                let bytes = std::fs::read(&path).unwrap();
                let found = bytes.windows(plant.len()).any(|window| window == plant.as_bytes());
                assert!(!found, "{plant} stands in {}", path.display());
            }
        }
        assert!(files > 4, "only {files} files were searched");
    }

    /// The report of a receipt, and its bytes.
    pub async fn report(&self, receipt: &str) -> (Report, Vec<u8>) {
        let receipt = Receipt::parse(receipt).unwrap();
        let report = self.casebook.report(&receipt).await.unwrap().unwrap();
        let bytes = self.casebook.evidence(report.id).await.unwrap();
        (report, bytes)
    }

    /// An SMTP server; it returns once it has drained after `stop`.
    pub async fn smtp(
        &self,
        settings: SmtpSettings,
        tls: Option<Arc<rustls::ServerConfig>>,
        stop: &CancellationToken,
    ) -> (SocketAddr, JoinHandle<()>) {
        let listener = TcpListener::bind((belfry_testbed::loopback(), 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let metrics = IntakeMetrics::default();
        let server = SmtpServer::new(settings, self.casebook.clone(), self.clock, tls, metrics);
        (address, tokio::spawn(server.serve(listener, stop.clone())))
    }
}
