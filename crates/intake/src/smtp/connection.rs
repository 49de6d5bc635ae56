//! One connection: bytes between a socket and a [`Session`], within limits of
//! time and memory; mails into the casebook.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use belfry_casebook::Casebook;
use belfry_casebook::StoreError;
use belfry_casebook::report::{Arrival, Channel, Content, Envelope, NewReport};
use belfry_web::{Buckets, Clock, Rate, client_prefix};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::reply::Reply;
use super::seats::Seat;
use super::session::{Event, Mail, Rules, Session, Undelivered};
use super::settings::SmtpSettings;
use crate::{IntakeMetrics, Refusal};

/// Octets read at once.
const READ_BYTES: usize = 16 << 10;
/// Replies are sent when they come to this, or when the client is waited for.
const WRITE_BYTES: usize = 16 << 10;
/// How long mails under way may take once we stop.
const STOP_GRACE: Duration = Duration::from_secs(10);
/// How long and how much is read after our last words, lest a reset takes them from the client.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_READS: usize = 64;
/// The unit in which memory is lent.
const MEMORY_UNIT_BYTES: usize = 1 << 10;
/// Clients whose rate is known at once.
const CLIENTS_MAX: usize = 50_000;

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) metrics: IntakeMetrics,
    settings: SmtpSettings,
    casebook: Casebook,
    clock: Clock,
    rules: Arc<Rules>,
    memory: Arc<Semaphore>,
    acceptor: Option<TlsAcceptor>,
    /// Whether senders are checked, so that envelopes are kept until then.
    checks_senders: bool,
    /// How many mails each client may send, where that is limited.
    rates: Option<Buckets>,
    begun: Instant,
}

/// Who is at the other end.
pub(crate) struct Peer {
    pub(crate) address: IpAddr,
    pub(crate) seat: Seat,
}

impl Shared {
    pub(crate) fn new(
        settings: SmtpSettings,
        casebook: Casebook,
        clock: Clock,
        tls: Option<Arc<rustls::ServerConfig>>,
        metrics: IntakeMetrics,
        checks_senders: bool,
    ) -> Self {
        let units = settings.memory_bytes_max / MEMORY_UNIT_BYTES;
        Self {
            rules: Arc::new(Rules::new(&settings, tls.is_some())),
            memory: Arc::new(Semaphore::new(units.min(Semaphore::MAX_PERMITS))),
            acceptor: tls.map(TlsAcceptor::from),
            checks_senders,
            rates: rates(&settings),
            begun: Instant::now(),
            metrics,
            settings,
            casebook,
            clock,
        }
    }

    /// Why a mail of `peer` would be put off just now.
    fn puts_off(&self, peer: IpAddr) -> Option<Undelivered> {
        if self.casebook.pressure().is_some() {
            return Some(Undelivered::Busy);
        }
        let rates = self.rates.as_ref()?;
        rates.peek(&client_prefix(peer), self.now_ns()).err().map(|_| Undelivered::TooOften)
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    async fn store(&self, mail: Mail, peer: IpAddr) -> Result<String, Undelivered> {
        if let Some(rates) = &self.rates {
            let taken = rates.take(&client_prefix(peer), self.now_ns());
            taken.map_err(|_| Undelivered::TooOften)?;
        }
        let received_at = self.clock.now();
        let begun = Instant::now();
        let report = NewReport {
            channel: Channel::Smtp,
            content: Content::Mail,
            bytes: &mail.bytes,
            reporter: mail.envelope.sender.as_deref(),
            received_at,
        };
        let envelope = self.checks_senders.then(|| Envelope {
            peer,
            helo: mail.envelope.helo.clone(),
            sender: mail.envelope.sender.clone(),
        });
        let arrival =
            Arrival { mailbox: mail.envelope.mailbox.as_deref(), envelope: envelope.as_ref() };
        match self.casebook.receive_mail(report, arrival).await {
            Ok(receipt) => {
                self.metrics.received("smtp", mail.bytes.len(), begun.elapsed());
                Ok(receipt.to_string())
            }
            Err(StoreError::Busy(pressure)) => {
                tracing::debug!(pressure = pressure.name(), "a mail is put off");
                Err(Undelivered::Busy)
            }
            Err(error) => {
                tracing::error!(%error, "a mail could not be stored");
                Err(Undelivered::Failed)
            }
        }
    }
}

fn rates(settings: &SmtpSettings) -> Option<Buckets> {
    let rate = Rate {
        burst: settings.mails_burst_per_address,
        per_minute: settings.mails_per_minute_per_address,
    };
    let limited = rate.burst > 0 && rate.per_minute > 0;
    limited.then(|| Buckets::new(rate, CLIENTS_MAX))
}

/// Why [`Connection::converse`] came to an end without an error.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Closed,
    StartTls,
}

