//! The commands, one file each. A command prints its result to standard output
//! and its refusal, one line, to standard error.

mod audit;
mod backup;
mod campaign;
mod case;
mod config;
mod demo;
mod feed;
mod follower;
mod gate;
mod guard;
mod inspect;
mod journal;
mod judge;
mod life;
mod operator;
mod person;
mod read;
mod report;
mod rule;
mod run;
pub(crate) mod sms;
mod token;
mod train;
mod up;
mod upkeep;

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::cli::{Cli, Command};
pub(crate) use crate::commands::inspect::{CaseInspectArgs, InspectArgs};
pub(crate) use crate::commands::journal::JournalArgs;
use crate::telemetry::start_log;

/// Why a command did not do what was asked, in words for the person who asked.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl Failure {
    pub(crate) fn new(words: impl Display) -> Self {
        Self(words.to_string())
    }
}

/// Runs what the command line says.
pub(crate) fn run(cli: Cli) -> ExitCode {
    if let Command::ReadWorker(args) = &cli.command {
        return read::worker(args);
    }
    if let Command::OcrWorker(args) = &cli.command {
        return read::ocr(args);
    }
    let ran = start_log(cli.log_format, &cli.log).map_err(Failure).and_then(|()| dispatch(cli));
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(words)) => {
            let _ = writeln!(io::stderr(), "belfry: {words}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    crate::tls::install();
    let runtime = tokio::runtime::Runtime::new()?;
    let done = runtime.block_on(async {
        match cli.command {
            Command::Up(args) => up::up(&args).await,
            Command::Hub(args) => up::hub(&args).await,
            Command::Gate(args) => gate::gate(&args).await,
            Command::Demo(args) => demo::demo(&args).await,
            Command::Inspect(args) => inspect::inspect(&args).await,
            Command::Judge(args) => judge::judge(&args).await,
            Command::Sms(args) => sms::sms(&args).await,
            Command::Read(args) => read::read(&args).await,
            Command::Case(args) => case::case(args).await,
            Command::Train(args) => train::train(args).await,
            Command::Campaign(args) => campaign::campaign(args).await,
            Command::Report(args) => report::report(args).await,
            Command::Token(args) => token::token(args).await,
            Command::Person(args) => person::person(args).await,
            Command::Audit(args) => audit::audit(args).await,
            Command::Backup(args) => backup::backup(&args).await,
            Command::Restore(args) => backup::restore(&args).await,
            Command::Guard(args) => guard::guard(args).await,
            Command::Rule(args) => rule::rule(args).await,
            Command::Brake(args) => rule::brake(args).await,
            Command::Alarms(args) => guard::alarms(args).await,
            Command::Upkeep(args) => upkeep::upkeep(args).await,
            Command::Operator(args) => operator::operator(args).await,
            Command::Feed(args) => feed::feed(&args).await,
            Command::Follower(args) => follower::follower(args).await,
            Command::Journal(args) => journal::journal(&args).await,
            Command::Config(args) => config::config(&args),
            Command::ReadWorker(_) | Command::OcrWorker(_) => Ok(()),
        }
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    done
}

/// Prints to standard output; a reader that has gone away is no failure.
pub(crate) fn print(text: impl Display) -> Result<(), Failure> {
    print_bytes(text.to_string().as_bytes())
}

/// Writes bytes to standard output; a reader that has gone away is no failure.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
