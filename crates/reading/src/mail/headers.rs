//! The header fields of a message or part that reading needs, parsed by
//! `mail-parser` and owned. The first of two fields with one name counts, as in
//! most mail programs.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;
use mail_parser::{DateTime, HeaderName, HeaderValue, MessageParser};

use crate::Address;
use crate::limits::{HEADER_VALUE_BYTES_MAX, cut};
use crate::origin::Fields;
use crate::redact::addresses;

use super::people::{RECIPIENTS, is_recipients};
use super::words;

/// What the fields say.
#[derive(Debug, Default)]
pub(super) struct Headers {
    /// `type/subtype` in lower case.
    pub(super) content_type: Option<String>,
    pub(super) charset: Option<String>,
    pub(super) boundary: Option<String>,
    pub(super) file_name: Option<String>,
    pub(super) encoding: String,
    /// Spaces before line ends are folds (RFC 3676 `DelSp`).
    pub(super) folded: bool,
    pub(super) subject: Option<String>,
    pub(super) from: Option<Address>,
    pub(super) reply_to: Option<Address>,
    pub(super) date: Option<String>,
    pub(super) message_id: Option<String>,
    /// Addresses in the fields that name recipients.
    pub(super) recipients: Vec<String>,
    /// `List-Unsubscribe` as it stands.
    pub(super) unsubscribe: Vec<String>,
    /// Where the message comes from.
    pub(super) way: Fields,
    /// Fields that may stand once only, and stood more often.
    pub(super) repeated: Vec<&'static str>,
    /// A date field that is no date.
    pub(super) bad_date: bool,
    /// The fields are not in UTF-8.
    pub(super) foreign_bytes: bool,
    /// Fields that mails have.
    pub(super) any: bool,
}

/// Recipients that are kept of one message.
const RECIPIENTS_MAX: usize = 64;
const RECEIVED_SPF: &str = "Received-SPF";

/// The parser with just the fields that [`Headers`] holds.
pub(super) fn parser() -> MessageParser {
    let named =
        |parser: MessageParser, name: &&'static str| parser.header_raw(HeaderName::from(*name));
    let parser = RECIPIENTS.iter().fold(MessageParser::new(), named);
    parser
        .with_mime_headers()
        .header_raw(HeaderName::To)
        .header_raw(HeaderName::Cc)
        .header_raw(HeaderName::Bcc)
        .header_address(HeaderName::From)
        .header_address(HeaderName::ReplyTo)
        .header_text(HeaderName::Subject)
        .header_date(HeaderName::Date)
        .header_id(HeaderName::MessageId)
        .header_raw(HeaderName::ListUnsubscribe)
        .header_raw(HeaderName::Received)
        .header_raw(HeaderName::AuthenticationResults)
        .header_raw(HeaderName::ReturnPath)
        .header_raw(HeaderName::Other(RECEIVED_SPF.into()))
        .default_header_ignore()
}

/// Parses a header block, as [`super::head::split`] gives it.
pub(super) fn parse(parser: &MessageParser, fields: &[u8]) -> Headers {
    let mut headers = Headers::default();
    let octets = octets_of(fields);
    headers.foreign_bytes = matches!(octets, Cow::Owned(_));
    let octets = words::rejoined(octets);
    // The parser drops a last field without a line end.
    let block = [&octets, b"\r\n\r\n".as_slice()].concat();
    let Some(message) = parser.parse_headers(&block) else {
        return headers;
    };
    for header in message.headers() {
        let own = |known: &&str| header.name.as_str().eq_ignore_ascii_case(known);
        headers.any |= !matches!(header.name, HeaderName::Other(_)) || RECIPIENTS.iter().any(own);
        headers.take(&header.name, &header.value);
    }
    headers
}

