//! Many questions to one server, some dozens at a time, each asked again until it is
//! answered or given up; what came back is sorted into truth, block and all else.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use super::upstream::REAL;

pub(super) const A: u16 = 1;
pub(super) const MX: u16 = 15;
pub(super) const AAAA: u16 = 28;
pub(super) const HTTPS: u16 = 65;
/// The address that blocked names get.
pub(super) const WARNING: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 80);

/// Questions under way at once.
const WINDOW: usize = 48;
/// After so long a question is asked again, and so often.
const PATIENCE: Duration = Duration::from_secs(1);
const TRIES: u32 = 6;
const LOOK: Duration = Duration::from_millis(20);

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) name: String,
    pub(super) kind: u16,
    /// Whether DNSSEC is wanted: the DO bit.
    pub(super) signed: bool,
}

impl Question {
    /// Each way to ask for each name.
    pub(super) fn all<'a>(
        names: impl IntoIterator<Item = &'a str>,
    ) -> impl Iterator<Item = Question> {
        names.into_iter().flat_map(|name| {
            [A, AAAA, HTTPS, MX].into_iter().flat_map(move |kind| {
                [false, true].map(|signed| Question { name: name.to_owned(), kind, signed })
            })
        })
    }

    pub(super) fn to_wire(&self, id: u16) -> Vec<u8> {
        let mut wire = crate::client::query(id, &self.name);
        let at = wire.len() - 4;
        wire[at..at + 2].copy_from_slice(&self.kind.to_be_bytes());
        if self.signed {
            wire[11] = 1;
            wire.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0x80, 0, 0, 0]);
        }
        wire
    }

    /// What a server says that blocks the name, or does not.
    pub(super) fn expected(&self, blocked: bool) -> Said {
        match (blocked, self.kind) {
            (false, _) => Said::Truth,
            (true, A) => Said::Warning,
            (true, _) => Said::Empty,
        }
    }
}

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The upstream's record.
    Truth,
    /// The warning host's address.
    Warning,
    /// That there is no such record.
    Empty,
    /// A response code that is an error.
    Failed(u8),
    /// Nothing, however often it was asked.
    Nothing,
    /// Records that nobody has given out.
    Strange,
}

/// Asks all of them; the answers in the same order.
pub(super) fn ask_all(server: SocketAddr, questions: &[Question]) -> io::Result<Vec<Said>> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(server)?;
    socket.set_read_timeout(Some(LOOK))?;
    let mut said = vec![Said::Nothing; questions.len()];
    let mut out: HashMap<u16, (usize, Instant, u32)> = HashMap::new();
    let (mut next, mut buffer) = (0, [0; 4_096]);
    while next < questions.len() || !out.is_empty() {
        while next < questions.len() && out.len() < WINDOW {
            let id = u16::try_from(next % 60_000).unwrap_or_default();
            let _ = socket.send(&questions[next].to_wire(id));
            out.insert(id, (next, Instant::now(), 1));
            next += 1;
        }
        if let Ok(length) = socket.recv(&mut buffer)
            && let Some((id, answer)) = id_of(&buffer[..length])
            && let Some((index, ..)) = out.get(&id)
        {
            said[*index] = read(answer, questions[*index].kind);
            out.remove(&id);
        }
        again(&socket, questions, &mut out);
    }
    Ok(said)
}

/// Asks once more what has waited for too long; gives up what was asked often enough.
fn again(
    socket: &UdpSocket,
    questions: &[Question],
    out: &mut HashMap<u16, (usize, Instant, u32)>,
) {
    out.retain(|id, (index, since, tries)| {
        if since.elapsed() < PATIENCE {
            return true;
        }
        let _ = socket.send(&questions[*index].to_wire(*id));
        (*since, *tries) = (Instant::now(), *tries + 1);
        *tries <= TRIES
    });
}

fn id_of(message: &[u8]) -> Option<(u16, &[u8])> {
    let [high, low, ..] = *message else { return None };
    Some((u16::from_be_bytes([high, low]), message))
}

