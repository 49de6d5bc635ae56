//! What stands within a document: scripts that lead on or write it, pages that it carries
//! itself in `data:` addresses and frames. No script is run.

use percent_encoding::percent_decode_str;

use super::attributes::{Attributes, Name};
use super::embedded;
use super::scanner::Scanner;
use super::script::{self, Piece};
use crate::LinkKind;
use crate::limits::cut;

/// Documents within documents that are followed.
const DEPTH_MAX: usize = 4;

impl Scanner<'_, '_> {
    /// Where a click on an element leads: its address, unless that is a script's or a page
    /// that it carries itself.
    pub(super) fn target(&mut self, attributes: &Attributes) -> Option<String> {
        let href = attributes.get(Name::Href);
        if let Some(href) = href.map(str::trim).filter(|href| !href.starts_with('#')) {
            if !cut(href, 11).eq_ignore_ascii_case("javascript:") {
                return (!self.embedded_page(href)).then(|| href.to_owned());
            }
            let script = percent_decode_str(&href[11..]).decode_utf8_lossy();
            if let Some(url) = self.led_to(&script) {
                return Some(url);
            }
        }
        let clicked = attributes.get(Name::OnClick).and_then(|script| self.led_to(script));
        clicked.or_else(|| href.map(ToOwned::to_owned))
    }

    /// The first address that a short script leads to or names.
    fn led_to(&mut self, code: &str) -> Option<String> {
        let taken = script::read(code, self.findings.limits.text_bytes_max);
        self.findings.budget.text(taken.decoded);
        taken.pieces.into_iter().find_map(|piece| match piece {
            Piece::Leads(url) | Piece::Names(url) => Some(url),
            Piece::Writes(_) => None,
        })
    }

    /// Reads the page that a `data:` URL holds; `false` where it holds none.
    pub(super) fn embedded_page(&mut self, url: &str) -> bool {
        let page = embedded::page(url, self.findings.limits.text_bytes_max);
        let Some(page) = page else { return false };
        self.within_page(&page);
        true
    }

    /// Reads a document within this one.
    pub(super) fn within_page(&mut self, html: &str) {
        if self.depth >= DEPTH_MAX {
            return;
        }
        let taken = self.findings.budget.text(html.len());
        let unseen = self.unseen.take();
        self.close_anchor();
        self.depth += 1;
        self.scan(cut(html, taken));
        self.close_anchor();
        self.depth -= 1;
        self.unseen = unseen;
    }

    /// A script is not run; what it writes or leads to as plain strings is read.
    pub(super) fn script(&mut self, value: &str) {
        let taken = script::read(value, self.findings.limits.text_bytes_max);
        self.findings.budget.text(taken.decoded);
        for piece in taken.pieces {
            match piece {
                Piece::Leads(url) => self.sight(&url, LinkKind::Refresh, None),
                Piece::Names(url) => self.sight(&url, LinkKind::Script, None),
                Piece::Writes(html) => self.within_page(&html),
            }
        }
    }
}
