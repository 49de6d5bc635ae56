//! TNEF (MS-OXTNEF), the `winmail.dat` that Outlook wraps a mail into for others of its
//! kind: a row of attributes, some of which are rows of MAPI properties. Every length is
//! held against what is there. A message within it is given as its bytes, so that the
//! nesting is the caller's to bound.

mod properties;

use super::msg::properties::Properties;
use super::msg::{Attached, Content, Message, fields, html};

/// Attributes that are looked at.
const ATTRIBUTES_MAX: usize = 10_000;
/// Attachments that are read.
const ATTACHMENTS_MAX: usize = 1_000;

/// The mark at the start, and a number that nobody uses.
const HEAD_BYTES: usize = 6;

/// The numbers of the attributes that matter.
mod ids {
    pub(super) const FROM: u32 = 0x0000_8000;
    pub(super) const SUBJECT: u32 = 0x0001_8004;
    pub(super) const SENT: u32 = 0x0003_8005;
    pub(super) const BODY: u32 = 0x0002_800c;
    pub(super) const CODEPAGE: u32 = 0x0006_9007;
    pub(super) const PROPERTIES: u32 = 0x0006_9003;
    pub(super) const ATTACHMENT_BEGINS: u32 = 0x0006_9002;
    pub(super) const ATTACHMENT_TITLE: u32 = 0x0001_8010;
    pub(super) const ATTACHMENT_DATA: u32 = 0x0006_800f;
    pub(super) const ATTACHMENT_PROPERTIES: u32 = 0x0006_9005;
}

/// A message, and how many octets reading it made.
#[derive(Debug, Default)]
pub(crate) struct Unwrapped {
    pub(crate) message: Message,
    pub(crate) inflated: usize,
}

/// Takes a file apart; at most `bytes_max` octets are made of it.
pub(crate) fn read(bytes: &[u8], bytes_max: usize) -> Unwrapped {
    let mut reader = Reader { left: bytes_max, ..Reader::default() };
    let mut rest = bytes.get(HEAD_BYTES..).unwrap_or_default();
    for _ in 0..ATTRIBUTES_MAX {
        if rest.is_empty() {
            break;
        }
        let Some((id, data, sum, behind)) = first(rest) else {
            reader.problem("it ends within an attribute: what follows is lost");
            break;
        };
        if sum != data.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte))) {
            reader.problem("an attribute does not have the sum that it should have");
        }
        reader.take(id, data);
        rest = behind;
    }
    reader.finish(bytes_max)
}

/// The first attribute: its number, content and sum, and what follows.
fn first(bytes: &[u8]) -> Option<(u32, &[u8], u16, &[u8])> {
    // A level, which the number says too, stands first.
    let id = u32::from_le_bytes(*bytes.get(1..)?.first_chunk()?);
    let length = u32::from_le_bytes(*bytes.get(5..)?.first_chunk()?);
    let behind = bytes.get(9..)?;
    let (data, behind) = behind.split_at_checked(usize::try_from(length).ok()?)?;
    let (sum, behind) = behind.split_first_chunk()?;
    Some((id, data, u16::from_le_bytes(*sum), behind))
}

#[derive(Default)]
struct Reader {
    own: Properties,
    attachments: Vec<Draft>,
    problems: Vec<String>,
    /// Octets that may still be kept.
    left: usize,
}

/// An attachment of which more may come.
#[derive(Default)]
struct Draft {
    title: Vec<u8>,
    data: Option<Vec<u8>>,
    own: Properties,
}

impl Reader {
    fn take(&mut self, id: u32, data: &[u8]) {
        use ids::{
            ATTACHMENT_BEGINS, ATTACHMENT_DATA, ATTACHMENT_PROPERTIES, ATTACHMENT_TITLE, BODY,
            CODEPAGE, FROM, PROPERTIES, SENT, SUBJECT,
        };
        match id {
            SUBJECT => self.keep(0x0037, 0x001e, data),
            BODY => self.keep(0x1000, 0x001e, data),
            FROM => self.from(data),
            SENT => self.sent(data),
            CODEPAGE => {
                if let Some(page) = data.first_chunk() {
                    self.own.keep_fixed(0x3ffd, 0x0003, u64::from(u32::from_le_bytes(*page)));
                }
            }
            PROPERTIES => {
                let read = properties::read(data, &mut self.own, &mut self.left);
                self.check(read);
            }
            ATTACHMENT_BEGINS if self.attachments.len() < ATTACHMENTS_MAX => {
                self.attachments.push(Draft::default());
            }
            ATTACHMENT_TITLE | ATTACHMENT_DATA | ATTACHMENT_PROPERTIES => self.attached(id, data),
            _ => {}
        }
    }

