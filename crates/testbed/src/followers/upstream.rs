//! What lies behind the resolvers: a server on a thread that has an answer of each type
//! for every name, so that a block can be told from the truth by any question.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::ask::{A, AAAA, HTTPS, MX};

/// The address of every name.
pub(super) const REAL: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);
/// How often the thread looks whether it should end.
const LOOK: Duration = Duration::from_millis(100);

/// Answers until it is dropped.
#[derive(Debug)]
pub(super) struct Upstream {
    pub(super) address: SocketAddr,
    stop: Arc<AtomicBool>,
}

impl Upstream {
    pub(super) fn start(at: Ipv4Addr) -> io::Result<Self> {
        let socket = UdpSocket::bind((at, 0))?;
        socket.set_read_timeout(Some(LOOK))?;
        let (address, stop) = (socket.local_addr()?, Arc::new(AtomicBool::new(false)));
        let ended = Arc::clone(&stop);
        thread::spawn(move || {
            let mut buffer = [0; 1_500];
            while !ended.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
                if let Some(answer) = truth(&buffer[..length]) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Ok(Self { address, stop })
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// The answer: the question, and the one record of its type.
fn truth(query: &[u8]) -> Option<Vec<u8>> {
    let mut end = 12;
    while *query.get(end)? != 0 {
        end += 1 + usize::from(query[end]);
    }
    end += 5;
    let mut answer = query.get(..end)?.to_vec();
    answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]);
    let kind = u16::from_be_bytes([answer[end - 4], answer[end - 3]]);
    let data: &[u8] = match kind {
        A => &REAL.octets(),
        AAAA => &[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
        // No mail here, and the service itself.
        MX => &[0, 0, 0],
        HTTPS => &[0, 1, 0],
        _ => return Some(answer),
    };
    answer[7] = 1;
    answer.extend_from_slice(&[0xc0, 12]);
    answer.extend_from_slice(&kind.to_be_bytes());
    answer.extend_from_slice(&[0, 1, 0, 0, 0, 5, 0]);
    answer.push(u8::try_from(data.len()).unwrap_or_default());
    answer.extend_from_slice(data);
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::super::ask::{Question, Said, ask_all};
    use super::*;

    #[test]
    fn every_question_has_a_true_answer() {
        let upstream = Upstream::start(crate::loopback()).unwrap();
        let questions: Vec<_> = Question::all(["a.example", "x.a.example"]).take(16).collect();
        let said = ask_all(upstream.address, &questions).unwrap();
        assert_eq!(said, vec![Said::Truth; 16]);
    }

    #[test]
    fn half_a_question_has_none() {
        assert_eq!(truth(&[0; 12]), None);
        assert_eq!(truth(b"0123456789ab\x07exa"), None);
    }
}
