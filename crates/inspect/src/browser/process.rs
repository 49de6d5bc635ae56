//! The process: a fresh profile, an empty environment, a group of its own that ends with
//! the capture, and a watch over its memory.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};

use crate::{InspectError, InspectSettings, Profile};

/// How long Chromium has to open its DevTools port.
const START: Duration = Duration::from_secs(20);
/// Octets of what it says on the way that are kept.
const SAID_BYTES_MAX: u64 = 64 << 10;
/// How it announces the port.
const ANNOUNCED: &str = "DevTools listening on ";

/// Features that talk to others than the page, or around the proxy.
const FEATURES_OFF: &str = "Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,\
     AutofillServerCommunication,CertificateTransparencyComponentUpdater,NetworkTimeServiceQuerying,\
     AsyncDns,DnsOverHttps,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,InterestFeedContentSuggestions,\
     Reporting,NetworkErrorLogging";

/// Switches that do not depend on the capture.
const SWITCHES: [&str; 25] = [
    "--headless",
    "--remote-debugging-port=0",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-client-side-phishing-detection",
    "--disable-domain-reliability",
    "--disable-breakpad",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-notifications",
    "--disable-quic",
    "--block-new-web-contents",
    "--deny-permission-prompts",
    "--force-webrtc-ip-handling-policy",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--hide-scrollbars",
    "--mute-audio",
    "--password-store=basic",
    "--js-flags=--max-old-space-size=256",
];

/// A running Chromium; it and all its children are killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    group: Option<Pid>,
    devtools: String,
    _profile: TempDir,
}

impl Process {
    /// Starts one whose only way out is the proxy at `proxy`.
    pub(crate) async fn start(
        settings: &InspectSettings,
        profile: Profile,
        proxy: SocketAddr,
    ) -> Result<Self, InspectError> {
        let folder = tempfile::Builder::new().prefix("belfry-inspect-").tempdir()?;
        if let Some((user, group)) = settings.run_as {
            chown(folder.path(), Some(user), Some(group))?;
        }
        let failed = |why: String| InspectError::Start {
            program: settings.program.display().to_string(),
            why,
        };
        let mut command = command(settings, profile, proxy, folder.path());
        let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let stderr = child.stderr.take();
        let mut process = Self { child, group, devtools: String::new(), _profile: folder };
        let announced = tokio::time::timeout(START, announced(stderr)).await;
        process.devtools = announced
            .map_err(|_| failed("it opened no DevTools port in time".to_owned()))?
            .map_err(failed)?;
        Ok(process)
    }

    /// The address of its DevTools.
    pub(crate) fn devtools(&self) -> &str {
        &self.devtools
    }

    /// Answers when all processes of its group together hold more than `memory_bytes_max`,
    /// or when it ended by itself.
    pub(crate) async fn outgrown(&mut self, memory_bytes_max: u64) -> &'static str {
        let mut often = tokio::time::interval(Duration::from_millis(500));
        loop {
            tokio::select! {
                _ = self.child.wait() => return "the browser ended under it",
                _ = often.tick() => {}
            }
            let group = self.group;
            let held = tokio::task::spawn_blocking(move || group.map_or(0, memory_bytes)).await;
            if held.is_ok_and(|held| held > memory_bytes_max) {
                return "it needs more memory than a capture may";
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            let _gone = kill_process_group(group, Signal::KILL);
        }
    }
}

