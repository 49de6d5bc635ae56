//! Text in pictures, by a program that is installed beside ours (Tesseract). It
//! runs under limits of its own, gets a picture on standard input and writes no file.

use std::cell::Cell;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use belfry_reading::{GreyPicture, PictureText};
use rustix::process::{
    Resource, Rlimit, Signal, getrlimit, nice, set_parent_process_death_signal, setrlimit,
};

/// Octets of text taken from one picture.
const TEXT_BYTES_MAX: u64 = 64 << 10;
/// How much it yields to others, who wait for less.
const NICENESS: i32 = 5;
/// A picture is begun only while this much time is spent on the report.
const BEGIN_WITHIN: Duration = Duration::from_secs(4);

/// How the program is started.
#[derive(Debug)]
pub struct Recogniser {
    /// This binary, which sets the limits and becomes the program.
    pub launcher: PathBuf,
    /// Its arguments: `ocr-worker`, the limits and the program.
    pub arguments: Vec<OsString>,
    /// Languages wanted, of which those that are installed are used: `nld`, `fra`.
    pub languages: Vec<String>,
    /// Those that are installed, once asked.
    pub installed: OnceLock<String>,
}

/// What the program may use; the launcher sets these on itself.
#[derive(Clone, Copy, Debug)]
pub struct RecogniserLimits {
    /// Octets of address space.
    pub memory_bytes: u64,
    /// Seconds of CPU for one picture.
    pub cpu_seconds: u64,
}

impl RecogniserLimits {
    /// Becomes `program`; comes back only with an error.
    #[must_use]
    pub fn run(self, program: &std::path::Path, arguments: &[OsString]) -> io::Error {
        let limits = [
            (Resource::As, self.memory_bytes),
            (Resource::Cpu, self.cpu_seconds),
            (Resource::Fsize, 0),
            (Resource::Core, 0),
        ];
        for (resource, value) in limits {
            // The reader's own limits hold for what it starts, and can't be raised.
            let value = getrlimit(resource).maximum.map_or(value, |most| most.min(value));
            let limit = Rlimit { current: Some(value), maximum: Some(value) };
            if let Err(error) = setrlimit(resource, limit) {
                return error.into();
            }
        }
        // The reader may be killed at any moment; what it started ends with it.
        if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
            return error.into();
        }
        // Where even that is forbidden, it is as it was.
        let _ = nice(NICENESS);
        // One thread: its CPU limit is then also its time.
        Command::new(program).args(arguments).env_clear().env("OMP_THREAD_LIMIT", "1").exec()
    }
}

impl Recogniser {
    /// For one report, which has its own time.
    pub(crate) fn for_report(&self) -> ForReport<'_> {
        ForReport { recogniser: self, spent: Cell::new(Duration::ZERO) }
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> Result<String, String> {
        let told = |error: io::Error| error.to_string();
        let mut child = Command::new(&self.launcher)
            .args(&self.arguments)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(told)?;
        // The program reads all of the picture before it writes.
        let written = child.stdin.take().map_or(Ok(()), |mut pipe| pipe.write_all(input));
        let mut text = Vec::new();
        let read = match child.stdout.take() {
            Some(pipe) => pipe.take(TEXT_BYTES_MAX).read_to_end(&mut text),
            None => Ok(0),
        };
        let status = child.wait().map_err(told)?;
        read.map_err(told)?;
        if !status.success() {
            return Err(format!("the program ended with {status}"));
        }
        written.map_err(told)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn installed(&self) -> &str {
        self.installed.get_or_init(|| {
            let list = self.run(&["--list-langs"], b"").unwrap_or_default();
            let wanted = self.languages.iter().filter(|own| list.lines().any(|line| line == *own));
            wanted.map(String::as_str).collect::<Vec<_>>().join("+")
        })
    }
}

/// A [`Recogniser`] with the time that one report has.
pub(crate) struct ForReport<'r> {
    recogniser: &'r Recogniser,
    spent: Cell<Duration>,
}

impl PictureText for ForReport<'_> {
    fn text(&self, picture: &GreyPicture<'_>) -> Result<String, String> {
        if self.spent.get() > BEGIN_WITHIN {
            return Err("the time for the report's pictures is spent".to_owned());
        }
        let began = Instant::now();
        let languages = self.recogniser.installed();
        if languages.is_empty() {
            return Err("none of the wanted languages is installed".to_owned());
        }
        let mut input = format!("P5\n{} {}\n255\n", picture.width, picture.height).into_bytes();
        input.extend_from_slice(picture.pixels);
        let text = self.recogniser.run(&["stdin", "stdout", "-l", languages], &input);
        self.spent.set(self.spent.get() + began.elapsed());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A recogniser that is a shell script.
    fn recogniser(script: &str) -> Recogniser {
        Recogniser {
            launcher: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into(), "sh".into()],
            languages: vec!["nld".into(), "fra".into(), "tlh".into()],
            installed: OnceLock::new(),
        }
    }

    fn text(script: &str) -> Result<String, String> {
        let picture = GreyPicture { width: 2, height: 1, pixels: b"ab" };
        recogniser(script).for_report().text(&picture)
    }

    const LANGUAGES: &str =
        r#"[ "$1" = --list-langs ] && { echo "List (2):"; echo nld; echo fra; exit; };"#;

    #[test]
    fn the_picture_and_the_installed_languages_reach_the_program() {
        let echo = format!("{LANGUAGES} cat; echo \" $*\"");
        assert_eq!(text(&echo).unwrap(), "P5\n2 1\n255\nab stdin stdout -l nld+fra\n");
    }

    #[test]
    fn what_fails_is_told() {
        assert!(text("exit 0").unwrap_err().contains("languages"));
        assert!(text(&format!("{LANGUAGES} exit 3")).unwrap_err().contains("exit status: 3"));
        let missing = Recogniser { launcher: "/nonexistent".into(), ..recogniser("") };
        let picture = GreyPicture { width: 1, height: 1, pixels: b"a" };
        assert!(missing.for_report().text(&picture).is_err());
    }

    #[test]
    fn the_time_of_a_report_is_bounded() {
        let recogniser = recogniser(&format!("{LANGUAGES} cat"));
        let report = recogniser.for_report();
        report.spent.set(Duration::from_secs(60));
        let picture = GreyPicture { width: 1, height: 1, pixels: b"a" };
        assert!(report.text(&picture).unwrap_err().contains("spent"));
    }
}
