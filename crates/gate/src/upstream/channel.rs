//! A connection to an upstream that is kept: questions go out as they come, answers
//! come in any order (RFC 7766), in clear or inside TLS. Bounded in questions that
//! are out and in silence. What the answers say is others' affair.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// Questions that wait to be written.
const QUEUE_MAX: usize = 256;
/// Questions that are out on one connection.
const OUT_MAX: usize = 1_024;
/// A connection on which nothing is out ends after so long.
const IDLE: Duration = Duration::from_secs(10);

/// How TLS is spoken with an upstream.
#[derive(Clone)]
pub(crate) struct Secure {
    /// Who vouches for it.
    pub(crate) connector: TlsConnector,
    /// The name that its certificate must have.
    pub(crate) name: ServerName<'static>,
}

/// The connection to one upstream, or the means to have one.
#[derive(Debug)]
pub(crate) struct Channel {
    upstream: SocketAddr,
    secure: Option<Secure>,
    questions: Mutex<Option<mpsc::Sender<Question>>>,
}

#[derive(Debug)]
struct Question {
    message: Vec<u8>,
    answer: oneshot::Sender<Vec<u8>>,
}

/// Questions that are out, by the id under which they are.
type Asked = HashMap<u16, (u16, oneshot::Sender<Vec<u8>>)>;
type Out = Arc<Mutex<Asked>>;

impl Channel {
    /// Not connected yet.
    pub(crate) fn new(upstream: SocketAddr, secure: Option<Secure>) -> Self {
        Self { upstream, secure, questions: Mutex::new(None) }
    }

