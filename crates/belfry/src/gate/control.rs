//! A running gate's own socket in the data folder, 0600: one line in, a few lines out.
//! Whoever can open it may ask what the gate would do, pause it, and confirm
//! what it holds. It never changes an order.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use belfry_gate::Gate;
use belfry_indicator::Domain;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;

/// The longest line that is read.
const LINE_OCTETS_MAX: u64 = 1_024;
/// How long either end waits for the other.
const PATIENCE: Duration = Duration::from_secs(10);
/// Says that an answer is no refusal.
const DONE: &str = "done";

/// Where the socket of a data folder is.
fn socket(data: &Path) -> PathBuf {
    data.join("gate.sock")
}

/// The file that is there while the gate is paused: a restart must not end a pause.
fn pause_file(data: &Path) -> PathBuf {
    data.join("gate").join("paused")
}

/// Pauses the gate if it was paused when it ended.
pub(super) fn pause_again(gate: &Gate, data: &Path) {
    if pause_file(data).exists() {
        gate.pause(true);
    }
}

/// Serves until `stop`. A gate without its socket goes on: it only can't be asked.
pub(super) async fn serve(gate: Gate, data: PathBuf, stop: CancellationToken) {
    let path = socket(&data);
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).and_then(|listener| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(listener)
    });
    let listener = match listener {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "the gate has no socket of its own");
            return stop.cancelled().await;
        }
    };
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let Ok((mut stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        // One at a time: people ask, not programs.
        let talk = async {
            let (reader, mut writer) = stream.split();
            let mut line = String::new();
            let mut reader = tokio::io::BufReader::new(reader.take(LINE_OCTETS_MAX));
            reader.read_line(&mut line).await?;
            writer.write_all(answer(&gate, &data, line.trim()).as_bytes()).await
        };
        let _ = tokio::time::timeout(PATIENCE, talk).await;
    }
    let _ = std::fs::remove_file(path);
}

/// The answer to one line: `done` and what there is to say, or why not.
fn answer(gate: &Gate, data: &Path, line: &str) -> String {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let done = match verb {
        "explain" => Domain::parse(rest)
            .map(|name| gate.explain(&name).to_string())
            .map_err(|error| format!("{rest}: {error}")),
        "pause" => pause(gate, data, true).map(|()| "paused: nothing is blocked".to_owned()),
        "resume" => pause(gate, data, false).map(|()| "blocking again".to_owned()),
        "confirm" if gate.confirm() => Ok("taken: what was held holds now".to_owned()),
        "confirm" => Err("no change of the orders is held".to_owned()),
        "status" => Ok(status(gate)),
        _ => Err(format!("{verb:?} is nothing that a gate does")),
    };
    match done {
        Ok(text) => format!("{DONE}\n{text}\n"),
        Err(why) => format!("refused\n{why}\n"),
    }
}

fn pause(gate: &Gate, data: &Path, paused: bool) -> Result<(), String> {
    let path = pause_file(data);
    let kept = if paused {
        path.parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, ""))
    } else {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    };
    // It holds for this run whatever the disk says.
    gate.pause(paused);
    kept.map_err(|error| format!("it holds until the gate ends: {}: {error}", path.display()))
}

fn status(gate: &Gate) -> String {
    let stance = format!("{:?}", gate.readiness()).to_lowercase();
    let paused = if gate.is_paused() { ", paused" } else { "" };
    let held = gate.held().map(|held| format!("\nheld: {held}")).unwrap_or_default();
    let zones = gate.primaries();
    let zones: String = zones.iter().map(|zone| format!("\n{zone}")).collect();
    format!("{stance}{paused}{held}{zones}")
}

/// Asks the gate of a data folder; an error is what the person who asked must hear.
pub(crate) fn ask(data: &Path, line: &str) -> Result<String, String> {
    let path = socket(data);
    let talk = || -> io::Result<(String, String)> {
        let mut stream = UnixStream::connect(&path)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        writeln!(stream, "{line}")?;
        let mut reader = BufReader::new(stream);
        let (mut verdict, mut rest) = (String::new(), String::new());
        reader.read_line(&mut verdict)?;
        io::Read::read_to_string(&mut reader, &mut rest)?;
        Ok((verdict, rest))
    };
    let (verdict, rest) = talk().map_err(|error| {
        format!("no gate runs on this data folder: {}: {error}", path.display())
    })?;
    if verdict.trim() == DONE { Ok(rest) } else { Err(rest.trim().to_owned()) }
}

#[cfg(test)]
mod tests {
    use belfry_gate::GateSettings;
    use belfry_journal::UnixMillis;

    use super::*;

    fn gate() -> Gate {
        let upstream = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
        let settings = GateSettings { upstreams: vec![upstream.into()], ..GateSettings::default() };
        let gate = Gate::new(settings, || UnixMillis(1)).unwrap();
        gate.serve_zones();
        gate
    }

    #[test]
    fn each_verb_is_answered_and_others_refused() {
        let (gate, folder) = (gate(), tempfile::tempdir().unwrap());
        let check =
            |line: &str, expect: &str| assert_eq!(answer(&gate, folder.path(), line), expect);
        check("explain a.example", "done\na.example is not blocked: no order covers it\n");
        check("status", "done\nfiltering\n");
        check("confirm", "refused\nno change of the orders is held\n");
        check("dance", "refused\n\"dance\" is nothing that a gate does\n");
        assert!(answer(&gate, folder.path(), "explain ..").starts_with("refused\n"));
    }

    #[test]
    fn a_pause_outlives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        answer(&gate(), folder.path(), "pause");
        let next = gate();
        pause_again(&next, folder.path());
        assert_eq!(answer(&next, folder.path(), "status"), "done\nfiltering, paused\n");
        answer(&next, folder.path(), "resume");
        let last = gate();
        pause_again(&last, folder.path());
        assert!(!last.is_paused());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_socket_answers_its_folder_and_is_gone_with_the_gate() {
        let folder = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(gate(), folder.path().to_owned(), stop.clone()));
        let data = folder.path().to_owned();
        let asked = tokio::task::spawn_blocking(move || {
            let once = || ask(&data, "status").ok();
            (0..500).find_map(|_| {
                std::thread::sleep(Duration::from_millis(10));
                once()
            })
        });
        assert_eq!(asked.await.unwrap().as_deref(), Some("filtering\n"));
        stop.cancel();
        serving.await.unwrap();
        assert!(ask(folder.path(), "status").unwrap_err().contains("no gate runs"));
    }
}
