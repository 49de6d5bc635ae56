//! What a fuzzer holds the intake to: a session never takes more than its
//! limits, and says the same however its bytes are cut. Never part of a build
//! that we ship.

use std::sync::Arc;

use crate::smtp::{Event, Mail, Rules, Session, SmtpSettings, Undelivered};

pub use crate::http::fuzzing::report_form;

const SIZE_MAX: usize = 600;
const RECIPIENTS_MAX: usize = 3;
const ERRORS_MAX: u32 = 6;
const COMMANDS_MAX: u32 = 24;
const MAILS_MAX: u32 = 3;

/// A conversation: the first octet says how the others are cut.
pub fn smtp(data: &[u8]) {
    let Some((cut, said)) = data.split_first() else { return };
    let whole = converse([said].into_iter());
    let cut = converse([&b""[..]].into_iter().chain(said.chunks(usize::from(*cut) + 1)));
    assert_eq!(whole, cut, "the cut shows");
}

/// Everything that a session does about what a client says in `pieces`.
fn converse<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Event> {
    let settings = SmtpSettings {
        recipients: vec!["csirt.example".into()],
        size_bytes_max: SIZE_MAX,
        recipients_max: RECIPIENTS_MAX,
        errors_max: ERRORS_MAX,
        commands_max: COMMANDS_MAX,
        mails_max: MAILS_MAX,
        ..SmtpSettings::default()
    };
    let mut session = Session::new(Arc::new(Rules::new(&settings, true)));
    let mut events = Vec::new();
    let mut mails = 0;
    for mut piece in pieces {
        while let Some(event) = session.step(&mut piece) {
            events.push(event.clone());
            match event {
                Event::Deliver(mail) => {
                    mails += 1;
                    check_mail(&mail, mails);
                    let stored = mails % 2 == 1;
                    let outcome = if stored { Ok("AAAAA-AAAAA") } else { Err(Undelivered::Failed) };
                    events.push(Event::Reply(session.delivered(outcome)));
                }
                Event::Reply(reply) => check_line(&reply.to_bytes()),
                // What is pipelined behind STARTTLS is the caller's to throw away.
                Event::StartTls => return events,
                Event::Close => {
                    let after = session.step(&mut &b"QUIT\r\n"[..]);
                    assert_eq!(after, None, "after the close");
                    return events;
                }
            }
            assert!(session.held_bytes() <= 4 * SIZE_MAX, "holds {}", session.held_bytes());
        }
    }
    let most = (COMMANDS_MAX + 2) * (MAILS_MAX + 1) * 3;
    assert!(events.len() <= most as usize, "{} events", events.len());
    events
}

fn check_mail(mail: &Mail, mails: u32) {
    assert!(mails <= MAILS_MAX, "mail {mails}");
    assert!(mail.bytes.len() <= SIZE_MAX, "{} octets", mail.bytes.len());
    let recipients = &mail.envelope.recipients;
    assert!((1..=RECIPIENTS_MAX).contains(&recipients.len()), "{recipients:?}");
    for recipient in recipients {
        let recipient = recipient.to_ascii_lowercase();
        assert!(recipient.ends_with("@csirt.example"), "{recipient:?} is not ours");
    }
}

/// Lines of three digits, ended by CRLF, with no other break inside.
fn check_line(reply: &[u8]) {
    assert!(reply.ends_with(b"\r\n"));
    for line in reply.split(|octet| *octet == b'\n').filter(|line| !line.is_empty()) {
        let text = line.strip_suffix(b"\r");
        let text = text.unwrap_or_default();
        let code_is_digits = text.iter().take(3).all(u8::is_ascii_digit);
        assert!(text.len() >= 4 && code_is_digits, "{}", line.escape_ascii());
        assert!(text.iter().all(|octet| (b' '..=b'~').contains(octet)), "{}", line.escape_ascii());
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn conversations_hold_under_changes() {
        belfry_testbed::fuzz::smoke("smtp", 20_000, super::smtp);
    }

    #[test]
    fn forms_hold_under_changes() {
        belfry_testbed::fuzz::smoke("api", 20_000, super::report_form);
    }
}
