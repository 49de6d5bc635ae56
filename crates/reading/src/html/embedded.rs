//! Pictures that a document carries itself, as `data:` URLs.

use data_encoding::BASE64_MIME_PERMISSIVE;

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
    // Browsers take what is escaped and what is broken over lines.
    let data = data.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let data: Vec<u8> = data.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let base64 = head.trim_end().to_ascii_lowercase().ends_with(";base64");
    let Some(bytes) = BASE64_MIME_PERMISSIVE.decode(&data).ok().filter(|_| base64) else {
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
