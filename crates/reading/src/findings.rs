//! `Findings`: where every reader puts links and defects. It alone bounds their
//! number and folds duplicates; it decides no role.

mod unfold;

use std::collections::HashSet;

use belfry_indicator::{Blockable, Host, Suffixes, blockable};

use crate::budget::Budget;
use crate::document::drawn::Drawing;
use crate::document::{Document, PictureText};
use crate::limits::{DEFECTS_MAX, LINK_TEXT_CHARS_MAX, cut};
use crate::resolve::{Resolved, resolve, visible_host};
use crate::suffixes::List;
use crate::{Attachment, Defect, DefectKind, Limits, Link, LinkKind, Observable, Observed};

/// What a link looked like where it stood; roles are decided by it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cues {
    /// Which message, in the order read.
    pub(crate) message: usize,
    /// It is drawn as a button.
    pub(crate) button: bool,
    /// An image is what one clicks.
    pub(crate) image: bool,
    /// Octets of the part's text before it: of the visible text in HTML.
    pub(crate) at: usize,
    /// Another link carries it.
    pub(crate) nested: bool,
    /// The words around it are for leaving a list.
    pub(crate) leaving: bool,
    /// The words before it name a legal or help page.
    pub(crate) legal: bool,
    /// The words before it call for an act.
    pub(crate) calls: bool,
    /// Words before it lead there, or it stands alone.
    pub(crate) led: bool,
    /// It stands in an alternative that a reader does not see.
    pub(crate) unseen: bool,
    /// An arrow points at it.
    pub(crate) pointed: bool,
}

/// A link as a reader meets it.
pub(crate) struct Sighting<'a> {
    pub(crate) raw: &'a str,
    pub(crate) base: Option<&'a url::Url>,
    pub(crate) part: &'a str,
    pub(crate) offset: usize,
    pub(crate) kind: LinkKind,
    pub(crate) text: Option<&'a str>,
    pub(crate) cues: Cues,
}

