//! Scripted SMTP conversations (`tests/smtp/*.txt`) run against a [`Session`] without
//! sockets, each fed all at once and one byte at a time: the answers must be the same.
//!
//! A script's lines:
//! `@ key value`  a setting, as JSON (`@ size_bytes_max 100`), or `@ tls` or `@ store fails`
//! `C: text`      the client's line; CRLF is added
//! `C! text`      the client's bytes with `\r \n \0 \\`; nothing is added
//! `S: text`      the server's line, exactly
//! `M: text`      a mail to be stored: its bytes with the same escapes
//! `E: a -> b,c`  the envelope of the mail before
//! `X: close`     the server hangs up; `X: tls` begins TLS, which then succeeds
//! `# text`       a comment

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test by panicking")]

use std::path::Path;
use std::sync::Arc;

use belfry_intake::smtp::{Event, Mail, Rules, Session, SmtpSettings, Undelivered};
use proptest::prelude::*;

/// One exchange: what the client sends, what must come of it.
#[derive(Default)]
struct Turn {
    client: Vec<u8>,
    server: Vec<String>,
}

struct Script {
    rules: Arc<Rules>,
    store_fails: bool,
    turns: Vec<Turn>,
}

fn escape(bytes: &[u8]) -> String {
    bytes
        .escape_ascii()
        .to_string()
        .replace("\\x00", "\\0")
        .replace("\\'", "'")
        .replace("\\\"", "\"")
}

fn unescape(text: &str) -> Vec<u8> {
    text.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0").into_bytes()
}

fn parse(text: &str) -> Script {
    let mut settings = serde_json::to_value(SmtpSettings::default()).unwrap();
    settings["hostname"] = "mx.belfry.example".into();
    let (mut tls, mut store_fails) = (false, false);
    let mut turns = vec![Turn::default()];
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (mark, rest) = line.split_at(2);
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match mark {
            "@ " if rest == "tls" => tls = true,
            "@ " if rest == "store fails" => store_fails = true,
            "@ " => {
                let (key, value) = rest.split_once(' ').unwrap();
                settings[key] = serde_json::from_str(value).unwrap();
            }
            "C:" | "C!" => {
                if !turns.last().unwrap().server.is_empty() {
                    turns.push(Turn::default());
                }
                let client = &mut turns.last_mut().unwrap().client;
                if mark == "C:" {
                    client.extend_from_slice(format!("{rest}\r\n").as_bytes());
                } else {
                    client.extend(unescape(rest));
                }
            }
            _ => turns.last_mut().unwrap().server.push(line.to_owned()),
        }
    }
    let settings = serde_json::from_value(settings).unwrap();
    Script { rules: Arc::new(Rules::new(&settings, tls)), store_fails, turns }
}

/// Feeds `input` in pieces and writes down what comes of it, as a script would.
fn feed<'a>(
    session: &mut Session,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    store_fails: bool,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut tls = false;
    for mut piece in pieces {
        while let Some(event) = session.step(&mut piece) {
            match event {
                Event::Reply(reply) => lines.extend(server(&reply.to_bytes())),
                Event::Close => lines.push("X: close".into()),
                Event::StartTls => {
                    lines.push("X: tls".into());
                    tls = true;
                }
                Event::Deliver(mail) => {
                    lines.extend(written(&mail));
                    let outcome =
                        if store_fails { Err(Undelivered::Failed) } else { Ok("RECEIPT") };
                    lines.extend(server(&session.delivered(outcome).to_bytes()));
                }
            }
        }
    }
    if tls {
        session.tls_started();
    }
    lines
}

fn server(bytes: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.split_terminator("\r\n").map(|line| format!("S: {line}")).collect()
}

fn written(mail: &Mail) -> [String; 2] {
    let sender = mail.envelope.sender.as_deref().unwrap_or("<>");
    [
        format!("M: {}", escape(&mail.bytes)),
        format!("E: {sender} -> {}", mail.envelope.recipients.join(",")),
    ]
}

fn run(name: &str, script: &Script, size: usize) {
    let mut session = Session::new(Arc::clone(&script.rules));
    for turn in &script.turns {
        // The first turn may be the greeting alone, which needs no byte.
        let pieces = turn.client.chunks(size).chain([&b""[..]]);
        let answer = feed(&mut session, pieces, script.store_fails);
        let sent = escape(&turn.client);
        assert_eq!(answer, turn.server, "{name}, {size} bytes at a time, after {sent}");
    }
}

