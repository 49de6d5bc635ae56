//! Too many connections, then too many octets of mail.

use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::figures::Phase;
use super::{CONNECTIONS_MAX, FACTOR, Target};
use crate::client::{Sent, Smtp};

/// Octets of a mail of the flood: as many connections as may be hold more of
/// them than the memory that the hub is set to.
const MAIL_OCTETS: usize = 2 << 20;
/// A greeting or refusal is there within this, or the connection waits.
const GREETING: Duration = Duration::from_secs(5);

/// Opens ten times as many connections as are allowed, and holds them.
pub(super) fn connections(target: &Target, phase: &mut Phase) -> io::Result<()> {
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS_MAX * FACTOR {
        phase.came += 1;
        let stream = TcpStream::connect(target.address("smtp"))?;
        match greeting(&stream) {
            Ok(line) if line.starts_with("220") => {
                phase.served += 1;
                held.push(stream);
            }
            Ok(line) if line.starts_with("421") => phase.refused += 1,
            Ok(line) => phase.unclear(&line),
            Err(_) => phase.unanswered += 1,
        }
    }
    if held.len() > CONNECTIONS_MAX {
        phase.unclear("220 to more connections than are allowed");
    }
    thread::sleep(target.each);
    Ok(())
}

fn greeting(mut stream: &TcpStream) -> io::Result<String> {
    stream.set_read_timeout(Some(GREETING))?;
    let mut line = [0; 512];
    let length = stream.read(&mut line)?;
    Ok(String::from_utf8_lossy(&line[..length]).into_owned())
}

/// Sends large mails over ten times as many connections as are allowed.
pub(super) fn mails(target: &Target, phase: &mut Phase) -> io::Result<()> {
    let (smtp, until) = (target.address("smtp"), Instant::now() + target.each);
    let mail = mail();
    let counted = thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS_MAX * FACTOR)
            .map(|_| scope.spawn(|| send_until(smtp, &mail, until)))
            .collect();
        threads.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    counted.iter().flatten().for_each(|one| phase.add(one));
    Ok(())
}

/// One client, which comes back when it is turned away, as mail servers do.
fn send_until(smtp: SocketAddr, mail: &[u8], until: Instant) -> Phase {
    let mut phase = Phase::new("");
    while Instant::now() < until {
        phase.came += 1;
        match Smtp::connect(smtp) {
            Ok(mut connection) => while send(&mut connection, mail, &mut phase, until) {},
            Err(error) if error.to_string().starts_with("421") => phase.refused += 1,
            // A connection that is cut before its greeting says nothing unclear.
            Err(_) => phase.unanswered += 1,
        }
        thread::sleep(Duration::from_millis(100));
    }
    phase
}

/// Sends one mail; whether to go on over this connection.
fn send(connection: &mut Smtp, mail: &[u8], phase: &mut Phase, until: Instant) -> bool {
    match connection.send(mail) {
        Ok(Sent::Received(_)) => {
            phase.served += 1;
            phase.received += 1;
        }
        Ok(Sent::Refused(why)) if why.starts_with('4') => {
            phase.refused += 1;
            return false;
        }
        Ok(Sent::Refused(why)) => {
            phase.unclear(&why);
            return false;
        }
        Err(_) => {
            phase.unanswered += 1;
            return false;
        }
    }
    phase.came += 1;
    Instant::now() < until
}

/// One mail that must be taken.
pub(super) fn one(target: &Target) -> io::Result<()> {
    match Smtp::connect(target.address("smtp"))?
        .send(b"Subject: after the flood\r\n\r\nhello\r\n")?
    {
        Sent::Received(_) => Ok(()),
        Sent::Refused(why) => Err(io::Error::other(why)),
    }
}

fn mail() -> Vec<u8> {
    let mut mail = b"From: a@mail.example\r\nSubject: large\r\n\r\n".to_vec();
    while mail.len() < MAIL_OCTETS {
        mail.extend_from_slice(&[b'x'; 70]);
        mail.extend_from_slice(b"\r\n");
    }
    mail
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flood::MEMORY_MAX;

    #[test]
    fn the_mails_are_more_than_the_hub_may_hold() {
        assert!(mail().len() >= MAIL_OCTETS);
        assert!((CONNECTIONS_MAX * MAIL_OCTETS) as u64 > MEMORY_MAX);
    }
}
