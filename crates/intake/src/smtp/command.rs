//! One command line into a [`Command`]. smtp-proto parses; what it leaves open
//! (arguments of DATA, chunk sizes that overflow, parameters of extensions that
//! we do not offer) is refused here.

use smtp_proto::{
    Error, MAIL_BODY_7BIT, MAIL_BODY_8BITMIME, MAIL_SMTPUTF8, MailFrom, RcptTo, Request,
};

use super::reply::{self, Reply};

/// A well-formed command that we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Ehlo { host: String },
    Helo { host: String },
    Mail { sender: String, size_bytes: usize },
    Rcpt { recipient: String },
    Data,
    Bdat { octets: u64, last: bool },
    StartTls,
    Rset,
    Noop,
    Vrfy,
    Help,
    Quit,
}

/// Why a line is no [`Command`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejected {
    pub(crate) reply: Reply,
    /// Nothing that follows could be read safely.
    pub(crate) close: bool,
}

impl From<Reply> for Rejected {
    fn from(reply: Reply) -> Self {
        Self { reply, close: false }
    }
}

/// A browser made to talk to us sends these; the lines behind them are not ours to obey.
const NOT_SMTP: [&str; 7] = ["GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS", "HOST:"];

/// Parses one line with its CRLF.
pub(crate) fn parse(line: &[u8]) -> Result<Command, Rejected> {
    let text = line.trim_ascii_end();
    let verb = text.split(|byte| *byte == b' ').next().unwrap_or_default();
    if NOT_SMTP.iter().any(|other| verb.eq_ignore_ascii_case(other.as_bytes())) {
        return Err(Rejected { reply: reply::NOT_SMTP, close: true });
    }
    if verb.eq_ignore_ascii_case(b"BDAT") {
        return bdat(text);
    }
    let request = Request::parse(&mut line.iter()).map_err(|error| failure(&error))?;
    let command = match request {
        Request::Ehlo { host } => Command::Ehlo { host: host.into_owned() },
        Request::Helo { host } => Command::Helo { host: host.into_owned() },
        Request::Mail { from } => mail(&from)?,
        Request::Rcpt { to } => rcpt(&to, text)?,
        Request::Data => bare(Command::Data, text, 4)?,
        Request::StartTls => bare(Command::StartTls, text, 8)?,
        Request::Rset => bare(Command::Rset, text, 4)?,
        Request::Quit => bare(Command::Quit, text, 4)?,
        Request::Noop { .. } => Command::Noop,
        Request::Vrfy { .. } => Command::Vrfy,
        Request::Help { .. } => Command::Help,
        Request::Auth { .. }
        | Request::Expn { .. }
        | Request::Etrn { .. }
        | Request::Atrn { .. }
        | Request::Burl { .. } => return Err(reply::NOT_OFFERED.into()),
        Request::Lhlo { .. } | Request::Bdat { .. } => return Err(reply::UNKNOWN.into()),
    };
    Ok(command)
}

fn failure(error: &Error) -> Reply {
    match error {
        Error::InvalidSenderAddress => Reply::syntax("5.1.7 the sender is no address"),
        Error::InvalidRecipientAddress => Reply::syntax("5.1.3 the recipient is no address"),
        Error::SyntaxError { .. } | Error::InvalidParameter { .. } => {
            Reply::syntax("5.5.4 wrong arguments")
        }
        Error::UnsupportedParameter { .. } => reply::PARAMETER,
        Error::UnknownCommand
        | Error::NeedsMoreData { .. }
        | Error::ResponseTooLong
        | Error::InvalidResponse { .. } => reply::UNKNOWN,
    }
}

/// `command`, where the line has nothing behind its verb.
fn bare(command: Command, text: &[u8], length: usize) -> Result<Command, Rejected> {
    if text.len() == length {
        Ok(command)
    } else {
        Err(Reply::syntax("5.5.4 this command takes no arguments").into())
    }
}

fn mail(from: &MailFrom<std::borrow::Cow<'_, str>>) -> Result<Command, Rejected> {
    const OFFERED: u64 = MAIL_BODY_7BIT | MAIL_BODY_8BITMIME | MAIL_SMTPUTF8;
    let plain = MailFrom {
        address: from.address.clone(),
        flags: from.flags & OFFERED,
        size: from.size,
        ..MailFrom::default()
    };
    if *from != plain {
        return Err(reply::PARAMETER.into());
    }
    if !from.address.is_ascii() && from.flags & MAIL_SMTPUTF8 == 0 {
        return Err(Reply::syntax("5.6.7 the sender needs SMTPUTF8").into());
    }
    Ok(Command::Mail { sender: from.address.to_string(), size_bytes: from.size })
}