/// All that was found so far.
pub(crate) struct Findings<'a> {
    pub(crate) list: List<'a>,
    pub(crate) limits: &'a Limits,
    pub(crate) links: Vec<Link>,
    pub(crate) cues: Vec<Cues>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) defects: Vec<Defect>,
    pub(crate) budget: Budget,
    /// Pictures in texts, which are looked at last.
    pub(crate) pictures: Vec<Document>,
    /// Who recognises text in pictures, and how many it was asked about.
    pub(crate) eyes: Option<&'a dyn PictureText>,
    pub(crate) pictures_recognised: usize,
    /// Codes drawn without a picture, to be read with the documents.
    pub(crate) drawings: Vec<Drawing>,
    /// Words that the report's texts give as passwords.
    pub(crate) passwords: Vec<String>,
    /// The containers that are being read and are no MIME part, outermost first.
    pub(crate) within: Vec<String>,
    pub(crate) observables: Vec<Observable>,
    pub(crate) observed: HashSet<Observed>,
    pub(crate) observables_full: bool,
    seen: HashSet<(String, LinkKind, Option<String>)>,
    links_full: bool,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(list: List<'a>, limits: &'a Limits) -> Self {
        Self {
            list,
            limits,
            links: Vec::new(),
            cues: Vec::new(),
            attachments: Vec::new(),
            defects: Vec::new(),
            budget: Budget::new(limits),
            pictures: Vec::new(),
            eyes: None,
            pictures_recognised: 0,
            drawings: Vec::new(),
            passwords: Vec::new(),
            within: Vec::new(),
            observables: Vec::new(),
            observed: HashSet::new(),
            observables_full: false,
            seen: HashSet::new(),
            links_full: false,
        }
    }

    /// Notes what could not be read as meant.
    pub(crate) fn defect(&mut self, kind: DefectKind, place: &str, detail: impl Into<String>) {
        match self.defects.len() {
            n if n + 1 < DEFECTS_MAX => self.push_defect(kind, place, detail.into()),
            n if n + 1 == DEFECTS_MAX => self.push_defect(
                DefectKind::LimitReached,
                "",
                format!("more than {DEFECTS_MAX} defects; the rest is not listed"),
            ),
            _ => {}
        }
    }

    /// The same, where it would be said of many alike: said once for a part.
    pub(crate) fn defect_once(&mut self, kind: DefectKind, place: &str, detail: String) {
        let said = |d: &Defect| d.kind == kind && d.place == place && d.detail == detail;
        if !self.defects.iter().any(said) {
            self.defect(kind, place, detail);
        }
    }

    fn push_defect(&mut self, kind: DefectKind, place: &str, detail: String) {
        let place = place.to_owned();
        self.defects.push(Defect { kind, place, detail });
    }

    /// The start of `text` that may still be looked at.
    pub(crate) fn take_text<'t>(&mut self, text: &'t str, place: &str) -> &'t str {
        let taken = cut(text, self.budget.text(text.len()));
        if taken.len() < text.len() {
            let detail = format!(
                "{} of {} octets of text are not read, because the report holds more than {}",
                text.len() - taken.len(),
                text.len(),
                self.limits.text_bytes_max
            );
            self.defect(DefectKind::LimitReached, place, detail);
        }
        taken
    }

    /// Adds a link, or the defect that it is no usable URL, or nothing where it
    /// was never meant as one (`mailto:`, `cid:`, `#top`).
    pub(crate) fn sight(&mut self, sighting: &Sighting<'_>) {
        if self.links.len() >= self.limits.links_max {
            return self.note_links_full();
        }
        match resolve(sighting.raw, sighting.base, sighting.kind, self.list) {
            Resolved::Url(url) => self.unfold(url, sighting),
            Resolved::Cut(url) => {
                let detail =
                    format!("a URL of {} octets is cut; its host is kept", sighting.raw.len());
                self.defect(DefectKind::LimitReached, sighting.part, detail);
                self.unfold(url, sighting);
            }
            Resolved::NotMeant => self.observe_link(sighting),
            Resolved::Broken(why) => {
                let detail = format!("{:?}: {why}", cut(sighting.raw, 120));
                self.defect(DefectKind::Link, sighting.part, detail);
            }
        }
    }

    /// Adds a link of a document, which has no text of its own.
    pub(crate) fn sight_document(&mut self, raw: &str, kind: LinkKind, part: &str, message: usize) {
        let cues = Cues { message, ..Cues::default() };
        self.sight(&Sighting { raw, base: None, part, offset: 0, kind, text: None, cues });
    }

    pub(super) fn note_links_full(&mut self) {
        if !self.links_full {
            self.links_full = true;
            let detail =
                format!("more than {} links; the rest is not listed", self.limits.links_max);
            self.defect(DefectKind::LimitReached, "", detail);
        }
    }

    /// The containers around, as a person reads them.
    pub(crate) fn within(&self) -> Option<String> {
        (!self.within.is_empty()).then(|| self.within.join(" > "))
    }

    /// Whether `text` names a host of another owner than `host`.
    fn disagrees(&self, text: &str, host: &Host) -> bool {
        visible_host(text, self.list)
            .is_some_and(|shown| self.list.owner(&shown) != self.list.owner(host))
    }
}

/// Target, registrable domain, or why there is no target.
pub(crate) fn target(
    host: &Host,
    list: List<'_>,
) -> (Option<String>, Option<String>, Option<String>) {
    match blockable(host, &list) {
        Ok(Blockable { host, registrable }) => {
            (Some(host.to_string()), Some(registrable.to_string()), None)
        }
        Err(why) => {
            let registrable = match host {
                Host::Domain(domain) => list.registrable(domain).map(|d| d.to_string()),
                Host::Ipv4(_) | Host::Ipv6(_) => None,
            };
            (None, registrable, Some(why.to_string()))
        }
    }
}

/// The start of a link's visible text that is kept.
pub(crate) fn chars_cut(text: &str) -> String {
    text.chars().take(LINK_TEXT_CHARS_MAX).collect()
}
