//! Running other programs: what is run is printed, what fails says so.

use std::env;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

pub(crate) use belfry_testbed::target;

/// What a chore ends with: nothing, or one message for the person who ran it.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Cargo, the one that runs us.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(belfry_testbed::workspace());
    cargo
}

/// Runs `command` to its end, its output ours.
pub(crate) fn run(command: &mut Command) -> Result {
    println!("$ {}", shown(command));
    let status = command.status().map_err(|problem| format!("{}: {problem}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", shown(command)).into()) }
}

/// Runs `command`, passes each line of its output on and gives it to `see`.
/// Both streams become one, since programs disagree on where a summary goes.
pub(crate) fn watch(command: &mut Command, mut see: impl FnMut(&str)) -> Result {
    println!("$ {}", shown(command));
    let (reader, writer) = std::io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer).stdin(Stdio::null());
    let mut child = command.spawn().map_err(|problem| format!("{}: {problem}", shown(command)))?;
    // The command holds the pipe's other end too; the read below ends only
    // when that is gone.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    for line in BufReader::new(reader).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        see(&line);
    }
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", shown(command)).into()) }
}

/// The standard output of `command`, which must succeed.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|problem| format!("{}: {problem}", shown(command)))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!("{}: {}", shown(command), output.status).into())
    }
}

/// Whether `command` can be started and succeeds; its output is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A command line as a person would type it.
fn shown(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let program = program.file_name().unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_command_line_is_shown_as_typed() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["fmt", "--check"]);
        assert_eq!(shown(&command), "cargo fmt --check");
    }

    #[test]
    fn both_streams_are_seen_line_by_line() {
        let mut seen = Vec::new();
        watch(&mut shell("echo out; echo err >&2"), |line| seen.push(line.to_owned())).unwrap();
        seen.sort();
        assert_eq!(seen, ["err", "out"]);
    }

    #[test]
    fn a_failure_names_the_command() {
        let failure = watch(&mut shell("exit 3"), |_| ()).unwrap_err().to_string();
        assert!(failure.contains("sh -c exit 3") && failure.contains('3'), "{failure}");
        assert!(run(&mut Command::new("no-such-program-of-belfry")).is_err());
    }

    #[test]
    fn output_is_what_was_printed() {
        assert_eq!(output(&mut shell("printf x")).unwrap(), b"x");
        assert!(output(&mut shell("printf x; exit 1")).is_err());
        assert!(succeeds(&mut shell("true")) && !succeeds(&mut shell("false")));
    }
}
