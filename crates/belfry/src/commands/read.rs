//! `belfry read`: one report read by the same bounded child that the hub uses.

use std::io::{Read, stdin, stdout};
use std::path::Path;
use std::process::ExitCode;

use belfry_desk::reader::{ChildLimits, ReadJob, ReaderPool, serve};

use crate::cli::{ReadArgs, ReadWorkerArgs};
use crate::commands::{Failure, print};
use crate::config::Reader;
use crate::hub::reader_settings;

/// Reads and prints; nothing is stored.
pub(crate) async fn read(args: &ReadArgs) -> Result<(), Failure> {
    let bytes = take(&args.file)?;
    let job = if args.sms { ReadJob::Sms(bytes) } else { ReadJob::Mail(bytes) };
    let reading = ReaderPool::new(reader_settings(&Reader::default())?).read(&job).await?;
    print(if args.json {
        format!("{}\n", serde_json::to_string_pretty(&reading)?)
    } else {
        belfry_reading::render_text(&reading)
    })
}

fn take(file: &Path) -> Result<Vec<u8>, Failure> {
    let limit = belfry_intake::REPORT_BYTES_MAX;
    let named = |error| Failure::new(format!("{}: {error}", file.display()));
    let mut bytes = Vec::new();
    let most = limit as u64 + 1;
    if file == Path::new("-") {
        stdin().take(most).read_to_end(&mut bytes).map_err(named)?;
    } else {
        let opened = std::fs::File::open(file).map_err(named)?;
        opened.take(most).read_to_end(&mut bytes).map_err(named)?;
    }
    if bytes.len() > limit {
        return Err(Failure::new(format!("{}: larger than {limit} octets", file.display())));
    }
    Ok(bytes)
}

/// The child itself: no log, no runtime, only jobs.
pub(crate) fn worker(args: &ReadWorkerArgs) -> ExitCode {
    let limits = ChildLimits { memory_bytes: args.memory_bytes, cpu_seconds: args.cpu_seconds };
    match serve(limits, stdin(), stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
