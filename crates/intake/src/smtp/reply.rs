//! Replies: code, text with its enhanced status code (RFC 3463), and what they
//! count as. A reply never repeats what the client sent.

use std::borrow::Cow;

use crate::Refusal;

/// One reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The three digits.
    pub code: u16,
    /// The text; each of its lines becomes a line of the reply.
    pub text: Cow<'static, str>,
    /// What the metrics count it as, where it refuses.
    pub refusal: Option<Refusal>,
}

impl Reply {
    pub(crate) const fn new(code: u16, text: &'static str) -> Self {
        Self { code, text: Cow::Borrowed(text), refusal: None }
    }

    pub(crate) const fn refuse(why: Refusal, code: u16, text: &'static str) -> Self {
        Self { code, text: Cow::Borrowed(text), refusal: Some(why) }
    }

    pub(crate) fn owned(code: u16, text: String) -> Self {
        Self { code, text: Cow::Owned(text), refusal: None }
    }

    /// A command that is wrong in itself.
    pub(crate) const fn syntax(text: &'static str) -> Self {
        Self::refuse(Refusal::Protocol, 501, text)
    }

    /// A command at the wrong moment.
    pub(crate) const fn sequence(text: &'static str) -> Self {
        Self::refuse(Refusal::Protocol, 503, text)
    }

    /// As sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = String::new();
        let mut lines = self.text.lines().peekable();
        while let Some(line) = lines.next() {
            let mark = if lines.peek().is_some() { '-' } else { ' ' };
            bytes.push_str(&format!("{}{mark}{line}\r\n", self.code));
        }
        bytes.into_bytes()
    }
}

pub(crate) const OK: Reply = Reply::new(250, "2.0.0 ok");
pub(crate) const BYE: Reply = Reply::new(221, "2.0.0 bye");
pub(crate) const VRFY: Reply = Reply::new(252, "2.1.5 send some mail, we will see");
pub(crate) const HELP: Reply =
    Reply::new(214, "2.0.0 this takes in suspicious mail; the reply to a mail has its receipt");
pub(crate) const GO_AHEAD: Reply = Reply::new(354, "end with CRLF, a dot alone, CRLF");
pub(crate) const START_TLS: Reply = Reply::new(220, "2.0.0 begin TLS");

pub(crate) const TOO_LARGE: Reply =
    Reply::refuse(Refusal::Size, 552, "5.3.4 the mail is larger than we take");
pub(crate) const SMUGGLED: Reply = Reply::refuse(
    Refusal::Smuggling,
    554,
    "5.6.0 a dot alone between line breaks that are not CRLF; end lines with CRLF",
);
pub(crate) const NO_MEMORY: Reply =
    Reply::refuse(Refusal::Memory, 452, "4.3.1 too many mails in flight, try again later");
pub(crate) const NOT_STORED: Reply =
    Reply::refuse(Refusal::Store, 451, "4.3.0 the mail could not be stored, try again later");
pub(crate) const BUSY: Reply =
    Reply::refuse(Refusal::Busy, 451, "4.3.1 no room for mails just now, try again later");
pub(crate) const TOO_OFTEN: Reply =
    Reply::refuse(Refusal::Rate, 450, "4.7.1 too many mails from your address, try again later");
pub(crate) const MAKING_ROOM: Reply = Reply::refuse(
    Refusal::Connections,
    421,
    "4.7.0 making room for others, connect again when you have mail",
);
pub(crate) const NOT_OURS: Reply =
    Reply::refuse(Refusal::Recipient, 550, "5.7.1 we take no mail for this address");
pub(crate) const MANY_RECIPIENTS: Reply =
    Reply::refuse(Refusal::Limit, 452, "4.5.3 too many recipients");
pub(crate) const MANY_ERRORS: Reply =
    Reply::refuse(Refusal::Limit, 421, "4.7.0 too many errors, closing");
pub(crate) const MANY_COMMANDS: Reply =
    Reply::refuse(Refusal::Limit, 421, "4.7.0 too many commands without a mail, closing");
pub(crate) const MANY_MAILS: Reply =
    Reply::refuse(Refusal::Limit, 421, "4.7.0 too many mails on one connection, connect again");
pub(crate) const NOT_SMTP: Reply =
    Reply::refuse(Refusal::Protocol, 421, "4.7.0 this is SMTP, closing");
pub(crate) const TOO_SLOW: Reply = Reply::refuse(Refusal::Timeout, 421, "4.4.2 too slow, closing");
pub(crate) const STOPPING: Reply = Reply::new(421, "4.3.2 shutting down, try again later");
pub(crate) const MANY_CONNECTIONS: Reply =
    Reply::refuse(Refusal::Connections, 421, "4.7.0 too many connections, try again later");
pub(crate) const UNKNOWN: Reply = Reply::refuse(Refusal::Protocol, 500, "5.5.2 unknown command");
pub(crate) const NOT_OFFERED: Reply =
    Reply::refuse(Refusal::Protocol, 502, "5.5.1 not offered here");
pub(crate) const PARAMETER: Reply =
    Reply::refuse(Refusal::Protocol, 555, "5.5.4 a parameter that we do not offer");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_marked_as_rfc_5321_wants() {
        assert_eq!(OK.to_bytes(), b"250 2.0.0 ok\r\n");
        assert_eq!(Reply::new(250, "a\nb\nc").to_bytes(), b"250-a\r\n250-b\r\n250 c\r\n");
    }

    #[test]
    fn enhanced_codes_agree_with_the_class() {
        for reply in
            [OK, BYE, VRFY, HELP, TOO_LARGE, SMUGGLED, NO_MEMORY, NOT_STORED, NOT_OURS, BUSY]
        {
            let class = reply.code.to_string()[..1].to_owned();
            assert!(reply.text.starts_with(&format!("{class}.")), "{reply:?}");
        }
    }
}
