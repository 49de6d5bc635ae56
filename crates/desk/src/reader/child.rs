//! The child's side: limits first, then jobs until the parent closes the pipe.

use std::io::{self, Read, Write};

use belfry_indicator::EmbeddedSuffixes;
use belfry_reading::{Limits, Reading, read_mail, read_mail_with, read_sms, read_url};
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::reader::ocr::Recogniser;
use crate::reader::protocol::{ANSWER_BYTES_MAX, JOB_BYTES_MAX, ReadJob};

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
        Ok(())
    }
}

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
        let answer = serde_json::to_vec(&read(&job, recogniser))?;
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

fn read(job: &ReadJob, recogniser: Option<&Recogniser>) -> Reading {
    let limits = Limits::default();
    match (job, recogniser) {
        (ReadJob::Mail(bytes), Some(recogniser)) => {
            read_mail_with(bytes, &EmbeddedSuffixes, &limits, &recogniser.for_report())
        }
        (ReadJob::Mail(bytes), None) => read_mail(bytes, &EmbeddedSuffixes, &limits),
        (ReadJob::MailText(bytes), _) => {
            let limits = Limits { documents: false, ..limits };
            read_mail(bytes, &EmbeddedSuffixes, &limits)
        }
        (ReadJob::Sms(bytes), _) => read_sms(bytes, &EmbeddedSuffixes, &limits),
        (ReadJob::Url(bytes), _) => read_url(bytes, &EmbeddedSuffixes, &limits),
    }
}
