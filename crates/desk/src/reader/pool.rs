//! The parent's side: a fixed number of children, one job each at a time.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use belfry_reading::{Defect, DefectKind, Reading};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{Mutex, Semaphore};

use crate::reader::protocol::{ANSWER_BYTES_MAX, Answer, ReadJob};

/// How children are started and bounded.
#[derive(Clone, Debug)]
pub struct ReaderSettings {
    /// The program: this binary.
    pub program: PathBuf,
    /// Its arguments: `read-worker` and its limits.
    pub arguments: Vec<OsString>,
    /// How many children, and one more for mails with pictures to recognise.
    pub children: usize,
    /// Wall-clock time for one job.
    pub job_ms_max: u64,
    /// Jobs after which a child is replaced.
    pub jobs_max: u32,
}

/// Why a job has no reading.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The child could not be started: the job is not at fault, try again.
    #[error("the reader could not be started: {0}")]
    Start(io::Error),
    /// It died on the job.
    #[error("the reader died on it: {0}")]
    Died(io::Error),
    /// It took too long and was killed.
    #[error("the reader took longer than {0} ms and was stopped")]
    Slow(u64),
    /// It answered what is no reading.
    #[error("the reader's answer is unusable: {0}")]
    Answer(String),
}

/// The children.
#[derive(Debug)]
pub struct ReaderPool {
    settings: ReaderSettings,
    idle: Mutex<Vec<Running>>,
    places: Semaphore,
    /// Those who wait for a picture's text to be recognised.
    pictures: Semaphore,
}

/// A reading, and the death before it where there was one.
pub type Survived = (Reading, Option<ReadError>);

#[derive(Debug)]
struct Running {
    /// Killed when dropped.
    _child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    jobs: u32,
}

impl ReaderPool {
    /// A pool; children are started when needed.
    pub fn new(settings: ReaderSettings) -> Self {
        let places = Semaphore::new(settings.children.max(1));
        Self { settings, idle: Mutex::new(Vec::new()), places, pictures: Semaphore::new(1) }
    }

    /// How many jobs run at once, but for mails with pictures.
    pub fn size(&self) -> usize {
        self.settings.children.max(1)
    }

    /// Reads one job in a child; waits while all are busy.
    ///
    /// # Errors
    /// [`ReadError`]; all but [`ReadError::Start`] are the job's fault.
    pub async fn read(&self, job: &ReadJob) -> Result<Reading, ReadError> {
        match self.ask(job).await? {
            Answer::Reading(json) => reading(&json),
            Answer::Pictures => Err(ReadError::Answer("it is empty".into())),
        }
    }

    /// The HTML of a mail as a person may look at it, `None` where it has none.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn page(&self, mail: Vec<u8>, redacted: bool) -> Result<Option<String>, ReadError> {
        let job = if redacted { ReadJob::Page(mail) } else { ReadJob::WholePage(mail) };
        match self.ask(&job).await? {
            Answer::Reading(json) => {
                serde_json::from_slice(&json).map_err(|error| ReadError::Answer(error.to_string()))
            }
            Answer::Pictures => Err(ReadError::Answer("it is empty".into())),
        }
    }

    async fn ask(&self, job: &ReadJob) -> Result<Answer, ReadError> {
        let lane = if matches!(job, ReadJob::Mail(_)) { &self.pictures } else { &self.places };
        let _place = lane.acquire().await.expect("the semaphore is never closed");
        let idle = self.idle.lock().await.pop();
        let mut running = match idle {
            Some(running) => running,
            None => self.start().map_err(ReadError::Start)?,
        };
        let limit = Duration::from_millis(self.settings.job_ms_max);
        let answer = match tokio::time::timeout(limit, running.run(job)).await {
            Ok(answer) => answer?,
            Err(_) => return Err(ReadError::Slow(self.settings.job_ms_max)),
        };
        if running.jobs < self.settings.jobs_max {
            self.idle.lock().await.push(running);
        }
        Ok(answer)
    }

    /// Reads a job but for a mail with pictures whose text is to be recognised, which
    /// takes a hundred times as long: there it answers `None`.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_at_once(&self, job: ReadJob) -> Result<Option<Survived>, ReadError> {
        let job = if let ReadJob::Mail(bytes) = job { ReadJob::MailAtOnce(bytes) } else { job };
        match self.ask(&job).await {
            Ok(Answer::Pictures) => Ok(None),
            Ok(Answer::Reading(json)) => Ok(Some((reading(&json)?, None))),
            Err(died) => self.read_again(died, job).await.map(Some),
        }
    }

    /// Reads one job, and a mail on which a child died once more without its
    /// documents. Also answers the death, where there was one.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_surviving(&self, job: ReadJob) -> Result<Survived, ReadError> {
        match self.read(&job).await {
            Ok(reading) => Ok((reading, None)),
            Err(died) => self.read_again(died, job).await,
        }
    }

    /// Reads a mail on which a child died without its documents.
    async fn read_again(&self, died: ReadError, job: ReadJob) -> Result<Survived, ReadError> {
        let bytes = match (&died, job) {
            (ReadError::Start(_), _) => return Err(died),
            (_, ReadJob::Mail(bytes) | ReadJob::MailAtOnce(bytes)) => bytes,
            _ => return Err(died),
        };
        let mut reading = self.read(&ReadJob::MailText(bytes)).await?;
        let detail = format!("{died}; it was read again without PDF and pictures");
        let place = String::new();
        reading.defects.insert(0, Defect { kind: DefectKind::ReaderDied, place, detail });
        Ok((reading, Some(died)))
    }

    fn start(&self) -> io::Result<Running> {
        let mut child = Command::new(&self.settings.program)
            .args(&self.settings.arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let input = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Running { _child: child, input, output: BufReader::new(output), jobs: 0 })
    }
}

