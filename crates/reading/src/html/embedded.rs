//! Pictures and pages that a document carries itself, as `data:` URLs.

use data_encoding::BASE64_MIME_PERMISSIVE;
use percent_encoding::percent_decode_str;

use crate::container::format::sniff;
use crate::document::Document;
use crate::findings::Findings;
use crate::limits::cut;

/// Pictures kept of one report; a document may repeat one a thousand times.
const PICTURES_MAX: usize = 64;

/// Puts a picture aside; `false` where `url` is none.
pub(super) fn take(findings: &mut Findings<'_>, url: &str, part: &str, message: usize) -> bool {
    let url = url.trim_start();
    if !cut(url, 5).eq_ignore_ascii_case("data:") {
        return false;
    }
    let Some((head, data)) = url.split_once(',') else {
        return false;
    };
    let Some(bytes) = packed(data).filter(|_| is_base64(head)) else {
        return false;
    };
    let format = sniff(&bytes);
    if !format.is_picture() || findings.pictures.iter().any(|known| known.bytes == bytes) {
        return format.is_picture();
    }
    if findings.pictures.len() < PICTURES_MAX {
        findings.pictures.push(Document {
            format,
            bytes,
            part: part.to_owned(),
            within: findings.within.clone(),
            name: None,
            message,
        });
    }
    true
}

/// The page that `url` holds, as far as `bytes_max` octets.
pub(super) fn page(url: &str, bytes_max: usize) -> Option<String> {
    let url = url.trim_start();
    let data = url.get(5..).filter(|_| url[..5].eq_ignore_ascii_case("data:"))?;
    let (head, data) = data.split_once(',')?;
    let media = head.trim_start().to_ascii_lowercase();
    let pages = ["text/html", "image/svg", "application/xhtml", "text/xml", "application/xml"];
    if !pages.iter().any(|page| media.starts_with(page)) {
        return None;
    }
    let bytes = if is_base64(head) { packed(data)? } else { percent_decode_str(data).collect() };
    let bytes = &bytes[..bytes.len().min(bytes_max)];
    Some(String::from_utf8_lossy(bytes).into_owned())
}

fn is_base64(head: &str) -> bool {
    head.trim_end().to_ascii_lowercase().ends_with(";base64")
}

/// Browsers take what is escaped and what is broken over lines.
fn packed(data: &str) -> Option<Vec<u8>> {
    let data = data.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let mut data: Vec<u8> = data.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    while data.ends_with(b"=") {
        data.pop();
    }
    // Padding may be missing; without it, it always is.
    data.resize(data.len().next_multiple_of(4), b'=');
    BASE64_MIME_PERMISSIVE.decode(&data).ok()
}