/// Each line is UTF-8 where it can be, windows-1252 elsewhere: senders mix both in
/// one block. A line with encoded words stays as it is: stray octets in one are in the
/// charset that it names. Owned only where a line is not UTF-8.
fn octets_of(fields: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(fields).is_ok() {
        return Cow::Borrowed(fields);
    }
    let mut octets = Vec::with_capacity(fields.len());
    for line in fields.split_inclusive(|byte| *byte == b'\n') {
        let encoded = line.windows(2).any(|pair| pair == b"=?");
        if encoded || std::str::from_utf8(line).is_ok() {
            octets.extend_from_slice(line);
        } else {
            octets.extend_from_slice(mixed(line).as_bytes());
        }
    }
    Cow::Owned(octets)
}

/// UTF-8 where it is valid, windows-1252 between.
fn mixed(line: &[u8]) -> String {
    let mut text = String::with_capacity(line.len());
    for chunk in line.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    text
}

impl Headers {
    fn take(&mut self, name: &HeaderName<'_>, value: &HeaderValue<'_>) {
        match name {
            HeaderName::Subject => {
                once(&mut self.subject, text(value), "Subject", &mut self.repeated);
            }
            HeaderName::From => once(&mut self.from, address(value), "From", &mut self.repeated),
            HeaderName::ReplyTo => {
                once(&mut self.reply_to, address(value), "Reply-To", &mut self.repeated);
            }
            HeaderName::MessageId => {
                once(&mut self.message_id, text(value), "Message-ID", &mut self.repeated);
            }
            HeaderName::Date => {
                let date = value.as_datetime().filter(|d| d.is_valid()).map(DateTime::to_rfc3339);
                self.bad_date |= date.is_none();
                once(&mut self.date, date, "Date", &mut self.repeated);
            }
            HeaderName::ContentType => self.content_type(value),
            HeaderName::ContentDisposition => {
                let content_type = value.as_content_type();
                let name = content_type.and_then(|c| c.attribute("filename"));
                self.file_name = name.map(bounded).or(self.file_name.take());
            }
            HeaderName::ContentTransferEncoding if self.encoding.is_empty() => {
                self.encoding = text(value).unwrap_or_default();
            }
            HeaderName::To | HeaderName::Cc | HeaderName::Bcc => self.recipients(value),
            name if is_recipients(name.as_str()) => self.recipients(value),
            HeaderName::ListUnsubscribe => self.unsubscribe.extend(text(value)),
            HeaderName::Received => self.way.received.extend(text(value)),
            HeaderName::AuthenticationResults => self.way.results.extend(text(value)),
            HeaderName::Other(name) if name.eq_ignore_ascii_case(RECEIVED_SPF) => {
                self.way.received_spf = self.way.received_spf.take().or_else(|| text(value));
            }
            HeaderName::ReturnPath if self.way.return_path.is_none() => {
                self.way.return_path = text(value);
            }
            _ => {}
        }
    }

    fn recipients(&mut self, value: &HeaderValue<'_>) {
        let left = RECIPIENTS_MAX.saturating_sub(self.recipients.len());
        let value = text_of(value).unwrap_or_default();
        self.recipients.extend(addresses(value).take(left).map(bounded));
    }

    fn content_type(&mut self, value: &HeaderValue<'_>) {
        let Some(content_type) = value.as_content_type() else {
            return;
        };
        if self.content_type.is_some() {
            self.repeated.push("Content-Type");
            return;
        }
        let subtype = content_type.subtype().unwrap_or("*");
        let name = format!("{}/{subtype}", content_type.ctype()).to_ascii_lowercase();
        self.content_type = Some(cut(&name, 100).to_owned());
        self.charset = content_type.attribute("charset").map(bounded);
        self.folded =
            content_type.attribute("delsp").is_some_and(|v| v.eq_ignore_ascii_case("yes"));
        self.boundary = content_type.attribute("boundary").map(ToOwned::to_owned);
        let name = content_type.attribute("name").map(bounded);
        self.file_name = self.file_name.take().or(name);
    }

    /// Whether the message or part is of this type.
    pub(super) fn is(&self, main: &str) -> bool {
        let own = self.content_type.as_deref().unwrap_or_default();
        own.strip_prefix(main).is_some_and(|rest| rest.starts_with('/'))
    }
}

