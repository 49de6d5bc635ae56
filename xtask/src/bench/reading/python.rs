//! What Python's libraries need to find links in the same mails: `email` for the
//! parts, BeautifulSoup for the HTML, ioc-finder for the text.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use belfry_testbed::peer;

use crate::command::{self, Result};

/// Measures it, where Python and the packages can be had, and compares.
pub(super) fn compare(mails: &[Vec<u8>], ours: f64, out: &mut String) -> Result {
    writeln!(out, "\n## Beside Python\n")?;
    let Some(python) = peer("python3") else {
        writeln!(out, "Not measured: there is no Python here.")?;
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let environment = folder.path().join("venv");
    let packages = ["beautifulsoup4", "ioc-finder"];
    command::run(Command::new(python).args(["-m", "venv"]).arg(&environment))?;
    let install = environment.join("bin/pip");
    if command::run(Command::new(install).args(["-q", "install"]).args(packages)).is_err() {
        writeln!(out, "Not measured: its packages can't be installed here.")?;
        return Ok(());
    }
    let folder = folder.path().join("mails");
    fs::create_dir(&folder)?;
    for (number, mail) in mails.iter().enumerate() {
        fs::write(folder.join(format!("{number}.eml")), mail)?;
    }
    let script = folder.with_file_name("reading.py");
    fs::write(&script, include_str!("reading.py"))?;
    let python = environment.join("bin/python");
    let printed = command::output(Command::new(python).arg(&script).arg(&folder))?;
    let printed = String::from_utf8(printed)?;
    let seconds: Vec<f64> =
        printed.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [soup, both] = seconds[..] else { return Err("Python printed no figures".into()) };
    writeln!(
        out,
        "CPU a mail over the same mails; ours opens PDF and pictures too, Python does not.\n"
    )?;
    writeln!(out, "| | ms a mail | times ours |\n|---|---|---|")?;
    writeln!(out, "| Belfry | {:.3} | 1 |", ours * 1e3)?;
    for (name, seconds) in [("`email` and BeautifulSoup", soup), ("the same and ioc-finder", both)]
    {
        writeln!(out, "| {name} | {:.1} | {:.0} |", seconds * 1e3, seconds / ours)?;
    }
    Ok(())
}