/// One connection's state besides its socket.
struct Connection<'a> {
    shared: &'a Shared,
    stop: &'a CancellationToken,
    session: Session,
    peer: Peer,
    /// Memory lent for the mail that is coming in.
    lent: Option<OwnedSemaphorePermit>,
    /// When the connection ends at the latest.
    ends_at: Instant,
    /// When the content under way began.
    content_since: Option<Instant>,
}

/// Serves one connection to its end. Errors of the peer's are its own affair.
pub(crate) async fn run(
    stream: TcpStream,
    peer: Peer,
    implicit: bool,
    shared: &Shared,
    stop: &CancellationToken,
) {
    let lasts = Duration::from_secs(shared.settings.session_seconds);
    let mut connection = Connection {
        shared,
        stop,
        session: Session::new(Arc::clone(&shared.rules)),
        peer,
        lent: None,
        ends_at: Instant::now() + lasts,
        content_since: None,
    };
    let served = if implicit {
        connection.serve_implicit(stream).await
    } else {
        connection.serve(stream).await
    };
    if let Err(error) = served {
        tracing::debug!(%error, "an SMTP connection broke");
    }
}

impl Connection<'_> {
    async fn serve(&mut self, mut stream: TcpStream) -> io::Result<()> {
        // Replies are whole when they are sent; waiting to fill a packet only delays them.
        stream.set_nodelay(true)?;
        if self.converse(&mut stream).await? == End::StartTls
            && let Some(acceptor) = &self.shared.acceptor
        {
            let mut stream = timeout(self.idle(), acceptor.accept(stream)).await??;
            self.session.tls_started();
            self.converse(&mut stream).await?;
        }
        Ok(())
    }

    async fn serve_implicit(&mut self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let Some(acceptor) = &self.shared.acceptor else { return Ok(()) };
        let mut stream = timeout(self.idle(), acceptor.accept(stream)).await??;
        self.session.tls_started();
        self.converse(&mut stream).await?;
        Ok(())
    }

    /// Reads, steps and writes until the end.
    async fn converse(
        &mut self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    ) -> io::Result<End> {
        let mut buffer = vec![0; READ_BYTES];
        let mut filled = 0;
        loop {
            if let Some(end) = self.handle(&buffer[..filled], stream).await? {
                return Ok(end);
            }
            self.borrow_memory();
            filled = match self.read(stream, &mut buffer).await? {
                Read::Bytes(0) => return Ok(End::Closed),
                Read::Bytes(filled) => filled,
                Read::Words(last) => {
                    self.send(stream, &last.to_bytes()).await?;
                    linger(stream).await?;
                    return Ok(End::Closed);
                }
            };
        }
    }

    /// Does all that `input` leads to; answers whether the conversation ends.
    async fn handle(
        &mut self,
        mut input: &[u8],
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    ) -> io::Result<Option<End>> {
        let mut output = Vec::new();
        if !self.session.is_reading_content() {
            self.session.put_off(self.shared.puts_off(self.peer.address));
        }
        while let Some(event) = self.session.step(&mut input) {
            match event {
                Event::Reply(reply) => self.say(&reply, &mut output),
                Event::Deliver(mail) => {
                    let outcome = self.shared.store(mail, self.peer.address).await;
                    self.peer.seat.brought_mail();
                    self.lent = None;
                    let reply = self.session.delivered(outcome.as_deref().map_err(|why| *why));
                    self.say(&reply, &mut output);
                }
                Event::StartTls => {
                    // What is left of `input` came in clear and is not obeyed (RFC 3207, 4.2).
                    self.send(stream, &output).await?;
                    return Ok(Some(End::StartTls));
                }
                Event::Close => {
                    self.send(stream, &output).await?;
                    linger(stream).await?;
                    return Ok(Some(End::Closed));
                }
            }
            if output.len() >= WRITE_BYTES {
                self.send(stream, &output).await?;
                output.clear();
            }
        }
        self.send(stream, &output).await?;
        Ok(None)
    }

    fn say(&self, reply: &Reply, output: &mut Vec<u8>) {
        if let Some(why) = reply.refusal {
            self.shared.metrics.refused(why);
        }
        output.extend_from_slice(&reply.to_bytes());
    }

    async fn send(&self, stream: &mut (impl AsyncWrite + Unpin), output: &[u8]) -> io::Result<()> {
        if output.is_empty() {
            return Ok(());
        }
        timeout(self.idle(), async {
            stream.write_all(output).await?;
            stream.flush().await
        })
        .await?
    }

    async fn read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        buffer: &mut [u8],
    ) -> io::Result<Read> {
        loop {
            let stopping = self.stop.is_cancelled();
            if stopping && self.session.is_idle() {
                return Ok(Read::Words(self.session.stop()));
            }
            if stopping {
                self.ends_at = self.ends_at.min(Instant::now() + STOP_GRACE);
            }
            let deadline = self.deadline();
            self.peer.seat.is_busy(!self.session.is_idle());
            tokio::select! {
                () = self.stop.cancelled(), if !stopping => {}
                () = self.peer.seat.told_to_leave() => {
                    return Ok(Read::Words(self.session.make_room()));
                }
                read = timeout_at(deadline, stream.read(buffer)) => match read {
                    Ok(read) => return read.map(Read::Bytes),
                    Err(_) => {
                        self.shared.metrics.refused(Refusal::Timeout);
                        return Ok(Read::Words(self.session.time_out()));
                    }
                },
            }
        }
    }

    fn idle(&self) -> Duration {
        Duration::from_secs(self.shared.settings.idle_seconds)
    }

    /// Until when the next byte must have come.
    fn deadline(&mut self) -> Instant {
        let now = Instant::now();
        let mut deadline = self.ends_at.min(now + self.idle());
        if self.session.is_reading_content() {
            let lasts = Duration::from_secs(self.shared.settings.content_seconds);
            deadline = deadline.min(*self.content_since.get_or_insert(now) + lasts);
        } else {
            self.content_since = None;
        }
        deadline
    }

    /// Has as much memory lent as the session holds; where there is none left, the
    /// mail is let go of. Each read adds little, so that the bound is kept closely.
    fn borrow_memory(&mut self) {
        let units = self.session.held_bytes().div_ceil(MEMORY_UNIT_BYTES);
        if units == 0 {
            self.lent = None;
            return;
        }
        let lent = self.lent.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let Some(more) = units.checked_sub(lent).filter(|more| *more > 0) else { return };
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        match Arc::clone(&self.shared.memory).try_acquire_many_owned(more) {
            Ok(permit) => match &mut self.lent {
                Some(lent) => lent.merge(permit),
                lent => *lent = Some(permit),
            },
            Err(_) => {
                self.session.shed();
                self.lent = None;
            }
        }
    }
}

/// What came of waiting for the client.
enum Read {
    Bytes(usize),
    /// It ends with these words.
    Words(Reply),
}

/// Closes our side and reads a little on.
async fn linger(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
    stream.shutdown().await?;
    let mut buffer = vec![0; READ_BYTES];
    let reads = async {
        for _ in 0..LINGER_READS {
            if !matches!(stream.read(&mut buffer).await, Ok(1..)) {
                break;
            }
        }
    };
    // Whether the client closed in time makes no difference.
    let _ = timeout(LINGER, reads).await;
    Ok(())
}
