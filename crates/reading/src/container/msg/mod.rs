//! Outlook messages (MS-OXMSG): a compound file whose streams are MAPI properties.
//! A message is read by its path in the file, so that the nesting of messages
//! is the caller's to bound.

mod codepages;
pub(super) mod properties;

use std::io::Cursor;

pub(crate) use self::codepages::codepage;
use self::properties::{Kind, Properties, Store};
use crate::container::rtf::{compressed, to_html};

/// Attachments of one message that are read.
const ATTACHMENTS_MAX: usize = 1_000;

/// An open file.
pub(crate) struct Outlook<'a> {
    store: Store<Cursor<&'a [u8]>>,
}

/// One message in it.
#[derive(Debug, Default)]
pub(crate) struct Message {
    /// Header fields as they came over the net, or as the properties tell them.
    pub(crate) fields: Vec<u8>,
    pub(crate) text: Option<String>,
    pub(crate) html: Option<Html>,
    pub(crate) attachments: Vec<Attached>,
    /// What could not be read, in words.
    pub(crate) problems: Vec<String>,
}

/// HTML, or RTF as HTML: octets and their charset's name.
type Html = (Vec<u8>, Option<&'static str>);

/// An attachment.
#[derive(Debug)]
pub(crate) struct Attached {
    pub(crate) name: Option<String>,
    pub(crate) media: Option<String>,
    pub(crate) content: Content,
}

/// What is attached.
#[derive(Debug)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    /// A message, at this path of the file.
    Message(String),
    /// A message, in the form of a `winmail.dat`.
    Tnef(Vec<u8>),
    /// None of these: a link to a file elsewhere, an OLE object.
    None,
}

impl<'a> Outlook<'a> {
    /// Opens a file; at most `bytes_max` octets are read out of it.
    ///
    /// # Errors
    /// It is no compound file; in words.
    pub(crate) fn open(bytes: &'a [u8], bytes_max: usize) -> Result<Self, String> {
        Ok(Self { store: Store::open(Cursor::new(bytes), bytes_max)? })
    }

    /// Octets that were read so far.
    pub(crate) fn bytes_read(&self) -> usize {
        self.store.bytes_read()
    }

    /// Reads the message at `path`: `/` for the outermost.
    pub(crate) fn message(&mut self, path: &str) -> Message {
        let kind = if path == "/" { Kind::Message } else { Kind::Embedded };
        let own = self.store.properties(path, kind);
        let mut message =
            Message { fields: fields(&own), text: own.text(0x1000), ..Message::default() };
        let (html, inflated) = html(&own, self.store.bytes_left(), &mut message.problems);
        message.html = html;
        self.store.spend(inflated);
        for storage in self.store.children(path, "__attach_version1.0_", ATTACHMENTS_MAX) {
            let attached = self.attachment(&storage);
            message.attachments.push(attached);
        }
        message.problems.extend(self.store.take_problems());
        message
    }

    fn attachment(&mut self, storage: &str) -> Attached {
        let own = self.store.properties(storage, Kind::Attachment);
        let embedded = format!("{storage}/__substg1.0_3701000D");
        let content = match own.into_binary(0x3701) {
            (_, Some(bytes)) => Content::Bytes(bytes),
            (_, None) if self.store.is_message(&embedded) => Content::Message(embedded),
            (_, None) => Content::None,
        };
        let own = self.store.properties_named(storage);
        let name = own.text(0x3707).or_else(|| own.text(0x3704)).or_else(|| own.text(0x3001));
        Attached { name, media: own.text(0x370e), content }
    }
}

/// The HTML that properties hold, and how many octets came out of compressed RTF for it.
pub(super) fn html(
    own: &Properties,
    bytes_max: usize,
    problems: &mut Vec<String>,
) -> (Option<Html>, usize) {
    if let Some(text) = own.text(0x1013) {
        return (Some((text.into_bytes(), Some("utf-8"))), 0);
    }
    if let Some(bytes) = own.binary(0x1013).filter(|bytes| !bytes.is_empty()) {
        return (Some((bytes.to_vec(), own.number(0x3fde).and_then(codepage))), 0);
    }
    let Some(packed) = own.binary(0x1009).filter(|bytes| !bytes.is_empty()) else {
        return (None, 0);
    };
    let Some(rtf) = compressed::inflate(packed, bytes_max) else {
        problems.push("its RTF body is not compressed as it should be".to_owned());
        return (None, 0);
    };
    (Some((to_html(&rtf, bytes_max).into_bytes(), Some("utf-8"))), rtf.len())
}

/// The fields that came over the net; what they lack is added from the properties.
pub(super) fn fields(own: &Properties) -> Vec<u8> {
    let mut fields = own.text(0x007d).unwrap_or_default();
    if !fields.is_empty() {
        fields.truncate(fields.trim_end().len());
        fields.push_str("\r\n");
    }
    let has = |name: &str| {
        let mut lines = fields.lines();
        lines.any(|line| line.get(..name.len()).is_some_and(|l| l.eq_ignore_ascii_case(name)))
    };
    let first =
        |tags: &[u16]| tags.iter().find_map(|tag| own.text(*tag)).map(|text| one_line(&text));
    let mut added = String::new();
    if !has("From:") {
        let address = first(&[0x5d02, 0x5d01, 0x0065, 0x0c1f]).unwrap_or_default();
        let name = first(&[0x0042, 0x0c1a]).unwrap_or_default().replace(['"', '\\'], "");
        if address.contains('@') {
            added.push_str(&format!("From: \"{name}\" <{address}>\r\n"));
        } else if !name.is_empty() {
            added.push_str(&format!("From: \"{name}\" <>\r\n"));
        }
    }
    if !has("Subject:")
        && let Some(subject) = first(&[0x0037])
    {
        added.push_str(&format!("Subject: {subject}\r\n"));
    }
    if !has("Date:")
        && let Some(date) = own.time(0x0039).or_else(|| own.time(0x0e06))
    {
        added.push_str(&format!("Date: {date}\r\n"));
    }
    if !has("Message-ID:")
        && let Some(id) = first(&[0x1035])
    {
        added.push_str(&format!("Message-ID: {id}\r\n"));
    }
    fields.push_str(&added);
    // A body of its own follows; what the net's fields say of one is not true here.
    let mut kept = String::with_capacity(fields.len());
    let mut dropping = false;
    for line in fields.split_inclusive('\n') {
        let continues = line.starts_with([' ', '\t']);
        let lower = crate::limits::cut(line, 30).to_ascii_lowercase();
        let mime = ["content-type:", "content-transfer-encoding:", "content-disposition:"];
        dropping =
            if continues { dropping } else { mime.iter().any(|name| lower.starts_with(name)) };
        // Exchange writes a first line that is no field.
        if !dropping && !lower.starts_with("microsoft mail internet headers") {
            kept.push_str(line);
        }
    }
    kept.into_bytes()
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
pub(crate) mod tests;
