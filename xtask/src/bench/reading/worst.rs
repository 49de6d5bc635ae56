//! Mails made to hurt: what one costs in time and memory, each in a child of its own.

use std::fmt::Write as _;
use std::path::Path;

mod files;

use super::megabytes;
use super::worker::Worker;
use crate::command::Result;

const HEAD: &str = "From: a@example.com\nDate: Tue, 24 Nov 2026 10:00:00 +0100\n";
/// The largest report there is.
const BYTES: usize = 50 << 20;

/// Reads each and adds a table.
pub(super) fn measure(binary: &Path, out: &mut String) -> Result {
    writeln!(out, "\n## The worst mails\n")?;
    writeln!(out, "Each alone in a child whose address space is bounded to 1 GiB.\n")?;
    writeln!(
        out,
        "| mail | MB | CPU | most memory | links | defects |\n|---|---|---|---|---|---|"
    )?;
    for (name, mail) in mails().into_iter().chain(attachments()?) {
        let mut worker = Worker::start(binary)?;
        let row = match worker.read(b'm', &mail) {
            Ok(answer) => {
                let reading: serde_json::Value = serde_json::from_slice(&answer)?;
                let count = |key: &str| reading[key].as_array().map_or(0, Vec::len);
                let spent = worker.spent()?;
                let (cpu, memory) = (spent.cpu_seconds, megabytes(spent));
                format!("{cpu:.2} s | {memory} | {} | {} |", count("links"), count("defects"))
            }
            Err(_) => "the child died: the mail is read again without documents | | | |".to_owned(),
        };
        writeln!(out, "| {name} | {:.1} | {row}", mail.len() as f64 / 1e6)?;
    }
    Ok(())
}

fn mails() -> Vec<(&'static str, Vec<u8>)> {
    let html = |piece: &str| repeated(&format!("{HEAD}Content-Type: text/html\n\n"), piece);
    let parts = repeated(
        &format!("{HEAD}Content-Type: multipart/mixed; boundary=o\n\n"),
        "--o\nContent-Type: text/html\n\n<a href=https://a.example.com/>x</a>\n",
    );
    let links = (0..).map(|n| format!("<a href=https://h{n}.example.com/>{n}</a>"));
    vec![
        ("50 MB of one link, again and again", html("<a href=https://a.example.com/>x</a>")),
        ("50 MB of different links", filled(&format!("{HEAD}Content-Type: text/html\n\n"), links)),
        ("50 MB of parts", parts),
        ("50 MB of nested messages", repeated(HEAD, "Content-Type: message/rfc822\n\n")),
        ("50 MB of open tags", html("<div><table><td>")),
        ("50 MB of text without a space", repeated(&format!("{HEAD}\n"), "a.b@")),
        (
            "50 MB of base64",
            repeated(&format!("{HEAD}Content-Transfer-Encoding: base64\n\n"), "QUFB"),
        ),
        ("50 MB in the Subject", repeated(&format!("{HEAD}Subject: "), "=?utf-8?q?a?= ")),
        (
            "50 MB of scripts that write scripts",
            html("<script>document.write('<script>x</script>')</script>"),
        ),
        ("50 MB of quoted headers", repeated(&format!("{HEAD}Subject: Fwd: x\n\n"), QUOTED)),
        (
            "50 MB of links written so that they cannot be clicked",
            repeated(&format!("{HEAD}\n"), "hxxp://a[.]example[.]com/ "),
        ),
        (
            "50 MB of cells that may draw a code",
            html("<table><tr><td bgcolor=black width=4><td bgcolor=white width=4>"),
        ),
        (
            "50 MB of rows of blocks",
            repeated(&format!("{HEAD}Content-Type: text/plain; charset=utf-8\n\n"), BLOCKS),
        ),
    ]
}

/// A quoted header, as a program writes it above a forward.
const QUOTED: &str = "---------- Forwarded message ---------\nFrom: A <a@example.com>\nDate: x\nSubject: y\nTo: b@example.com\n\nz\n";
/// A line that a code could have.
const BLOCKS: &str = "██  ██  ██  ██  ██  ██  ██  ██  ██  ██  ██  ██\n";

/// Mails whose attachment is made to hurt.
fn attachments() -> Result<Vec<(&'static str, Vec<u8>)>> {
    let docx = |bytes: &[u8]| attached("application/octet-stream", bytes);
    let uri = |n: usize| format!("<</S/URI/URI(https://h{n}.example.com/)>>").into_bytes();
    Ok(vec![
        ("a PDF of 200,000 links", attached("application/pdf", &files::pdf((0..200_000).map(uri)))),
        ("a PDF whose page unpacks to 2 GB", attached("application/pdf", &files::bomb_page()?)),
        ("a PDF of the largest scanned images", attached("application/pdf", &files::scans())),
        ("a letter (docx) that unpacks to 2 GB", docx(&files::bomb_letter()?)),
        ("a letter of 100,000 links", docx(&files::linked_letter(100_000)?)),
        ("letters in letters, two in each, 12 deep", docx(&files::nested_letters(12)?)),
        ("a `winmail.dat` of 400,000 attachments", docx(&files::winmail(400_000))),
        ("a BMP that claims 100,000 × 100,000 pixels", attached("image/bmp", &bmp(100_000, 0))),
        ("a BMP of 4,000 × 4,000 pixels", attached("image/bmp", &bmp(4_000, 4_000 * 4_000 * 3))),
    ])
}

fn repeated(head: &str, piece: &str) -> Vec<u8> {
    let mut mail = head.as_bytes().to_vec();
    mail.extend(piece.as_bytes().iter().cycle().take(BYTES - head.len()));
    mail
}

fn filled(head: &str, mut pieces: impl Iterator<Item = String>) -> Vec<u8> {
    let mut mail = head.as_bytes().to_vec();
    while mail.len() < BYTES {
        mail.extend(pieces.next().unwrap_or_default().as_bytes());
    }
    mail.truncate(BYTES);
    mail
}

/// A mail with these bytes attached, unencoded.
fn attached(label: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=ooooooooooo\n\n--ooooooooooo\n\
         Content-Type: {label}\nContent-Transfer-Encoding: binary\n\n"
    );
    [head.as_bytes(), bytes, b"\n--ooooooooooo--\n"].concat()
}

/// A picture of `side` pixels each way with so many octets of them.
fn bmp(side: u32, octets: u32) -> Vec<u8> {
    let mut bmp = b"BM".to_vec();
    for field in [54 + octets, 0, 54, 40, side, side, 24 << 16 | 1, 0, octets, 0, 0, 0, 0] {
        bmp.extend(field.to_le_bytes());
    }
    bmp.extend((0..octets).map(|n| u8::try_from(n % 251).unwrap_or_default()));
    bmp
}
