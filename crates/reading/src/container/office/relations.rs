//! The relationships of a document's parts: the addresses that its texts name by number.

use std::collections::HashMap;

use super::xml::{Event, Events};

/// Relationships kept of one document.
const RELATIONS_MAX: usize = 20_000;

/// Something that a part refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relation {
    /// The last word of its type: `hyperlink`, `image`, `attachedTemplate`.
    pub(super) kind: String,
    pub(super) target: String,
    /// It lies outside of the document.
    pub(super) external: bool,
    /// A text names it.
    pub(super) used: bool,
}

/// All of a document, by the part that they belong to and their number.
#[derive(Debug, Default)]
pub(super) struct Relations {
    of_parts: HashMap<String, HashMap<String, Relation>>,
    count: usize,
}

impl Relations {
    /// Adds those of the file `name` (`word/_rels/document.xml.rels`), whose text is `xml`.
    pub(super) fn add(&mut self, name: &str, xml: &str) {
        let part = name.replacen("_rels/", "", 1);
        let part = part.strip_suffix(".rels").unwrap_or(&part).to_owned();
        let own = self.of_parts.entry(part).or_default();
        for event in Events::new(xml) {
            let Event::Start(tag) = event else { continue };
            let (Some(id), Some(target)) = (tag.attribute("Id"), tag.attribute("Target")) else {
                continue;
            };
            if self.count >= RELATIONS_MAX {
                return;
            }
            self.count += 1;
            let kind = tag.attribute("Type").unwrap_or_default();
            let relation = Relation {
                kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                target: target.into_owned(),
                external: tag
                    .attribute("TargetMode")
                    .is_some_and(|mode| mode.eq_ignore_ascii_case("External")),
                used: false,
            };
            own.insert(id.into_owned(), relation);
        }
    }

    /// The address outside of the document that `part` calls `id`; it counts as used.
    pub(super) fn follow(&mut self, part: &str, id: &str) -> Option<String> {
        let relation = self.of_parts.get_mut(part)?.get_mut(id)?;
        relation.used = true;
        relation.external.then(|| relation.target.clone())
    }

    /// Addresses outside of the document that no text named, in a fixed order.
    pub(super) fn left(&self) -> Vec<&Relation> {
        let own = self.of_parts.values().flat_map(HashMap::values);
        let mut left: Vec<_> = own.filter(|relation| relation.external && !relation.used).collect();
        left.sort_by_key(|relation| (&relation.kind, &relation.target));
        left
    }
}

#[cfg(test)]
mod tests {
    use super::Relations;

    #[test]
    fn a_part_names_addresses_by_number() {
        let mut relations = Relations::default();
        relations.add(
            "word/_rels/document.xml.rels",
            "<Relationships><Relationship Id='rId1' Type='http://purl.oclc.org/x/hyperlink' \
             Target='https://a.example/?a&amp;b' TargetMode='External'/><Relationship Id='rId2' \
             Type='x/image' Target='media/a.png'/><Relationship Id='rId3' Type='x/attachedTemplate' \
             Target='https://b.example/t.dotm' TargetMode='External'/></Relationships>",
        );
        let part = "word/document.xml";
        assert_eq!(relations.follow(part, "rId1").as_deref(), Some("https://a.example/?a&b"));
        assert_eq!(relations.follow(part, "rId2"), None);
        assert_eq!(relations.follow(part, "rId9"), None);
        assert_eq!(relations.follow("word/other.xml", "rId1"), None);
        let left: Vec<_> = relations.left().into_iter().map(|left| left.kind.as_str()).collect();
        assert_eq!(left, ["attachedTemplate"]);
    }
}
