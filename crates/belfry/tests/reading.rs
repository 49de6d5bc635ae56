//! `belfry read`, as people use it: every kind of file by name and by standard input, what is
//! no report, limits of a configuration. Each answer can be read by a person, and each
//! refusal says what to do.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// What the command says of `arguments`, with `input` on its standard input.
fn read(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_belfry"))
        .arg("read")
        .args(arguments)
        .env_remove("BELFRY_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have refused before it reads.
    let _refused = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// What it shows, where it succeeds.
fn shown(arguments: &[&str], input: &[u8]) -> String {
    let output = read(arguments, input);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    assert!(complaint.is_empty(), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// What it says, where it refuses.
fn refused(arguments: &[&str], input: &[u8]) -> String {
    let output = read(arguments, input);
    assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A file of our own that every format has.
fn seed(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(path)
}

/// The file `name` with `content`, in a folder that lives as long as the test.
fn file(folder: &TempDir, name: &str, content: &[u8]) -> String {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

const MBOX: &str = "From a@example.com Mon Nov 23 10:00:00 2026\nFrom: A <a@example.com>\n\
                    Date: Tue, 24 Nov 2026 10:00:00 +0100\nSubject: one\n\nsee https://one.example.org/\n\n\
                    From b@example.com Mon Nov 23 10:00:00 2026\nFrom: B <b@example.com>\n\
                    Date: Tue, 24 Nov 2026 11:00:00 +0100\nSubject: two\n\nsee https://two.example.org/\n";
const ICS: &str = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Payroll\nDESCRIPTION:Confirm at \
                   https://pay.example.org/x\nEND:VEVENT\nEND:VCALENDAR\n";

#[test]
fn every_kind_of_file_is_read_by_what_it_is() {
    let folder = TempDir::new().unwrap();
    let texts: [(&str, &str, &[&str]); 5] = [
        (
            "box",
            MBOX,
            &["one[.]example[.]org", "two[.]example[.]org", "Further mails in the same report: 1"],
        ),
        ("invite.ics", ICS, &["pay[.]example[.]org", "calendar entry in part 1"]),
        (
            "page.html",
            "<!doctype html><a href=https://evil.example.org/>Pay</a>",
            &["evil[.]example[.]org", "shown as \"Pay\""],
        ),
        (
            "sms.txt",
            "Fwd:\nVan: bpost\nBericht: betaal op https://pakket.example.org/x",
            &["SMS from         bpost", "pakket[.]example[.]org"],
        ),
        (
            "sms.json",
            "{\"from\":\"+32470000000\",\"text\":\"see https://pakket.example.org/x\"}",
            &["SMS from         +32470000000", "pakket[.]example[.]org"],
        ),
    ];
    for (name, content, expect) in texts {
        let path = file(&folder, name, content.as_bytes());
        for said in [shown(&[&path], b""), shown(&["-"], content.as_bytes())] {
            for expect in expect {
                assert!(said.contains(expect), "{name}: {expect:?} is not in\n{said}");
            }
            assert!(said.contains("call to action"), "{name}:\n{said}");
            assert!(!said.contains("https://"), "{name} can be clicked:\n{said}");
        }
    }
}

#[test]
fn files_of_programs_are_read() {
    for (path, expect) in [
        ("msg/sample.msg", &["rtf[.]example[.]org", "Forwarded by     Bank x"][..]),
        ("pdf/link.pdf", &["bank[.]example/login", "PDF link in part 1", "a PDF > page 1"]),
        ("tnef/sample.dat", &["rtf[.]example[.]org", "páge.html", "Subject          Inner"]),
        ("office/letter.docx", &["shown as \"Pay the fee\"", "it holds macros"]),
        ("office/table.xlsx", &["formula[.]example[.]org"]),
        ("rtf/field.rtf", &["a[.]example/x", "shown as \"pay now\""]),
        ("zip/two.zip", &["only listed, 2 files", "part 1         ZIP"]),
    ] {
        let said = shown(&[seed(path).to_str().unwrap()], b"");
        for expect in expect {
            assert!(said.contains(expect), "{path}: {expect:?} is not in\n{said}");
        }
    }
}

#[test]
fn what_is_no_report_is_still_answered() {
    let said = shown(&["-"], b"");
    assert!(said.contains("the report: it is empty"), "{said}");
    let said = shown(&["-"], b"\x00\x01\x02 https://evil.example.org/ \xff");
    assert!(said.contains("evil[.]example[.]org"), "{said}");
    assert!(said.contains("it does not begin with the header fields of a mail"), "{said}");
    let said = shown(&["-"], b"Beste klant:\n\nBetaal op https://evil.example.org/");
    assert!(said.contains("evil[.]example[.]org") && said.contains("Beste klant"), "{said}");
}

#[test]
fn the_same_reading_is_json_for_scripts() {
    let json = shown(&["-", "--json"], MBOX.as_bytes());
    let reading: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(reading["summary"]["subject"], "one");
    assert_eq!(reading["further"][0]["summary"]["subject"], "two");
    assert_eq!(reading["further"][0]["part"], "2");
    assert_eq!(reading["links"][1]["place"]["part"], "2.1");
}

#[test]
fn refusals_say_what_to_do() {
    let folder = TempDir::new().unwrap();
    let directory = folder.path().to_str().unwrap();
    let mail = file(&folder, "mail.eml", MBOX.as_bytes());
    let odd = file(&folder, "odd.toml", b"[reader]\nnonsense = 3\n");
    let tight = file(&folder, "tight.toml", b"[reader]\njob_ms_max = 1\n");
    let missing = folder.path().join("missing");
    let missing = missing.to_str().unwrap();
    for (arguments, expect) in [
        (&[directory][..], "is a folder: name one file, or `-` for standard input"),
        (&[missing], "missing: there is no such file"),
        (&[&mail, "--config", missing], "missing"),
        (&[&mail, "--config", &odd], "unknown field `nonsense`"),
        (&[&mail, "--config", &tight], "job_ms_max in [reader]"),
    ] {
        let said = refused(arguments, b"");
        assert!(said.starts_with("belfry: ") && said.contains(expect), "{arguments:?}: {said}");
    }
}

#[test]
fn a_report_may_have_fifty_mebibytes() {
    let most = 50 << 20;
    let said = refused(&["-"], &vec![b'a'; most + 1]);
    assert!(said.contains("standard input: larger than 52428800 octets, the most"), "{said}");
}
