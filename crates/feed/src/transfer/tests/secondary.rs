//! A secondary over a real connection, with our own reading of what comes.

use belfry_casebook::operators::OperatorKey;
use belfry_indicator::Domain;
use belfry_journal::Serial;
use belfry_rpz::secondary::{Ask, Receiver, Replica, SecondaryError, Update, request};
use belfry_rpz::tsig::{Algorithm, Key};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::tests::bench::Bench;

pub(super) struct Secondary {
    stream: TcpStream,
    apex: Domain,
    key: Option<Key>,
    replica: Replica,
    pub(super) last: Option<Update>,
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

impl Secondary {
    pub(super) async fn connect(bench: &Bench, label: &str, key: Option<&OperatorKey>) -> Self {
        let to = bench.transfers().address().unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        // From the address of the hub: one of this test's own.
        socket.bind((to.ip(), 0).into()).unwrap();
        let key = key.map(|key| {
            let name = Domain::parse(&key.name).unwrap().to_wire();
            Key::new(name, Algorithm::from_name(&key.algorithm).unwrap(), key.secret.to_vec())
        });
        Self {
            stream: socket.connect(to).await.unwrap(),
            apex: Domain::parse(&format!("{label}.rpz.test")).unwrap(),
            key,
            replica: Replica::default(),
            last: None,
        }
    }

    pub(super) async fn ask(&mut self, asked: Ask) -> Result<Update, SecondaryError> {
        let mut bytes = request(7, &self.apex, asked);
        let mut verifier = self.key.as_ref().map(|key| key.sign_request(&mut bytes, now()));
        let closed = |_| SecondaryError::Other;
        let length = u16::try_from(bytes.len()).unwrap();
        self.stream.write_u16(length).await.map_err(closed)?;
        self.stream.write_all(&bytes).await.map_err(closed)?;
        let mut receiver = Receiver::new(7, &self.apex, asked, 1_000_000);
        loop {
            let length = self.stream.read_u16().await.map_err(closed)?;
            let mut message = vec![0; length.into()];
            self.stream.read_exact(&mut message).await.map_err(closed)?;
            if let Some(verifier) = &mut verifier {
                verifier.verify(&message, now()).map_err(|_| SecondaryError::Other)?;
            }
            if receiver.take(&message)? {
                return Ok(receiver.finish().unwrap());
            }
        }
    }

    /// Asks again and again until it has this version.
    pub(super) async fn until_serial(&mut self, serial: Serial) {
        while u64::from(self.replica.serial().unwrap_or_default()) != serial.0 {
            let asked = self.replica.serial().map_or(Ask::Whole, Ask::Since);
            let update = self.ask(asked).await.unwrap();
            if update != Update::UpToDate {
                self.last = Some(update.clone());
            }
            self.replica.apply(update).unwrap();
            tokio::task::yield_now().await;
        }
    }

    pub(super) fn serial(&self) -> u32 {
        self.replica.serial().unwrap()
    }

    /// The version that is served now.
    pub(super) fn published(&self, bench: &Bench) -> Serial {
        bench
            .transfers()
            .with_zones(|zones| zones.find(&self.apex).unwrap().read().unwrap().serial())
    }

    /// Owners below the apex, without it.
    pub(super) fn names(&self) -> Vec<String> {
        let suffix = self.apex.to_wire();
        let text = |wire: &[u8]| {
            let (mut at, mut labels) = (0, Vec::new());
            while at < wire.len() {
                let end = at + 1 + usize::from(wire[at]);
                labels.push(String::from_utf8_lossy(&wire[at + 1..end]).into_owned());
                at = end;
            }
            labels.join(".")
        };
        let owners = self.replica.records().filter_map(|(owner, ..)| owner.strip_suffix(&*suffix));
        owners.map(text).collect()
    }
}
