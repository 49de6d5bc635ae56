//! The report form: first what to do at once, then the text, link, file or picture.
//! A picture or file goes in as a mail with that attachment, so that it is read as all
//! reports are.

use askama::Template;
use axum::extract::{Multipart, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use belfry_casebook::Casebook;
use belfry_casebook::report::{Channel, Content, NewReport};
use belfry_web::{Clock, Problem};
use serde::Deserialize;

use super::puzzle::BITS;
use crate::language::Reader;
use crate::pages::frame::{Frame, Refusal, show};
use crate::state::Site;

const TEXT_MAX: usize = 64 << 10;
const FILE_MAX: usize = 25 << 20;

#[derive(Debug, Deserialize)]
pub(super) struct ReportQuery {
    harm: Option<String>,
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    f: Frame,
    /// `no`, `click`, `typed` or `paid`; none was chosen yet.
    harm: Option<String>,
    helpline_name: String,
    helpline_phone: String,
    dialled: String,
    puzzle: String,
    bits: u32,
    doubt: bool,
}

pub(super) async fn page(
    reader: Reader,
    State(site): State<Site>,
    State(clock): State<Clock>,
    Query(query): Query<ReportQuery>,
) -> Result<Response, Refusal> {
    show(&form(reader, &site, clock, query.harm, false))
}

fn form(
    reader: Reader,
    site: &Site,
    clock: Clock,
    harm: Option<String>,
    doubt: bool,
) -> ReportPage {
    let known = |harm: &String| ["no", "click", "typed", "paid"].contains(&harm.as_str());
    let digits = |c: &char| c.is_ascii_digit() || *c == '+';
    ReportPage {
        harm: harm.filter(known),
        helpline_name: site.helpline_name.clone(),
        helpline_phone: site.helpline_phone.clone(),
        dialled: site.helpline_phone.chars().filter(digits).collect(),
        puzzle: site.puzzles.make(clock.now()),
        bits: BITS,
        doubt,
        f: Frame::new(reader.language, site),
    }
}

/// What the form holds.
#[derive(Debug, Default)]
struct Sent {
    text: String,
    puzzle: String,
    solution: String,
    trap: String,
    file: Option<(String, Vec<u8>)>,
}

impl Sent {
    async fn read(mut form: Multipart) -> Result<Self, Refusal> {
        let mut sent = Self::default();
        while let Some(field) = form.next_field().await.map_err(unreadable)? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == "file" {
                let file_name = field.file_name().unwrap_or_default().to_owned();
                let bytes = field.bytes().await.map_err(unreadable)?;
                if bytes.len() > FILE_MAX {
                    return Err(too_large());
                }
                if !bytes.is_empty() {
                    sent.file = Some((file_name, bytes.to_vec()));
                }
                continue;
            }
            let text = field.text().await.map_err(unreadable)?;
            if text.len() > TEXT_MAX {
                return Err(too_large());
            }
            match name.as_str() {
                "text" => sent.text = text,
                "puzzle" => sent.puzzle = text,
                "solution" => sent.solution = text,
                "website" => sent.trap = text,
                _ => {}
            }
        }
        Ok(sent)
    }

    /// The report's bytes, and what they are.
    fn report(self) -> Option<(Content, Vec<u8>)> {
        if let Some((name, bytes)) = self.file {
            return Some((Content::Mail, mail_of(&name, bytes)));
        }
        let text = self.text.trim();
        if text.is_empty() {
            return None;
        }
        let is_link = !text.contains(char::is_whitespace)
            && (text.starts_with("http://") || text.starts_with("https://"));
        let content = if is_link { Content::Url } else { Content::Sms };
        Some((content, text.as_bytes().to_vec()))
    }
}

/// A saved mail as it is; anything else as a mail with that file.
fn mail_of(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    if is_mail(&bytes) {
        return bytes;
    }
    let kind = match bytes.as_slice() {
        [0x89, b'P', b'N', b'G', ..] => ("image/png", "png"),
        [0xff, 0xd8, ..] => ("image/jpeg", "jpg"),
        [b'G', b'I', b'F', ..] => ("image/gif", "gif"),
        [b'R', b'I', b'F', b'F', ..] => ("image/webp", "webp"),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => ("application/vnd.ms-outlook", "msg"),
        [b'%', b'P', b'D', b'F', ..] => ("application/pdf", "pdf"),
        _ => ("application/octet-stream", "bin"),
    };
    // The citizen's own name for the file says nothing that matters, and may say who they are.
    let _ = name;
    let mut mail = format!(
        "Subject: Reported by the form\r\nMIME-Version: 1.0\r\nContent-Type: {}\r\n\
         Content-Disposition: attachment; filename=\"reported.{}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n",
        kind.0, kind.1
    );
    for line in data_encoding::BASE64.encode(&bytes).as_bytes().chunks(76) {
        mail.push_str(std::str::from_utf8(line).unwrap_or_default());
        mail.push_str("\r\n");
    }
    mail.into_bytes()
}

/// Whether the first line is a header of a mail.
fn is_mail(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    let is_name = !name.is_empty() && name.len() < line.len() && name.len() <= 76;
    line.starts_with(b"From ")
        || (is_name && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-'))
}

pub(super) async fn send(
    reader: Reader,
    State(site): State<Site>,
    State(clock): State<Clock>,
    State(casebook): State<Casebook>,
    form_: Multipart,
) -> Result<Response, Refusal> {
    let sent = Sent::read(form_).await?;
    let now = clock.now();
    if let Err(doubt) = site.puzzles.check(&sent.puzzle, &sent.solution, &sent.trap, now) {
        tracing::debug!(?doubt, "a form was not taken");
        return show(&form(reader, &site, clock, Some("no".into()), true));
    }
    let empty = || Problem::unprocessable("empty", "there is nothing in the report", String::new());
    let (content, bytes) = sent.report().ok_or_else(empty)?;
    let report = NewReport {
        channel: Channel::Api,
        content,
        bytes: &bytes,
        // Nobody: who fills the form is not known, and not asked.
        reporter: None,
        received_at: now,
    };
    let receipt = casebook.receive(report).await?;
    Ok(Redirect::to(&format!("/receipt/{receipt}")).into_response())
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn unreadable(error: axum::extract::multipart::MultipartError) -> Refusal {
    Problem::new(error.status(), "form", "the form can't be read").into()
}

fn too_large() -> Refusal {
    let title = "it is too large: at most 25 MB";
    Problem::new(axum::http::StatusCode::PAYLOAD_TOO_LARGE, "too-large", title).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_links_and_files_become_reports() {
        let text = |text: &str| Sent { text: text.into(), ..Sent::default() }.report();
        assert_eq!(text("  "), None);
        assert_eq!(text(" https://evil.example/x ").unwrap().0, Content::Url);
        assert_eq!(text("Pay at https://evil.example").unwrap().0, Content::Sms);
        let file = Some(("me.png".to_owned(), b"\x89PNG....".to_vec()));
        let (content, mail) = Sent { file, ..Sent::default() }.report().unwrap();
        let mail = String::from_utf8(mail).unwrap();
        assert_eq!(content, Content::Mail);
        assert!(mail.contains("image/png") && !mail.contains("me.png"));
    }

    #[test]
    fn a_saved_mail_goes_in_as_it_is() {
        for mail in ["Received: by x\r\n\r\n", "From a@b Tue\r\nSubject: x\r\n\r\n"] {
            assert_eq!(mail_of("x.eml", mail.into()), mail.as_bytes());
        }
        assert!(!is_mail(b"hello\nworld: x") && !is_mail(b"") && !is_mail(b": x"));
    }
}
