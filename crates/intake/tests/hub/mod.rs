//! A casebook in a folder of its own, with an SMTP server before it.

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
    _folder: tempfile::TempDir,
}

impl Hub {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { data: folder.path().to_owned() };
        let casebook = Casebook::open(&settings, NOW).await.unwrap();
        Self { casebook, clock: Clock(|| NOW), _folder: folder }
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
