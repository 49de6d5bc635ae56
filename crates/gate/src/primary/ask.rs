//! One question to a primary and its answer, over TCP and signed where there is a key.
//! Blocks; every wait has an end. Never over UDP: neither zone nor serial is worth believing
//! from a datagram that anybody can write.

use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use belfry_indicator::Domain;
use belfry_journal::UnixMillis;
use belfry_rpz::secondary::{Ask, Kept, Receiver, SecondaryError, Update, request};
use belfry_rpz::tsig::{Key, Verifier, complaint};
use tokio_util::sync::CancellationToken;

use super::problem::Problem;

const CONNECT: Duration = Duration::from_secs(10);
/// How long a primary may say nothing.
const SILENCE: Duration = Duration::from_secs(30);
/// How long a whole answer may take.
const ANSWER: Duration = Duration::from_secs(3_600);
/// A difference is held until it is whole: past this the zone is fetched, which is not.
const DIFFERENCE_OCTETS_MAX: u64 = 32 << 20;
/// A record of a zone has so many octets on the wire at most, on average.
const RECORD_OCTETS: u64 = 256;

/// Asks one primary about one zone.
#[derive(Debug)]
pub(super) struct Asker<'a> {
    pub(super) address: SocketAddr,
    pub(super) apex: &'a Domain,
    pub(super) key: Option<&'a Key>,
    pub(super) records_max: usize,
    pub(super) now: fn() -> UnixMillis,
    pub(super) stop: &'a CancellationToken,
}

impl Asker<'_> {
    /// Asks; `take` is given the records of a whole zone as they come. Nothing of it may be
    /// used unless all of this succeeds.
    pub(super) fn ask(
        &self,
        asked: Ask,
        take: &mut dyn FnMut(Vec<Kept>) -> Result<(), Problem>,
    ) -> Result<Update, Problem> {
        let mut id = [0; 2];
        // Over TCP the id only tells answers of one connection apart.
        let _ = getrandom::fill(&mut id);
        let id = u16::from_be_bytes(id);
        let mut bytes = request(id, self.apex, asked);
        let mut verifier = self.key.map(|key| key.sign_request(&mut bytes, self.seconds()));
        let mut stream = self.send(&bytes)?;
        let mut receiver = Receiver::new(id, self.apex, asked, self.records_max);
        let (mut octets, mut message) = (0, Vec::new());
        loop {
            self.read(&mut stream, &mut message)?;
            octets += message.len() as u64;
            let whole = self.take(&message, &mut receiver, verifier.as_mut())?;
            take(receiver.drain())?;
            if whole {
                break;
            }
            if receiver.is_difference() && octets > DIFFERENCE_OCTETS_MAX {
                return Err(Problem::LargeDifference);
            }
            if octets / RECORD_OCTETS > self.records_max as u64 + 1_024 {
                return Err(Problem::TooLarge);
            }
        }
        if verifier.is_some_and(|verifier| !verifier.is_closed()) {
            let why = belfry_rpz::tsig::TsigError::Missing;
            return Err(Problem::Unsigned(self.address, why));
        }
        let nothing = Problem::Answer(self.address, SecondaryError::Other);
        receiver.finish().ok_or(nothing)
    }

    fn take(
        &self,
        message: &[u8],
        receiver: &mut Receiver,
        verifier: Option<&mut Verifier>,
    ) -> Result<bool, Problem> {
        let signed = verifier.is_some();
        if let Some(verifier) = verifier
            && let Err(why) = verifier.verify(message, self.seconds())
        {
            // A refusal may come unsigned: then it is only told.
            let code = message.get(3).map_or(0, |octet| octet & 0x0F);
            return Err(match code {
                0 => Problem::Unsigned(self.address, why),
                code => Problem::refusal(self.address, code, complaint(message), signed),
            });
        }
        receiver.take(message).map_err(|why| match why {
            SecondaryError::Refused(code) => {
                Problem::refusal(self.address, code, complaint(message), signed)
            }
            SecondaryError::TooLarge if receiver.is_difference() => Problem::LargeDifference,
            SecondaryError::TooLarge => Problem::TooLarge,
            why => Problem::Answer(self.address, why),
        })
    }

    fn seconds(&self) -> u64 {
        (self.now)().0 / 1_000
    }

    fn send(&self, bytes: &[u8]) -> Result<BufReader<Timed>, Problem> {
        let connect = |error| Problem::Connect(self.address, error);
        let mut stream = TcpStream::connect_timeout(&self.address, CONNECT).map_err(connect)?;
        stream.set_read_timeout(Some(SILENCE)).map_err(connect)?;
        stream.set_write_timeout(Some(SILENCE)).map_err(connect)?;
        let length = u16::try_from(bytes.len()).expect("a question is short");
        let framed = [&length.to_be_bytes()[..], bytes].concat();
        stream.write_all(&framed).map_err(|error| Problem::Cut(self.address, error))?;
        let timed = Timed { stream, until: Instant::now() + ANSWER };
        Ok(BufReader::with_capacity(1 << 16, timed))
    }

    fn read(&self, stream: &mut impl Read, message: &mut Vec<u8>) -> Result<(), Problem> {
        if self.stop.is_cancelled() {
            return Err(Problem::Stopping);
        }
        let mut length = [0; 2];
        let read = stream.read_exact(&mut length).and_then(|()| {
            message.clear();
            message.resize(u16::from_be_bytes(length).into(), 0);
            stream.read_exact(message)
        });
        read.map_err(|error| Problem::Cut(self.address, error))
    }
}

/// A stream whose answer must end some time.
struct Timed {
    stream: TcpStream,
    until: Instant,
}

impl Read for Timed {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        if Instant::now() > self.until {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it takes more than an hour"));
        }
        self.stream.read(octets)
    }
}