fn reading(json: &[u8]) -> Result<Reading, ReadError> {
    serde_json::from_slice(json).map_err(|error| ReadError::Answer(error.to_string()))
}

impl Running {
    async fn run(&mut self, job: &ReadJob) -> Result<Answer, ReadError> {
        let header = job
            .header()
            .ok_or_else(|| ReadError::Answer("the report is larger than a job may be".into()))?;
        self.jobs += 1;
        self.exchange(header, job.bytes()).await.map_err(ReadError::Died)
    }

    async fn exchange(&mut self, header: [u8; 5], bytes: &[u8]) -> io::Result<Answer> {
        self.input.write_all(&header).await?;
        self.input.write_all(bytes).await?;
        self.input.flush().await?;
        let length = self.output.read_u32_le().await? as usize;
        if length > ANSWER_BYTES_MAX {
            return Err(io::Error::other("the answer is too large"));
        }
        if length == 0 {
            return Ok(Answer::Pictures);
        }
        let mut answer = Vec::new();
        (&mut self.output).take(length as u64).read_to_end(&mut answer).await?;
        let whole = answer.len() == length;
        if whole { Ok(Answer::Reading(answer)) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pool whose child is a shell script: a real process that misbehaves.
    fn pool(script: &str) -> ReaderPool {
        ReaderPool::new(ReaderSettings {
            program: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
            children: 1,
            job_ms_max: 300,
            jobs_max: 10,
        })
    }

    async fn outcome(script: &str) -> Result<Reading, ReadError> {
        pool(script).read(&ReadJob::Sms(b"hello".to_vec())).await
    }

    #[tokio::test]
    async fn a_child_that_dies_is_told_from_one_that_never_started() {
        assert!(matches!(outcome("exit 3").await, Err(ReadError::Died(_))));
        let settings = ReaderSettings { program: "/nonexistent".into(), ..pool("").settings };
        let read = ReaderPool::new(settings).read(&ReadJob::Sms(Vec::new())).await;
        assert!(matches!(read, Err(ReadError::Start(_))));
    }

    #[tokio::test]
    async fn a_mail_on_which_a_child_died_is_read_without_its_documents() {
        let answer = r#"{"summary":{"forwarded_depth":0},"links":[],"text":"kept","text_digest":"","defects":[]}"#;
        let script = format!(
            "head -c 5 | head -c 1 | grep -q t || exit 1; head -c 4 >/dev/null; \
             printf '\\{:o}\\0\\0\\0%s' '{answer}'",
            answer.len()
        );
        let pool = pool(&script);
        let (reading, died) = pool.read_surviving(ReadJob::Mail(b"mail".to_vec())).await.unwrap();
        assert_eq!(reading.text, "kept");
        assert_eq!(reading.defects[0].kind, DefectKind::ReaderDied);
        assert!(matches!(died, Some(ReadError::Died(_))));
        let sms = pool.read_surviving(ReadJob::Sms(b"text".to_vec())).await;
        assert!(matches!(sms, Err(ReadError::Died(_))));
    }

    #[tokio::test]
    async fn a_mail_with_pictures_is_put_off_and_holds_no_other_up() {
        let script = r#"while kind=$(head -c 1) && [ -n "$kind" ]; do head -c 5 >/dev/null
            case $kind in a) printf '\0\0\0\0';; m) sleep 60;; *) printf '\2\0\0\0[]';; esac; done"#;
        let pool = pool(script);
        let put_off = pool.read_at_once(ReadJob::Mail(b"m".to_vec())).await;
        assert!(matches!(put_off, Ok(None)), "{put_off:?}");
        let (slow, quick) = (ReadJob::Mail(b"m".to_vec()), ReadJob::Sms(b"s".to_vec()));
        let (slow, quick) = tokio::join!(biased; pool.ask(&slow), pool.ask(&quick));
        assert!(matches!(slow, Err(ReadError::Slow(_))), "{slow:?}");
        assert_eq!(quick.unwrap(), Answer::Reading(b"[]".to_vec()));
    }

    #[tokio::test]
    async fn a_child_that_hangs_is_stopped() {
        assert!(matches!(outcome("sleep 60").await, Err(ReadError::Slow(300))));
    }

    #[tokio::test]
    async fn an_answer_that_claims_too_much_is_refused_before_it_is_held() {
        assert!(matches!(
            outcome(r"head -c 10 >/dev/null; printf '\377\377\377\377'").await,
            Err(ReadError::Died(_))
        ));
    }

    #[tokio::test]
    async fn an_answer_that_is_no_reading_is_refused() {
        assert!(matches!(
            outcome(r"head -c 10 >/dev/null; printf '\002\000\000\000[]'").await,
            Err(ReadError::Answer(_))
        ));
    }
}
