//! A round of questions to one resolver, over UDP: all at once, answers by id and name.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use belfry_indicator::Domain;
use belfry_rpz::wire::{HEADER, Header, Reader, kind};
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use super::watch::{Heard, Question};

/// How long a round waits.
const PATIENCE: Duration = Duration::from_secs(2);
const NXDOMAIN: u8 = 3;

/// How a block is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signs {
    /// The answer of a canary.
    pub(crate) canary: Ipv4Addr,
    /// The answer of a block; "no such name" without.
    pub(crate) warning: Option<Ipv4Addr>,
}

/// Asks, and says what came back for each; whatever does not come is silence.
pub(crate) async fn ask(
    resolver: SocketAddr,
    questions: Vec<Question>,
    signs: Signs,
    first_id: u16,
) -> Vec<(Question, Heard)> {
    let mut heard: Vec<_> =
        questions.into_iter().map(|question| (question, Heard::Silence)).collect();
    let _ = exchange(resolver, &mut heard, signs, first_id).await;
    heard
}

async fn exchange(
    resolver: SocketAddr,
    heard: &mut [(Question, Heard)],
    signs: Signs,
    first_id: u16,
) -> std::io::Result<()> {
    let any = if resolver.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(resolver).await?;
    for (place, (question, _)) in (0_u16..).zip(heard.iter()) {
        socket.send(&message(first_id.wrapping_add(place), &question.name)).await?;
    }
    let (until, mut buffer) = (Instant::now() + PATIENCE, [0; 1_500]);
    let mut missing = heard.len();
    while missing > 0 {
        let Ok(received) = timeout_at(until, socket.recv(&mut buffer)).await else { break };
        let bytes = &buffer[..received?];
        let Ok(header) = Header::read(bytes) else { continue };
        let place = usize::from(header.id.wrapping_sub(first_id));
        let Some((question, answer)) = heard.get_mut(place) else { continue };
        if *answer == Heard::Silence
            && let Some(read) = read(bytes, question, signs)
        {
            *answer = read;
            missing -= 1;
        }
    }
    Ok(())
}

/// A question for A, recursion desired.
fn message(id: u16, name: &Domain) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    out.extend_from_slice(&id.to_be_bytes());
    out.extend_from_slice(&[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    out.extend_from_slice(&name.to_wire());
    out.extend_from_slice(&[0, 1, 0, 1]);
    out
}

/// What an answer says; `None` where it is none to this question.
fn read(bytes: &[u8], question: &Question, signs: Signs) -> Option<Heard> {
    let header = Header::read(bytes).ok()?;
    let mut reader = Reader::at(bytes, HEADER);
    let asked = reader.question().ok()?;
    if !header.response || !asked.name.eq_ignore_ascii_case(&question.name.to_wire()) {
        return None;
    }
    let mut addresses = Vec::new();
    for _ in 0..header.counts[1] {
        let record = reader.record().ok()?;
        if record.kind == kind::A
            && let Ok(octets) = <[u8; 4]>::try_from(&bytes[record.data.clone()])
        {
            addresses.push(Ipv4Addr::from(octets));
        }
    }
    let blocks = if question.is_canary() {
        addresses.contains(&signs.canary)
    } else {
        match signs.warning {
            Some(warning) => addresses.contains(&warning),
            None => header.rcode == NXDOMAIN,
        }
    };
    Some(if blocks { Heard::Block } else { Heard::Other })
}

#[cfg(test)]
mod tests {
    use belfry_journal::{Serial, UnixMillis};

    use super::super::watch::{Expected, Watch};
    use super::*;

    const WARNING: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 80);

    /// A question for a canary, and one for a name.
    fn questions() -> [Question; 2] {
        let name = |text| Domain::parse(text).unwrap();
        let mut watch = Watch::default();
        let now = UnixMillis(0);
        watch.publish(&name("phishing.rpz.test"), Serial(1), name("s1.canary.test"), now);
        let expected = Expected { order: Serial(1), name: name("a.example"), blocked: true };
        watch.expect(&[expected], now);
        watch.questions().try_into().unwrap()
    }

    fn answer(question: &Question, rcode: u8, address: Option<Ipv4Addr>) -> Vec<u8> {
        let mut bytes = message(7, &question.name);
        bytes[2] |= 0x80;
        bytes[3] = rcode;
        if let Some(address) = address {
            bytes[7] = 1;
            bytes.extend_from_slice(&[0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4]);
            bytes.extend_from_slice(&address.octets());
        }
        bytes
    }

    #[test]
    fn a_block_is_known_by_its_answer() {
        let [canary, name] = questions();
        let redirect = Signs { canary: WARNING, warning: Some(WARNING) };
        let nxdomain = Signs { warning: None, ..redirect };
        for (question, rcode, address, signs, expected) in [
            (&canary, 0, Some(WARNING), nxdomain, Heard::Block),
            (&canary, 3, None, nxdomain, Heard::Other),
            (&name, 0, Some(WARNING), redirect, Heard::Block),
            (&name, 0, Some(Ipv4Addr::LOCALHOST), redirect, Heard::Other),
            (&name, 3, None, redirect, Heard::Other),
            (&name, 3, None, nxdomain, Heard::Block),
            (&name, 2, None, nxdomain, Heard::Other),
        ] {
            let bytes = answer(question, rcode, address);
            assert_eq!(read(&bytes, question, signs), Some(expected), "{rcode} {address:?}");
        }
    }

    #[test]
    fn what_is_no_answer_to_the_question_is_none() {
        let [canary, name] = questions();
        let signs = Signs { canary: WARNING, warning: None };
        let good = answer(&canary, 0, Some(WARNING));
        assert_eq!(read(&good, &name, signs), None);
        assert_eq!(read(&message(7, &canary.name), &canary, signs), None, "a question");
        for cut in 0..good.len() {
            assert_eq!(read(&good[..cut], &canary, signs), None, "cut at {cut}");
        }
    }
}
