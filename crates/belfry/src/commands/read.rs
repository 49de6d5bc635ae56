//! `belfry read`: one report read by the same bounded child that the hub uses.

use std::ffi::OsString;
use std::io::{ErrorKind, Read, stdin, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;

use belfry_desk::reader::{
    ChildLimits, ReadError, ReadJob, ReaderPool, Recogniser, RecogniserLimits, serve,
};

use crate::cli::{DataArgs, OcrWorkerArgs, ReadArgs, ReadWorkerArgs};
use crate::commands::{Failure, print};
use crate::config::{Reader, load};
use crate::hub::reader_settings;

/// Address space of the program that recognises text.
const OCR_MEMORY_BYTES: u64 = 1 << 30;
/// CPU that it may use for one picture.
const OCR_CPU_SECONDS: u64 = 4;

/// Reads and prints; nothing is stored.
pub(crate) async fn read(args: &ReadArgs) -> Result<(), Failure> {
    let bytes = take(&args.file)?;
    let job = job(bytes, args.sms);
    let pool = ReaderPool::new(reader_settings(&limits(args)?)?);
    let (reading, _) = pool.read_surviving(job).await.map_err(|error| match error {
        ReadError::Slow(_) => {
            Failure::new(format!("{error}; job_ms_max in [reader] gives it longer"))
        }
        error => Failure::from(error),
    })?;
    print(if args.json {
        format!("{}\n", serde_json::to_string_pretty(&reading)?)
    } else {
        belfry_reading::render_text(&reading)
    })
}

/// The limits of the configuration, where one is named.
fn limits(args: &ReadArgs) -> Result<Reader, Failure> {
    match &args.config {
        None => Ok(Reader::default()),
        Some(file) => {
            let args = DataArgs { config: Some(file.clone()), data: None };
            Ok(load(&args, &[])?.config.reader)
        }
    }
}

/// An SMS in JSON or plain text is told from a mail, unless the caller says what it is.
fn job(bytes: Vec<u8>, sms: bool) -> ReadJob {
    match belfry_reading::sms_form(&bytes) {
        Some(form) => ReadJob::Sms(form.to_report().into_bytes()),
        None if sms || belfry_reading::is_plain_sms(&bytes) => ReadJob::Sms(bytes),
        None => ReadJob::Mail(bytes),
    }
}

fn take(file: &Path) -> Result<Vec<u8>, Failure> {
    if file == Path::new("-") { bounded(stdin(), "standard input") } else { take_file(file) }
}

/// The bytes of a report in a file, at most as many as a report may have.
pub(super) fn take_file(file: &Path) -> Result<Vec<u8>, Failure> {
    if file.is_dir() {
        let why = "is a folder: name one file, or `-` for standard input";
        return Err(Failure::new(format!("{} {why}", file.display())));
    }
    let opened = std::fs::File::open(file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::new(format!("{}: there is no such file", file.display())),
        _ => Failure::new(format!("{}: {error}", file.display())),
    })?;
    bounded(opened, &file.display().to_string())
}

fn bounded(input: impl Read, name: &str) -> Result<Vec<u8>, Failure> {
    let limit = belfry_intake::REPORT_BYTES_MAX;
    let mut bytes = Vec::new();
    input
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format!("{name}: {error}")))?;
    if bytes.len() > limit {
        let why = format!("larger than {limit} octets, the most that a report may have");
        return Err(Failure::new(format!("{name}: {why}")));
    }
    Ok(bytes)
}

/// The child itself: no log, no runtime, only jobs.
pub(crate) fn worker(args: &ReadWorkerArgs) -> ExitCode {
    let limits = ChildLimits { memory_bytes: args.memory_bytes, cpu_seconds: args.cpu_seconds };
    match serve(limits, recogniser(args).as_ref(), stdin(), stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// How text in pictures is recognised: by this binary, which becomes the program.
fn recogniser(args: &ReadWorkerArgs) -> Option<Recogniser> {
    let program = args.ocr_program.clone()?;
    let launcher = std::env::current_exe().ok()?;
    let arguments = [OsString::from("ocr-worker"), program.into_os_string()];
    Some(Recogniser {
        launcher,
        arguments: arguments.into(),
        languages: args.ocr_languages.split('+').map(ToOwned::to_owned).collect(),
        installed: OnceLock::new(),
    })
}

/// The program that recognises text, under its limits.
pub(crate) fn ocr(args: &OcrWorkerArgs) -> ExitCode {
    let limits = RecogniserLimits { memory_bytes: OCR_MEMORY_BYTES, cpu_seconds: OCR_CPU_SECONDS };
    let _error = limits.run(&args.program, &args.arguments);
    ExitCode::FAILURE
}
