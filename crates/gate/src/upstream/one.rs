//! One upstream: how it is asked, and what it takes for its answer to be believed.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use crate::compose;
use crate::proxy;
use crate::query::{Query, UDP_OCTETS_MAX};
use crate::relayed::{Caps, Relayed, Unfit};
use crate::upstream::channel::Channel;
use crate::upstream::doubt::{Doubt, Verdict};
use crate::upstream::health::Health;
use crate::upstream::settings::{UpstreamSettings, UpstreamTransport};
use crate::upstream::udp;

/// Times that an upstream may change its cookie before it is asked over TCP.
const AGAIN_MAX: usize = 2;

/// Why one try brought nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum TryError {
    /// It said nothing.
    #[error("no answer in time")]
    Timeout,
    /// The system said something.
    #[error("{0}")]
    Socket(#[from] io::Error),
    /// It said something else.
    #[error("an answer that can't be used")]
    Unusable,
}

/// One upstream.
#[derive(Debug)]
pub(super) struct Upstream {
    pub(super) settings: UpstreamSettings,
    pub(super) health: Health,
    pub(super) channel: Channel,
    pub(super) doubt: Doubt,
}

/// What came over UDP.
enum Heard {
    Answer(Relayed),
    Unusable,
    /// Ask over TCP.
    OverTcp,
    /// Ask again.
    Again,
}

impl Upstream {
    /// Asks it; each way may take `limit`.
    pub(super) async fn ask(
        &self,
        query: &Query,
        client: Option<IpAddr>,
        (caps, limit): (Caps, Duration),
    ) -> Result<Relayed, TryError> {
        let client = client.filter(|_| self.settings.proxy);
        if self.settings.transport == UpstreamTransport::Udp {
            for _ in 0..AGAIN_MAX {
                match timed(limit, self.over_udp(query, client, caps)).await? {
                    Heard::Answer(answer) => return Ok(answer),
                    Heard::Unusable => return Err(TryError::Unusable),
                    Heard::OverTcp => break,
                    Heard::Again => {}
                }
            }
        }
        self.over_stream(query, client, (caps, limit)).await
    }

    async fn over_udp(
        &self,
        query: &Query,
        client: Option<IpAddr>,
        caps: Caps,
    ) -> io::Result<Heard> {
        let (id, random) = random()?;
        let mut message = compose::ask(query, id, &self.doubt.option(), false);
        self.doubt.mix(&mut message, &random);
        let address = self.settings.address;
        let preface = client.map(|client| proxy::header(client, address, false));
        let sent = [preface.as_deref().unwrap_or_default(), &message].concat();
        let take = |bytes: &[u8]| {
            let read = Relayed::read(id, &query.question, bytes, self.caps(caps));
            if read == Err(Unfit::Stray) {
                return None;
            }
            match self.doubt.judge(&message, bytes) {
                Verdict::Forged => return None,
                Verdict::Doubtful => return Some(Heard::OverTcp),
                Verdict::Again => return Some(Heard::Again),
                Verdict::Fine => {}
            }
            Some(match read {
                _ if bytes.len() > usize::from(UDP_OCTETS_MAX) => Heard::OverTcp,
                Ok(answer) => Heard::Answer(answer),
                Err(Unfit::Truncated) => Heard::OverTcp,
                Err(_) => Heard::Unusable,
            })
        };
        udp::exchange(address, &sent, take).await
    }

    async fn over_stream(
        &self,
        query: &Query,
        client: Option<IpAddr>,
        (caps, limit): (Caps, Duration),
    ) -> Result<Relayed, TryError> {
        let (id, _) = random()?;
        let hidden = self.settings.transport == UpstreamTransport::Tls;
        let message = compose::ask(query, id, &[], hidden);
        let bytes = match client {
            None => timed(limit, self.channel.ask(&message)).await?,
            Some(client) => {
                let preface = proxy::header(client, self.settings.address, true);
                timed(limit, self.channel.ask_once(&preface, &message)).await?
            }
        };
        let answer = Relayed::read(id, &query.question, &bytes, self.caps(caps));
        let answer = answer.map_err(|_| TryError::Unusable)?;
        // It answers; what it lacked over UDP it need not have from now on.
        self.doubt.forget();
        Ok(answer)
    }

    fn caps(&self, caps: Caps) -> Caps {
        Caps { trusts_ad: self.settings.trust_ad, ..caps }
    }
}

async fn timed<T>(
    limit: Duration,
    work: impl Future<Output = io::Result<T>>,
) -> Result<T, TryError> {
    Ok(tokio::time::timeout(limit, work).await.map_err(|_| TryError::Timeout)??)
}

/// An id that a forger can't guess, and as many bits as a name has octets.
fn random() -> io::Result<(u16, [u8; 32])> {
    let (mut id, mut bits) = ([0; 2], [0; 32]);
    getrandom::fill(&mut id)?;
    getrandom::fill(&mut bits)?;
    Ok((u16::from_be_bytes(id), bits))
}
