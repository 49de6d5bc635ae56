//! A mail, from its bytes to its messages, parts, links and texts.
//!
//! Header fields are parsed by `mail-parser`. Its message parser is not used for
//! the structure: it nests without a bound, and a mail of a million nested
//! messages overflows the stack when that tree is dropped. [`walk`] takes a mail
//! apart instead, with every bound of `Limits`, and says of each part whether it was read.

mod attached;
mod charset;
mod files;
mod head;
mod headers;
mod inline;
mod multipart;
mod office;
mod outlook;
mod parts;
mod people;
mod subjects;
mod transfer;
mod walk;
mod winmail;
mod words;

use self::subjects::Suspicious;
use self::walk::Walk;
use crate::findings::Findings;
use crate::observable::within_urls;
use crate::redact::{redact_forward, redact_further, redact_links};
use crate::{DefectKind, Reading, role};

/// Reads a mail into `findings` and makes the reading of it.
pub(crate) fn read(bytes: &[u8], mut findings: Findings<'_>) -> Reading {
    let kept = &bytes[..bytes.len().min(findings.limits.bytes_max)];
    if kept.len() < bytes.len() {
        let detail = format!("only {} of {} octets are read", kept.len(), bytes.len());
        findings.defect(DefectKind::LimitReached, "", detail);
    }
    let old_lines = memchr::memchr(b'\n', kept).is_none() && memchr::memchr(b'\r', kept).is_some();
    let mended = old_lines.then(|| kept.iter().map(|b| if *b == b'\r' { b'\n' } else { *b }));
    let mended: Option<Vec<u8>> = mended.map(Iterator::collect);
    let mut walk = Walk::new(&mut findings);
    walk.report(mended.as_deref().unwrap_or(kept));
    let secrets = walk.secrets();
    let Suspicious { first, summary, origin, text, mut forward, further } = walk.finish();
    redact_links(&mut findings.links, &secrets, findings.list);
    within_urls(&mut findings);
    let others = further.iter().map(|(number, mail)| (*number, &mail.summary));
    let subjects: Vec<_> = [(first, &summary)].into_iter().chain(others).collect();
    role::assign(&mut findings, &subjects);
    if let Some(forward) = &mut forward {
        redact_forward(forward, &secrets);
    }
    let mut further: Vec<_> = further.into_iter().map(|(_, mail)| mail).collect();
    further.iter_mut().for_each(|mail| redact_further(mail, &secrets));
    let reading = crate::reading::assemble(findings, summary, &text, &secrets);
    Reading { forward, origin, further, ..reading }
}

#[cfg(test)]
mod tests;
