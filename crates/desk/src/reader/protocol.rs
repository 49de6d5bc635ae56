//! Frames between the hub and its reader child: `kind(1) length(4) bytes` in,
//! `length(4) JSON` out, lengths little-endian and bounded on both sides. An answer of no
//! octets is [`Answer::Pictures`].

/// Octets of a job: the largest report there is.
pub(crate) const JOB_BYTES_MAX: usize = 64 << 20;
/// Octets of an answer: 10,000 links of the longest kind fit.
pub(crate) const ANSWER_BYTES_MAX: usize = 128 << 20;

/// What a child made of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The reading, as JSON.
    Reading(Vec<u8>),
    /// It has pictures whose text is to be recognised: read it as [`ReadJob::Mail`].
    Pictures,
}

/// What is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadJob {
    /// An RFC 5322 message; text in its pictures is recognised, which takes long.
    Mail(Vec<u8>),
    /// One that is read unless it has such pictures.
    MailAtOnce(Vec<u8>),
    /// One of which the documents are left out: a reader died on it.
    MailText(Vec<u8>),
    /// A message whose HTML is to be shown to a person, without the people in it.
    Page(Vec<u8>),
    /// The same, with them.
    WholePage(Vec<u8>),
    /// The text of an SMS.
    Sms(Vec<u8>),
    /// One URL.
    Url(Vec<u8>),
}

impl ReadJob {
    /// The frame's header.
    pub(crate) fn header(&self) -> Option<[u8; 5]> {
        let (kind, bytes) = match self {
            ReadJob::Mail(bytes) => (b'm', bytes),
            ReadJob::MailAtOnce(bytes) => (b'a', bytes),
            ReadJob::MailText(bytes) => (b't', bytes),
            ReadJob::Page(bytes) => (b'p', bytes),
            ReadJob::WholePage(bytes) => (b'w', bytes),
            ReadJob::Sms(bytes) => (b's', bytes),
            ReadJob::Url(bytes) => (b'u', bytes),
        };
        let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= JOB_BYTES_MAX)?;
        let [a, b, c, d] = length.to_le_bytes();
        Some([kind, a, b, c, d])
    }

    /// The frame's bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            ReadJob::Mail(bytes)
            | ReadJob::MailAtOnce(bytes)
            | ReadJob::MailText(bytes)
            | ReadJob::Page(bytes)
            | ReadJob::WholePage(bytes)
            | ReadJob::Sms(bytes)
            | ReadJob::Url(bytes) => bytes,
        }
    }

    /// The job of a frame, `None` for a kind that is none.
    pub(crate) fn from_frame(kind: u8, bytes: Vec<u8>) -> Option<Self> {
        match kind {
            b'm' => Some(ReadJob::Mail(bytes)),
            b'a' => Some(ReadJob::MailAtOnce(bytes)),
            b't' => Some(ReadJob::MailText(bytes)),
            b'p' => Some(ReadJob::Page(bytes)),
            b'w' => Some(ReadJob::WholePage(bytes)),
            b's' => Some(ReadJob::Sms(bytes)),
            b'u' => Some(ReadJob::Url(bytes)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_reads_back() {
        for job in [
            ReadJob::Mail(b"From: a\r\n".to_vec()),
            ReadJob::MailAtOnce(b"From: b\r\n".to_vec()),
            ReadJob::MailText(b"x".to_vec()),
            ReadJob::Page(b"y".to_vec()),
            ReadJob::WholePage(b"z".to_vec()),
            ReadJob::Sms(Vec::new()),
            ReadJob::Url(b"https://evil.example/".to_vec()),
        ] {
            let [kind, length @ ..] = job.header().expect("small");
            assert_eq!(u32::from_le_bytes(length) as usize, job.bytes().len());
            assert_eq!(ReadJob::from_frame(kind, job.bytes().to_vec()), Some(job));
        }
        assert_eq!(ReadJob::from_frame(b'x', Vec::new()), None);
    }

    #[test]
    fn an_oversized_job_has_no_frame() {
        assert_eq!(ReadJob::Mail(vec![0; JOB_BYTES_MAX + 1]).header(), None);
    }
}
