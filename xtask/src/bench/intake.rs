//! Mails over SMTP from Python's `smtplib`, a client that is not ours.

use std::fs;
use std::path::Path;
use std::process::Command;

use belfry_testbed::{Hub, corpus, peer, untar_xz};

use crate::command::{self, Result};
use crate::hub::configuration;

const CORPUS: &str = "emails_phishing_pot/dev.tar.xz";

/// Sends the development mails over `connections` connections at once.
pub(super) fn run(binary: &Path, connections: usize) -> Result {
    let (Some(python), Some(archive)) = (peer("python3"), corpus(CORPUS)) else { return Ok(()) };
    let folder = tempfile::tempdir()?;
    let mails = folder.path().join("mails");
    fs::create_dir(&mails)?;
    for (name, bytes) in untar_xz(&archive)? {
        let name = Path::new(&name).file_name().ok_or("a member without a name")?;
        fs::write(mails.join(name), bytes)?;
    }
    let script = folder.path().join("send.py");
    fs::write(&script, include_str!("send.py"))?;
    let hub = Hub::start(binary, &folder.path().join("data"), &configuration())?;
    let smtp = hub.address("smtp");
    let mut send = Command::new(python);
    send.arg(&script).arg(smtp.ip().to_string()).arg(smtp.port().to_string());
    send.arg(connections.to_string()).arg(&mails).arg(hub.address("http").to_string());
    command::run(send.env("BELFRY_TOKEN", hub.token("analyst", "bench")?))
}