    fn attached(&mut self, id: u32, data: &[u8]) {
        let Some(draft) = self.attachments.last_mut() else { return };
        match id {
            ids::ATTACHMENT_PROPERTIES => {
                let read = properties::read(data, &mut draft.own, &mut self.left);
                self.check(read);
            }
            ids::ATTACHMENT_TITLE => draft.title = kept(data, &mut self.left).to_vec(),
            _ => draft.data = Some(kept(data, &mut self.left).to_vec()),
        }
    }

    fn check(&mut self, read: Option<()>) {
        if read.is_none() {
            self.problem("its properties are damaged: what follows in them is lost");
        }
    }

    fn keep(&mut self, tag: u16, kind: u16, data: &[u8]) {
        self.own.keep(tag, kind, kept(data, &mut self.left).to_vec());
    }

    /// A name and an address with its kind, `SMTP:a@example.com`, each ended by a zero.
    fn from(&mut self, data: &[u8]) {
        let mut texts = data.get(8..).unwrap_or_default().split(|byte| *byte == 0);
        let (Some(name), Some(address)) = (texts.next(), texts.find(|text| !text.is_empty()))
        else {
            return;
        };
        self.keep(0x0042, 0x001e, name);
        let at = address.iter().position(|byte| *byte == b':').map_or(0, |at| at + 1);
        self.keep(0x0065, 0x001e, &address[at..]);
    }

    /// Year, month, day, hour, minute and second in 16 bits each, in UTC as good as always.
    fn sent(&mut self, data: &[u8]) {
        let mut parts = data.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]]));
        let mut next = || parts.next().unwrap_or_default();
        let [year, month, day, hour, minute, second] =
            [next(), next(), next(), next(), next(), next()];
        let small = |part: u16| u8::try_from(part).unwrap_or_default();
        let date = mail_parser::DateTime {
            year,
            month: small(month),
            day: small(day),
            hour: small(hour),
            minute: small(minute),
            second: small(second),
            tz_before_gmt: false,
            tz_hour: 0,
            tz_minute: 0,
        };
        // Windows counts tenths of a microsecond since 1601.
        let seconds = u64::try_from(date.to_timestamp()).ok().filter(|_| date.is_valid());
        if let Some(seconds) = seconds {
            self.own.keep_fixed(0x0039, 0x0040, (seconds + 11_644_473_600) * 10_000_000);
        }
    }

    fn problem(&mut self, what: &str) {
        if !self.problems.iter().any(|said| said == what) {
            self.problems.push(what.to_owned());
        }
    }

    fn finish(mut self, bytes_max: usize) -> Unwrapped {
        if self.left == 0 {
            self.problem("more would be made of it than one report may; the rest is not read");
        }
        let mut message = Message {
            fields: fields(&self.own),
            text: self.own.text(0x1000),
            problems: self.problems,
            ..Message::default()
        };
        let (html, inflated) = html(&self.own, self.left, &mut message.problems);
        message.html = html;
        let charset = self.own;
        message.attachments =
            self.attachments.into_iter().map(|draft| draft.finish(&charset)).collect();
        Unwrapped { message, inflated: bytes_max - self.left + inflated }
    }
}

impl Draft {
    /// `message` knows the charset of 8-bit texts.
    fn finish(self, message: &Properties) -> Attached {
        let own = &self.own;
        let name = own.text(0x3707).or_else(|| own.text(0x3704)).or_else(|| own.text(0x3001));
        let title = message.decode(&self.title);
        let name = name.or_else(|| Some(title).filter(|title| !title.is_empty()));
        let media = own.text(0x370e);
        let content = match (properties::message(&self.own), self.data) {
            (Some(message), _) => Content::Tnef(message),
            (None, Some(data)) => Content::Bytes(data),
            (None, None) => match self.own.into_binary(0x3701).1 {
                Some(bytes) => Content::Bytes(bytes),
                None => Content::None,
            },
        };
        Attached { name, media, content }
    }
}

/// As much of `data` as may be kept.
fn kept<'d>(data: &'d [u8], left: &mut usize) -> &'d [u8] {
    let kept = &data[..data.len().min(*left)];
    *left -= kept.len();
    kept
}

#[cfg(test)]
pub(crate) mod tests;