fn once<T>(
    slot: &mut Option<T>,
    value: Option<T>,
    name: &'static str,
    repeated: &mut Vec<&'static str>,
) {
    match slot {
        Some(_) if !repeated.contains(&name) => repeated.push(name),
        Some(_) => {}
        None => *slot = value,
    }
}

fn text(value: &HeaderValue<'_>) -> Option<String> {
    text_of(value).map(bounded).filter(|text| !text.is_empty())
}

fn text_of<'v>(value: &'v HeaderValue<'_>) -> Option<&'v str> {
    match value {
        HeaderValue::Text(text) => Some(text),
        HeaderValue::TextList(list) => list.first().map(AsRef::as_ref),
        _ => None,
    }
}

fn address(value: &HeaderValue<'_>) -> Option<Address> {
    let first = value.as_address()?.first()?;
    let part = |text: Option<&str>| text.map(bounded).filter(|t| !t.is_empty());
    let address = Address { name: part(first.name()), address: part(first.address()) };
    (address != Address::default()).then_some(address)
}

fn bounded(text: &str) -> String {
    cut(text.trim(), HEADER_VALUE_BYTES_MAX).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Headers, parse, parser};

    fn read(fields: &str) -> Headers {
        parse(&parser(), fields.as_bytes())
    }

    #[test]
    fn fields_are_decoded() {
        let headers = read(
            "From: =?utf-8?q?Caf=C3=A9?= <a@example.com>\r\nSubject: =?gb2312?B?xOO6ww==?=\r\n\
             Date: Tue, 24 Nov 2026 10:00:00 +0100\r\nMessage-ID: <1@example.com>\r\n\
             Content-Type: Text/HTML; charset=\"utf-8\"; name=a.html\r\n\
             List-Unsubscribe: <https://example.com/u>,\r\n <mailto:u@example.com>",
        );
        let from = headers.from.unwrap();
        assert_eq!(from.name.as_deref(), Some("Café"));
        assert_eq!(from.address.as_deref(), Some("a@example.com"));
        assert_eq!(headers.subject.as_deref(), Some("你好"));
        assert_eq!(headers.date.as_deref(), Some("2026-11-24T10:00:00+01:00"));
        assert_eq!(headers.message_id.as_deref(), Some("1@example.com"));
        assert_eq!(headers.content_type.as_deref(), Some("text/html"));
        assert_eq!(headers.charset.as_deref(), Some("utf-8"));
        assert_eq!(headers.file_name.as_deref(), Some("a.html"));
        assert!(headers.unsubscribe[0].contains("https://example.com/u"));
    }

    #[test]
    fn broken_fields_are_told_of() {
        let headers = read("Date: yesterday\r\nFrom: a@example.com\r\nFrom: b@example.com\r\n");
        assert!(headers.bad_date);
        assert_eq!(headers.repeated, ["From"]);
        assert_eq!(headers.from.unwrap().address.as_deref(), Some("a@example.com"));
        let headers = parse(&parser(), b"Subject: caf\xe9 \xc3\xa9\r\n");
        assert!(headers.foreign_bytes);
        assert_eq!(headers.subject.as_deref(), Some("café é"));
    }

    #[test]
    fn empty_encoded_words_are_empty() {
        for charset in ["gb2312", "iso-2022-jp", "utf-16", "big5", "utf-7", "none"] {
            for data in ["B?", "Q?"] {
                let headers = read(&format!("Subject: =?{charset}?{data}?=\r\n"));
                assert!(headers.subject.is_none_or(|s| s.len() < 60), "{charset}");
            }
        }
    }

    #[test]
    fn no_header_block_takes_long() {
        for piece in
            ["=?a?q?", "=?ab?b?A", "<", "(", "\"", "a,", "\\", "=?utf-8?Q?=41?= ", ";a*0*="]
        {
            for name in ["Subject", "From", "Content-Type", "Date", "Message-ID"] {
                read(&format!("{name}: {}", piece.repeat(200_000 / piece.len())));
            }
        }
    }
}