fn command(
    settings: &InspectSettings,
    profile: Profile,
    proxy: SocketAddr,
    folder: &Path,
) -> Command {
    let mut folder_switch = OsString::from("--user-data-dir=");
    folder_switch.push(folder);
    let (width, height) = profile.window();
    let mut command = Command::new(&settings.program);
    command
        .args(SWITCHES)
        .arg(format!("--disable-features={FEATURES_OFF}"))
        .arg(format!("--window-size={width},{height}"))
        .arg(format!("--proxy-server=http://{proxy}"))
        // Loopback too goes through the proxy, which refuses it.
        .arg("--proxy-bypass-list=<-loopback>")
        // Nothing is ever resolved by the browser itself.
        .arg("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")
        .arg(folder_switch)
        .arg("about:blank")
        .env_clear()
        .env("HOME", folder)
        .env("TMPDIR", folder)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    if !settings.sandbox {
        command.arg("--no-sandbox");
    }
    if let Some((user, group)) = settings.run_as {
        command.uid(user).gid(group);
    }
    command
}

/// The address that Chromium announces, or what it said instead.
async fn announced(stderr: Option<ChildStderr>) -> Result<String, String> {
    let Some(stderr) = stderr else { return Err("it has no standard error".to_owned()) };
    let mut lines = BufReader::new(stderr.take(SAID_BYTES_MAX)).lines();
    let mut said = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(address) = line.strip_prefix(ANNOUNCED) {
            // What it says from here on is read and dropped, so that it never blocks.
            tokio::spawn(async move {
                let mut rest = lines.into_inner().into_inner().into_inner();
                let _ended = tokio::io::copy(&mut rest, &mut tokio::io::sink()).await;
            });
            return Ok(address.trim().to_owned());
        }
        said = line;
    }
    Err(if said.is_empty() { "it ended without a word".to_owned() } else { said })
}

/// Octets that the processes of `group` hold, shared ones by their share.
fn memory_bytes(group: Pid) -> u64 {
    let Ok(all) = std::fs::read_dir("/proc") else { return 0 };
    let ids = all.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let ids = ids.filter(|id| id.bytes().all(|b| b.is_ascii_digit()));
    ids.filter(|id| in_group(id, group)).filter_map(|id| proportional(&id)).sum()
}

fn in_group(id: &str, group: Pid) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{id}/stat")) else { return false };
    // The name in parentheses may hold anything; the group is the third field after it.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    after.split_whitespace().nth(2) == Some(&group.as_raw_pid().to_string())
}

fn proportional(id: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
    let line = text.lines().find(|line| line.starts_with("Pss:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib << 10)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A program that behaves as `script` says in Chromium's place.
    fn program(folder: &TempDir, script: &str) -> InspectSettings {
        let path = folder.path().join("browser");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        InspectSettings::new(path)
    }

    async fn start(script: &str) -> Result<Process, InspectError> {
        let folder = tempfile::tempdir().unwrap();
        let proxy = "127.0.0.1:9".parse().unwrap();
        Process::start(&program(&folder, script), Profile::Phone, proxy).await
    }

    #[tokio::test]
    async fn a_browser_that_does_not_start_says_why() {
        let error = start("echo 'no usable sandbox' >&2; exit 1").await.err().unwrap();
        assert!(error.to_string().ends_with("could not be started: no usable sandbox"), "{error}");
        let error = start("exit 0").await.err().unwrap();
        assert!(error.to_string().ends_with("it ended without a word"), "{error}");
    }

    #[tokio::test]
    async fn its_children_die_with_it() {
        let process = start("sleep 600 & echo 'DevTools listening on ws://x' >&2; wait").await;
        let process = process.unwrap();
        assert_eq!(process.devtools(), "ws://x");
        let group = process.group.unwrap();
        assert!(memory_bytes(group) > 0);
        drop(process);
        for _ in 0..100 {
            if memory_bytes(group) == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("a child outlived its capture");
    }

    #[tokio::test]
    async fn one_that_grows_or_ends_is_noticed() {
        let mut process =
            start("echo 'DevTools listening on ws://x' >&2; sleep 600").await.unwrap();
        assert_eq!(process.outgrown(1).await, "it needs more memory than a capture may");
        let mut process = start("echo 'DevTools listening on ws://x' >&2").await.unwrap();
        assert_eq!(process.outgrown(u64::MAX).await, "the browser ended under it");
    }
}
