//! The child's side: limits first, then jobs until the parent closes the pipe.

use std::cell::Cell;
use std::io::{self, Read, Write};

use belfry_indicator::EmbeddedSuffixes;
use belfry_reading::{
    GreyPicture, Limits, PictureText, Reading, read_mail, read_mail_with, read_sms, read_url,
};
use rustix::process::{Resource, Rlimit, nice, setrlimit};

use crate::reader::ocr::Recogniser;
use crate::reader::page;
use crate::reader::protocol::{ANSWER_BYTES_MAX, Answer, JOB_BYTES_MAX, ReadJob};

/// What the child may use; it sets these on itself before the first job.
#[derive(Clone, Copy, Debug)]
pub struct ChildLimits {
    /// Octets of address space.
    pub memory_bytes: u64,
    /// Seconds of CPU over the child's life.
    pub cpu_seconds: u64,
}

impl ChildLimits {
    fn set(self) -> io::Result<()> {
        let limits = [
            (Resource::As, self.memory_bytes),
            (Resource::Cpu, self.cpu_seconds),
            (Resource::Fsize, 0),
            (Resource::Core, 0),
            (Resource::Nofile, 16),
        ];
        for (resource, value) in limits {
            setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?;
        }
        // Where even that is forbidden, it is as it was.
        let _ = nice(NICENESS);
        Ok(())
    }
}

/// How far reading steps back: a mail is to be taken in before another is read.
const NICENESS: i32 = 5;
/// The stack that reading has: more than any parser here needs, so that one which goes
/// deeper than we know costs address space and not the mail.
const STACK_BYTES: usize = 256 << 20;

/// Serves jobs from `input` to `output` until `input` ends.
///
/// # Errors
/// A pipe that breaks, a frame that is none, or limits that can't be set.
pub fn serve(
    limits: ChildLimits,
    recogniser: Option<&Recogniser>,
    input: impl Read + Send,
    output: impl Write + Send,
) -> io::Result<()> {
    limits.set()?;
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || serve_jobs(recogniser, input, output))?
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("reading panicked")))
    })
}

fn serve_jobs(
    recogniser: Option<&Recogniser>,
    mut input: impl Read,
    mut output: impl Write,
) -> io::Result<()> {
    let mut header = [0; 5];
    loop {
        if let Err(error) = input.read_exact(&mut header) {
            let ended = error.kind() == io::ErrorKind::UnexpectedEof;
            return if ended { Ok(()) } else { Err(error) };
        }
        let [kind, length @ ..] = header;
        let job = take_job(kind, u32::from_le_bytes(length) as usize, &mut input)?;
        let answer = match answer(&job, recogniser)? {
            Answer::Reading(json) => json,
            Answer::Pictures => Vec::new(),
        };
        if answer.len() > ANSWER_BYTES_MAX {
            return Err(io::Error::other("the reading is too large"));
        }
        let length = u32::try_from(answer.len()).map_err(io::Error::other)?;
        output.write_all(&length.to_le_bytes())?;
        output.write_all(&answer)?;
        output.flush()?;
    }
}

fn take_job(kind: u8, length: usize, input: &mut impl Read) -> io::Result<ReadJob> {
    if length > JOB_BYTES_MAX {
        return Err(io::Error::other("the job is too large"));
    }
    let mut bytes = Vec::new();
    input.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    ReadJob::from_frame(kind, bytes).ok_or_else(|| io::Error::other("the job is of no known kind"))
}

fn answer(job: &ReadJob, recogniser: Option<&Recogniser>) -> io::Result<Answer> {
    if let ReadJob::Page(bytes) | ReadJob::WholePage(bytes) = job {
        let page = page::of_mail(bytes, matches!(job, ReadJob::Page(_)));
        return Ok(Answer::Reading(serde_json::to_vec(&page)?));
    }
    let later = Later::default();
    let reading = match (job, recogniser) {
        (ReadJob::MailAtOnce(bytes), Some(_)) => {
            read_mail_with(bytes, &EmbeddedSuffixes, &Limits::default(), &later)
        }
        _ => read(job, recogniser),
    };
    if later.0.get() {
        return Ok(Answer::Pictures);
    }
    Ok(Answer::Reading(serde_json::to_vec(&reading)?))
}

/// Recognises nothing, and knows whether it should have.
#[derive(Default)]
struct Later(Cell<bool>);

impl PictureText for Later {
    fn text(&self, _: &GreyPicture<'_>) -> Result<String, String> {
        self.0.set(true);
        Err("it is recognised later".to_owned())
    }
}

fn read(job: &ReadJob, recogniser: Option<&Recogniser>) -> Reading {
    let limits = Limits::default();
    match (job, recogniser) {
        (ReadJob::Mail(bytes), Some(recogniser)) => {
            read_mail_with(bytes, &EmbeddedSuffixes, &limits, &recogniser.for_report())
        }
        (ReadJob::Mail(bytes) | ReadJob::MailAtOnce(bytes), _) => {
            read_mail(bytes, &EmbeddedSuffixes, &limits)
        }
        (ReadJob::MailText(bytes) | ReadJob::Page(bytes) | ReadJob::WholePage(bytes), _) => {
            let limits = Limits { documents: false, ..limits };
            read_mail(bytes, &EmbeddedSuffixes, &limits)
        }
        (ReadJob::Sms(bytes), _) => read_sms(bytes, &EmbeddedSuffixes, &limits),
        (ReadJob::Url(bytes), _) => read_url(bytes, &EmbeddedSuffixes, &limits),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::*;

    /// A mail with a grey picture of `side` by `side` pixels.
    fn mail(side: u32) -> Vec<u8> {
        let mut bitmap = b"BM".to_vec();
        let pixels = side * side * 3;
        for value in [54 + pixels, 0, 54, 40, side, side, 0x0018_0001, 0, pixels, 0, 0, 0, 0] {
            bitmap.extend_from_slice(&u32::to_le_bytes(value));
        }
        bitmap.resize(54 + pixels as usize, 0x7f);
        let text = data_encoding::BASE64_MIME.encode(&bitmap);
        format!(
            "From: a@mail.example\r\nContent-Type: image/bmp\r\nContent-Transfer-Encoding: base64\r\n\r\n{text}"
        )
        .into_bytes()
    }

    fn recogniser() -> Recogniser {
        Recogniser {
            launcher: "/bin/sh".into(),
            arguments: vec!["-c".into(), "cat >/dev/null; echo seen; echo eng".into()],
            languages: vec!["eng".into()],
            installed: OnceLock::new(),
        }
    }

    fn kind(job: &ReadJob, recogniser: Option<&Recogniser>) -> &'static str {
        match answer(job, recogniser).unwrap() {
            Answer::Pictures => "pictures",
            Answer::Reading(json) if String::from_utf8_lossy(&json).contains("seen") => "seen",
            Answer::Reading(_) => "read",
        }
    }

    #[test]
    fn only_a_mail_whose_pictures_are_to_be_recognised_is_put_off() {
        let recogniser = recogniser();
        let at_once = |side| ReadJob::MailAtOnce(mail(side));
        assert_eq!(kind(&at_once(400), Some(&recogniser)), "pictures");
        assert_eq!(kind(&at_once(20), Some(&recogniser)), "read");
        assert_eq!(kind(&at_once(400), None), "read");
        assert_eq!(kind(&ReadJob::Mail(mail(400)), Some(&recogniser)), "seen");
    }
}