    /// The answer to `message`, under its id. The caller bounds the time.
    pub(crate) async fn ask(&self, message: &[u8]) -> io::Result<Vec<u8>> {
        // A connection that was kept may have ended at its other end: once more.
        for _ in 0..2 {
            let (answer, answered) = oneshot::channel();
            let question = Question { message: message.to_vec(), answer };
            if self.sender().send(question).await.is_err() {
                self.forget();
                continue;
            }
            if let Ok(answer) = answered.await {
                return Ok(answer);
            }
            self.forget();
        }
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    /// One question on a connection of its own, behind `preface`.
    pub(crate) async fn ask_once(&self, preface: &[u8], message: &[u8]) -> io::Result<Vec<u8>> {
        let mut stream = connect(self.upstream, self.secure.as_ref(), preface).await?;
        stream.write_all(&framed(message)).await?;
        stream.flush().await?;
        read_answer(&mut stream).await
    }

    fn sender(&self) -> mpsc::Sender<Question> {
        let mut held = self.questions.lock().unwrap_or_else(PoisonError::into_inner);
        match &*held {
            Some(sender) if !sender.is_closed() => sender.clone(),
            _ => {
                let (sender, questions) = mpsc::channel(QUEUE_MAX);
                let (upstream, secure) = (self.upstream, self.secure.clone());
                tokio::spawn(async move {
                    if let Err(problem) = converse(upstream, secure, questions).await {
                        tracing::debug!(%upstream, %problem, "a connection to an upstream ended");
                    }
                });
                held.insert(sender).clone()
            }
        }
    }

    fn forget(&self) {
        let mut held = self.questions.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(mpsc::Sender::is_closed) {
            *held = None;
        }
    }
}

impl std::fmt::Debug for Secure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secure").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A stream in either form.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

async fn connect(
    upstream: SocketAddr,
    secure: Option<&Secure>,
    preface: &[u8],
) -> io::Result<Box<dyn Stream>> {
    let mut stream = TcpStream::connect(upstream).await?;
    stream.set_nodelay(true)?;
    stream.write_all(preface).await?;
    Ok(match secure {
        None => Box::new(stream),
        Some(Secure { connector, name }) => {
            Box::new(connector.connect(name.clone(), stream).await?)
        }
    })
}

/// One connection, until it fails, falls silent, or nobody can ask any more. What is
/// out then is dropped, which tells those who wait.
async fn converse(
    upstream: SocketAddr,
    secure: Option<Secure>,
    mut questions: mpsc::Receiver<Question>,
) -> io::Result<()> {
    let stream = connect(upstream, secure.as_ref(), &[]).await?;
    let (reader, mut writer) = tokio::io::split(stream);
    let out = Out::default();
    let mut reading = tokio::spawn(read(reader, Arc::clone(&out)));
    let mut next = 0_u16;
    let ended = loop {
        let question = tokio::select! {
            ended = &mut reading => break ended.unwrap_or(Ok(())),
            question = tokio::time::timeout(IDLE, questions.recv()) => question,
        };
        match question {
            Ok(Some(question)) => {
                let Some(message) = enter(&out, question, &mut next) else { continue };
                if let Err(problem) = writer.write_all(&framed(&message)).await {
                    break Err(problem);
                }
                writer.flush().await?;
            }
            Ok(None) => break Ok(()),
            Err(_) if lock(&out).is_empty() => break Ok(()),
            Err(_) => {}
        }
    };
    reading.abort();
    lock(&out).clear();
    ended
}

/// Gives a question an id of this connection's own.
fn enter(out: &Out, question: Question, next: &mut u16) -> Option<Vec<u8>> {
    let Question { mut message, answer } = question;
    let id = *message.first_chunk::<2>()?;
    let mut out = lock(out);
    // Those who gave up waiting leave their place.
    if out.len() >= OUT_MAX {
        out.retain(|_, (_, answer)| !answer.is_closed());
    }
    if out.len() >= OUT_MAX {
        return None;
    }
    while out.contains_key(next) {
        *next = next.wrapping_add(1);
    }
    out.insert(*next, (u16::from_be_bytes(id), answer));
    message[..2].copy_from_slice(&next.to_be_bytes());
    *next = next.wrapping_add(1);
    Some(message)
}

async fn read(reader: impl AsyncRead + Unpin, out: Out) -> io::Result<()> {
    let mut reader = BufReader::new(reader);
    loop {
        let mut answer = read_answer(&mut reader).await?;
        let Some(id) = answer.first_chunk_mut::<2>() else { continue };
        let asked = lock(&out).remove(&u16::from_be_bytes(*id));
        let Some((own, sender)) = asked else { continue };
        *id = own.to_be_bytes();
        // Who gave up needs no answer.
        let _ = sender.send(answer);
    }
}

/// Memory grows with what arrives, not with the length that is claimed.
async fn read_answer(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let length = reader.read_u16().await?;
    let mut answer = Vec::new();
    reader.take(length.into()).read_to_end(&mut answer).await?;
    if answer.len() < usize::from(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(answer)
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).expect("a question is short");
    [&length.to_be_bytes(), message].concat()
}

fn lock(out: &Out) -> MutexGuard<'_, Asked> {
    out.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Answers two questions at a time, the later first, and ends after `pairs`.
    async fn backwards(listener: TcpListener, pairs: usize) {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            for _ in 0..pairs {
                let first = read_answer(&mut stream).await.unwrap();
                let second = read_answer(&mut stream).await.unwrap();
                for mut answer in [second, first] {
                    answer.push(b'!');
                    stream.write_all(&framed(&answer)).await.unwrap();
                }
            }
        }
    }

    async fn channel(pairs: usize) -> Channel {
        let listener = TcpListener::bind((belfry_testbed::loopback(), 0)).await.unwrap();
        let upstream = listener.local_addr().unwrap();
        tokio::spawn(backwards(listener, pairs));
        Channel::new(upstream, None)
    }

    #[tokio::test]
    async fn answers_find_their_questions_in_any_order_and_have_their_ids() {
        let channel = channel(1_000).await;
        for _ in 0..10 {
            let (one, two) = tokio::join!(channel.ask(b"\x07\x07one"), channel.ask(b"\x07\x07two"));
            assert_eq!(
                (one.unwrap(), two.unwrap()),
                (b"\x07\x07one!".into(), b"\x07\x07two!".into())
            );
        }
    }

    #[tokio::test]
    async fn a_connection_that_was_ended_is_made_again() {
        let channel = channel(1).await;
        for _ in 0..3 {
            let (one, two) = tokio::join!(channel.ask(b"\0\x01one"), channel.ask(b"\0\x02two"));
            assert_eq!((one.unwrap(), two.unwrap()), (b"\0\x01one!".into(), b"\0\x02two!".into()));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    #[tokio::test]
    async fn nobody_there_is_an_error() {
        let channel = Channel::new(belfry_testbed::free_addr(), None);
        assert!(channel.ask(b"\0\x01one").await.is_err());
        assert!(channel.ask_once(b"", b"\0\x01one").await.is_err());
    }
}