fn rcpt(to: &RcptTo<std::borrow::Cow<'_, str>>, text: &[u8]) -> Result<Command, Rejected> {
    if *to != (RcptTo { address: to.address.clone(), ..RcptTo::default() }) {
        return Err(reply::PARAMETER.into());
    }
    let recipient = match to.address.as_ref() {
        // smtp-proto answers an empty address for `<postmaster>` as for `<>`.
        "" if text.to_ascii_lowercase().ends_with(b"<postmaster>") => "postmaster",
        "" => return Err(Reply::syntax("5.1.3 a recipient is needed").into()),
        address => address,
    };
    Ok(Command::Rcpt { recipient: recipient.to_owned() })
}

/// `BDAT SIZE [LAST]`. A size that can't be read means that we can't know where
/// commands go on: the connection ends.
fn bdat(text: &[u8]) -> Result<Command, Rejected> {
    let rejected = Rejected { reply: Reply::syntax("5.5.4 BDAT size [LAST]"), close: true };
    let text = std::str::from_utf8(text).map_err(|_| rejected.clone())?;
    let mut words = text.split(' ').skip(1);
    let (octets, mark, more) = (words.next(), words.next(), words.next());
    let octets = octets
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse().ok());
    match (octets, mark, more) {
        (Some(octets), None, None) => Ok(Command::Bdat { octets, last: false }),
        (Some(octets), Some(last), None) if last.eq_ignore_ascii_case("LAST") => {
            Ok(Command::Bdat { octets, last: true })
        }
        _ => Err(rejected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &str) -> u16 {
        parse(format!("{line}\r\n").as_bytes()).map_or_else(|error| error.reply.code, |_| 0)
    }

    #[test]
    fn commands_are_read_in_any_case() {
        let mail = Command::Mail { sender: "a@b.example".into(), size_bytes: 7 };
        assert_eq!(parse(b"mail from:<a@b.example> size=7 body=8bitmime\r\n"), Ok(mail));
        let mail = Command::Mail { sender: String::new(), size_bytes: 0 };
        assert_eq!(parse(b"MAIL FROM:<>\r\n"), Ok(mail));
        assert_eq!(parse(b"bdat 10 last\r\n"), Ok(Command::Bdat { octets: 10, last: true }));
        let rcpt = Command::Rcpt { recipient: "postmaster".into() };
        assert_eq!(parse(b"RCPT TO:<Postmaster>\r\n"), Ok(rcpt));
    }

    #[test]
    fn what_is_not_offered_is_refused() {
        for (line, expected) in [
            ("", 500),
            ("FOO", 500),
            ("LHLO x.example", 500),
            ("AUTH PLAIN dGVzdA==", 502),
            ("EXPN list", 502),
            ("DATA now", 501),
            ("QUIT now", 501),
            ("STARTTLS now", 501),
            ("EHLO", 501),
            ("RCPT TO:<>", 501),
            ("MAIL FROM:<a@b.example> BODY=BINARYMIME", 555),
            ("MAIL FROM:<a@b.example> RET=FULL", 555),
            ("MAIL FROM:<a@b.example> REQUIRETLS", 555),
            ("MAIL FROM:<a@b.example> FOO=BAR", 555),
            ("RCPT TO:<a@b.example> NOTIFY=NEVER", 555),
            ("MAIL FROM:<ü@b.example>", 501),
            ("MAIL FROM:<ü@b.example> SMTPUTF8", 0),
            ("GET / HTTP/1.1", 421),
        ] {
            assert_eq!(code(line), expected, "{line}");
        }
    }

    #[test]
    fn a_chunk_size_that_cannot_be_read_ends_the_connection() {
        for arguments in ["", " ", " x", " -1", " +1", " 1 2", " 99999999999999999999", " 1 LAST x"]
        {
            let line = format!("BDAT{arguments}\r\n");
            assert!(parse(line.as_bytes()).is_err_and(|error| error.close), "{line}");
        }
    }
}