#[test]
fn scripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smtp");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let script = parse(&std::fs::read_to_string(&path).unwrap());
        for size in [usize::MAX, 1, 7] {
            run(&name, &script, size);
        }
        count += 1;
    }
    assert!(count >= 10, "only {count} scripts were found");
}

fn small() -> Arc<Rules> {
    let settings = SmtpSettings {
        size_bytes_max: 200,
        recipients_max: 3,
        errors_max: 6,
        commands_max: 20,
        ..SmtpSettings::default()
    };
    Arc::new(Rules::new(&settings, true))
}

/// Bytes that a conversation is made of, well-formed or not.
fn fragment() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "EHLO c.example\r\n",
        "HELO c\r\n",
        "MAIL FROM:<a@c.example>\r\n",
        "MAIL FROM:<>\r\n",
        "RCPT TO:<b@d.example>\r\n",
        "DATA\r\n",
        "\r\n.\r\n",
        ".\r\n",
        "\n.\n",
        "\r.\r",
        "\r\n",
        "..",
        ".",
        "\r",
        "\n",
        "BDAT 10\r\n",
        "BDAT 300\r\n",
        "BDAT 0 LAST\r\n",
        "BDAT 5 LAST\r\n",
        "0123456789",
        "STARTTLS\r\n",
        "RSET\r\n",
        "NOOP\r\n",
        "QUIT\r\n",
        "NOOP\n",
    ]);
    prop_oneof![
        8 => words.prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..300),
    ]
}

fn input() -> impl Strategy<Value = Vec<u8>> {
    let opening = Just(b"EHLO c\r\nMAIL FROM:<a@c.example>\r\nRCPT TO:<b@d.example>\r\n".to_vec());
    let opening = prop_oneof![Just(Vec::new()), opening];
    (opening, prop::collection::vec(fragment(), 0..40)).prop_map(|(mut opening, rest)| {
        opening.extend(rest.concat());
        opening
    })
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_conversation(
        input in input(),
        cuts in prop::collection::vec(1_usize..50, 0..200),
    ) {
        let mut whole = Session::new(small());
        let expected = feed(&mut whole, [&input[..]], false);
        let mut pieces = Vec::new();
        let mut rest = &input[..];
        for cut in cuts {
            let (piece, tail) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = tail;
        }
        pieces.extend(rest.chunks(1));
        // The greeting comes with the first piece, so a connection without any octet has one too.
        pieces.push(&[]);
        prop_assert_eq!(feed(&mut Session::new(small()), pieces, false), expected);
    }

    #[test]
    fn little_comes_of_any_bytes(input in prop::collection::vec(any::<u8>(), 0..5_000)) {
        let mut session = Session::new(small());
        let lines = feed(&mut session, [&input[..]], false);
        // Six errors end it, and the greeting, the last words and the close come on top.
        prop_assert!(lines.len() <= 20 * 8, "{} lines", lines.len());
        prop_assert!(session.held_bytes() <= 1_024);
    }

    #[test]
    fn a_mail_comes_out_as_a_client_put_it_in(content in prop::collection::vec(
        prop_oneof![Just(b'.'), Just(b'a'), any::<u8>()].prop_filter("line breaks are CRLF", |byte| !matches!(byte, b'\r' | b'\n')),
        0..20,
    ), lines in 1_usize..9) {
        let mail = [&content[..], b"\r\n"].concat().repeat(lines);
        let mut sent = b"EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@d.example>\r\nDATA\r\n".to_vec();
        for line in mail.split_inclusive(|byte| *byte == b'\n') {
            if line.starts_with(b".") { sent.push(b'.'); }
            sent.extend_from_slice(line);
        }
        sent.extend_from_slice(b".\r\n");
        let answer = feed(&mut Session::new(small()), [&sent[..]], false);
        prop_assert!(answer.contains(&format!("M: {}", escape(&mail))), "{answer:?}");
    }
}

#[test]
fn memory_is_let_go_of_and_the_client_told() {
    let mut session = Session::new(small());
    let opening = "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@d.example>\r\nDATA\r\nhello";
    feed(&mut session, [opening.as_bytes()], false);
    assert!(session.held_bytes() > 0);
    session.shed();
    assert_eq!(session.held_bytes(), 0);
    let answer = feed(&mut session, [&b"more\r\n.\r\nNOOP\r\n"[..]], false);
    assert!(answer[0].starts_with("S: 452 4.3.1 "), "{answer:?}");
    assert_eq!(answer[1], "S: 250 2.0.0 ok");
}
