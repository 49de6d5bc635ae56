//! What makes a forger's work harder, and how an answer is held to it: letter case of
//! the question at random (0x20), and cookies (RFC 7873). An answer in doubt is no
//! reason to fail: the question is asked again where nobody can forge.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use domain::base::Message;
use domain::base::iana::{OptionCode, Rtype};

use crate::cookies::Cookies;
use crate::query::{HEADER_OCTETS, Question};

/// BADCOOKIE (RFC 7873 section 8), its high and its low bits.
const BAD_COOKIE: (u8, u8) = (1, 7);

/// What is known of one upstream.
#[derive(Debug)]
pub(super) struct Doubt {
    own: [u8; 8],
    /// The cookie that it gave us last.
    theirs: Mutex<Option<Box<[u8]>>>,
    mixes_case: bool,
}

/// What an answer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing speaks against it.
    Fine,
    /// It has another's cookie: forged, and the right one may yet come.
    Forged,
    /// It lacks what this upstream had before: ask where nobody can forge.
    Doubtful,
    /// It wants the cookie that it has just given: ask again.
    Again,
}

impl Doubt {
    /// About an upstream that has said nothing yet.
    pub(super) fn new(cookies: &Cookies, upstream: IpAddr, mixes_case: bool) -> Self {
        Self { own: cookies.towards(upstream), theirs: Mutex::new(None), mixes_case }
    }

    /// The cookie option for a question.
    pub(super) fn option(&self) -> Vec<u8> {
        let theirs = self.theirs.lock().unwrap_or_else(PoisonError::into_inner);
        let cookie = [&self.own[..], theirs.as_deref().unwrap_or_default()].concat();
        let length = u16::try_from(cookie.len()).expect("a cookie has at most 40 octets");
        let code = OptionCode::COOKIE.to_int().to_be_bytes();
        [&code[..], &length.to_be_bytes(), &cookie].concat()
    }

    /// Mixes the case of the question's name in `message`, by random octets.
    pub(super) fn mix(&self, message: &mut [u8], random: &[u8; 32]) {
        if !self.mixes_case {
            return;
        }
        let name = message.iter_mut().skip(HEADER_OCTETS).take(8 * random.len());
        let mut left = 0;
        for (at, octet) in name.enumerate() {
            if left == 0 {
                if *octet == 0 {
                    return;
                }
                left = *octet;
                continue;
            }
            left -= 1;
            if octet.is_ascii_alphabetic() && random[at / 8] >> (at % 8) & 1 == 1 {
                *octet ^= 0x20;
            }
        }
    }

    /// What to make of an answer whose id and question are right.
    pub(super) fn judge(&self, asked: &[u8], answer: &[u8]) -> Verdict {
        let (cookie, high) = options(answer).unwrap_or_default();
        let mut theirs = self.theirs.lock().unwrap_or_else(PoisonError::into_inner);
        match cookie.and_then(|cookie| cookie.split_first_chunk::<8>()) {
            Some((own, _)) if *own != self.own => return Verdict::Forged,
            Some((_, given)) if (8..=32).contains(&given.len()) => *theirs = Some(given.into()),
            // One that had a cookie has one again, unless somebody else answers.
            _ if theirs.is_some() => return Verdict::Doubtful,
            _ => {}
        }
        drop(theirs);
        let low = answer.get(3).map_or(0, |octet| octet & 15);
        if (high, low) == BAD_COOKIE {
            return Verdict::Again;
        }
        let raw = |bytes| Question::read(bytes).map(|question| question.raw);
        if self.mixes_case && raw(asked) != raw(answer) {
            return Verdict::Doubtful;
        }
        Verdict::Fine
    }

