//! Every host that Python's own parsers find in an anchor is in our reading, as a
//! link or, where no browser could open it, in a defect. Skipped by name without
//! the corpora or Python.
//!
//! `cargo nextest run -p belfry-reading --test anchors --no-capture` prints the counts.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test asks another parser and prints what it counted"
)]

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use belfry_indicator::EmbeddedSuffixes;
use belfry_reading::{DefectKind, Limits, Reading, read_mail};
use belfry_testbed::{corpus, untar_xz, workspace};

/// A tar archive of these files, as far as Python's reader needs.
fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (number, (_, bytes)) in files.iter().enumerate() {
        let mut header = [0_u8; 512];
        let name = number.to_string();
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        header[148..156].copy_from_slice(b"        ");
        header[156] = b'0';
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
        header[154] = 0;
        archive.extend_from_slice(&header);
        archive.extend_from_slice(bytes);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// Number of the file and host, for each anchor's host.
fn python(files: &[(String, Vec<u8>)]) -> Option<Vec<(usize, String)>> {
    let script = workspace().join("crates/reading/tests/anchors.py");
    let mut child = Command::new("python3")
        .arg(Path::new(&script))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let archive = tar(files);
    let mut input = child.stdin.take().expect("the input is piped");
    let writer = std::thread::spawn(move || input.write_all(&archive));
    let output = child.wait_with_output().expect("python3 ends");
    writer.join().expect("the writer does not panic").expect("python3 reads all");
    assert!(output.status.success(), "python3 failed");
    let lines = String::from_utf8(output.stdout).expect("the script prints ASCII");
    let (parsers, lines) = lines.split_once('\n').expect("the script names its parsers first");
    println!("{}", parsers.replace('\t', " "));
    let rows = lines.lines().filter_map(|line| line.split_once('\t'));
    Some(rows.map(|(n, host)| (n.parse().expect("a number"), host.to_owned())).collect())
}

/// The host is told of in a defect: it stands there as it stood in the mail.
fn is_defect(reading: &Reading, host: &str) -> bool {
    let start: String =
        host.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    reading.defects.iter().any(|d| d.kind == DefectKind::Link && d.detail.contains(&start))
}

fn check(path: &str, hosts_min: usize, broken_max: usize) {
    let test = format!("reading: anchors of {path}");
    let Some(archive) = corpus(path) else {
        return belfry_testbed::skip(&test, "the corpus is not there");
    };
    let files = untar_xz(&archive).expect("the archive is sound");
    let Some(rows) = python(&files) else {
        return belfry_testbed::skip(&test, "there is no python3");
    };
    let mut readings: HashMap<usize, Reading> = HashMap::new();
    let (mut broken, mut lost) = (Vec::new(), Vec::new());
    for (number, host) in &rows {
        let reading = readings
            .entry(*number)
            .or_insert_with(|| read_mail(&files[*number].1, &EmbeddedSuffixes, &Limits::default()));
        if reading.links.iter().any(|link| link.host == *host) {
        } else if is_defect(reading, host) {
            // Parsers differ in what they make of one that no DNS name can be.
            broken.push(*number);
            broken.dedup();
        } else {
            lost.push(format!("{}: {host}", files[*number].0));
        }
    }
    println!(
        "{path}: {} hosts of anchors, {} mails with one that nobody can open; {} lost",
        rows.len(),
        broken.len(),
        lost.len()
    );
    assert!(rows.len() >= hosts_min, "only {} hosts", rows.len());
    assert!(lost.is_empty() && broken.len() <= broken_max, "broken: {broken:#?}, lost: {lost:#?}");
}

#[test]
fn anchors_of_phishing_mails_are_found() {
    check("emails_phishing_pot/dev.tar.xz", 1_200, 0);
}

#[test]
fn anchors_of_hard_mails_are_found() {
    check("emails_phishing_pot/hardcases.tar.xz", 250, 1);
}

#[test]
fn anchors_of_ham_and_old_spam_are_found() {
    check("emails_spamassassin/dev.tar.xz", 900, 3);
}