/// Sorts an answer to a question of this type.
pub(super) fn read(message: &[u8], kind: u16) -> Said {
    let code = message.get(3).map_or(2, |flags| flags & 15);
    if code != 0 {
        return Said::Failed(code);
    }
    match records(message, kind) {
        None => Said::Strange,
        Some(found) if found.is_empty() => Said::Empty,
        Some(found) if kind != A => {
            if found.len() == 1 {
                Said::Truth
            } else {
                Said::Strange
            }
        }
        Some(found) if found == [&WARNING.octets()[..]] => Said::Warning,
        Some(found) if found == [&REAL.octets()[..]] => Said::Truth,
        Some(_) => Said::Strange,
    }
}

/// The data of the answer's records of this type.
fn records(message: &[u8], kind: u16) -> Option<Vec<&[u8]>> {
    let count = u16::from_be_bytes([*message.get(6)?, *message.get(7)?]);
    let mut at = skip_name(message, 12)? + 4;
    let mut found = Vec::new();
    for _ in 0..count {
        at = skip_name(message, at)?;
        let head = message.get(at..at + 10)?;
        let length = usize::from(u16::from_be_bytes([head[8], head[9]]));
        let data = message.get(at + 10..at + 10 + length)?;
        if head[..2] == kind.to_be_bytes() {
            found.push(data);
        }
        at += 10 + length;
    }
    Some(found)
}

/// Where a name that begins at `at` is over.
fn skip_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            length if length < 0x40 => at += 1 + usize::from(length),
            _ => return Some(at + 2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer with records of these types and data.
    fn answer(code: u8, records: &[(u16, &[u8])]) -> Vec<u8> {
        let mut answer = crate::client::query(7, "a.example");
        (answer[3], answer[7]) = (code, u8::try_from(records.len()).unwrap());
        for (kind, data) in records {
            answer.extend([0xc0, 12]);
            answer.extend(kind.to_be_bytes());
            answer.extend([0, 1, 0, 0, 0, 9, 0, u8::try_from(data.len()).unwrap()]);
            answer.extend_from_slice(data);
        }
        answer
    }

    #[test]
    fn answers_are_sorted() {
        let (warning, real) = (WARNING.octets(), REAL.octets());
        for (code, records, kind, said) in [
            (0, vec![(A, &warning[..])], A, Said::Warning),
            (0, vec![(A, &real[..])], A, Said::Truth),
            (0, vec![(A, &real[..]), (A, &warning)], A, Said::Strange),
            (0, vec![(A, &[1, 2, 3, 4][..])], A, Said::Strange),
            (0, vec![], MX, Said::Empty),
            (0, vec![(MX, &[0, 0, 0][..])], MX, Said::Truth),
            // A signature beside it is none of the type.
            (0, vec![(46, &[0; 20][..])], HTTPS, Said::Empty),
            (2, vec![], A, Said::Failed(2)),
        ] {
            assert_eq!(read(&answer(code, &records), kind), said, "{code} {records:?}");
        }
        let cut = answer(0, &[(A, &real)]);
        assert_eq!(read(&cut[..cut.len() - 1], A), Said::Strange);
        assert_eq!(read(&[], A), Said::Failed(2));
    }

    #[test]
    fn each_name_is_asked_for_in_eight_ways() {
        let all: Vec<_> = Question::all(["a.example"]).collect();
        assert_eq!(all.len(), 8);
        assert!(all.iter().any(|one| one.kind == HTTPS && one.signed));
        assert_eq!(all[0].expected(true), Said::Warning);
        assert_eq!(all[2].expected(true), Said::Empty);
        assert_eq!(all[2].expected(false), Said::Truth);
        assert!(all[1].to_wire(9).ends_with(&[0, 41, 4, 208, 0, 0, 0x80, 0, 0, 0]));
    }

    #[test]
    fn a_silent_server_said_nothing() {
        let mut out = HashMap::from([(0, (0, Instant::now() - PATIENCE, TRIES))]);
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(socket.local_addr().unwrap()).unwrap();
        let question: Vec<_> = Question::all(["a.example"]).take(1).collect();
        again(&socket, &question, &mut out);
        assert!(out.is_empty(), "it is given up");
    }
}
