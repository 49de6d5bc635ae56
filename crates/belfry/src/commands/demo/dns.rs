//! One DNS question over UDP, as a client would ask it, and its answer in words.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use domain::base::iana::{Class, Rcode};
use domain::base::opt::ExtendedError;
use domain::base::{Message, MessageBuilder, Name, Rtype};
use domain::rdata::A;
use tokio::net::UdpSocket;

use crate::commands::Failure;

const PATIENCE: Duration = Duration::from_secs(2);

/// What came back.
#[derive(Debug, Default)]
pub(super) struct Answer {
    rcode: Option<Rcode>,
    address: Option<Ipv4Addr>,
    /// The extended error's text (RFC 8914).
    pub(super) error: Option<String>,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.rcode, self.address) {
            (None, _) => f.write_str("no answer from upstream in time"),
            (Some(_), Some(address)) => write!(f, "{address}"),
            (Some(rcode), None) => write!(f, "{rcode}"),
        }?;
        self.error.iter().try_for_each(|error| write!(f, " ({error})"))
    }
}

/// Asks for the A record of `name`; whatever goes wrong is an empty answer.
pub(super) async fn ask(server: SocketAddr, name: &str) -> Answer {
    let asked = tokio::time::timeout(PATIENCE, exchange(server, name)).await;
    asked.ok().and_then(Result::ok).unwrap_or_default()
}

async fn exchange(server: SocketAddr, name: &str) -> Result<Answer, Failure> {
    let mut query = MessageBuilder::new_vec();
    let [a, b, ..] = getrandom::u32()?.to_ne_bytes();
    query.header_mut().set_id(u16::from_ne_bytes([a, b]));
    query.header_mut().set_rd(true);
    let mut query = query.question();
    query.push((name.parse::<Name<Vec<u8>>>()?, Rtype::A, Class::IN))?;
    let mut query = query.additional();
    query.opt(|opt| {
        opt.set_udp_payload_size(1_232);
        Ok(())
    })?;
    let socket = UdpSocket::bind(("127.0.0.1", 0)).await?;
    socket.connect(server).await?;
    socket.send(&query.finish()).await?;
    let mut buffer = [0; 1_232];
    let length = socket.recv(&mut buffer).await?;
    read(&buffer[..length])
}

fn read(bytes: &[u8]) -> Result<Answer, Failure> {
    let message = Message::from_octets(bytes)?;
    let address = message.answer()?.limit_to::<A>().flatten().next();
    let opt = message.opt();
    let error = opt.and_then(|opt| opt.opt().iter::<ExtendedError<_>>().flatten().next());
    Ok(Answer {
        rcode: Some(message.header().rcode()),
        address: address.map(|record| record.data().addr()),
        error: error
            .and_then(|error| error.text().and_then(|text| text.ok().map(ToString::to_string))),
    })
}