    /// Forgets the upstream's cookie: it answers without one over TCP too.
    pub(super) fn forget(&self) {
        *self.theirs.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The cookie of an answer, and the high bits of its code.
fn options(answer: &[u8]) -> Option<(Option<&[u8]>, u8)> {
    let message = Message::from_slice(answer).ok()?;
    let mut records = message.additional().ok()?;
    while let Some(record) = records.next() {
        let record = record.ok()?;
        if record.rtype() != Rtype::OPT {
            continue;
        }
        let [high, ..] = record.ttl().as_secs().to_be_bytes();
        let end = records.pos();
        let mut rest = answer.get(end.checked_sub(usize::from(record.rdlen()))?..end)?;
        while let Some((&[code0, code1, length0, length1], more)) = rest.split_first_chunk() {
            let (data, more) =
                more.split_at_checked(u16::from_be_bytes([length0, length1]).into())?;
            if u16::from_be_bytes([code0, code1]) == OptionCode::COOKIE.to_int() {
                return Some((Some(data), high));
            }
            rest = more;
        }
        return Some((None, high));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: &[u8] = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03wWw\x07exaMPLe\0\0\x01\0\x01";

    fn doubt() -> Doubt {
        Doubt::new(&Cookies::new([7; 16]), "192.0.2.53".parse().unwrap(), true)
    }

    fn answer(rcode: u8, high: u8, cookie: Option<&[u8]>) -> Vec<u8> {
        let mut answer = ASKED.to_vec();
        answer[2] |= 0x80;
        answer[3] = rcode;
        answer[11] = 1;
        answer.extend([0, 0, 41, 4, 208, high, 0, 0, 0]);
        let option = cookie.map_or(Vec::new(), |cookie| {
            [&[0, 10, 0, u8::try_from(cookie.len()).unwrap()][..], cookie].concat()
        });
        answer.extend(u16::try_from(option.len()).unwrap().to_be_bytes());
        answer.extend(option);
        answer
    }

    #[test]
    fn only_letters_of_the_name_change_case() {
        let mut message = ASKED.to_vec();
        doubt().mix(&mut message, &[0xff; 32]);
        assert_eq!(&message[12..], b"\x03WwW\x07EXAmplE\0\0\x01\0\x01");
        let mut message = ASKED.to_vec();
        doubt().mix(&mut message, &[0; 32]);
        assert_eq!(message, ASKED);
    }

    #[test]
    fn another_case_is_doubtful_unless_it_is_not_mixed() {
        let mut lower = answer(0, 0, None);
        assert_eq!(doubt().judge(ASKED, &lower), Verdict::Fine);
        lower.make_ascii_lowercase();
        assert_eq!(doubt().judge(ASKED, &lower), Verdict::Doubtful);
        let plain = Doubt { mixes_case: false, ..doubt() };
        assert_eq!(plain.judge(ASKED, &lower), Verdict::Fine);
    }

    #[test]
    fn a_cookie_once_given_is_asked_for() {
        let doubt = doubt();
        assert_eq!(doubt.option().len(), 12);
        assert_eq!(doubt.judge(ASKED, &answer(0, 0, None)), Verdict::Fine);
        let ours = [&doubt.own[..], b"theirs-1"].concat();
        assert_eq!(doubt.judge(ASKED, &answer(0, 0, Some(&ours))), Verdict::Fine);
        assert!(doubt.option().ends_with(b"theirs-1"));
        assert_eq!(doubt.judge(ASKED, &answer(0, 0, None)), Verdict::Doubtful);
        let forged = answer(0, 0, Some(b"otherone-theirs-"));
        assert_eq!(doubt.judge(ASKED, &forged), Verdict::Forged);
        let newer = [&doubt.own[..], b"theirs-2"].concat();
        assert_eq!(doubt.judge(ASKED, &answer(7, 1, Some(&newer))), Verdict::Again);
        assert!(doubt.option().ends_with(b"theirs-2"));
        doubt.forget();
        assert_eq!(doubt.judge(ASKED, &answer(0, 0, None)), Verdict::Fine);
    }

    #[test]
    fn cut_options_are_none() {
        let whole = answer(0, 0, Some(b"otherone-theirs-"));
        for cut in 0..whole.len() {
            let _ = doubt().judge(ASKED, &whole[..cut]);
        }
    }
}
