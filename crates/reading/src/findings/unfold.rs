//! A link and those within it: what a protector or a redirect around it leads to, and the URLs
//! that it carries. Each end is a link of its own.

use std::collections::HashSet;

use belfry_indicator::{RedactedUrl, Secrets, Url};

use super::{Cues, Findings, Sighting, chars_cut, target};
use crate::disguise::disguises;
use crate::limits::{RAW_BYTES_MAX, cut};
use crate::resolve::{Resolved, resolve};
use crate::rewriter::{nested, peel};
use crate::{Disguise, Link, LinkKind, Place, Role, Through};

/// Links around links that are seen through.
const THROUGH_MAX: usize = 8;

impl Findings<'_> {
    /// Adds a link, and with it what a protector or redirect around it leads to, and
    /// the URLs that it carries: each end is a link of its own.
    pub(super) fn unfold(&mut self, url: Url, sighting: &Sighting<'_>) {
        let disguises = disguises(sighting.raw, &url);
        let raw = sighting.raw.trim().to_owned();
        let mut open = vec![Unfolded { url, raw, through: Vec::new(), disguises, nested: false }];
        while let Some(next) = open.pop() {
            let peeled =
                if next.through.len() < THROUGH_MAX { peel(&next.raw, &next.url) } else { None };
            let inner = peeled.and_then(|peeled| self.inner(&next, &peeled.inner, Some(peeled.by)));
            if let Some(inner) = inner {
                let by = inner.through.last().and_then(|through| through.by.clone());
                open.push(inner);
                self.add(next, by, sighting);
                continue;
            }
            if next.through.len() < THROUGH_MAX {
                let carried = nested(next.url.as_str());
                open.extend(
                    carried.iter().rev().filter_map(|inner| self.inner(&next, inner, None)),
                );
            }
            self.add(next, None, sighting);
        }
    }

    /// The URL `inner` within `outer`.
    fn inner(&self, outer: &Unfolded, inner: &str, by: Option<&str>) -> Option<Unfolded> {
        let Resolved::Url(url) = resolve(inner, None, LinkKind::Text, self.list) else {
            return None;
        };
        let mut through = outer.through.clone();
        through.push(Through { url: self.redacted(&outer.url), by: by.map(str::to_owned) });
        let disguises = disguises(inner, &url);
        let nested = by.is_none() || outer.nested;
        Some(Unfolded { disguises, url, raw: inner.to_owned(), through, nested })
    }

    /// By what any URL gives away; the people of the report are known at its end.
    fn redacted(&self, url: &Url) -> RedactedUrl {
        RedactedUrl::new(url, &Secrets::default(), &self.list)
    }

    /// `by` is who made the link, where it was seen through.
    fn add(&mut self, unfolded: Unfolded, by: Option<String>, sighting: &Sighting<'_>) {
        let Unfolded { url, through, mut disguises, nested, .. } = unfolded;
        if self.links.len() >= self.limits.links_max {
            return self.note_links_full();
        }
        self.observe_messenger(url.as_str(), sighting);
        let text = sighting.text.map(|t| chars_cut(t.trim())).filter(|t| !t.is_empty());
        let key = (url.as_str().to_owned(), sighting.kind, text.clone());
        if !self.seen.insert(key) {
            return;
        }
        let place = Place {
            part: sighting.part.to_owned(),
            offset: sighting.offset,
            within: self.within(),
        };
        let raw =
            (sighting.raw != url.as_str()).then(|| cut(sighting.raw, RAW_BYTES_MAX).to_owned());
        let (target, registrable, why_not_blockable) = target(url.host(), self.list);
        let mut met = HashSet::new();
        disguises.retain(|disguise| met.insert(*disguise));
        self.cues.push(Cues { nested, ..sighting.cues });
        self.links.push(Link {
            url: self.redacted(&url),
            raw,
            host: url.host().to_string(),
            target,
            registrable,
            why_not_blockable,
            place,
            kind: sighting.kind,
            text_disagrees: text.as_deref().is_some_and(|t| self.disagrees(t, url.host())),
            text,
            through,
            disguises,
            role: if by.is_some() { Role::Boilerplate } else { Role::Other },
            why: by
                .map(|by| format!("{by}: seen through, what it leads to counts"))
                .unwrap_or_default(),
        });
    }
}

/// A link on its way to be added.
struct Unfolded {
    url: Url,
    /// As it stood.
    raw: String,
    through: Vec<Through>,
    disguises: Vec<Disguise>,
    nested: bool,
}
